"""Django apps; each owns its tables and is met through its services and selectors."""

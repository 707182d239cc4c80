"""Files into facts, and back out again."""

"""The facts: what happened, who says so, and when we learned it."""

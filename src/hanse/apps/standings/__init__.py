"""What the decisions concluded: runs, standings, checks, and the history of levels."""

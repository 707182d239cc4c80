"""What the pages of both audiences share: the table of routes, the frame, words in the reader's language, errors."""

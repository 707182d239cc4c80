"""What templates say, in the reader's language."""

"""What is held, what may be held, and how sure we are."""

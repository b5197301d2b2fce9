"""Intent, outcome, lifecycle and doubt of one order."""

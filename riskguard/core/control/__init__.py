"""What a person may say and ask, and what that settles."""

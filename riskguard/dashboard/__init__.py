"""What a person sees: pure pictures of a snapshot, and a painter that can never hold up the guard.

Nothing is imported here, so that the command line can read `help_text` without loading rich.
"""

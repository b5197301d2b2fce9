"""A refusal of our own."""


class NotOffered(Exception):  # noqa: N818 - a refusal of our own, before anything is sent
    """This venue, or ccxt for it, has no safe way to do what was asked."""

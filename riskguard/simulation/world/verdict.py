"""How a check says no."""


class Broken(Exception):  # noqa: N818 - named for what happened
    """An invariant does not hold."""

    def __init__(self, invariant: str, what: str) -> None:
        super().__init__(f"{invariant}: {what}")


def must(holds: bool, invariant: str, what: str) -> None:
    """Raise `Broken` unless it holds."""
    if not holds:
        raise Broken(invariant, what)

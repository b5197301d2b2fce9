"""What happened in one history, line by line, and one hash of it."""

import hashlib

SHOWN = 60


class Transcript:
    """Lines with their virtual time; two runs of one seed give the same ones."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, now_s: float, who: str, what: str) -> None:
        """Add a line."""
        self.lines.append(f"{now_s:10.3f}  {who:<8} {what}")

    @property
    def hash(self) -> str:
        """Give the hash of all lines."""
        return hashlib.sha256("\n".join(self.lines).encode()).hexdigest()[:16]

    def tail(self, count: int = SHOWN) -> str:
        """Give the last lines."""
        return "\n".join(self.lines[-count:])

"""One recorded decision beside what a policy would decide on the same inputs."""

from dataclasses import dataclass
from enum import StrEnum


class Differs(StrEnum):
    """How a decision compares."""

    SAME = "same"
    OTHERWISE = "differs"
    CANNOT = "cannot be said"


@dataclass(frozen=True, slots=True)
class Row:
    """What was decided, what would be, and why the two cannot be compared if they cannot."""

    at_ms: int
    what: str
    incident: str
    recorded: str
    decided: str
    result: Differs
    because: str = ""


def row(at_ms: int, what: str, incident: str, recorded: str, decided: str, because: str = "") -> Row:
    """Compare the two."""
    result = Differs.SAME if recorded == decided else Differs.OTHERWISE
    return Row(at_ms, what, incident, recorded, decided, result, because if recorded != decided else "")


def cannot(at_ms: int, what: str, incident: str, recorded: str, because: str) -> Row:
    """Say why nothing can be said."""
    return Row(at_ms, what, incident, recorded, "?", Differs.CANNOT, because)

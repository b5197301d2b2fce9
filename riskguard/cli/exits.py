"""Exit codes, and the one way in which a command says something."""

import json
import sys
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any


class Exit(IntEnum):
    """What a command's end means; fixed, scripts rely on it."""

    FINE = 0
    INTERNAL = 1
    USAGE = 2
    REFUSED = 3
    INVALID = 4
    UNREACHABLE = 5
    BROKEN = 10


class Failed(Exception):  # noqa: N818 - an end, not a defect
    """Ends a command with a code and one line for a person."""

    def __init__(self, code: Exit, text: str) -> None:
        super().__init__(text)
        self.code = code


def say(text: str) -> None:
    """Write for a person; all but a command's own answer goes to stderr."""
    print(text, file=sys.stderr, flush=True)


def answer(plain: Mapping[str, Any] | Sequence[Any]) -> None:
    """Write the one line of `--json`."""
    print(json.dumps(plain, separators=(",", ":"), ensure_ascii=False), flush=True)

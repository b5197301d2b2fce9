"""The invariants, checked after every step against what is true at the venues."""

import asyncio
from collections.abc import Sequence

from riskguard.core.guard import Guard
from riskguard.core.messages import Command
from riskguard.simulation.world.faults import Faults
from riskguard.simulation.world.script import Script
from riskguard.simulation.world.truth import Truth


class Broken(Exception):  # noqa: N818 - named for what happened
    """An invariant does not hold."""

    def __init__(self, invariant: str, what: str) -> None:
        super().__init__(f"{invariant}: {what}")


class Checkers:
    """All invariants of one history."""

    def __init__(
        self, script: Script, truth: Truth, faults: Faults, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.failed: asyncio.Future[None] = loop.create_future()
        self._script, self._truth, self._faults, self._loop = script, truth, faults, loop

    def fail(self, invariant: str, what: str) -> None:
        """End the history."""
        if not self.failed.done():
            self.failed.set_exception(Broken(invariant, what))

    def booted(self, guard: Guard) -> None:
        """Note a new life of the guard."""

    def pressed(self, word: str) -> None:
        """Note a key press."""

    def prices_moved(self) -> None:
        """Note new prices."""

    def truth(self, what: str, about: object) -> None:
        """Check what a true change leads to."""

    def after_step(self, guard: Guard, commands: Sequence[Command]) -> None:
        """Check after the guard took a step."""

    def at_end(self, guard: Guard) -> None:
        """Check how the history ended."""

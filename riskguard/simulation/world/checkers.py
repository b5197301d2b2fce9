"""The invariants, checked after every step against what is true at the venues."""

import asyncio
from collections.abc import Sequence

from riskguard.core.guard import Guard
from riskguard.core.messages import Command
from riskguard.simulation import engine
from riskguard.simulation.world.end_checks import at_end
from riskguard.simulation.world.envelope import Envelope
from riskguard.simulation.world.exposure_checks import ExposureChecks
from riskguard.simulation.world.faults import Faults
from riskguard.simulation.world.hedge_checks import HedgeChecks
from riskguard.simulation.world.order_checks import OrderChecks
from riskguard.simulation.world.price_checks import PriceChecks
from riskguard.simulation.world.release_checks import ReleaseChecks
from riskguard.simulation.world.script import Script
from riskguard.simulation.world.switch_checks import SwitchChecks
from riskguard.simulation.world.told_checks import ToldChecks
from riskguard.simulation.world.truth import Fired, Sent, Switched, Truth
from riskguard.simulation.world.verdict import Broken

__all__ = ["Broken", "Checkers"]


class Checkers:
    """All invariants of one history; the first that breaks ends it."""

    def __init__(self, script: Script, truth: Truth, faults: Faults, loop: asyncio.AbstractEventLoop) -> None:
        self.failed: asyncio.Future[None] = loop.create_future()
        self._script, self._truth, self._loop = script, truth, loop
        self._envelopes = {asset.name: Envelope(script, truth, asset.name) for asset in script.policy.assets}
        self._orders = OrderChecks(script, truth)
        self._hedges = HedgeChecks(script, truth, faults, self._envelopes)
        self._releases = ReleaseChecks(script, truth, faults, self._envelopes)
        self._exposures = ExposureChecks(script, truth, faults)
        self._switches = SwitchChecks(script, truth, faults)
        self._prices = PriceChecks(script)
        self._told = ToldChecks(script.policy.tell.remind_s)
        self._seen = -1

    def fail(self, invariant: str, what: str) -> None:
        """End the history."""
        if not self.failed.done():
            self.failed.set_exception(Broken(invariant, what))

    def booted(self, guard: Guard) -> None:
        """Note a new life of the guard."""
        self._hedges.guard = self._releases.guard = guard
        self._releases.born_s = self._loop.time()
        self._told.booted()
        self._switches.booted(self._loop.time())

    def died(self) -> None:
        """Note that the guard was killed."""
        self._switches.died(self._loop.time())

    def left(self) -> None:
        """Check what must hold once the guard said goodbye."""
        self._switches.left(self._loop.time())

    def pressed(self, word: str) -> None:
        """Note a key press that the guard heard."""
        self._hedges.pressed(word, self._loop.time())

    def prices_moved(self) -> None:
        """Note new prices."""
        for envelope in self._envelopes.values():
            envelope.sample(self._loop.time())
        self._try(self._hedges.as_time_passes, self._loop.time())
        self._try(self._switches.as_time_passes, self._hedges.disarmed_s, self._loop.time())
        if self._hedges.guard is not None:
            self._try(self._told.i10_contradiction, self._hedges.guard, self._loop.time())
            self._try(self._exposures.i3_interval, self._hedges.guard, self._loop.time())

    def truth(self, what: str, about: object) -> None:
        """Check what a true change leads to."""
        now_s = self._loop.time()
        for envelope in self._envelopes.values():
            envelope.sample(now_s)
        match about:
            case Sent():
                self._try(self._orders.changed, about, what, now_s)
                if what == "sent":
                    self._try(self._hedges.sent, about, now_s)
                    self._try(self._releases.sent, about, now_s)
            case engine.Fill() if about.client_id.startswith("rg"):
                self._try(self._orders.filled, about)
            case Switched():
                self._try(self._switches.switched, about, self._hedges.disarmed_s, now_s)
            case Fired():
                self._try(self._switches.fired, about, now_s)
            case engine.Order():
                self._try(self._orders.cancelled, about, now_s)
            case _:
                pass

    def after_step(self, guard: Guard, commands: Sequence[Command]) -> None:
        """Check after the guard took a step."""
        if commands or self._truth.changes != self._seen:
            self._seen = self._truth.changes
            self._try(self._orders.i3_counted, guard, self._loop.time())
            self._try(self._told.told, commands, self._loop.time())
            self._try(self._prices.sent, commands)

    def well(self, guard: Guard) -> bool:
        """Tell whether the history could end now."""
        try:
            at_end(self._script, self._truth, guard)
        except Broken:
            return False
        return True

    def at_end(self, guard: Guard) -> None:
        """Check how the history ended; raises `Broken`."""
        at_end(self._script, self._truth, guard)
        self._switches.stands(self._hedges.disarmed_s, self._loop.time())

    def _try(self, check: object, *args: object) -> None:
        try:
            check(*args)  # type: ignore[operator]  # methods of the checks above
        except Broken as broken:
            if not self.failed.done():
                self.failed.set_exception(broken)

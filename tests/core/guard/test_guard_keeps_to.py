"""What neither a restart nor a silent channel loosens: ceilings, and the proof before a release."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.messages import CallEnded, ReadFailed, ReadKind, ReadVenue
from riskguard.core.orders.intent import Purpose
from riskguard.core.types import Path

from .scene import LIMITS, MAIN, Scene, policy


def hedged(scene: Scene) -> Scene:
    """Play until a position at the broken primary is hedged."""
    scene.positions[MAIN] = Decimal("1.5")
    scene.arm()
    scene.breaks()
    scene.until_hedged()
    scene.passes(3.0)
    assert scene.guard.memory.ledger.cover("BTC") == Decimal("-1.5")
    return scene


def test_the_hedges_of_a_day_are_counted_over_a_restart() -> None:
    scene = hedged(Scene(policy(replace(LIMITS, day_hedges=1))))
    used = scene.guard.memory.usage
    again = Scene(scene.policy, facts=scene.journal, start_s=scene.now_s + 5)
    assert again.guard.memory.usage == used
    again.positions, again.orders, again.hangs = scene.positions, scene.orders, scene.hangs
    again.positions[MAIN] = Decimal(3)
    again.passes(30.0)
    assert not again.orders_of(Purpose.HEDGE)
    assert again.guard.memory.ledger.cover("BTC") == Decimal("-1.5")


class Silent(Scene):
    """A primary that comes back that keeps throttling one kind of read."""

    fails: ReadKind | None = None

    def _read(self, command: ReadVenue) -> None:
        if command.venue == "main" and command.what is self.fails:
            ended = CallEnded(command.call, "main", Path.QUERY, "rate_limited")
            self.see(ReadFailed(command.venue, command.what), ended)
            return
        super()._read(command)


@pytest.mark.parametrize("fails", [ReadKind.TRADES, ReadKind.OPEN_ORDERS, ReadKind.POSITIONS])
def test_a_hedge_stays_while_one_channel_has_not_spoken(fails: ReadKind) -> None:
    scene = Silent()
    hedged(scene)
    scene.fails = fails
    scene.heals()
    scene.passes(90.0)
    assert not scene.orders_of(Purpose.UNWIND)
    assert scene.guard.memory.ledger.cover("BTC") == Decimal("-1.5")
    scene.fails = None
    scene.passes(90.0)
    assert scene.orders_of(Purpose.UNWIND)
    assert scene.guard.memory.ledger.cover("BTC") == 0

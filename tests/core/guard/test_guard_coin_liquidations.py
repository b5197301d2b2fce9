"""A contract that coin margins takes its coin along when it is liquidated, unless its margin is its own."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.exposure.assessing import assess
from riskguard.core.messages import PositionReport, PositionsRead, ReadKind, ReadVenue, Source
from riskguard.core.turn import Turn
from riskguard.core.types import Path

from .scene import ALPHA, BETA, MAIN, STEP_S, Scene

COIN = Decimal("2.5")


class Coins(Scene):
    """A primary whose contracts are margined by two and a half coins, which count with them."""

    level = Decimal(64_000)
    isolated = False

    def _read(self, command: ReadVenue) -> None:
        if command.venue == "main" and command.what is ReadKind.POSITIONS:
            row = PositionReport(
                MAIN, self.positions[MAIN] + COIN, liquidation=self.level, margin=COIN, isolated=self.isolated
            )
            seen = PositionsRead("main", (row,), Source.POSITIONS, self.now_s - STEP_S)
            self._ended(command.call, "main", Path.ACCOUNT, seen)
            return
        super()._read(command)


@pytest.mark.parametrize(
    ("isolated", "contracts", "level", "price", "between"),
    [
        (False, "-2", 64_000, 64_100, ("0", "0.5")),
        (False, "1", 57_000, 56_900, ("0", "3.5")),
        (False, "-3", 64_000, 64_100, ("-0.5", "0")),
        (False, "-2", 64_000, 63_900, ("0.5", "0.5")),
        (True, "-2", 64_000, 64_100, ("0.5", "2.5")),
        (True, "1", 57_000, 56_900, ("2.5", "3.5")),
        (True, "-3", 64_000, 64_100, ("-0.5", "2.5")),
    ],
)
def test_what_may_be_gone(
    isolated: bool, contracts: str, level: int, price: int, between: tuple[str, str]
) -> None:
    base = Scene().policy
    rule = replace(base.rules[0], do=("tell",))
    scene = Coins(replace(base, rules=(rule,)))
    scene.level, scene.isolated = Decimal(level), isolated
    scene.positions[MAIN] = Decimal(contracts)
    scene.arm()
    scene.breaks()
    scene.blind.add("main")
    scene.passes(10.0)
    for leg in (ALPHA, BETA):
        scene.mids[leg] = Decimal(price)
    scene.passes(6.0)
    found = assess(scene.guard.memory, scene.policy.assets[0], Turn(scene.now)).exposure
    assert found is not None
    assert (found.low, found.high) == (Decimal(between[0]), Decimal(between[1]))

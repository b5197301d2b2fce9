"""Legs that share an account's margin are liquidated together, each of them short of its own level."""

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from riskguard.core.messages import PositionReport
from riskguard.core.types import Leg

from .desk import ALPHA_ETH, BETA_ETH, MAIN_ETH, Desk
from .scene import ALPHA, BETA, MAIN


@dataclass
class Account(Desk):
    """A desk whose venue may keep each leg's margin apart."""

    isolated: bool = False

    def _row(self, leg: Leg) -> PositionReport:
        return replace(super()._row(leg), isolated=self.isolated)


def stuck(*, isolated: bool = False) -> Account:
    """Play until two long legs are hedged, each 19 % from its level, their venue dark in every respect."""
    scene = Account(isolated=isolated)
    scene.positions[MAIN], scene.positions[MAIN_ETH] = Decimal(1), Decimal(20)
    scene.equity["main"] = Decimal(12_000)
    scene.arm()
    scene.breaks()
    scene.blind.add("main")
    scene.until_hedged()
    scene.passes(4.0)
    return scene


def elsewhere(scene: Account, btc: str, eth: str) -> None:
    for leg in (ALPHA, BETA):
        scene.mids[leg] = Decimal(btc)
    for leg in (ALPHA_ETH, BETA_ETH):
        scene.mids[leg] = Decimal(eth)
    scene.passes(6.0)


def hedges(scene: Account) -> tuple[Decimal, Decimal]:
    return scene.guard.memory.ledger.cover("BTC"), scene.guard.memory.ledger.cover("ETH")


def liquidated(scene: Account) -> list[str]:
    return sorted(word.title for word in scene.words if "may have been liquidated" in word.title)


def test_losses_that_eat_the_shared_margin_together_take_both_legs() -> None:
    scene = stuck()
    assert hedges(scene) == (Decimal(-1), Decimal(-20))
    elsewhere(scene, "54600", "2670")  # 9 % and 11 %, together more than 19 %
    assert liquidated(scene) == [f"{leg} may have been liquidated" for leg in (MAIN, MAIN_ETH)]
    assert "the account's other legs lost what kept it from that" in next(
        word.body for word in scene.words if "may have been liquidated" in word.title
    )
    assert hedges(scene) == (Decimal(0), Decimal(0))


@pytest.mark.parametrize(
    ("btc", "eth"), [("54600", "2730"), ("54600", "3300"), ("50000", "3300")], ids=["less", "gain", "beside"]
)
def test_losses_that_the_margin_still_bears_take_none(btc: str, eth: str) -> None:
    scene = stuck()
    elsewhere(scene, btc, eth)
    assert not liquidated(scene)
    assert hedges(scene) == (Decimal(-1), Decimal(-20))


def test_legs_with_margins_of_their_own_do_not_drag_each_other_down() -> None:
    scene = stuck(isolated=True)
    elsewhere(scene, "54600", "2670")
    assert not liquidated(scene)


def test_a_guard_that_comes_back_during_the_outage_still_adds_the_losses_up() -> None:
    scene = stuck()
    again = Account(scene.policy, facts=scene.journal, start_s=scene.now_s + 5)
    again.positions, again.orders, again.mids = scene.positions, scene.orders, scene.mids
    again.hangs, again.blind, again.equity = scene.hangs, scene.blind, scene.equity
    again.passes(15.0)
    assert not liquidated(again)
    elsewhere(again, "54600", "2670")
    assert liquidated(again) == [f"{leg} may have been liquidated" for leg in (MAIN, MAIN_ETH)]

"""`preflight` and `adopt` against loopback venues: real orders, real history, journals that last."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from riskguard.core.facts import HedgeAdjusted, PreflightEnded
from riskguard.core.orders.intent import Purpose
from tests.e2e.stage import BACKUP, SYMBOL, Ended, Script, Stage, stage

pytestmark = [pytest.mark.wire, pytest.mark.slow]

MINIMUM = Decimal("0.001")
LOST = "rge" + "k" + "z" * 7 + "0001" + Purpose.HEDGE
"""An order id of this instance under a journal that is not there."""
CHEAP = '{ rung = "cancel-unknown", every = "2s" }'


class Seen:
    """What was seen in the one sitting that all tests here judge."""

    asked: Ended
    """`preflight` without a yes."""
    observing: Ended
    alone: Ended
    flown: list[dict[str, object]]
    after: Decimal
    unarmed: Ended
    armed: Ended
    shown: Ended
    """`adopt` without a yes."""
    adopted: Ended
    again: Ended
    hedged: Decimal
    facts: list[object]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return asyncio.run(_sit(tmp_path_factory.mktemp("settling")))


async def _sit(directory: Path) -> Seen:
    seen, script = Seen(), Script(canaries={BACKUP: CHEAP})
    async with stage(directory, script) as scene:
        seen.asked = await scene.say("preflight")
        scene.write_policy(Script(mode="observe"))
        seen.observing = await scene.say("preflight", "--yes")
        scene.write_policy(script)
        seen.alone = await scene.say("preflight", "--yes", "--json")
        seen.flown = await scene.orders(BACKUP, Purpose.PREFLIGHT)
        seen.after = await scene.position(BACKUP)
        await _beside_a_guard(scene, seen)
        seen.facts = list(scene.facts())
    return seen


async def _beside_a_guard(scene: Stage, seen: Seen) -> None:
    await scene.wire.place(BACKUP, symbol=SYMBOL, side="sell", amount="0.4", price="59000", client_id=LOST)
    async with scene.guard(arm=False) as guard:
        await guard.until("positions are known", lambda found: found["assets"][0]["net"] == "1.1")
        seen.unarmed = await scene.say("preflight", "--yes")
        await scene.say("arm", "--yes")
        seen.armed = await scene.say("preflight", "--yes", "--json")
        seen.shown = await scene.say("adopt")
        seen.adopted = await scene.say("adopt", "--yes", "--json")
        found = await guard.until("the hedge is ours", lambda found: found["assets"][0]["hedged"] != "0")
        seen.hedged = Decimal(found["assets"][0]["hedged"])
        seen.again = await scene.say("adopt", "--yes")


def test_nothing_is_flown_without_a_yes_or_where_the_mode_sends_nothing(seen: Seen) -> None:
    assert (seen.asked.code, seen.asked.out) == (3, "")
    assert "--yes" in seen.asked.err
    assert seen.observing.code == 3
    assert "mode observe sends nothing" in seen.observing.out


def test_a_preflight_buys_and_sells_the_minimum_and_knows_what_it_cost(seen: Seen) -> None:
    assert seen.alone.code == 0, seen.alone
    (row,) = seen.alone.answer["backups"]
    assert (row["venue"], row["ok"], Decimal(row["amount"])) == (BACKUP, True, MINIMUM)
    assert Decimal(row["fee"]) > 0
    assert Decimal(row["cost_bps"]) > 0
    assert row["latency_ms"] > 0
    assert [(order["side"], Decimal(str(order["filled"]))) for order in seen.flown] == [
        ("buy", MINIMUM),
        ("sell", MINIMUM),
    ]
    assert seen.after == 0


def test_a_running_guard_flies_only_when_it_is_armed(seen: Seen) -> None:
    assert seen.unarmed.code == 3
    assert "not armed" in seen.unarmed.out
    assert seen.armed.code == 0, seen.armed
    assert len([fact for fact in seen.facts if isinstance(fact, PreflightEnded) and fact.ok]) == 2


def test_adopt_shows_numbers_first_and_takes_the_hedge_of_a_lost_journal_over_once(seen: Seen) -> None:
    assert (seen.shown.code, seen.shown.out) == (3, "")
    assert "-0.4 becomes our hedge" in seen.shown.err
    assert seen.adopted.code == 0, seen.adopted
    (offer,) = seen.adopted.answer["adopted"]
    assert (offer["kind"], offer["amount"]) == ("lost", "-0.4")
    assert seen.hedged == Decimal("-0.4")
    assert (seen.again.code, seen.again.out) == (0, "nothing to settle\n")
    assert [fact.amount for fact in seen.facts if isinstance(fact, HedgeAdjusted)] == [Decimal("-0.4")]

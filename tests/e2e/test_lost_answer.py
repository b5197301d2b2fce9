"""One venue takes no orders and no cancels, and the hedge's own answer is lost: still one hedge, exactly."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest

from riskguard.core.facts import IntentRecorded, OrderMoved
from riskguard.core.orders.intent import OrderIntent, Purpose
from tests.e2e.scenes import Played
from tests.e2e.stage import BACKUP, HELD, PRIMARY, Status, condition

pytestmark = [pytest.mark.wire, pytest.mark.slow]


@pytest.fixture
def played(scene: Callable[[str], Played]) -> Played:
    return scene("hedge_answer_lost")


def test_verdicts_differ_per_path_and_the_venue_is_trapped(played: Played) -> None:
    main, backup = played.last["venues"]
    verdicts = {path: seen["verdict"] for path, seen in main["paths"].items()}
    assert (main["id"], main["condition"]) == (PRIMARY, "TRAPPED")
    assert (verdicts["place"], verdicts["cancel"]) == ("down", "down")
    assert {verdicts[path] for path in ("query", "account", "book")} == {"up"}
    assert backup["condition"] == "FINE"


def test_the_other_venue_is_not_suspected_before_it_loses_an_answer(played: Played) -> None:
    sent_ms = _hedge_meant(played).created_ms
    before = [found for found in played.statuses if _at_ms(found) < sent_ms]
    assert any(condition(found, PRIMARY).startswith("TRAPPED") for found in before)
    assert {condition(found, BACKUP) for found in before} == {"FINE"}
    places = {found["venues"][1]["paths"]["place"]["verdict"] for found in before}
    assert places <= {"unproven", "up"}
    assert played.last["self"]["condition"] == "FINE"


def _at_ms(found: Status) -> float:
    return datetime.fromisoformat(found["at"]).timestamp() * 1000


def _hedge_meant(played: Played) -> OrderIntent:
    intents = [fact.intent for fact in played.facts if isinstance(fact, IntentRecorded)]
    (hedge,) = (intent for intent in intents if intent.purpose is Purpose.HEDGE)
    return hedge


def test_no_second_hedge_was_sent(played: Played) -> None:
    (hedge,) = played.hedges
    assert played.arrived == {PRIMARY: [], BACKUP: [hedge["client_id"]]}
    assert Decimal(hedge["filled"]) == HELD
    assert played.positions == {PRIMARY: HELD, BACKUP: -HELD}


def test_it_was_resolved_by_its_own_id(played: Played) -> None:
    identity = _hedge_meant(played).client_id
    moves = [f for f in played.facts if isinstance(f, OrderMoved) and f.client_id == identity]
    assert [move.event for move in moves] == ["unknown", "seen closed"]
    assert moves[-1].because == "lookup: closed"
    assert moves[-1].filled == HELD


def test_it_ends_hedged_with_the_exact_amount(played: Played) -> None:
    (incident,) = played.last["incidents"]
    (asset,) = played.last["assets"]
    assert incident["state"] == "hedged"
    assert (asset["trapped"], asset["hedged"], asset["target"]) == (str(HELD), str(-HELD), str(-HELD))
    assert not [row for row in played.last["in_doubt"] if row["client_id"].endswith(Purpose.HEDGE)]
    assert played.exit_code == 0

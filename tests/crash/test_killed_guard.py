"""`kill -9` at the worst moments, over real sockets; the venues' own books say how many hedges there are."""

import asyncio
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from riskguard.core.facts import Fact, FillRecorded, IntentRecorded, OrderMoved
from riskguard.core.orders.intent import OrderIntent, Purpose
from riskguard.simulation.ground_truth import ground_truth, read_logs
from tests.crash.doomed_guard import PURPOSES, Point
from tests.e2e.stage import (
    BACKUP,
    HELD,
    PRIMARY,
    Guard,
    Script,
    Stage,
    Status,
    canary,
    condition,
    eventually,
    has_incident,
    is_ours,
    is_ready,
    stage,
)

pytestmark = [pytest.mark.crash, pytest.mark.wire, pytest.mark.slow]

DOOMED = Path(__file__).with_name("doomed_guard.py")
HEDGE_POINTS = [Point.HEDGE_NOT_SENT, Point.HEDGE_NOT_ANSWERED, Point.HEDGE_NOT_RECORDED]
CANARY_POINTS = [Point.CANARY_NOT_ANSWERED, Point.CANARY_NOT_CANCELLED]
ALL_POINTS = [*HEDGE_POINTS, Point.UNWIND_NOT_RECORDED, *CANARY_POINTS]
TO_THE_END = [Point.HEDGE_NOT_RECORDED, Point.UNWIND_NOT_RECORDED]
"""Acted out until the hedge is off again."""
SLICES = {Point.UNWIND_NOT_RECORDED: 2}


@dataclass(frozen=True, slots=True)
class Books:
    """The backup's own account of the guard's orders, and what had reached it."""

    position: Decimal
    hedges: list[dict[str, Any]]
    arrived: list[str]


@dataclass(frozen=True, slots=True)
class History:
    """What was seen of one guard that died, and of its successor."""

    exit_code: int
    facts_at_death: list[Fact]
    at_death: Books
    hedged: Books
    """When the successor said that the position is hedged, or, after an unwind, at the end."""
    status: Status
    """The successor's last word."""
    facts: list[Fact]
    final: Books
    truth: Mapping[str, Any]
    orphan: dict[str, Any] | None = None
    """The canary that the dead guard left behind, as the venue has it at the end."""

    def meant(self, point: Point) -> OrderIntent:
        """Give the intent at which the guard died."""
        intents = [fact.intent for fact in self.facts_at_death if isinstance(fact, IntentRecorded)]
        return next(intent for intent in intents if intent.purpose is PURPOSES[point])


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Point, History | BaseException]:
    """Act all points out side by side: each has its own venues, journal and guards."""

    async def all_of_them() -> list[History | BaseException]:
        acts = [_history(point, tmp_path_factory.mktemp(point)) for point in ALL_POINTS]
        return await asyncio.gather(*acts, return_exceptions=True)

    return dict(zip(ALL_POINTS, asyncio.run(all_of_them()), strict=True))


def _of(histories: Mapping[Point, History | BaseException], point: Point) -> History:
    found = histories[point]
    if isinstance(found, BaseException):
        raise found
    return found


async def _history(point: Point, directory: Path) -> History:
    # A canary a second, so that a venue that came back is believed sooner.
    script = Script(slices=SLICES.get(point, 1), canaries={PRIMARY: canary("1s")})
    async with stage(directory, script) as scene:
        async with scene.guard(sys.executable, str(DOOMED), str(scene.policy), point) as doomed:
            code = await _death(point, scene, doomed)
        facts, at_death = scene.facts(), await _books(scene)
        left = await _resting_canaries(scene)
        async with scene.guard() as guard:
            if point in CANARY_POINTS:
                return await _canary_pulled(scene, guard, code, facts, at_death, left)
            hedged = at_death
            if point in HEDGE_POINTS:
                status = await guard.until("hedged again, the venue surely down", _is_hedged_anew(point))
                hedged = await _books(scene)
                await scene.wire.clear_faults()
            if point in TO_THE_END:
                status = await guard.until("the incident is closed and all is known", _is_over)
            await guard.stop()
        truth = ground_truth(read_logs([scene.venue_log]), venue=PRIMARY)
        return History(code, facts, at_death, hedged, status, scene.facts(), await _books(scene), truth)


async def _death(point: Point, scene: Stage, doomed: Guard) -> int:
    """Lead the guard to its point; gives its exit code."""
    if point in CANARY_POINTS:
        return await doomed.ended()
    await doomed.until("ready", is_ready)
    await scene.wire.set_fault(PRIMARY, "hang", "place", "reduce", "cancel")
    if point is Point.UNWIND_NOT_RECORDED:
        await doomed.until("hedged", has_incident("hedged"))
        await scene.wire.clear_faults()
    return await doomed.ended()


async def _canary_pulled(
    scene: Stage, guard: Guard, code: int, facts: list[Fact], at_death: Books, left: list[dict[str, Any]]
) -> History:
    (orphan,) = left

    async def is_pulled() -> bool:
        return orphan["client_id"] not in [row["client_id"] for row in await _resting_canaries(scene)]

    await eventually("the canary that was left behind is pulled", is_pulled)
    status = await guard.until(
        "nothing is in doubt about it",
        lambda found: orphan["client_id"] not in [row["client_id"] for row in found["in_doubt"]],
    )
    await guard.stop()
    (seen,) = [
        order
        for venue in (PRIMARY, BACKUP)
        for order in await scene.orders(venue, Purpose.CANARY)
        if order["client_id"] == orphan["client_id"]
    ]
    books = await _books(scene)
    return History(code, facts, at_death, books, status, scene.facts(), books, {}, seen)


async def _books(scene: Stage) -> Books:
    return Books(
        await scene.position(BACKUP),
        await scene.orders(BACKUP, Purpose.HEDGE),
        await scene.arrived(BACKUP, Purpose.HEDGE),
    )


async def _resting_canaries(scene: Stage) -> list[dict[str, Any]]:
    return [
        order
        for venue in (PRIMARY, BACKUP)
        for order in (await scene.wire.account(venue))["open_orders"]
        if is_ours(order["client_id"], Purpose.CANARY)
    ]


def _is_hedged_anew(point: Point) -> Callable[[Status], bool]:
    """Where the outage need not end, wait until the successor's own verdict would allow a second hedge."""
    sure = point not in TO_THE_END
    return lambda found: _settled("hedged")(found) and (not sure or condition(found, PRIMARY) == "TRAPPED")


def _is_over(found: Status) -> bool:
    """Right after a restart a position is unknown until two readings agree, also when all is done."""
    return _settled("closed")(found) and found["assets"][0]["net"] is not None


def _settled(state: str) -> Callable[[Status], bool]:
    return lambda found: has_incident(state)(found) and not _hedges_in_doubt(found)


def _hedges_in_doubt(found: Status) -> list[str]:
    """Canaries come and go all the time; they are no doubt about the hedge."""
    return [row["client_id"] for row in found["in_doubt"] if not is_ours(row["client_id"], Purpose.CANARY)]


@pytest.mark.parametrize("point", ALL_POINTS)
def test_the_guard_was_killed_where_it_should(
    histories: Mapping[Point, History | BaseException], point: Point
) -> None:
    history = _of(histories, point)
    assert history.exit_code == -signal.SIGKILL
    meant = history.meant(point).client_id
    known = {
        fact.event
        for fact in history.facts_at_death
        if isinstance(fact, OrderMoved) and fact.client_id == meant
    }
    assert not any(
        isinstance(fact, FillRecorded) and fact.client_id == meant for fact in history.facts_at_death
    )
    assert known <= {"accepted", "seen open"}
    match point:
        case Point.HEDGE_NOT_SENT:
            assert history.at_death == Books(Decimal(0), [], [])
        case Point.HEDGE_NOT_ANSWERED | Point.HEDGE_NOT_RECORDED:
            assert history.at_death.position == -HELD
            assert history.at_death.arrived == [meant]
        case Point.UNWIND_NOT_RECORDED:
            assert history.at_death.position == -HELD / 2
        case Point.CANARY_NOT_ANSWERED | Point.CANARY_NOT_CANCELLED:
            assert history.orphan is not None
            assert history.orphan["client_id"] == meant


@pytest.mark.parametrize("point", HEDGE_POINTS)
def test_exactly_one_hedge_is_in_the_venues_books(
    histories: Mapping[Point, History | BaseException], point: Point
) -> None:
    history = _of(histories, point)
    (hedge,) = history.hedged.hedges
    assert Decimal(hedge["filled"]) == HELD
    assert hedge["side"] == "sell"
    assert history.hedged.position == -HELD
    assert history.hedged.arrived == [hedge["client_id"]]
    assert history.final.hedges == history.hedged.hedges
    was_sent = point is not Point.HEDGE_NOT_SENT
    assert (hedge["client_id"] == history.meant(point).client_id) is was_sent


@pytest.mark.parametrize("point", [*HEDGE_POINTS, Point.UNWIND_NOT_RECORDED])
def test_nothing_is_in_doubt_and_nothing_was_ever_held_beyond_the_target(
    histories: Mapping[Point, History | BaseException], point: Point
) -> None:
    history = _of(histories, point)
    assert not _hedges_in_doubt(history.status)
    assert history.truth["overshoot"] == "0"
    assert history.truth["orders_sent"][PRIMARY] == 0


@pytest.mark.parametrize("point", TO_THE_END)
def test_the_books_converge_to_what_they_were(
    histories: Mapping[Point, History | BaseException], point: Point
) -> None:
    history = _of(histories, point)
    assert [incident["state"] for incident in history.status["incidents"]] == ["closed"]
    (asset,) = history.status["assets"]
    assert (asset["net"], asset["hedged"]) == (str(HELD), "0")
    assert history.final.position == 0
    assert history.truth["final_net"] == str(HELD)


def test_an_id_whose_order_was_never_sent_is_never_used_again(
    histories: Mapping[Point, History | BaseException],
) -> None:
    history = _of(histories, Point.HEDGE_NOT_SENT)
    dead = history.meant(Point.HEDGE_NOT_SENT).client_id
    assert dead not in history.final.arrived
    events = [fact.event for fact in history.facts if isinstance(fact, OrderMoved) and fact.client_id == dead]
    assert events[-1] == "proven absent"


@pytest.mark.parametrize("point", CANARY_POINTS)
def test_a_canary_that_was_left_behind_is_pulled(
    histories: Mapping[Point, History | BaseException], point: Point
) -> None:
    orphan = _of(histories, point).orphan
    assert orphan is not None
    assert orphan["status"] == "canceled"
    assert Decimal(orphan["filled"]) == 0

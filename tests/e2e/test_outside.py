"""Outages at venues written by others, from their documents alone: what must be hedged, and how exactly."""

from collections.abc import Iterator
from concurrent.futures import Future
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.outside_guard import CANARIES, Guard, Servers, Setup, condition, orders, outside, verdicts
from tests.e2e.outside_runs import Tries

pytestmark = [pytest.mark.wire, pytest.mark.slow]
TRIES = Tries()
ALL = ("place", "reduce", "cancel")
OVERLOAD: dict[str, Any] = {
    "status": 503,
    "body": '{"code":-1008,"msg":"Request throttled by system-level protection."}',
}
SWAPPED = {"main": "bybit", "backup": "binance"}


@pytest.fixture(scope="module")
def outcomes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, "Future[None]"]]:
    with TRIES.started(request, tmp_path_factory.mktemp("outside")) as found:
        yield found


async def hedge_and_return(
    directory: Path, setup: Setup, operations: tuple[str, ...], *, mend: bool, **fault: Any
) -> None:
    """Break the primary, see exactly the position hedged on the backup once, mend it, see the hedge off."""
    async with outside(directory, setup) as (guard, servers):
        await guard.start("--arm")
        await guard.ready()
        await guard.watch(4)
        await servers.fault("main", *operations, **fault)
        found = await guard.hedged()
        assert condition(found, "main") == "TRAPPED", guard.words()
        paths = verdicts(found, "main")
        assert paths["cancel"] == "down" or paths["place"] == paths["reduce"] == "down"
        assert {paths["query"], paths["account"], paths["book"]} == {"up"}
        await _hedged_exactly(guard, servers, setup)
        await guard.watch(3)
        assert len(orders(await servers.state(), "backup")) == len(setup.positions["main"])
        if not mend:
            return
        await servers.say("clear", venue="main")
        await guard.closed()
        await _as_at_the_start(guard, servers, setup)


async def _hedged_exactly(guard: Guard, servers: Servers, setup: Setup) -> None:
    """Check the backup's books and log, and that nobody but the primary was ever blamed."""
    state = await servers.state()
    sent = orders(state, "backup")
    for base, amount in setup.positions["main"].items():
        assert len([row for row in sent if row["params"]["symbol"] == f"{base}USDT"]) == 1, guard.words()
        assert await servers.held("backup", base) == -Decimal(amount)
    # An overload code that exempts reduce-only orders is worth one such order at home, and nothing else is.
    home = orders(state, "main")
    assert all(row["op"] == "reduce" and row["fault"] == "status" for row in home), guard.words()
    assert len(home) <= len(setup.positions["main"]), guard.words()
    for row in guard.seen:
        assert condition(row, "backup") == "FINE", guard.words()
        paths = verdicts(row, "backup")
        assert not {"confirmed", "down"} & set(paths.values()), guard.words()
        # Reads may be slow for a moment where the machine is; nobody else's orders are ever in question.
        assert not {"suspect"} & {paths["place"], paths["reduce"], paths["cancel"]}, guard.words()
        assert row["self"]["condition"] == "FINE", guard.words()


async def _as_at_the_start(guard: Guard, servers: Servers, setup: Setup) -> None:
    state = await servers.state()
    for base, amount in setup.positions["main"].items():
        assert await servers.held("main", base) == Decimal(amount)
        assert await servers.held("backup", base) == 0
    hedges = len(setup.positions["main"])
    assert all(row["op"] == "reduce" for row in orders(state, "backup")[hedges:]), guard.words()
    assert await guard.stop() == 0
    assert "internal error" not in guard.words()


def _outage(
    name: str, setup: Setup, operations: tuple[str, ...] = ALL, *, mend: bool = False, **fault: Any
) -> None:
    TRIES.add(name, partial(hedge_and_return, setup=setup, operations=operations, mend=mend, **fault))


for style in CANARIES:
    _outage(f"hang, canary {style}", Setup(canary=style), mend=True, kind="hang")
_outage("reset", Setup(), kind="reset")
_outage("reset, canary none", Setup(canary="none"), kind="reset")
_outage("overload", Setup(), mend=True, kind="status", **OVERLOAD)
_outage("executed but lost", Setup(), mend=True, kind="lost")
_outage("executed but reset", Setup(canary="cancel-unknown"), kind="lost_reset")
_outage("only cancels hang", Setup(), ("cancel",), kind="hang")
_outage("only orders hang", Setup(), ("place", "reduce"), kind="hang")
_outage("overload of all orders, cancels work", Setup(), ("place", "reduce"), kind="status", **OVERLOAD)
_outage(
    "venues swapped, short, answers only acknowledge",
    Setup(
        faces=SWAPPED,
        positions={"main": {"BTC": "-0.75"}},
        styles={"backup": {"acks": True}, "main": {"flat_rows": True}},
        canary="cancel-unknown",
    ),
    mend=True,
    kind="hang",
)
_outage(
    "two positions",
    Setup(bases=("BTC", "ETH"), positions={"main": {"BTC": "1.5", "ETH": "-12"}}),
    mend=True,
    kind="hang",
)
_outage(
    "four markets within the default budget",
    Setup(
        canary="cancel-unknown",
        bases=("BTC", "ETH", "PAXG", "BNB"),
        positions={"main": {"BTC": "1.5", "ETH": "-12", "BNB": "6"}},
    ),
    mend=True,
    kind="hang",
)
_outage(
    "ended orders only in the history",
    Setup(styles={"backup": {"realtime_open_only": True, "flat_rows": True}}, canary="none"),
    kind="hang",
)


async def _hedge_answer(directory: Path, kind: str, setup: Setup) -> None:
    """Lose the answer of the hedge order itself: no second one, resolved, exact."""
    async with outside(directory, setup) as (guard, servers):
        await guard.start("--arm")
        await guard.ready()
        await guard.watch(3)
        tif = "IOC"
        await servers.fault("backup", "place", kind=kind, tif=tif, times=1)
        await servers.fault("main", *ALL, kind="hang")
        await guard.hedged()
        await guard.watch(6)
        state = await servers.state()
        assert len(orders(state, "backup")) == 1, guard.words()
        assert orders(state, "backup")[0]["fault"] == kind
        assert await servers.held("backup") == Decimal("-1.5")
        assert guard.seen[-1]["in_doubt"] == [] or all(
            row["venue"] == "main" for row in guard.seen[-1]["in_doubt"]
        ), guard.seen[-1]
        assert guard.seen[-1]["incidents"][0]["state"] == "hedged"
        assert guard.seen[-1]["assets"][0]["hedged"] == "-1.5"
        assert await guard.stop() == 0


for kind in ("lost", "lost_reset"):
    TRIES.add(f"hedge answer {kind}", partial(_hedge_answer, kind=kind, setup=Setup()))
TRIES.add(
    "hedge answer lost at binance",
    partial(
        _hedge_answer,
        kind="lost",
        setup=Setup(faces=SWAPPED, canary="none", styles={"backup": {"acks": True}}),
    ),
)


@TRIES
async def late_hedge(directory: Path) -> None:
    """Execute the hedge 4 s after it was sent and never answer: still one hedge."""
    async with outside(directory, Setup()) as (guard, servers):
        await guard.start("--arm")
        await guard.ready()
        await servers.fault("backup", "place", kind="late", delay_s=4, tif="IOC", times=1)
        await servers.fault("main", *ALL, kind="hang")
        await guard.until("held", lambda found: found["assets"][0]["hedged"] == "-1.5", 60)
        await guard.watch(6)
        assert len(orders(await servers.state(), "backup")) == 1, guard.words()
        assert await servers.held("backup") == Decimal("-1.5")


@TRIES
async def leg_closed_by_its_owner(directory: Path) -> None:
    """Close the leg by another way during the outage: the hedge comes off at once."""
    async with outside(directory, Setup(unwind='when = "ask"\nafter = "1h"')) as (guard, servers):
        await guard.start("--arm")
        await guard.ready()
        await servers.fault("main", *ALL, kind="hang")
        await guard.hedged()
        await guard.watch(3)
        await servers.say("trade", venue="main", base="BTC", signed="-1.0")
        await guard.until("reduced", lambda found: found["assets"][0]["hedged"] == "-0.5", 30)
        await servers.say("trade", venue="main", base="BTC", signed="-0.5")
        await guard.until("gone", lambda found: found["assets"][0]["hedged"] == "0", 30)
        sent = orders(await servers.state(), "backup")
        assert [row["op"] for row in sent] == ["place", "reduce", "reduce"], guard.words()
        assert await servers.held("backup") == 0


@TRIES
async def resting_order_filled_unseen(directory: Path) -> None:
    """Fill the trader's bid during the outage while reads answer: the hedge grows to what is held."""
    bid = {"base": "BTC", "side": "buy", "amount": "0.5", "price": "59000"}
    async with outside(directory, Setup(orders=(bid,))) as (guard, servers):
        await guard.start("--arm")
        await guard.ready()
        await servers.fault("main", *ALL, kind="hang")
        await guard.hedged()
        await servers.say("price", base="BTC", mid="58500")
        await guard.until("grown", lambda found: Decimal(found["assets"][0]["hedged"]) == -2, 30)
        await guard.watch(3)
        assert await servers.held("main") == 2
        assert await servers.held("backup") == -2


@pytest.mark.parametrize("name", list(TRIES.known))
def test_outside(name: str, outcomes: dict[str, "Future[None]"]) -> None:
    outcomes[name].result()

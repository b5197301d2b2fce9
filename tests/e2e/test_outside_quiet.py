"""Troubles at venues written by others on which no hedge may follow, and a person's last word."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.outside_guard import (
    SILENT_S,
    Guard,
    Servers,
    Setup,
    condition,
    incident,
    orders,
    outside,
)
from tests.e2e.outside_runs import Tries

pytestmark = [pytest.mark.wire, pytest.mark.slow]
TRIES = Tries()
ALL = ("place", "reduce", "cancel")
LIMITED = {
    "main": {"status": 429, "body": '{"code":-1003,"msg":"Too many requests; current limit is 2400."}'},
    "backup": {"status": 429, "body": '{"retCode":10006,"retMsg":"Too many visits!","result":{}}'},
}
DENIED = {"status": 401, "body": '{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}'}
HALTED = {"status": 400, "body": '{"code":-4141,"msg":"Symbol is closed."}'}
Fault = Callable[[Servers], Awaitable[None]]


@pytest.fixture(scope="module")
def outcomes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, "Future[None]"]]:
    with TRIES.started(request, tmp_path_factory.mktemp("quiet")) as found:
        yield found


async def no_hedge(
    directory: Path, setup: Setup, *faults: tuple[str, tuple[str, ...], dict[str, Any]]
) -> None:
    """Switch faults on for a while: nothing is hedged, nobody is TRAPPED or DARK for certain."""
    async with outside(directory, setup) as (guard, servers):
        await guard.start("--arm")
        if setup.own_key == "main-key":
            await guard.ready()
            await guard.watch(3)
        for venue, operations, fault in faults:
            await servers.fault(venue, *operations, **fault)
        await _quiet(guard, servers, SILENT_S)
        await servers.say("clear")
        await _quiet(guard, servers, 4)
        assert await guard.stop() == 0
        assert "internal error" not in guard.words()
        assert "Traceback" not in guard.words()


async def _quiet(guard: Guard, servers: Servers, seconds: float) -> None:
    seen = await guard.watch(seconds)
    state = await servers.state()
    assert not orders(state, "backup"), guard.words()
    assert not orders(state, "main"), guard.words()
    for row in seen:
        for venue in ("main", "backup"):
            assert condition(row, venue) not in ("TRAPPED", "DARK"), (row, guard.words())


def _trouble(
    name: str,
    *faults: tuple[str, tuple[str, ...], dict[str, Any]],
    setup: Setup = Setup(),  # noqa: B008
) -> None:
    async def carried_out(directory: Path) -> None:
        await no_hedge(directory, setup, *faults)

    TRIES.add(name, carried_out)


READS = ("read",)
_trouble("rate limited", ("main", ("*",), {"kind": "status", **LIMITED["main"]}))
_trouble(
    "rate limited everywhere",
    *((venue, ("*",), {"kind": "status", **LIMITED[venue]}) for venue in ("main", "backup")),
)
_trouble("books hang", ("main", ("book",), {"kind": "hang"}))
_trouble("books fail", ("main", ("book",), {"kind": "status", "status": 500, "body": "oops"}))
_trouble("public data dead", ("main", ("book", "public"), {"kind": "reset"}), setup=Setup(canary="none"))
_trouble("slow reads", ("main", READS, {"kind": "slow", "delay_s": 3.0}))
_trouble(
    "slow reads everywhere",
    *((v, ("read", "book"), {"kind": "slow", "delay_s": 3.0}) for v in ("main", "backup")),
)
_trouble("reads hang", ("main", ("read", "book"), {"kind": "hang"}))
_trouble(
    "overload that spares reduce-only",
    (
        "main",
        ("place",),
        {
            "kind": "status",
            "status": 503,
            "body": '{"code":-1008,"msg":"Request throttled by system-level protection."}',
        },
    ),
)
_trouble(
    "web firewall", ("main", ("*",), {"kind": "status", "status": 403, "body": "<html>", "type": "text/html"})
)
_trouble("key revoked", ("main", (*ALL, "read"), {"kind": "status", **DENIED}))
_trouble("key never valid", setup=Setup(own_key="stolen"))
_trouble(
    "one market halted",
    ("main", ALL, {"kind": "status", "base": "BTC", **HALTED}),
    setup=Setup(bases=("BTC", "ETH"), positions={"main": {"BTC": "1.5", "ETH": "10"}}),
)


async def _our_network(directory: Path, word: str) -> None:
    """Everything fails at once, as when our own line dies: SELF, and no order."""
    async with outside(directory, Setup()) as (guard, servers):
        await guard.start("--arm")
        await guard.ready()
        await guard.watch(3)
        if word == "refuse":
            await servers.say("refuse", on=True)
        else:
            await servers.say("fault", ops=["*"], kind=word)
        await guard.until("SELF", lambda found: found["self"]["condition"] == "SELF", 30)
        await _quiet(guard, servers, 15)
        await servers.say("clear")
        await guard.until("well", lambda found: found["self"]["condition"] == "FINE", 40)
        await _quiet(guard, servers, 3)


for word in ("hang", "reset", "refuse"):
    TRIES.add(f"all traffic of both venues: {word}", partial(_our_network, word=word))


async def _both_sick(directory: Path, operations: tuple[str, ...], reference: bool) -> None:
    """Both venues are sick while something independent answers: not SELF, and no order to a sick backup."""
    async with outside(directory, Setup(reference=reference)) as (guard, servers):
        await guard.start("--arm")
        await guard.ready()
        await guard.watch(3)
        await servers.say("fault", ops=operations, kind="hang")
        await guard.until("main down", lambda found: condition(found, "main") in ("TRAPPED", "DARK"), 40)
        seen = await guard.watch(10)
        assert all(row["self"]["condition"] == "FINE" for row in guard.seen), guard.words()
        assert condition(seen[-1], "backup") in ("TRAPPED", "DARK"), guard.words()
        state = await servers.state()
        assert not orders(state, "main")
        assert not orders(state, "backup")


TRIES.add("both venues dark, reference answers", partial(_both_sick, operations=("*",), reference=True))
TRIES.add("both venues trapped, reference answers", partial(_both_sick, operations=ALL, reference=True))
TRIES.add("both venues trapped, no reference", partial(_both_sick, operations=ALL, reference=False))


async def _unarmed(directory: Path, setup: Setup, arguments: tuple[str, ...]) -> None:
    """Not armed, or a mode that sends nothing: no order of any kind ever comes."""
    async with outside(directory, setup) as (guard, servers):
        await guard.start(*arguments)
        await guard.until("seen", lambda found: found["assets"][0]["net"] == "1.5", 30)
        await servers.fault("main", *ALL, kind="hang")
        await guard.until("down", lambda found: condition(found, "main") == "TRAPPED", 60)
        await guard.watch(6)
        state = await servers.state()
        for venue in ("main", "backup"):
            assert not [row for row in state[venue]["log"] if row["op"] != "cancel"], guard.words()
        assert await guard.stop() == 0


TRIES.add("not armed", partial(_unarmed, setup=Setup(), arguments=()))
TRIES.add("observing", partial(_unarmed, setup=Setup(mode="observe"), arguments=("--arm",)))
TRIES.add("observing without limits", partial(_unarmed, setup=Setup(mode="observe", limits=""), arguments=()))


@TRIES
async def confirm_waits_for_a_person(directory: Path) -> None:
    """Silence means no; `hedge` means yes."""
    async with outside(directory, Setup(mode="confirm")) as (guard, servers):
        await guard.start("--arm")
        await guard.ready()
        await servers.fault("main", *ALL, kind="hang")
        await guard.until("down", lambda found: condition(found, "main") == "TRAPPED", 40)
        await guard.watch(5)
        assert not orders(await servers.state(), "backup")
        code, out, err = await guard.command("hedge", "--yes")
        assert code == 0, (out, err)
        await guard.hedged(20)
        assert await servers.held("backup") == Decimal("-1.5")


@TRIES
async def disarmed_stays_disarmed(directory: Path) -> None:
    """Let a person's `disarm` beat `--arm` after a restart."""
    async with outside(directory, Setup()) as (guard, servers):
        await guard.start("--arm")
        await guard.ready()
        code, out, err = await guard.command("disarm")
        assert code == 0, (out, err)
        assert await guard.stop() == 0
        await guard.start("--arm")
        await guard.until("seen", lambda found: found["assets"][0]["net"] == "1.5", 30)
        before = len(orders(await servers.state(), "backup"))
        await servers.fault("main", *ALL, kind="hang")
        seen = await guard.until("down", lambda found: condition(found, "main") == "TRAPPED", 60)
        assert seen["armed"] is False
        await guard.watch(5)
        assert len(orders(await servers.state(), "backup")) == before == 0
        code, _, _ = await guard.command("arm", "--yes")
        assert code == 0
        await guard.hedged(30)


@TRIES
async def veto_prevents(directory: Path) -> None:
    """Veto in the countdown: nothing is sent in this incident, also after a restart."""
    async with outside(directory, Setup(rule='veto = "20s"')) as (guard, servers):
        await guard.start("--arm")
        await guard.ready()
        await servers.fault("main", *ALL, kind="hang")
        found = await guard.until("open", lambda found: incident(found) == "open", 40)
        code, out, err = await guard.command("veto", found["incidents"][0]["id"])
        assert code == 0, (out, err)
        await guard.watch(16)
        assert await guard.stop() == 0
        await guard.start("--arm")
        seen = await guard.watch(14)
        assert seen[-1]["incidents"][0]["vetoed"] is True
        assert not orders(await servers.state(), "backup"), guard.words()


@TRIES
async def stopped_while_hedged(directory: Path) -> None:
    """SIGTERM leaves the hedge; the next run knows it, and takes it off when the venue is well."""
    async with outside(directory, Setup()) as (guard, servers):
        await guard.start("--arm")
        await guard.ready()
        await servers.fault("main", *ALL, kind="hang")
        await guard.hedged()
        assert await guard.stop() == 0
        assert await servers.held("backup") == Decimal("-1.5")
        await guard.start("--arm")
        await guard.until("known", lambda found: found["assets"][0]["hedged"] == "-1.5", 30)
        assert (await guard.incidents())[0]["state"] == "hedged"
        await guard.watch(8)
        assert len(orders(await servers.state(), "backup")) == 1, guard.words()
        await servers.say("clear")
        await guard.closed(90)
        assert await servers.held("backup") == 0


async def _sent(servers: Servers) -> None:
    for _ in range(1200):
        if orders(await servers.state(), "backup"):
            return
        await asyncio.sleep(0.05)


@TRIES
async def killed_in_the_countdown(directory: Path) -> None:
    """Kill it between the suspicion and the hedge, and again right after it: one hedge."""
    async with outside(directory, Setup(rule='veto = "5s"')) as (guard, servers):
        await guard.start("--arm")
        await guard.ready()
        await servers.fault("main", *ALL, kind="hang")
        await guard.until("open", lambda found: incident(found) == "open", 40)
        await guard.kill()
        await guard.start("--arm")
        await _sent(servers)
        await guard.kill()
        await guard.start("--arm")
        await guard.hedged(60)
        await guard.watch(5)
        assert len(orders(await servers.state(), "backup")) == 1, guard.words()
        assert await servers.held("backup") == Decimal("-1.5")


@pytest.mark.parametrize("name", list(TRIES.known))
def test_outside_quiet(name: str, outcomes: dict[str, "Future[None]"]) -> None:
    outcomes[name].result()

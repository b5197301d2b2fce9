"""Not sent and unknown are told apart by what happened on the wire, and nothing is ever sent twice."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import aiohttp
import pytest

from riskguard.core.messages import CancelAnswered, OrderAnswered, ReadFailed, ReadKind
from riskguard.core.orders.outcome import Accepted, NotSent, Outcome, Unknown
from riskguard.core.types import Leg
from riskguard.ports import Answer
from riskguard.venues.gateway import CcxtGateway
from riskguard.venues.outcomes import TESTED_VENUES
from riskguard.venues.wire import Attempt, Stage, meaning_of
from tests.venues.conftest import PLACE, Opener, cancel, loopback_urls, place, read
from tests.venues.loopback import Handler, Loopback, answer, answer_and_close, as_json, cut, hang, reset
from tests.venues.markets import opened

SHORT_S = 0.3
SEEN_S = 0.05
"""Until our side has seen that a connection ended; before that, a request still goes into it."""
DROPS: dict[str, Handler] = {
    "before the answer": reset,
    "during the answer": cut(as_json({"orderId": 8001, "retCode": 0, "result": {"orderId": "1"}})),
}


EVERY = pytest.mark.parametrize("ccxt_id", sorted(TESTED_VENUES))
BOTH_CALLS = pytest.mark.parametrize("call", ["place", "cancel"])


def outcome_of(given: Answer) -> Outcome:
    (answered,) = given.observations
    assert isinstance(answered, OrderAnswered | CancelAnswered)
    return answered.outcome


async def act(gateway: CcxtGateway, call: str, leg: Leg, deadline_s: float = 5.0) -> Answer:
    """Place an order, or cancel one by the venue's own id, which every venue takes."""
    if call == "place":
        return await gateway.place(place(deadline_s, leg=leg))
    return await gateway.cancel(cancel(deadline_s, leg, "8001"))


@EVERY
@BOTH_CALLS
async def test_one_call_is_one_request(
    open_gateway: Opener, loopback: Loopback, ccxt_id: str, call: str
) -> None:
    gateway, leg = await opened(open_gateway, loopback, ccxt_id)
    for name, handler in DROPS.items():
        # An answer first, so that the drop hits a connection that is used again (aiohttp resends on those).
        loopback.everything = answer(200, '{"ok": true}')
        await act(gateway, call, leg)
        before = len(loopback.seen)
        loopback.everything = handler
        given = await act(gateway, call, leg)
        assert len(loopback.seen) - before == 1, name
        assert isinstance(outcome_of(given), Unknown), name
        assert given.evidence == "venue_fault", name


@EVERY
@BOTH_CALLS
@pytest.mark.parametrize("by_reset", [False, True])
async def test_a_drop_after_the_answer_sends_nothing_again(
    open_gateway: Opener, loopback: Loopback, ccxt_id: str, call: str, by_reset: bool
) -> None:
    gateway, leg = await opened(open_gateway, loopback, ccxt_id)
    loopback.everything = answer_and_close('{"ok": true}', reset=by_reset)
    for count in (1, 2, 3):
        await act(gateway, call, leg)
        assert len(loopback.seen) == count
        await asyncio.sleep(SEEN_S)


@pytest.mark.parametrize("ccxt_id", ["binanceusdm", "bybit"])
async def test_a_drop_after_the_answer_takes_nothing_from_it(
    open_gateway: Opener, loopback: Loopback, ccxt_id: str
) -> None:
    gateway = await open_gateway(ccxt_id)
    loopback.bad[PLACE[ccxt_id]] = answer_and_close(as_json(loopback.good[PLACE[ccxt_id]]))
    for count in (1, 2, 3):
        assert isinstance(outcome_of(await gateway.place(place())), Accepted)
        assert loopback.count(*PLACE[ccxt_id]) == count
        await asyncio.sleep(SEEN_S)


@pytest.mark.parametrize("ccxt_id", ["binanceusdm", "bybit", "deribit"])
async def test_an_order_into_a_connection_that_just_ended_is_unknown_and_sent_once(
    open_gateway: Opener, loopback: Loopback, ccxt_id: str
) -> None:
    """Whether its bytes were read, nobody here can tell; a second try might be a second order."""
    gateway, leg = await opened(open_gateway, loopback, ccxt_id)
    loopback.everything = answer_and_close('{"ok": true}')
    for calls in range(1, 6):
        given = await gateway.place(place(leg=leg))
        assert isinstance(outcome_of(given), Unknown)
        assert len(loopback.seen) <= calls


@pytest.mark.parametrize("ccxt_id", ["binanceusdm", "bybit"])
async def test_a_redirect_is_not_followed(open_gateway: Opener, loopback: Loopback, ccxt_id: str) -> None:
    gateway = await open_gateway(ccxt_id)

    async def elsewhere(_request: aiohttp.web.Request) -> aiohttp.web.StreamResponse:
        return aiohttp.web.Response(status=307, headers={"Location": "/elsewhere"})

    loopback.bad[PLACE[ccxt_id]] = elsewhere
    given = await gateway.place(place())
    assert isinstance(outcome_of(given), Unknown)
    assert not any(one.path == "/elsewhere" for one in loopback.seen)


@EVERY
async def test_a_lost_answer_is_unknown_at_our_deadline(
    open_gateway: Opener, loopback: Loopback, ccxt_id: str
) -> None:
    gateway, leg = await opened(open_gateway, loopback, ccxt_id)
    loopback.everything = hang
    began = asyncio.get_running_loop().time()
    answers = await asyncio.gather(*(act(gateway, call, leg, SHORT_S) for call in ("place", "cancel")))
    assert asyncio.get_running_loop().time() - began < gateway.clients.act.timeout / 1000
    assert [outcome_of(given) for given in answers] == [Unknown("sent, no answer in time")] * 2
    assert [given.evidence for given in answers] == ["unknown"] * 2
    assert len(loopback.seen) == 2


@contextmanager
def black_hole() -> Iterator[int]:
    """Open a port whose queue of connections is full, so that the next SYN is dropped."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        port: int = server.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        try:
            yield port
        finally:
            for filler in fillers:
                filler.close()


@EVERY
async def test_a_black_holed_connect_is_not_sent(
    open_gateway: Opener, loopback: Loopback, ccxt_id: str
) -> None:
    with black_hole() as port:
        gateway, leg = await opened(open_gateway, loopback, ccxt_id)
        gateway.clients.act.urls["api"] = loopback_urls(ccxt_id, port)["api"]
        began = asyncio.get_running_loop().time()
        answers = await asyncio.gather(*(act(gateway, call, leg, SHORT_S) for call in ("place", "cancel")))
        assert asyncio.get_running_loop().time() - began < gateway.clients.act.timeout / 1000
        assert [outcome_of(given) for given in answers] == [NotSent("no connection in time")] * 2
        assert [given.evidence for given in answers] == ["unknown"] * 2


@pytest.mark.parametrize("ccxt_id", ["binanceusdm", "bybit"])
async def test_a_refused_connect_is_not_sent(open_gateway: Opener, loopback: Loopback, ccxt_id: str) -> None:
    gateway, leg = await opened(open_gateway, loopback, ccxt_id)
    await loopback.stop()
    given = await gateway.place(place(leg=leg))
    assert outcome_of(given) == NotSent("connection refused: ECONNREFUSED")
    assert given.evidence == "venue_fault"
    failed = await gateway.cancel(cancel(leg=leg))
    assert failed.evidence == "venue_fault"


async def test_a_failed_tls_handshake_is_not_sent(open_gateway: Opener, loopback: Loopback) -> None:
    gateway, leg = await opened(open_gateway, loopback, "bybit")
    plain = loopback_urls("bybit", loopback.port)["api"]
    gateway.clients.act.urls["api"] = {
        key: url.replace("http:", "https:") for key, url in plain.items() if isinstance(url, str)
    }
    given = await gateway.place(place(leg=leg))
    assert outcome_of(given) == NotSent("TLS handshake failed")
    assert given.evidence == "venue_fault"


@asynccontextmanager
async def closing_server() -> AsyncIterator[int]:
    """Accept every connection and close it at once, before a byte is read."""

    async def close(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(close, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


async def test_a_connection_closed_at_once_is_unknown(open_gateway: Opener, loopback: Loopback) -> None:
    gateway, leg = await opened(open_gateway, loopback, "binanceusdm")
    async with closing_server() as port:
        gateway.clients.act.urls["api"] = loopback_urls("binanceusdm", port)["api"]
        assert isinstance(outcome_of(await gateway.place(place(leg=leg))), Unknown)


async def test_markets_that_cannot_be_loaded_leave_an_order_unsent(
    open_gateway: Opener, loopback: Loopback
) -> None:
    gateway = await open_gateway("binanceusdm", load=False)
    loopback.good.clear()
    given = await gateway.place(place())
    assert isinstance(outcome_of(given), NotSent)
    assert loopback.count(*PLACE["binanceusdm"]) == 0
    failed = await gateway.read(read(ReadKind.POSITIONS))
    assert isinstance(failed.observations[0], ReadFailed)


async def test_optional_endpoints_may_be_missing(open_gateway: Opener, loopback: Loopback) -> None:
    gateway = await open_gateway("binanceusdm", load=False)
    keep = {"/fapi/v1/exchangeInfo", "/fapi/v1/order"}
    loopback.good = {key: value for key, value in loopback.good.items() if key[1] in keep}
    given = await gateway.place(place())
    assert isinstance(outcome_of(given), Accepted)


DEAD_LINE = OSError(101, "Network is unreachable")


@pytest.mark.parametrize(
    ("stage", "error", "kind", "evidence"),
    [
        (Stage.SENT, TimeoutError(), Unknown, "unknown"),
        (Stage.SENT, asyncio.CancelledError(), Unknown, "unknown"),
        (Stage.SENT, aiohttp.ServerDisconnectedError(), Unknown, "venue_fault"),
        (Stage.SENT, ConnectionResetError(104, "reset"), Unknown, "venue_fault"),
        (Stage.READY, TimeoutError(), NotSent, "unknown"),
        (Stage.CONNECT, TimeoutError(), NotSent, "unknown"),
        (Stage.CONNECT, asyncio.CancelledError(), NotSent, "unknown"),
        (Stage.CONNECT, ConnectionRefusedError(111, "refused"), NotSent, "venue_fault"),
        (Stage.CONNECT, ConnectionResetError(104, "reset"), NotSent, "venue_fault"),
        (Stage.CONNECT, OSError(110, "timed out"), NotSent, "unknown"),
        (Stage.CONNECT, DEAD_LINE, NotSent, "local"),
        (Stage.CONNECT, OSError(24, "too many open files"), NotSent, "local"),
        (Stage.DNS, TimeoutError(), NotSent, "local"),
        (Stage.DNS, socket.gaierror(-3, "try again"), NotSent, "local"),
        (Stage.POOL, TimeoutError(), NotSent, "local"),
    ],
)
def test_what_a_broken_request_means(
    stage: Stage, error: BaseException, kind: type[Outcome], evidence: str
) -> None:
    broken = meaning_of(Attempt("POST", "/order", stage, traced=True, error=error))
    assert isinstance(broken.outcome, kind)
    assert broken.evidence == evidence


def test_a_request_that_the_tracer_did_not_see_counts_as_sent() -> None:
    blind = Attempt("POST", "/order", traced=False, error=ConnectionResetError(104, "reset"))
    assert isinstance(meaning_of(blind).outcome, Unknown)


async def test_a_lost_cancel_is_not_read_from_the_answer_before(
    open_gateway: Opener, loopback: Loopback
) -> None:
    gateway, leg = await opened(open_gateway, loopback, "kraken")
    loopback.everything = answer(200, '{"error": ["EOrder:Unknown order"]}')
    gone = await gateway.cancel(cancel(leg=leg))
    assert gone.evidence == "user_fault"
    loopback.everything = reset
    lost = await gateway.cancel(cancel(leg=leg))
    (answered,) = lost.observations
    assert isinstance(answered, CancelAnswered)
    assert isinstance(answered.outcome, Unknown)


async def test_addresses_that_follow_from_the_given_ones(open_gateway: Opener, loopback: Loopback) -> None:
    api = {
        "fapiPublic": f"http://127.0.0.1:{loopback.port}/fapi/v1",
        "fapiPrivate": f"http://127.0.0.1:{loopback.port}/fapi/v1",
    }
    gateway = await open_gateway("binanceusdm", urls={"api": api})
    answered = await gateway.read(read(ReadKind.POSITIONS))
    assert answered.evidence == "ok"
    assert loopback.count("GET", "/fapi/v3/positionRisk") == 1
    assert not gateway.clients.streams_allowed  # they would go to the real venue

"""Answers that are no answers: every client, every call, and none of them is ever believed."""

from collections.abc import Awaitable, Callable

import pytest

from riskguard.core.messages import CancelAnswered, OrderAnswered, ReadFailed, ReadKind
from riskguard.core.orders.outcome import Rejected, Unknown
from riskguard.core.types import Leg
from riskguard.ports import Answer
from riskguard.venues.gateway import CcxtGateway
from riskguard.venues.outcomes import TESTED_VENUES
from tests.venues.conftest import Opener, cancel, place, read
from tests.venues.loopback import Handler, Loopback, answer, as_json, cut
from tests.venues.markets import opened

PAGE = "<html><head><title>A timeout occurred</title></head><body>[cloudflare]</body></html>"
BAD: dict[str, Handler] = {
    "524 page": answer(524, PAGE, "text/html"),
    "523 page": answer(523, PAGE, "text/html"),
    "413 page": answer(413, PAGE, "text/html"),
    "200 page": answer(200, PAGE, "text/html"),
    "200 empty": answer(200, ""),
    "200 null": answer(200, "null"),
    "200 cut JSON": answer(200, '{"orderId": 8001, "status": "NEW", "cl'),
    "200 cut off": cut(as_json({"orderId": 8001, "retCode": 0, "result": {"list": []}})),
    "202 page": answer(202, PAGE, "text/html"),
    "307 elsewhere": answer(307, "", "text/html"),
    "200 {}": answer(200, "{}"),
    "200 []": answer(200, '"ok"'),
}


def calls(gateway: CcxtGateway, leg: Leg) -> dict[str, Callable[[], Awaitable[Answer]]]:
    """Give the five calls of the matrix."""
    return {
        "place": lambda: gateway.place(place(leg=leg)),
        "cancel": lambda: gateway.cancel(cancel(leg=leg, order_id="8001")),
        "positions": lambda: gateway.read(read(ReadKind.POSITIONS, leg=leg)),
        "open orders": lambda: gateway.read(read(ReadKind.OPEN_ORDERS, leg=leg)),
        "balance": lambda: gateway.read(read(ReadKind.BALANCE, leg=leg)),
    }


@pytest.mark.parametrize("ccxt_id", sorted(TESTED_VENUES))
async def test_no_bad_answer_is_believed(open_gateway: Opener, loopback: Loopback, ccxt_id: str) -> None:
    gateway, leg = await opened(open_gateway, loopback, ccxt_id)
    wrong: list[str] = []
    for name, handler in BAD.items():
        loopback.everything = handler
        for call, make in calls(gateway, leg).items():
            before = len(loopback.seen)
            given = await make()
            requests = len(loopback.seen) - before
            if not requests or not unbelieved(given):
                wrong.append(f"{call} on {name}: {requests} requests, {given}")
    assert not wrong, "\n".join(wrong)


def unbelieved(given: Answer) -> bool:
    """Tell whether an answer was taken for what it is: nothing known, with a cause that says why."""
    if given.evidence == "ok" or not given.cause or len(given.observations) != 1:
        return False
    match given.observations[0]:
        case OrderAnswered(outcome=outcome, report=report):
            return isinstance(outcome, Unknown | Rejected) and report is None
        case CancelAnswered(outcome=outcome):
            return isinstance(outcome, Unknown | Rejected)
        case ReadFailed():
            return True
        case _:
            return False

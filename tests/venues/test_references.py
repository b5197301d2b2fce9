"""Any answer proves that our network lives; silence, refusal and nonsense do not."""

from collections.abc import AsyncIterator

import pytest

from riskguard.core.messages import PingReference
from riskguard.venues.references import WebReferences
from tests.venues.loopback import Loopback, answer, hang, reset


@pytest.fixture
async def references() -> AsyncIterator[WebReferences]:
    pinger = WebReferences()
    yield pinger
    await pinger.close()


@pytest.mark.parametrize("status", [200, 204, 301, 403, 404, 500])
async def test_any_status_is_an_answer(references: WebReferences, loopback: Loopback, status: int) -> None:
    loopback.everything = answer(status, "")
    assert await references.ping(PingReference(f"http://127.0.0.1:{loopback.port}/", 5.0))


async def test_silence_is_none(references: WebReferences, loopback: Loopback) -> None:
    loopback.everything = hang
    assert not await references.ping(PingReference(f"http://127.0.0.1:{loopback.port}/", 0.1))
    loopback.everything = reset
    assert not await references.ping(PingReference(f"http://127.0.0.1:{loopback.port}/", 5.0))


async def test_a_dead_port_and_a_bad_name_are_none(references: WebReferences, loopback: Loopback) -> None:
    await loopback.stop()
    assert not await references.ping(PingReference(f"http://127.0.0.1:{loopback.port}/", 5.0))
    assert not await references.ping(PingReference("not a url", 5.0))


async def test_each_ping_is_a_fresh_connection(references: WebReferences, loopback: Loopback) -> None:
    loopback.everything = answer(200, "")
    ports = set()
    for _ in range(3):
        await references.ping(PingReference(f"http://127.0.0.1:{loopback.port}/", 5.0))
        ports.add(loopback.seen[-1].headers.get("Connection"))
    assert ports == {"close"}

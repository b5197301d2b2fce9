"""HTTP sessions below ccxt: traced, never resending, never following a redirect."""

import ssl
from contextvars import ContextVar
from typing import Any, Final

import aiohttp
import certifi

from riskguard.venues.wire import Attempt, tracer

CURRENT: Final[ContextVar[Attempt | None]] = ContextVar("riskguard_attempt", default=None)
"""The request that this task is making."""

_KEEPALIVE_S: Final = 120.0
_DNS_TTL_S: Final = 60


class StrictSession:
    """The part of `aiohttp.ClientSession` that ccxt uses, with the two silent resends switched off.

    aiohttp repeats GET, PUT and DELETE once on a broken connection (Deribit's orders are GET), and follows
    a 307 with a second POST; both would turn one order into two.
    """

    def __init__(self, *, limit: int, verify: bool, trust_env: bool) -> None:
        connector = aiohttp.TCPConnector(
            limit=limit,
            keepalive_timeout=_KEEPALIVE_S,
            ttl_dns_cache=_DNS_TTL_S,
            ssl=tls_context() if verify else False,
        )
        self._session = aiohttp.ClientSession(
            connector=connector, trace_configs=[tracer()], trust_env=trust_env
        )
        # aiohttp has no public switch (its issue 10790).
        self._session._retry_connection = False  # noqa: SLF001 - see above

    def __getattr__(self, name: str) -> Any:
        if name in {"get", "post", "put", "delete", "patch", "head", "options"}:
            return _Verb(self._session, name.upper())
        return getattr(self._session, name)

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()


class _Verb:
    """One HTTP method of a session."""

    def __init__(self, session: aiohttp.ClientSession, method: str) -> None:
        self._session = session
        self._method = method

    def __call__(self, url: Any, **options: Any) -> Any:
        options["allow_redirects"] = False
        return self._session.request(self._method, url, trace_request_ctx=CURRENT.get(), **options)


_CONTEXTS: Final[list[ssl.SSLContext]] = []


def tls_context() -> ssl.SSLContext:
    """Give the process's one TLS context; building it costs some 20 ms of the loop, so it is built once."""
    if not _CONTEXTS:
        _CONTEXTS.append(ssl.create_default_context(cafile=certifi.where()))
    return _CONTEXTS[0]

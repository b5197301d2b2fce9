"""What happened on the wire during one call: each request, how far it got, and what came back."""

import asyncio
import errno
import socket
import ssl
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from types import SimpleNamespace
from typing import Final

import aiohttp

from riskguard.core.detect.observation import OutcomeClass
from riskguard.core.orders.outcome import NotSent, Unknown


class Stage(StrEnum):
    """How far a request had come when it ended without an answer."""

    START = "start"
    POOL = "pool"
    """Waiting for a free connection of our own."""
    DNS = "dns"
    CONNECT = "connect"
    """TCP and TLS handshakes."""
    READY = "ready"
    """A connection is there, nothing has been written."""
    SENT = "sent"


@dataclass(slots=True)
class Attempt:
    """One HTTP request made by a ccxt client."""

    method: str
    path: str
    """Without its query: that holds signatures."""
    stage: Stage = Stage.START
    traced: bool = False
    status: int | None = None
    """None: no whole answer came."""
    body: str = ""
    retry_after_s: float | None = None
    error: BaseException | None = field(default=None, repr=False)

    @property
    def sent(self) -> bool:
        """Whether bytes may have left; a request that the tracer did not see counts as sent."""
        return self.stage is Stage.SENT or (not self.traced and self.error is not None)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a request that brought no answer to believe; carried by the exception it raised."""

    status: int | None
    """None: no whole answer came."""
    body: str
    """Its beginning, without secrets."""
    code: str
    """The venue's own code or reason, empty where the body names none."""
    sent: bool
    """Whether bytes may have left this machine."""


LEDGER: Final[ContextVar[list[Attempt] | None]] = ContextVar("riskguard_ledger", default=None)
"""The requests of the call that this task is making."""

EXTRA_HEADERS: Final[ContextVar[dict[str, str] | None]] = ContextVar("riskguard_headers", default=None)
"""Headers that ccxt cannot be told to send (OKX expTime, Gate X-Gate-Exptime)."""

OPTIONAL: Final[ContextVar[bool]] = ContextVar("riskguard_optional", default=False)
"""Whether this task asks something that a venue need not offer: such a request goes nowhere but to the
hosts that the trader's own config names, where it names any."""

_OURS: Final = frozenset(
    {
        errno.ENETUNREACH,
        errno.ENETDOWN,
        errno.EHOSTUNREACH,
        errno.EADDRNOTAVAIL,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOBUFS,
        errno.EACCES,
        errno.EPERM,
    }
)
"""Our own network or process: no packet reached anybody."""


@dataclass(frozen=True, slots=True)
class Broken:
    """What a request without an answer means."""

    outcome: NotSent | Unknown
    evidence: OutcomeClass


def meaning_of(attempt: Attempt) -> Broken:
    """Tell not sent from unknown by the trace and the cause, never by an exception class of ccxt."""
    error = attempt.error
    late = error is None or isinstance(error, TimeoutError | asyncio.CancelledError)
    if not attempt.sent:
        return _unsent(attempt.stage, None if late else error)
    if late:
        return Broken(Unknown("sent, no answer in time"), OutcomeClass.UNKNOWN)
    if isinstance(error, aiohttp.ClientPayloadError):
        return Broken(Unknown("sent, answer cut off or unreadable"), OutcomeClass.VENUE_FAULT)
    return Broken(Unknown("sent, connection lost before the answer"), OutcomeClass.VENUE_FAULT)


def _unsent(stage: Stage, error: BaseException | None) -> Broken:
    """Name what kept a request from leaving; no error means that it took too long."""
    if stage is Stage.POOL:
        return Broken(NotSent("all of our own connections are busy"), OutcomeClass.LOCAL)
    if isinstance(error, aiohttp.ClientConnectorDNSError | socket.gaierror) or stage is Stage.DNS:
        return Broken(NotSent("host name not resolved"), OutcomeClass.LOCAL)
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
        return Broken(NotSent("TLS handshake failed"), OutcomeClass.VENUE_FAULT)
    if isinstance(error, OSError):
        return _refused(_errno(error))
    if error is None:
        return _BLACK_HOLE
    return Broken(NotSent("failed before anything was sent"), OutcomeClass.LOCAL)


_BLACK_HOLE: Final = Broken(NotSent("no connection in time"), OutcomeClass.UNKNOWN)
"""A connect into nothing looks the same from a dead host and from a dead line of ours."""


def _refused(number: int) -> Broken:
    name = errno.errorcode.get(number, "unnamed")
    if number == errno.ETIMEDOUT:
        return _BLACK_HOLE
    if number in _OURS:
        return Broken(NotSent(f"our network: {name}"), OutcomeClass.LOCAL)
    return Broken(NotSent(f"connection refused: {name}"), OutcomeClass.VENUE_FAULT)


def _errno(error: OSError) -> int:
    """Dig the number out; aiohttp wraps the socket's error."""
    inner = getattr(error, "os_error", None)
    number = (inner.errno if isinstance(inner, OSError) else None) or error.errno
    return number or 0


def tracer() -> aiohttp.TraceConfig:
    """Build the trace that moves an attempt through its stages."""
    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(_mover(Stage.START))
    trace.on_connection_queued_start.append(_mover(Stage.POOL))
    trace.on_connection_queued_end.append(_mover(Stage.START))
    trace.on_connection_create_start.append(_mover(Stage.CONNECT))
    trace.on_dns_resolvehost_start.append(_mover(Stage.DNS))
    trace.on_dns_resolvehost_end.append(_mover(Stage.CONNECT))
    trace.on_dns_cache_hit.append(_mover(Stage.CONNECT))
    trace.on_connection_create_end.append(_mover(Stage.READY))
    trace.on_connection_reuseconn.append(_mover(Stage.READY))
    trace.on_request_headers_sent.append(_mover(Stage.SENT))
    return trace


class _mover:  # noqa: N801 - used as a function
    """A trace callback that notes one stage."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def __call__(
        self, _session: aiohttp.ClientSession, context: SimpleNamespace, _params: object
    ) -> None:
        attempt = context.trace_request_ctx
        if isinstance(attempt, Attempt):
            attempt.traced = True
            attempt.stage = self._stage

"""What every face shares: a request as read from the socket, an answer, and the venue it works on."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol, TypeAlias
from urllib.parse import parse_qsl

from riskguard.simulation.engine import Event, VenueEngine
from riskguard.simulation.wire.faults import Group

Params: TypeAlias = dict[str, str]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that the venue knows."""

    key: str
    secret: str
    account: str = "main"
    passphrase: str = ""
    """The third credential of OKX; any is accepted where none is configured."""


@dataclass(slots=True)
class Venue:
    """One engine with its keys and its clock."""

    engine: VenueEngine
    keys: dict[str, ApiKey]
    skew_ms: int = 0
    """How far the clock shown to clients is ahead; the raw log keeps the true one."""
    book_frozen: bool = False
    """Books that clients see stand still; set by the front door's faults."""

    def now_ms(self) -> int:
        """Give the moment for the engine and the log."""
        return time.time_ns() // 1_000_000

    def shown_ms(self) -> int:
        """Give the moment that answers show."""
        return self.now_ms() + self.skew_ms


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request, fully read; `path` is without the leading original host."""

    method: str
    host: str
    path: str
    query: str
    body: str
    headers: Mapping[str, str]
    arrived_ms: int

    @property
    def query_params(self) -> Params:
        """The query string, decoded."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; `payload` is sent as JSON unless it is a string."""

    payload: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"

    @property
    def text(self) -> str:
        """The body."""
        return self.payload if isinstance(self.payload, str) else json.dumps(self.payload)


class AnswerError(Exception):
    """Ends the handling of a request with an error answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.text)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Ask:
    """A request as a handler sees it, after authentication."""

    call: Call
    params: Params
    account: str
    lag_ms: int

    def get(self, *names: str, default: str = "") -> str:
        """Give the first parameter that is there and not empty."""
        return next((self.params[name] for name in names if self.params.get(name)), default)

    def number(self, name: str, default: int) -> int:
        """Give a whole number, the default when it is absent or none."""
        text = self.params.get(name, "")
        return int(text) if text.lstrip("-").isdigit() else default

    def as_of(self, venue: Venue) -> int | None:
        """Give the moment whose state is shown, None for the present."""
        return venue.now_ms() - self.lag_ms if self.lag_ms else None


@dataclass(frozen=True, slots=True)
class Operation:
    """A request as the front door sees it: what it is about, and how to carry it out."""

    group: Group
    symbol: str | None
    run: Callable[[int], Answer]
    """Execute now; the argument is by how many milliseconds the answer lags."""
    acts: str = ""
    """Name of the operation in the raw log, empty for one that changes no order."""
    client_id: str = ""
    order_id: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A stream message with the topic it belongs to; `account` is empty for public ones."""

    topic: str
    payload: Any
    account: str = ""
    symbol: str | None = None


class StreamSession(Protocol):
    """The face's side of one WebSocket connection."""

    group: Group

    def wants(self, message: Message) -> bool:
        """Whether the client subscribed to it."""
        ...

    def on_text(self, text: str) -> list[str]:
        """Answer a client's frame."""
        ...

    def pong(self, text: str) -> str | None:
        """Answer a ping that is written as text, None when the frame is something else."""
        ...

    def missed(self, message: Message) -> None:
        """Note that a message the client wanted was never sent."""
        ...

    def greet(self) -> list[str]:
        """Give what a new connection is sent first."""
        ...

    def encode(self, message: Message) -> str:
        """Write a message as this client's stream wraps it."""
        ...


class Face(Protocol):
    """The wire protocol of one exchange in front of a venue."""

    venue: Venue

    def sort(self, call: Call) -> Operation:
        """Find out what a request is about; a request that nothing answers gets the venue's own error."""
        ...

    def open_stream(self, call: Call) -> StreamSession | Answer:
        """Accept a WebSocket, or answer its upgrade with an error."""
        ...

    def private_messages(self, event: Event) -> list[Message]:
        """Translate an engine event for private streams."""
        ...

    def public_messages(self, now_ms: int) -> list[Message]:
        """Give the public messages due since the last call."""
        ...


def unwrap(raw_path: str) -> tuple[str, str, str]:
    """Split a request target into original host, path and query; a first segment with a dot is a host.

    ccxt is pointed here by urls rewritten to `http://127.0.0.1:PORT/original.host/path`; other clients, which
    take a base url, send the bare path.
    """
    target, _, query = raw_path.partition("?")
    first, _, rest = target.lstrip("/").partition("/")
    if "." in first and not first.startswith("."):
        return first, "/" + rest, query
    return "", target, query


def decimal_of(text: str) -> Decimal | None:
    """Read a number as a client wrote it, None when it is none."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None

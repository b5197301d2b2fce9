"""A mixin that makes any ccxt class refuse what it would otherwise take for an answer."""

import logging
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import ccxt  # type: ignore[import-untyped]

from riskguard.venues.outcomes import venue_code
from riskguard.venues.quirks import NotOffered
from riskguard.venues.scrub import Scrubber
from riskguard.venues.session import CURRENT
from riskguard.venues.wire import EXTRA_HEADERS, LEDGER, OPTIONAL, Attempt, Evidence

_BODY_SHOWN: Final = 400
_QUIET: Final = logging.getLogger("riskguard.venues.ccxt")
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False
_QUIET.setLevel(logging.CRITICAL)  # ccxt logs headers and signed bodies at debug level


class UnexpectedAnswer(ccxt.BadResponse):  # type: ignore[misc]  # ccxt's errors are untyped
    """An answer that is no answer: a status outside 2xx, or a body that is not a JSON document."""


def evidence_of(error: BaseException) -> Evidence | None:
    """Give what a strict client knows of the request that failed; None for an exception of another origin."""
    found = getattr(error, "evidence", None)
    return found if isinstance(found, Evidence) else None


def _retry_after_s(headers: Any) -> float | None:
    """Read the header in its form of seconds; the form of a date is rare and left out."""
    for name, value in headers.items() if isinstance(headers, dict) else ():
        if str(name).lower() == "retry-after" and str(value).strip().isdigit():
            return float(str(value).strip())
    return None


def _guarded(socket: Any, handle: Callable[[Any], None]) -> Callable[[Any], None]:
    """Turn an exception of a message handler into an error of its socket, which its watchers hear of."""

    def handle_safely(message: Any) -> None:
        try:
            handle(message)
        except Exception as error:  # noqa: BLE001 - any exception here would leave the watchers waiting
            socket.on_error(ccxt.NetworkError(f"message handler failed: {type(error).__name__}"))

    return handle_safely


class Strict:
    """First base of every client: `class X(Strict, ccxt.pro.X)`.

    ccxt 4.5.90 returns normally for HTTP 524, 523, 413 and others, and for 200 with HTML, nothing, `null` or
    cut JSON: orders without id, empty position lists. Here each of them raises with its `Evidence`, and each
    request is noted in the ledger of the call.
    """

    id: str
    riskguard_scrub: Scrubber = Scrubber()
    riskguard_hosts: frozenset[str] | None = None
    """The hosts that the trader's own config names; None where it names none."""
    logger: Any = _QUIET

    def on_rest_response(  # noqa: D102 - ccxt's hook, called with every whole answer
        self, code: int, reason: Any, url: Any, method: Any, headers: Any, body: Any, *rest: Any
    ) -> Any:
        attempt = CURRENT.get()
        if attempt is not None:
            attempt.status = code
            attempt.body = body if isinstance(body, str) else ""
            attempt.retry_after_s = _retry_after_s(headers)
        parent: Any = super()
        return parent.on_rest_response(code, reason, url, method, headers, body, *rest)

    async def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        """Make one request; raises for everything but a JSON document under a 2xx status."""
        hosts = self.riskguard_hosts
        if OPTIONAL.get() and hosts is not None and urlsplit(url).netloc not in hosts:
            raise NotOffered("this would be asked of another server than the config names")
        attempt = Attempt(method, url.split("?", 1)[0])
        ledger = LEDGER.get()
        if ledger is not None:
            ledger.append(attempt)
        extra = EXTRA_HEADERS.get()
        token = CURRENT.set(attempt)
        parent: Any = super()
        try:
            answer = await parent.fetch(url, method, {**(headers or {}), **extra} if extra else headers, body)
        except BaseException as error:
            attempt.error = error.__cause__ or error
            if isinstance(error, ccxt.BaseError):
                self._strip(error)
                error.evidence = self._evidence(attempt)
                raise
            if isinstance(error, Exception):
                # A parser of ccxt that stumbles (TypeError, KeyError) has met an answer that it cannot read.
                raise self._unexpected(attempt, type(error).__name__) from None
            raise
        finally:
            CURRENT.reset(token)
        if attempt.status is not None and not 200 <= attempt.status < 300:
            raise self._unexpected(attempt, "not a success status")
        if not isinstance(answer, dict | list):
            raise self._unexpected(attempt, "not a JSON document")
        return answer

    def client(self, url: str) -> Any:
        """Give the socket of a URL, guarded: a handler that raises would end its receive loop for good."""
        parent: Any = super()
        socket = parent.client(url)
        if not hasattr(socket, "riskguard_guarded"):
            socket.riskguard_guarded = True
            socket.handle_message = _guarded(socket, socket.handle_message)
        return socket

    def _strip(self, error: BaseException) -> None:
        """Leave no signed URL in an exception that something may print later."""
        error.args = tuple(self.riskguard_scrub(str(part)) for part in error.args)
        error.__cause__ = None
        error.__suppress_context__ = True
        error.__context__ = None

    def _unexpected(self, attempt: Attempt, what: str) -> UnexpectedAnswer:
        error = UnexpectedAnswer(f"HTTP {attempt.status} {what}: {self.riskguard_scrub(attempt.body, 80)}")
        error.evidence = self._evidence(attempt)
        attempt.error = error
        return error

    def _evidence(self, attempt: Attempt) -> Evidence:
        code = self.riskguard_scrub(venue_code(self.id, attempt.body))
        return Evidence(attempt.status, self.riskguard_scrub(attempt.body, _BODY_SHOWN), code, attempt.sent)

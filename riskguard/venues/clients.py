"""The two ccxt clients of one account: act (orders, urgent questions) and probe (reads, streams)."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import ccxt  # type: ignore[import-untyped]
import ccxt.async_support  # type: ignore[import-untyped]
import ccxt.pro  # type: ignore[import-untyped]

from riskguard.core.types import Leg
from riskguard.venues.instruments import Instrument, instrument_of
from riskguard.venues.quirks import Quirks
from riskguard.venues.scrub import Scrubber
from riskguard.venues.session import StrictSession, tls_context
from riskguard.venues.strict import Strict

_ACT_CONNECTIONS: Final = 100
_PROBE_CONNECTIONS: Final = 200
"""Above what can hang at once; a full pool would look like trouble of our own."""
_STREAM_KEEPALIVE_MS: Final = 4000
"""ccxt's own 30 s (180 s on Binance) would notice a silent socket only after minutes."""
_WARM_S: Final = 2.0
_CLOCK_ANSWER_MS: Final = 1000
_CCXT_TIMEOUT_MS: Final = 30_000
"""Beyond every deadline of ours, so that ours decides."""


class Credentials(Protocol):
    """What a venue knows us by."""

    def for_ccxt(self) -> Mapping[str, str]:
        """Give the secrets by ccxt's names: apiKey, secret, password, walletAddress, privateKey."""


@cache
def strict_class(ccxt_id: str) -> Any:
    """Make the strict class of a ccxt id, with streams where ccxt has them; raises KeyError."""
    if ccxt_id in ccxt.pro.exchanges:
        parent = getattr(ccxt.pro, ccxt_id)
    elif ccxt_id in ccxt.exchanges:
        parent = getattr(ccxt.async_support, ccxt_id)
    else:
        raise KeyError(f"ccxt knows no exchange {ccxt_id!r}")
    return type(f"Strict_{ccxt_id}", (Strict, parent), {})


def merged(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """Merge nested mappings, later ones over earlier ones, as ccxt and freqtrade do."""
    found: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            old = found.get(key)
            found[key] = (
                merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
            )
    return found


@dataclass(frozen=True, slots=True)
class ClientFactory:
    """Makes strict clients of one account."""

    ccxt_id: str
    ccxt_config: Mapping[str, Any]
    quirks: Quirks
    scrub: Scrubber

    def make(self, credentials: Credentials | None) -> Any:
        """Build a client; it opens no socket yet."""
        keys = {} if credentials is None else credentials.for_ccxt()
        ours = {
            "timeout": _CCXT_TIMEOUT_MS,
            "streaming": {"keepAlive": _STREAM_KEEPALIVE_MS},
            "options": {"warnOnFetchOpenOrdersWithoutSymbol": False},
        }
        forced = {
            "enableRateLimit": False,
            "verbose": False,
            # kraken.cancel_order reads the *previous* answer of the client and invents OrderNotFound from it.
            "enableLastHttpResponse": False,
            "enableLastJsonResponse": False,
            "timeout_on_exit": 0,
            "options": {
                "maxRetriesOnFailure": 0,
                "adjustForTimeDifference": False,
                # The snapshot is a REST answer; passed off as a push it would look like a second channel.
                "watchPositions": {"fetchPositionsSnapshot": False, "awaitPositionsSnapshot": False},
            },
        }
        more = {"urls": {"api": self.quirks.complete_urls(self._own_urls())}}
        config = merged(
            ours, self.quirks.config(), more, self.ccxt_config, keys, self.quirks.forced(), forced
        )
        client = strict_class(self.ccxt_id)(config)
        client.has["fetchCurrencies"] = False
        client.riskguard_scrub = self.scrub
        client.riskguard_hosts = self._own_hosts(str(client.hostname or ""))
        self.quirks.dress(client)
        return client

    def _own_urls(self) -> dict[str, Any]:
        urls = self.ccxt_config.get("urls")
        api = urls.get("api") if isinstance(urls, Mapping) else None
        return dict(api) if isinstance(api, Mapping) else {}

    def _own_hosts(self, hostname: str) -> frozenset[str] | None:
        own = self._own_urls()
        return frozenset(_hosts(own, hostname)) if own else None

    @property
    def streams_allowed(self) -> bool:
        """Whether streams go where requests go: other servers must not lead to the real venue's streams."""
        own = self._own_urls()
        return not own or "ws" in own

    def open_session(self, client: Any, *, limit: int) -> None:
        """Give a client a session of ours; needs the running loop."""
        client.session = StrictSession(
            limit=limit,
            verify=bool(client.verify),
            trust_env=bool(client.aiohttp_trust_env),
        )
        client.own_session = False
        client.ssl_context = tls_context()


def _hosts(urls: object, hostname: str) -> Iterator[str]:
    if isinstance(urls, Mapping):
        for part in urls.values():
            yield from _hosts(part, hostname)
    elif isinstance(urls, str):
        yield urlsplit(urls.replace("{hostname}", hostname)).netloc


def secrets_of(*credentials: Credentials | None) -> Iterable[str]:
    """List every secret text, for the scrubber."""
    for one in credentials:
        if one is not None:
            yield from one.for_ccxt().values()


class Clients:
    """Both clients with their sessions, sharing one set of markets and one clock difference."""

    def __init__(
        self, factory: ClientFactory, credentials: Credentials | None, probe_credentials: Credentials | None
    ) -> None:
        self._factory = factory
        self._credentials = credentials
        self._probe_credentials = probe_credentials or credentials
        self.act: Any = factory.make(credentials)
        self.probe: Any = factory.make(probe_credentials or credentials)
        if factory.quirks.strict_nonce and probe_credentials is None:
            _share_nonce(self.act, self.probe)
        self.quirks = factory.quirks
        self.streams_allowed = factory.streams_allowed
        self.loaded_at = 0.0
        self._opened = False
        self._instruments: dict[Leg, Instrument] = {}
        self._stops: list[Callable[[], object]] = []
        self._loading: asyncio.Task[Any] | None = None

    @property
    def loaded(self) -> bool:
        """Whether the venue's markets are known."""
        return bool(self.act.markets)

    def instrument(self, leg: Leg) -> Instrument | None:
        """Give one market, None where the venue lists none of that name."""
        found = self._instruments.get(leg)
        raw = (self.act.markets or {}).get(leg.symbol)
        if found is None and raw is not None:
            in_base = self.quirks.sizes_in_base(raw)
            found = instrument_of(leg, raw, self.act.precisionMode, in_base=in_base)
            self._instruments[leg] = found
        return found

    def open(self) -> None:
        """Open both sessions, once, inside the running loop."""
        if not self._opened:
            self._opened = True
            self._factory.open_session(self.act, limit=_ACT_CONNECTIONS)
            self._factory.open_session(self.probe, limit=_PROBE_CONNECTIONS)

    async def load(self, timeout_s: float, *, reload: bool = False) -> None:
        """Load markets and clock difference in a thread, then share them; all callers wait for one load."""
        if self.loaded and not reload:
            return
        if self._loading is None:
            self._loading = asyncio.create_task(self._load(timeout_s))
            self._loading.add_done_callback(self._loaded)
        await asyncio.shield(self._loading)

    def _loaded(self, task: "asyncio.Task[Any]") -> None:
        self._loading = None
        if not task.cancelled():
            task.exception()  # retrieved here too, in case every waiter gave up

    async def _load(self, timeout_s: float) -> None:
        loader = await asyncio.to_thread(self._load_in_thread, timeout_s)
        for client in (self.act, self.probe):
            client.set_markets_from_exchange(loader)
            self._share_clock(loader, client)
            for option in self.quirks.shared_options:
                if loader.options.get(option) is not None:
                    client.options[option] = loader.options[option]
        self._instruments.clear()
        self.loaded_at = time.monotonic()

    def _load_in_thread(self, timeout_s: float) -> Any:
        """Fetch and parse on another loop: thousands of markets stall a loop for some 0.3 s."""
        return asyncio.run(self._stoppable(_load_alone(self._factory, self._credentials, timeout_s)))

    async def apart(self, work: Callable[[Any], Awaitable[Any]], timeout_s: float) -> Any:
        """Let a client of its own do something heavy on another loop, in a thread."""

        def run() -> Any:
            alone = _alone(self._factory, self._probe_credentials, work, timeout_s)
            return asyncio.run(self._stoppable(alone))

        return await asyncio.to_thread(run)

    async def _stoppable(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run in a thread what `close` must be able to end from the main loop."""
        task = asyncio.ensure_future(work)
        stop = partial(asyncio.get_running_loop().call_soon_threadsafe, task.cancel)
        self._stops.append(stop)
        try:
            return await task
        finally:
            self._stops.remove(stop)

    @staticmethod
    def _share_clock(source: Any, client: Any) -> None:
        difference = source.options.get("timeDifference")
        if isinstance(difference, int | float):
            client.options["timeDifference"] = difference

    async def keep_warm(self) -> None:
        """Use the act client's connection once, for the time: warm and right for the next order."""
        self.open()
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_WARM_S):
                await _read_clock(self.act)
                self._share_clock(self.act, self.probe)

    async def close(self) -> None:
        """Close streams, clients and sessions."""
        for stop in tuple(self._stops):
            with contextlib.suppress(RuntimeError):  # its loop may have ended just now
                stop()
        if self._loading is not None:
            await asyncio.gather(self._loading, return_exceptions=True)
        for client in (self.act, self.probe):
            session = client.session
            await client.close()
            if session is not None:
                await session.close()


def _share_nonce(*clients: Any) -> None:
    """Let clients on one key draw rising nonces from one source; a second key is better still."""
    last: int = 0

    def next_nonce() -> int:
        nonlocal last
        last = max(last + 1, int(clients[0].milliseconds()))
        return last

    for client in clients:
        client.nonce = next_nonce


async def _alone(
    factory: ClientFactory,
    credentials: Credentials | None,
    work: Callable[[Any], Awaitable[Any]],
    timeout_s: float,
) -> Any:
    client = factory.make(credentials)
    factory.open_session(client, limit=2)
    session = client.session
    try:
        async with asyncio.timeout(timeout_s):
            return await work(client)
    finally:
        await client.close()
        await session.close()


async def _load_alone(factory: ClientFactory, credentials: Credentials | None, timeout_s: float) -> Any:
    loader = factory.make(credentials)
    loader.timeout = int(timeout_s * 1000)
    factory.open_session(loader, limit=8)
    session = loader.session
    try:
        clock = asyncio.create_task(_first_clock(loader))
        try:
            async with asyncio.timeout(timeout_s):
                await loader.load_markets()
            await asyncio.wait({clock}, timeout=_WARM_S / 2)
            await _warm(factory.quirks, loader, _WARM_S / 2)
        finally:
            clock.cancel()
            await asyncio.gather(clock, return_exceptions=True)
    finally:
        await loader.close()
        await session.close()
    return loader


async def _warm(quirks: Quirks, loader: Any, timeout_s: float) -> None:
    """Learn facts about the account; without them the first order asks on its way."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(timeout_s):
            await quirks.warm(loader)


async def _first_clock(client: Any) -> None:
    """Measure the clock at the start, which a missing time endpoint must not stop."""
    try:
        await _read_clock(client)
    except Exception:  # noqa: BLE001 - whatever it was, zero difference is the honest default
        client.options.setdefault("timeDifference", 0)


async def _read_clock(client: Any) -> None:
    """Measure how far our clock is ahead; an answer that took long says too little of its own moment."""
    if not client.has.get("fetchTime"):
        return
    before_ms = client.milliseconds()
    theirs_ms = await client.fetch_time()
    after_ms = client.milliseconds()
    if isinstance(theirs_ms, int | float) and after_ms - before_ms <= _CLOCK_ANSWER_MS:
        client.options["timeDifference"] = int((before_ms + after_ms) / 2 - theirs_ms)

"""The two ccxt clients of one account: act (orders, urgent questions) and probe (reads, streams)."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from decimal import Decimal
from functools import partial
from typing import Any, Final

from riskguard.core.types import Leg, Symbol
from riskguard.venues.client_factory import ClientFactory, Credentials
from riskguard.venues.coin_margin import FixedPrices
from riskguard.venues.instruments import Instrument, instrument_of
from riskguard.venues.loading import WARM_S, alone, load_alone, read_clock

_ACT_CONNECTIONS: Final = 100
_PROBE_CONNECTIONS: Final = 200
"""Above what can hang at once; a full pool would look like trouble of our own."""


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
        self.prices = FixedPrices()
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
            unit, price = self.quirks.size_unit(raw), self.prices.price(leg.symbol)
            found = instrument_of(leg, raw, self.act.precisionMode, unit=unit, price=price)
            self._instruments[leg] = found
        return found

    def priced(self, symbol: Symbol, price: Decimal | None) -> bool:
        """Take the price of an inverse market in; tells whether its amounts are now others than before."""
        moved = self.prices.see(symbol, price)
        if moved:
            self._instruments = {leg: one for leg, one in self._instruments.items() if leg.symbol != symbol}
        return moved

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
        for symbol, price in loader.riskguard_prices.items():
            self.prices.see(symbol, price)
        self._instruments.clear()
        self.loaded_at = time.monotonic()

    def _load_in_thread(self, timeout_s: float) -> Any:
        """Fetch and parse on another loop: thousands of markets stall a loop for some 0.3 s."""
        return asyncio.run(self._stoppable(load_alone(self._factory, self._credentials, timeout_s)))

    async def apart(self, work: Callable[[Any], Awaitable[Any]], timeout_s: float) -> Any:
        """Let a client of its own do something heavy on another loop, in a thread."""

        def run() -> Any:
            work_alone = alone(self._factory, self._probe_credentials, work, timeout_s)
            return asyncio.run(self._stoppable(work_alone))

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
            async with asyncio.timeout(WARM_S):
                await read_clock(self.act)
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

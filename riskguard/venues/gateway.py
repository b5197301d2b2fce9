"""`VenueGateway` over ccxt: one account at one venue; translates, decides nothing."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, assert_never

from riskguard.core.detect.observation import OutcomeClass
from riskguard.core.messages import (
    BookSeen,
    CancelAnswered,
    CancelOrder,
    DeadManAnswered,
    LookupAnswered,
    LookUpOrder,
    Observation,
    OrderAnswered,
    OrderReport,
    OrderSeen,
    OrderStatus,
    PlaceOrder,
    ProbeVenue,
    ReadFailed,
    ReadKind,
    ReadVenue,
    SetDeadMan,
    Source,
)
from riskguard.core.orders.intent import Purpose, TimeInForce
from riskguard.core.orders.outcome import Accepted, Reason, Rejected
from riskguard.core.policy import Rung, VenuePolicy
from riskguard.core.types import Leg, Symbol
from riskguard.ports import Answer
from riskguard.venues import lookups, reads
from riskguard.venues.book_watch import BookWatch
from riskguard.venues.client_factory import ClientFactory, Credentials
from riskguard.venues.clients import Clients, secrets_of
from riskguard.venues.coin_margin import margin_legs
from riskguard.venues.conditional import Conditionals
from riskguard.venues.dead_man import set_switch
from riskguard.venues.instruments import Instrument
from riskguard.venues.judging import Ended, Judge, Judgement
from riskguard.venues.lanes import Lane, pace_of
from riskguard.venues.orders import order_arguments
from riskguard.venues.quirks import NotOffered, quirks_of
from riskguard.venues.reports import Unreadable, order_report
from riskguard.venues.scrub import Scrubber
from riskguard.venues.streams import Streams
from riskguard.venues.wire import EXTRA_HEADERS, LEDGER, OPTIONAL, Attempt
from riskguard.waiting import Paced, deadline, turn_came

_TOO_OFTEN: Final = {429: 2.0, 418: 30.0}
"""HTTP status and seconds of rest where no Retry-After comes with it; 418 is Binance's ban."""
_ASIDE_S: Final = 5.0
_WAIT_SHARE: Final = 0.5
"""The part of a call's time that it may wait for its turn."""
_RELOAD_S: Final = 300.0
"""Markets are not loaded again sooner, however often they are asked for."""
_LOAD_S: Final = 20.0
"""The most a first load of markets may take where the caller's deadline is longer."""


class CcxtGateway(Paced):
    """Keeps the `VenueGateway` port for any ccxt id."""

    def __init__(
        self,
        policy: VenuePolicy,
        clients: Clients,
        judge: Judge,
        legs: tuple[Leg, ...],
        scrub: Scrubber,
    ) -> None:
        self.venue = policy.id
        self.ccxt_id = policy.ccxt
        self.legs = legs
        self.scrub = scrub
        self.clients = clients
        self.quirks = clients.quirks
        self._judge = judge
        self.pace = pace_of(policy.budget)
        self._switching = asyncio.Lock()
        self.conditionals = Conditionals(self._conditionals)
        self._margin: dict[Leg, Decimal | None] = {}
        self.profits: dict[Leg, Decimal] = {}
        self._books = {leg: BookWatch() for leg in legs}

    # --- the port

    async def place(self, command: PlaceOrder) -> Answer:
        """Send an order, exactly one request that carries it."""
        intent = command.intent

        async def send() -> Any:
            instrument = await self.instrument(intent.leg.symbol, command.deadline_s)
            act = self.clients.act
            arguments = order_arguments(act, instrument, intent)
            if intent.purpose is not Purpose.CANARY:
                self.clients.prices.hold(intent.leg.symbol)
            self.quirks.prepare(act, command.expires_s)
            params = self.quirks.place_params(intent, command.expires_s)
            params |= self.quirks.expiry_params_at(act, command.expires_s)
            EXTRA_HEADERS.set(self.quirks.expiry_headers(act, command.expires_s))
            return await act.create_order(*arguments, params)

        ended = await self._call(send, command.deadline_s, Lane.ACT)
        judged = self._judge.order(ended, "place")
        report = None
        if isinstance(judged.outcome, Accepted) and ended.error is None and not self.quirks.ack_only:
            report = self._placed(ended.value, intent.leg, resting=intent.tif is TimeInForce.POST_ONLY)
        return self._answer(judged, OrderAnswered(intent.client_id, judged.outcome, report))

    async def cancel(self, command: CancelOrder) -> Answer:
        """Ask to pull an order."""
        symbol = command.leg.symbol
        lane = Lane.CANARY if command.canary else Lane.ACT

        async def send() -> Any:
            await self.instrument(symbol, command.deadline_s)
            return await self.quirks.cancel(self.clients.act, symbol, command.order_id, command.client_id)

        ended = await self._call(send, command.deadline_s, lane)
        judged = self._judge.order(ended, "cancel")
        answered = CancelAnswered(
            command.call, command.leg, command.order_id, command.client_id, judged.outcome
        )
        return self._answer(judged, answered, *self._cancelled(judged, ended.value, command.leg))

    async def look_up(self, command: LookUpOrder) -> Answer:
        """Climb one rung of the doubt ladder, on the emergency lane."""
        asked = time.monotonic()

        async def ask() -> lookups.Found:
            instrument = await self.instrument(command.leg.symbol, command.deadline_s)
            return await lookups.look_up(self.clients.act, self.quirks, instrument, command)

        ended = await self._call(ask, command.deadline_s, Lane.ACT)
        judged = self._judge.read(ended)
        outcome = judged.outcome
        whole = ended.error is None and isinstance(outcome, Accepted)
        found = ended.value if whole else lookups.Found()
        if isinstance(outcome, Rejected) and outcome.reason is Reason.GONE:
            # The venue knows no such order: that is an answer, and the weakest kind of evidence.
            outcome = Accepted()
        answered = LookupAnswered(command.client_id, command.rung, outcome, asked, found.reports, found.fills)
        return self._answer(judged, answered)

    async def read(self, command: ReadVenue) -> Answer:
        """Read; an answer that cannot be trusted whole is a `ReadFailed`, never an empty list."""
        asked = time.monotonic()
        if command.what is ReadKind.MARKETS:
            return await self._read_markets(command)
        lane = Lane.ACT if command.urgent else Lane.READ
        client = self.clients.act if command.urgent else self.clients.probe

        async def ask() -> tuple[Observation, ...]:
            await self._ready(command.deadline_s)
            found = await reads.read(self, client, command, asked)
            for one in found:
                if isinstance(one, BookSeen):
                    self.book_watch(one.leg).compare(one, time.monotonic())
            return found

        if command.what in reads.OPTIONAL:
            return await self._read_aside(command, ask)
        if command.what is ReadKind.OPEN_ORDERS and self.quirks.lists_conditionals_apart:
            self.conditionals.refresh()
        ended = await self._call(ask, command.deadline_s, lane)
        judged = self._judge.read(ended)
        if ended.error is None and isinstance(judged.outcome, Accepted):
            return Answer(judged.evidence, ended.value)
        return self._answer(judged, ReadFailed(self.venue, command.what, self.scrub(judged.cause)))

    async def probe(self, command: ProbeVenue) -> Answer:
        """Make a call that can never fill, on the probe lane and client."""
        symbol = command.leg.symbol
        client = self.clients.probe

        async def send() -> Any:
            instrument = await self.instrument(symbol, command.deadline_s)
            match command.rung:
                case Rung.CANCEL_UNKNOWN:
                    return await self.quirks.cancel_unknown(client, symbol, command.client_id)
                case Rung.TEST_ORDER:
                    size = float(instrument.to_size(command.amount))
                    price = float(command.price)
                    return await self.quirks.validate_order(client, symbol, size, price, command.client_id)
                case Rung.PLACE_CANCEL:
                    raise NotOffered("place-cancel is an order, not a probe")
                case _:
                    assert_never(command.rung)

        ended = await self._call(send, command.deadline_s, Lane.CANARY)
        if command.rung is Rung.TEST_ORDER:
            return self._answer(self._judge.test_order(ended))
        judged = self._judge.order(ended, "cancel")
        if isinstance(judged.outcome, Accepted):
            # The venue says that it cancelled what never was: it did not look.
            return Answer(OutcomeClass.VENUE_FAULT, (), "cancel of an unknown order was accepted")
        return self._answer(judged)

    async def dead_man(self, command: SetDeadMan) -> Answer:
        """Set or take off the venue's dead-man's switch; no evidence, wherever the venue may handle it."""
        symbols = tuple(leg.symbol for leg in command.legs)

        async def send() -> None:
            async with self._switching:  # a wish must not overtake the one before
                await self._ready(command.deadline_s)
                await set_switch(self.ccxt_id, self.clients.act, symbols, command.after_s)

        ended = await self._call(send, command.deadline_s, Lane.ACT)
        judged = self._judge.read(ended)
        outcome, cause = judged.outcome, self.scrub(judged.cause)
        if ended.error is None:
            outcome, cause = Accepted(), ""
        offered = not isinstance(ended.error, NotOffered)
        answered = DeadManAnswered(command.call, self.venue, command.after_s, outcome, offered, cause)
        return Answer(OutcomeClass.RATE_LIMITED, (answered,), cause)

    def streams(self) -> AsyncIterator[Observation]:
        """Yield what the venue's streams deliver, for ever."""
        return Streams(self).run()

    async def close(self) -> None:
        """Release sockets and timers."""
        self.pace.close()
        await self.conditionals.close()
        await self.clients.close()

    # --- for reads and streams

    @property
    def ready(self) -> bool:
        """Whether markets are known."""
        return self.clients.loaded

    async def _ready(self, deadline_s: float) -> None:
        if not self.clients.loaded:
            await self.clients.load(min(deadline_s, _LOAD_S))

    async def instrument(self, symbol: Symbol, deadline_s: float = _LOAD_S) -> Instrument:
        """Give one market, loading all where none is known yet; raises NotOffered for an unknown symbol."""
        await self._ready(deadline_s)
        found = self.known(symbol)
        if found is None:
            raise NotOffered(f"no market {symbol} at this venue")
        return found

    def known(self, symbol: Symbol) -> Instrument | None:
        """Give one market if it is known."""
        return self.clients.instrument(Leg(self.venue, symbol))

    def by_id(self, market_id: str) -> Instrument | None:
        """Give a contract market by the venue's own name for it."""
        rows = (self.clients.act.markets_by_id or {}).get(market_id) or []
        symbols = [row["symbol"] for row in rows if row.get("contract")]
        return self.known(symbols[0]) if len(symbols) == 1 else None

    def coin_margined(self, leg: Leg) -> bool:
        """Tell whether a leg is a contract that its own coin margins."""
        raw = (self.clients.act.markets or {}).get(leg.symbol)
        return bool(raw and raw.get("inverse"))

    @property
    def margin(self) -> dict[Leg, Decimal | None]:
        """The wallet of coin that margins a leg; None while that is not known."""
        if not self._margin and self.ready:
            inverse = [leg for leg in self.legs if self.coin_margined(leg)]
            self._margin.update(dict.fromkeys(margin_legs(self.legs, inverse).values()))
        return self._margin

    def book_watch(self, leg: Leg) -> BookWatch:
        """Give what watches the book of a leg."""
        return self._books.setdefault(leg, BookWatch())

    # --- inside

    async def _conditionals(self) -> tuple[OrderReport, ...] | None:
        """Ask for the conditional orders that are listed apart; None where the venue would not say."""

        async def ask() -> tuple[OrderReport, ...]:
            await self._ready(_ASIDE_S)
            return await reads.conditionals(self, self.clients.probe)

        ended = await self._call(ask, _ASIDE_S, Lane.READ, optional=True)
        return ended.value if ended.error is None else None

    async def _read_aside(self, command: ReadVenue, ask: Callable[[], Awaitable[Any]]) -> Answer:
        """Read what the venue need not offer: good or bad, the answer is no evidence."""
        ended = await self._call(ask, command.deadline_s, Lane.READ, optional=True)
        if ended.error is None:
            return Answer(OutcomeClass.RATE_LIMITED, ended.value)
        cause = self.scrub(self._judge.read(ended).cause)
        return Answer(OutcomeClass.RATE_LIMITED, (ReadFailed(self.venue, command.what, cause),), cause)

    async def _call(
        self, work: Callable[[], Awaitable[Any]], deadline_s: float, lane: Lane, *, optional: bool = False
    ) -> Ended:
        """Run one call under our own deadline, noting each of its requests."""
        if self.pace.resting(lane):
            return Ended((), error=NotOffered("the venue asked for fewer requests"))
        attempts: list[Attempt] = []
        ledger = LEDGER.set(attempts)
        headers = EXTRA_HEADERS.set(None)
        aside = OPTIONAL.set(optional)
        waiting = True
        try:
            self.clients.open()
            async with deadline(deadline_s):
                # The venue gets its half of the time whole: a call that came late to its turn would blame it.
                async with deadline(deadline_s * _WAIT_SHARE):
                    await self.pace.wait(lane)
                waiting = False
                turn_came()
                return Ended(attempts, await work())
        except Exception as error:  # noqa: BLE001 - no failure of a venue, of ccxt or of the network may pass
            return Ended(attempts, error=error, waited_only=waiting and isinstance(error, TimeoutError))
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # Something that ccxt shares between calls was cancelled by another of them; this one goes on.
            return Ended(attempts, error=error)
        finally:
            if not optional:
                self._heed(attempts)
            LEDGER.reset(ledger)
            OPTIONAL.reset(aside)
            EXTRA_HEADERS.reset(headers)

    def _heed(self, attempts: Sequence[Attempt]) -> None:
        """Rest where the venue says that it was asked too often; the next answer would be a ban."""
        for attempt in attempts:
            if attempt.status in _TOO_OFTEN:
                self.pace.pause(attempt.retry_after_s or _TOO_OFTEN[attempt.status])

    def _answer(self, judged: Judgement, *observations: Observation) -> Answer:
        return Answer(
            judged.evidence,
            observations,
            self.scrub(judged.cause),
            reduce_exempt=self.quirks.reduce_exempt(judged.outcome),
        )

    def _placed(self, order: Any, leg: Leg, *, resting: bool) -> Any:
        """Read the order in an answer; None where it does not describe what became of it."""
        instrument = self.known(leg.symbol)
        try:
            report = order_report(order, instrument, self.quirks) if instrument else None
        except (Unreadable, ArithmeticError, TypeError, AttributeError):
            return None
        if report is None or report.status is OrderStatus.UNCLEAR:
            return None
        # An immediate order that "rests" was only acknowledged: the answer came before the matching.
        return None if report.status is OrderStatus.OPEN and not resting else report

    def _cancelled(self, judged: Judgement, order: Any, leg: Leg) -> tuple[Observation, ...]:
        if not isinstance(judged.outcome, Accepted) or self.quirks.ack_only or not isinstance(order, dict):
            return ()
        report = self._placed(order, leg, resting=False)
        return (OrderSeen(report, Source.ANSWER),) if report else ()

    async def _read_markets(self, command: ReadVenue) -> Answer:
        reload = self.clients.loaded and time.monotonic() - self.clients.loaded_at > _RELOAD_S

        async def load() -> tuple[Observation, ...]:
            await self.clients.load(min(command.deadline_s, _LOAD_S), reload=reload)
            return (reads.markets(self),)

        ended = await self._call(load, command.deadline_s, Lane.READ)
        if ended.error is None:
            return Answer(OutcomeClass.OK, ended.value)
        judged = self._judge.read(ended)
        return self._answer(judged, ReadFailed(self.venue, command.what, self.scrub(judged.cause)))


def build_gateway(
    venue: VenuePolicy,
    *,
    ccxt_id: str,
    ccxt_config: Mapping[str, Any],
    credentials: Credentials | None,
    probe_credentials: Credentials | None = None,
    legs: tuple[Leg, ...],
) -> CcxtGateway:
    """Build the gateway of one account; opens no socket, raises KeyError for an unknown ccxt id."""
    scrub = Scrubber(secrets_of(credentials, probe_credentials))
    quirks = quirks_of(ccxt_id, tuple(leg.symbol for leg in legs))
    factory = ClientFactory(ccxt_id, ccxt_config, quirks, scrub)
    clients = Clients(factory, credentials, probe_credentials)
    return CcxtGateway(venue, clients, Judge(ccxt_id, quirks, scrub), legs, scrub)

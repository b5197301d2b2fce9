"""Everything that is read of an account, whole or not at all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final, Protocol, assert_never

from riskguard.core.messages import (
    BalanceRead,
    BookSeen,
    FillSeen,
    FundingSeen,
    HistoryRead,
    MarketsLoaded,
    Observation,
    OpenOrdersRead,
    OrderReport,
    OrderStatus,
    PositionReport,
    PositionsRead,
    ReadKind,
    ReadVenue,
    Source,
    WithdrawalsSeen,
)
from riskguard.core.orders.intent import is_ours
from riskguard.core.types import ZERO, Leg, Symbol, VenueId
from riskguard.venues import status
from riskguard.venues.clients import Clients
from riskguard.venues.coin_margin import CoinMargin, margins, mid_of, profit, with_margin
from riskguard.venues.conditional import Conditionals
from riskguard.venues.funding import funding_seen
from riskguard.venues.instruments import Instrument, decimal, stranger
from riskguard.venues.quirks.base import NotOffered, Quirks
from riskguard.venues.reports import Unreadable, fill_report, order_report, position_report
from riskguard.venues.wire import LEDGER
from riskguard.venues.withdrawals import withdrawals_seen

OPTIONAL: Final = frozenset({ReadKind.STATUS, ReadKind.WITHDRAWALS, ReadKind.FUNDING})
"""What a venue need not offer: nothing that comes of asking is evidence on any path."""
BOOK_LEVELS: Final = 20
_QUOTES: Final = ("USDT", "USDC", "USD")


class Account(Protocol):
    """What a read needs to know of the gateway."""

    venue: VenueId
    ccxt_id: str
    legs: tuple[Leg, ...]
    quirks: Quirks
    clients: Clients
    conditionals: Conditionals

    profits: dict[Leg, Decimal]
    """What each inverse position has won, in coin, at its fixed price."""

    @property
    def margin(self) -> dict[Leg, Decimal | None]:
        """The wallet of coin that margins a leg; None while that is not known."""

    def known(self, symbol: Symbol) -> Instrument | None:
        """Give one market if it is known."""

    def coin_margined(self, leg: Leg) -> bool:
        """Tell whether a leg is a contract that its own coin margins."""

    def by_id(self, market_id: str) -> Instrument | None:
        """Give a contract market by the venue's own name for it."""


async def read(  # noqa: C901 - one flat case per kind
    account: Account, client: Any, command: ReadVenue, asked: float
) -> tuple[Observation, ...]:
    """Read one thing; raises for everything that is not a whole, readable answer."""
    match command.what:
        case ReadKind.POSITIONS:
            return (await _positions(account, client, asked),)
        case ReadKind.OPEN_ORDERS:
            return (await _open_orders(account, client, asked),)
        case ReadKind.BALANCE:
            return await _balance(account, client, asked)
        case ReadKind.BOOK:
            return await _book(account, client, command)
        case ReadKind.TRADES:
            return await _trades(account, client, command)
        case ReadKind.HISTORY:
            return (await _history(account, client, command, asked),)
        case ReadKind.MARKETS:
            return (markets(account),)
        case ReadKind.STATUS:
            return await status.spoken(account.venue, account.ccxt_id, client, account.quirks)
        case ReadKind.WITHDRAWALS:
            return (await _withdrawals(account, command),)
        case ReadKind.FUNDING:
            return (await _funding(client, command),)
        case _:
            assert_never(command.what)


async def _withdrawals(account: Account, command: ReadVenue) -> WithdrawalsSeen:
    currencies = await account.clients.apart(_currencies, command.deadline_s)
    names = (part for leg in account.legs for part in leg.symbol.split(":", 1)[0].split("/", 1))
    return withdrawals_seen(account.venue, account.ccxt_id, currencies, tuple(dict.fromkeys(names)))


async def _funding(client: Any, command: ReadVenue) -> FundingSeen:
    if command.leg is None or not client.has.get("fetchFundingRate"):
        raise NotOffered("no funding rate to be had here")
    return funding_seen(command.leg, await client.fetch_funding_rate(command.leg.symbol))


async def _currencies(client: Any) -> Any:
    return await client.fetch_currencies()


def markets(account: Account) -> MarketsLoaded:
    """Give the markets of this account's legs; one that the venue does not list is left out.

    Raises `Unreadable` where no price is known yet to convert an inverse contract at.
    """
    found = [one for leg in account.legs if (one := account.known(leg.symbol)) is not None]
    unpriced = [one.leg.symbol for one in found if not one.orderable]
    if unpriced:
        raise Unreadable(f"no price of {', '.join(unpriced)} yet")
    return MarketsLoaded(account.venue, tuple(one.market for one in found), account.quirks.rungs)


async def _positions(account: Account, client: Any, asked: float) -> PositionsRead:
    reports: list[PositionReport] = []
    rows: list[Any] = []
    if account.quirks.has_contracts:
        rows = await account.quirks.positions(client)
        _no_accident(rows)
    if account.quirks.has_spot or account.margin:
        balance = await client.fetch_balance()
        await _margin(account, client, balance)
        reports += spot_reports(account, balance) if account.quirks.has_spot else ()
    reports += position_reports(account, rows, complete=True)
    return PositionsRead(account.venue, tuple(reports), Source.POSITIONS, asked)


async def _margin(account: Account, client: Any, balance: Any) -> Mapping[str, CoinMargin]:
    """Learn what coin margins the account's inverse contracts."""
    coins = await account.quirks.coins(client, balance) if account.margin else {}
    for leg in account.margin:
        coin = leg.symbol.split("/", 1)[0]
        account.margin[leg] = coins[coin].wallet if coin in coins else ZERO
    return coins


def position_reports(account: Account, rows: Iterable[Any], *, complete: bool) -> list[PositionReport]:
    """Read contract positions; the two sides of hedge mode become one, their sum; coin margin is added."""
    merged: dict[Symbol, PositionReport] = {}
    profits: dict[Leg, Decimal] = {}
    for row in rows:
        symbol = str(row.get("symbol"))
        instrument = account.known(symbol) or stranger(Leg(account.venue, symbol), row)
        if not instrument.orderable and account.clients.priced(symbol, decimal(row.get("markPrice"))):
            instrument = account.known(symbol) or instrument
        report = position_report(row, instrument, account.quirks)
        profits[report.leg] = profits.get(report.leg, ZERO) + _profit(account, row, instrument)
        other = merged.get(symbol)
        if other is not None:
            larger = report if abs(report.amount) > abs(other.amount) else other
            report = PositionReport(
                report.leg,
                report.amount + other.amount,
                larger.entry,
                larger.mark or report.mark or other.mark,
                larger.liquidation,
                isolated=larger.isolated,
            )
        merged[symbol] = report
    if complete:
        account.profits.clear()
    account.profits.update(profits)
    return with_margin(merged.values(), margins(account.margin, account.profits), complete=complete)


def _profit(account: Account, row: Any, instrument: Instrument) -> Decimal:
    """Give what an inverse position has won, in coin, at the price at which its contracts are converted."""
    size, price = account.quirks.signed_size(row), account.clients.prices.price(instrument.leg.symbol)
    if not instrument.inverse or not size or price is None:
        return ZERO
    entry = account.quirks.unpaid_since(row)
    if not entry:
        raise Unreadable("an inverse position without its entry price")
    return profit(size * instrument.contract, entry, price)


def spot_reports(account: Account, balance: Any) -> list[PositionReport]:
    """Read spot legs: what the account holds of the base, free and locked, minus what it owes."""
    total = balance.get("total")
    if not isinstance(total, dict):
        raise Unreadable("balance without totals")
    if not any(decimal(amount) for amount in total.values()):
        # An account of nothing at all looks the same as an answer that is empty by accident.
        raise Unreadable("balance without a single holding")
    debt = balance.get("debt") or {}
    found = []
    for leg in account.legs:
        if ":" in leg.symbol:
            continue
        base = leg.symbol.split("/", 1)[0]
        held = decimal(total.get(base)) or ZERO
        found.append(PositionReport(leg, held - (decimal(debt.get(base)) or ZERO)))
    return found


async def _open_orders(account: Account, client: Any, asked: float) -> OpenOrdersRead:
    rows = await account.quirks.open_orders(client)
    _no_accident(rows)
    reports = []
    for row in rows:
        symbol = str(row.get("symbol"))
        instrument = account.known(symbol) or stranger(Leg(account.venue, symbol), row)
        report = order_report(row, instrument, account.quirks)
        if report.status is not OrderStatus.CLOSED:
            reports.append(report)
    return OpenOrdersRead(account.venue, (*reports, *account.conditionals.reports), asked)


async def conditionals(account: Account, client: Any) -> tuple[OrderReport, ...]:
    """Read the conditional orders that the venue lists apart."""
    found = []
    for row in await account.quirks.conditional_orders(client):
        instrument = account.known(str(row.get("symbol")))
        if instrument is None:
            raise Unreadable("a conditional order of an unknown market")
        report = replace(order_report(row, instrument, account.quirks), conditional=True)
        if report.status is not OrderStatus.CLOSED:
            found.append(report)
    return tuple(found)


async def _balance(account: Account, client: Any, asked: float) -> tuple[Observation, ...]:
    balance = await client.fetch_balance()
    coins = await _margin(account, client, balance)
    worth = account.quirks.equity(balance, _quotes(account))
    if coins and not account.quirks.coins_in_equity:
        worth = _with_coins(account, worth or (ZERO, ZERO), coins)
    if worth is None:
        raise Unreadable("balance without equity")
    read_ = BalanceRead(account.venue, worth[0], worth[1], asked)
    rows = account.quirks.account_positions(balance)
    if rows is None:
        return (read_,)
    reports = []
    for market_id, size in rows:
        instrument = account.by_id(market_id)
        if instrument is None:
            return (read_,)
        amount = instrument.to_base(size, None)
        if amount is None:
            return (read_,)
        reports.append(PositionReport(instrument.leg, amount))
    return (read_, PositionsRead(account.venue, tuple(reports), Source.ACCOUNT, asked))


def _with_coins(
    account: Account, worth: tuple[Decimal, Decimal], coins: Mapping[str, CoinMargin]
) -> tuple[Decimal, Decimal]:
    """Add coin margin at the price of the contracts that it margins; other coins there count for nothing."""
    equity, free = worth
    for leg in account.margin:
        coin, price = leg.symbol.split("/", 1)[0], account.clients.prices.price(leg.symbol)
        if price is None:
            raise Unreadable(f"no price of {coin} yet")
        if coin in coins:
            equity, free = equity + coins[coin].equity * price, free + coins[coin].free * price
    return equity, free


def _quotes(account: Account) -> Sequence[str]:
    found = dict.fromkeys(_QUOTES)
    for leg in account.legs:
        found[leg.symbol.split("/", 1)[1].split(":", 1)[0]] = None
    return tuple(found)


async def _book(account: Account, client: Any, command: ReadVenue) -> tuple[Observation, ...]:
    leg = _leg(command)
    if account.known(leg.symbol) is None:
        raise NotOffered(f"no market {leg.symbol} at this venue")
    return book_seen_of(account, leg, await client.fetch_order_book(leg.symbol, BOOK_LEVELS), stream=False)


def book_seen_of(account: Account, leg: Leg, book: Any, *, stream: bool) -> tuple[Observation, ...]:
    """Give a book, and the markets anew where an inverse contract is now worth another amount of coin."""
    moved = account.coin_margined(leg) and account.clients.priced(leg.symbol, mid_of(book))
    instrument = account.known(leg.symbol)
    if instrument is None:
        raise Unreadable(f"no market {leg.symbol} any more")
    seen = book_seen(book, instrument, stream=stream)
    complete = moved and all(one.orderable for leg in account.legs if (one := account.known(leg.symbol)))
    return (seen, markets(account)) if complete else (seen,)


def book_seen(book: Any, instrument: Instrument, *, stream: bool) -> BookSeen:
    """Copy the best levels; an empty side is taken as it is, a crossed book too: judging is the core's."""
    return BookSeen(
        instrument.leg,
        _levels(book["bids"], instrument),
        _levels(book["asks"], instrument),
        stream=stream,
    )


def _levels(rows: Sequence[Any], instrument: Instrument) -> tuple[tuple[Decimal, Decimal], ...]:
    found = []
    for row in rows[:BOOK_LEVELS]:
        price, size = decimal(row[0]), decimal(row[1])
        base = instrument.to_base(size, price) if size is not None else None
        if price is None or base is None:
            raise Unreadable("book level")
        found.append((price, base))
    return tuple(found)


async def _trades(account: Account, client: Any, command: ReadVenue) -> tuple[Observation, ...]:
    leg = _leg(command)
    instrument = account.known(leg.symbol)
    if instrument is None:
        raise NotOffered(f"no market {leg.symbol} at this venue")
    rows = await account.quirks.trades(client, leg.symbol, command.since_ms)
    _no_accident(rows)
    reports = (fill_report(row, instrument, account.quirks) for row in rows)
    return tuple(FillSeen(report, Source.TRADES) for report in reports)


async def _history(account: Account, client: Any, command: ReadVenue, asked: float) -> HistoryRead:
    """Read the orders of a market that bear a guard's mark; other people's are nobody's business here."""
    leg = _leg(command)
    instrument = account.known(leg.symbol)
    if instrument is None:
        raise NotOffered(f"no market {leg.symbol} at this venue")
    rows = await account.quirks.history(client, leg.symbol, command.since_ms)
    _no_accident(rows)
    reports = (order_report(row, instrument, account.quirks) for row in rows)
    return HistoryRead(leg, tuple(report for report in reports if is_ours(report.client_id)), asked)


def _leg(command: ReadVenue) -> Leg:
    if command.leg is None:
        raise NotOffered("this read needs a leg")
    return command.leg


def _no_accident(rows: Sequence[Any]) -> None:
    """Believe an empty list only where the venue wrote a list (or a map of orders, as Kraken does)."""
    if rows:
        return
    attempts = LEDGER.get() or []
    answered = [attempt for attempt in attempts if attempt.status is not None]
    if answered and not all("[" in attempt.body or '"open"' in attempt.body for attempt in answered[-1:]):
        raise Unreadable("an empty answer that is no list")

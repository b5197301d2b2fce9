"""A perpetual contract's funding rate, as what a long pays in a day."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from riskguard.core.messages import FundingSeen
from riskguard.core.types import Leg
from riskguard.venues.instruments import decimal
from riskguard.venues.quirks import NotOffered
from riskguard.venues.reports import Unreadable

USUAL_HOURS: Final = Decimal(8)
"""Where a venue does not say how often it is paid. Binance's premiumIndex and Bitfinex's status are silent
(ccxt 4.5.90 gives no interval for them): eight hours is their usual, some of Binance's markets pay every four
or every hour, so that theirs is told too low."""


def funding_seen(leg: Leg, row: Any) -> FundingSeen:
    """Read ccxt's funding rate; raises Unreadable without one, NotOffered where there is none to be had.

    ccxt gives the rate as a fraction of the notional per interval; positive: longs pay shorts. Kraken Futures
    tells an amount per contract, which ccxt divides by the mark price.
    """
    if not isinstance(row, Mapping):
        raise Unreadable("no funding rate")
    rate = decimal(row.get("fundingRate"))
    if rate is None:
        raise NotOffered(f"{leg} tells no funding rate")
    return FundingSeen(leg, rate * 24 / _hours(row.get("interval")))


def _hours(interval: Any) -> Decimal:
    text = str(interval or "")
    number = text[:-1]
    if text.endswith("h") and number.isdecimal() and int(number):
        return Decimal(number)
    return USUAL_HOURS

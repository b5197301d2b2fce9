"""Kraken's names and spellings: assets, pairs, transaction ids, numbers with fixed decimals."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from riskguard.simulation.engine import Instrument

LOT_DECIMALS = 8
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ID_LENGTH = 16
_OLD_NAMES = {
    "BTC": ("XXBT", "XBT"),
    "DOGE": ("XXDG", "XDG"),
    "ETH": ("XETH", "ETH"),
    "LTC": ("XLTC", "LTC"),
    "XRP": ("XXRP", "XRP"),
    "CAD": ("ZCAD", "CAD"),
    "EUR": ("ZEUR", "EUR"),
    "GBP": ("ZGBP", "GBP"),
    "JPY": ("ZJPY", "JPY"),
    "USD": ("ZUSD", "USD"),
}
"""Assets of the early years: id and altname; all others have one name."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A market under its four names; `symbol` is both the unified and the WebSocket's name."""

    symbol: str
    id: str
    altname: str
    wsname: str
    price_decimals: int

    def price(self, value: Decimal) -> str:
        """Write a price with the pair's decimals."""
        return fixed(value, self.price_decimals)


def pair_of(item: Instrument) -> Pair:
    """Name a market; the old names are joined only when both assets have one."""
    (base_id, base), (quote_id, quote) = asset_names(item.base), asset_names(item.quote)
    old = item.base in _OLD_NAMES and item.quote in _OLD_NAMES
    exponent = item.tick.normalize().as_tuple().exponent
    decimals = max(0, -exponent) if isinstance(exponent, int) else 0
    return Pair(
        item.symbol, base_id + quote_id if old else base + quote, base + quote, f"{base}/{quote}", decimals
    )


def asset_names(asset: str) -> tuple[str, str]:
    """Give an asset's id and altname."""
    return _OLD_NAMES.get(asset, (asset, asset))


def fixed(value: Decimal, decimals: int) -> str:
    """Write a number with a fixed number of decimals."""
    return f"{value:.{decimals}f}"


def volume(value: Decimal) -> str:
    """Write an amount with eight decimals."""
    return fixed(value, LOT_DECIMALS)


def shown_id(kind: str, number: str) -> str:
    """Give the transaction id of an order (`O`) or a trade (`T`)."""
    value, text = int(number), ""
    for _ in range(_ID_LENGTH):
        value, rest = divmod(value, len(_LETTERS))
        text = _LETTERS[rest] + text
    return f"{kind}{text[:5]}-{text[5:10]}-{text[10:]}"


def engine_id(shown: str) -> str:
    """Give the engine's number of a transaction id, empty when it is none."""
    text = shown[1:].replace("-", "")
    if len(text) != _ID_LENGTH or any(letter not in _LETTERS for letter in text):
        return ""
    return str(int(text, len(_LETTERS)))


def rfc3339(at_ms: int, digits: str = "milliseconds") -> str:
    """Write a moment as text."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec=digits).replace("+00:00", "Z")

"""The process's configuration as JSON, read into frozen objects; errors name the key.

    {"seed": 1, "log": "raw.jsonl", "control": {"port": 0, "token": "…"},
     "venues": [{"name": "main", "face": "binanceusdm", "port": 0, "clock_skew_ms": 0, "leverage": "10",
       "keys": [{"key": "…", "secret": "…", "passphrase": "…", "account": "main"}],
       "wallets": {"USDT": "100000"},
       "symbols": [{"symbol": "BTC/USDT:USDT", "price": "60000", "position": "1.5",
                    "entry_price": "60000", "instrument": {"lot": "0.001"}}],
       "orders": [{"symbol": "BTC/USDT:USDT", "side": "buy", "amount": "0.1", "price": "58000",
                   "client_id": "mine-1", "post_only": true, "reduce_only": false}],
       "maker": {"size": "2", "half_spread_bps": "0.5"}}]}

Only `name`, `face`, `keys` and `symbols` with `symbol` and `price` are needed. Wallets, positions and orders
belong to every account that a key names. `instrument` overrides fields of `engine.Instrument`, `maker` those
of `engine.MakerShape`; numbers may be strings.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Context, Decimal
from typing import Any, TypeVar

from riskguard.simulation.engine import (
    Instrument,
    InstrumentKind,
    MakerShape,
    OrderKind,
    OrderRequest,
    Side,
    Tif,
)
from riskguard.simulation.wire.face import ApiKey, decimal_of

_T = TypeVar("_T")


class ConfigError(ValueError):
    """The configuration cannot be read; the text names the key."""


@dataclass(frozen=True, slots=True)
class SymbolConfig:
    """One market of a venue with what the accounts hold of it."""

    instrument: Instrument
    price: Decimal
    position: Decimal = Decimal(0)
    entry_price: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class VenueConfig:
    """One venue."""

    name: str
    face: str
    keys: tuple[ApiKey, ...]
    symbols: tuple[SymbolConfig, ...]
    port: int = 0
    skew_ms: int = 0
    leverage: Decimal = Decimal(10)
    wallets: Mapping[str, Decimal] = field(default_factory=dict)
    orders: tuple[OrderRequest, ...] = ()
    maker: MakerShape = field(default_factory=MakerShape)


@dataclass(frozen=True, slots=True)
class WireConfig:
    """All venues of one process."""

    venues: tuple[VenueConfig, ...]
    seed: int = 0
    log: str | None = None
    control_port: int = 0
    token: str = ""


DEFAULTS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "binanceusdm": {
        "BTC": {"min_notional": "50", "taker_fee": "0.0005", "maker_fee": "0.0002"},
        "ETH": {"min_notional": "20", "tick": "0.01", "taker_fee": "0.0005", "maker_fee": "0.0002"},
    },
    "bybit": {
        "BTC": {"min_notional": "5", "taker_fee": "0.00055", "maker_fee": "0.0002"},
        "ETH": {
            "lot": "0.01",
            "min_amount": "0.01",
            "tick": "0.01",
            "taker_fee": "0.00055",
            "maker_fee": "0.0002",
        },
    },
    "okx": {
        "BTC": {"contract_size": "0.01", "lot": "0.0001", "min_amount": "0.0001", "min_notional": "0"},
        "ETH": {
            "contract_size": "0.1",
            "lot": "0.001",
            "min_amount": "0.001",
            "tick": "0.01",
            "min_notional": "0",
        },
    },
    "kraken": {
        "BTC": {
            "lot": "0.00000001",
            "min_amount": "0.00005",
            "min_notional": "0.5",
            "taker_fee": "0.004",
            "maker_fee": "0.0025",
        },
        "ETH": {
            "lot": "0.00000001",
            "min_amount": "0.001",
            "tick": "0.01",
            "min_notional": "0.5",
            "taker_fee": "0.004",
            "maker_fee": "0.0025",
        },
    },
}
"""Market rules by face and base, near those the venues publish."""


def read_config(data: Mapping[str, Any]) -> WireConfig:
    """Read the whole configuration."""
    _known("config", data, ("seed", "log", "control", "venues"))
    control = data.get("control", {})
    _known("control", control, ("port", "token"))
    venues = tuple(_venue(row) for row in data.get("venues", []))
    if not venues:
        raise ConfigError("venues: at least one is needed")
    if len({item.name for item in venues}) != len(venues):
        raise ConfigError("venues: a name occurs twice")
    return WireConfig(
        venues,
        int(data.get("seed", 0)),
        data.get("log"),
        int(control.get("port", 0)),
        control.get("token", ""),
    )


def order_of(row: Mapping[str, Any]) -> OrderRequest:
    """Read a resting order."""
    names = ("symbol", "side", "amount", "price", "client_id", "post_only", "reduce_only", "kind", "tif")
    _known("orders", row, names)
    price = row.get("price")
    return OrderRequest(
        symbol=row["symbol"],
        side=Side(row["side"]),
        amount=number("amount", row["amount"]),
        price=None if price is None else number("price", price),
        kind=OrderKind(row.get("kind", "limit")),
        tif=Tif(row.get("tif", "gtc")),
        post_only=bool(row.get("post_only", False)),
        reduce_only=bool(row.get("reduce_only", False)),
        client_id=row.get("client_id", ""),
    )


def number(name: str, value: object) -> Decimal:
    """Read a finite number."""
    result = decimal_of(str(value))
    if result is None:
        raise ConfigError(f"{name}: {value!r} is not a number")
    return result


def _venue(row: Mapping[str, Any]) -> VenueConfig:
    names = (
        "name",
        "face",
        "keys",
        "symbols",
        "port",
        "clock_skew_ms",
        "leverage",
        "wallets",
        "orders",
        "maker",
    )
    _known("venues", row, names)
    try:
        name, face, keys, symbols = row["name"], row["face"], row["keys"], row["symbols"]
    except KeyError as missing:
        raise ConfigError(f"venues: {missing} is missing") from missing
    if face not in DEFAULTS:
        raise ConfigError(f"venues.{name}.face: {face!r} is not one of {', '.join(DEFAULTS)}")
    wallets = row.get("wallets", {"USDT": "100000"})
    return VenueConfig(
        name,
        face,
        tuple(_key(item) for item in keys),
        tuple(_symbol(face, item) for item in symbols),
        int(row.get("port", 0)),
        int(row.get("clock_skew_ms", 0)),
        number("leverage", row.get("leverage", "10")),
        {asset: number(f"wallets.{asset}", amount) for asset, amount in wallets.items()},
        tuple(order_of(item) for item in row.get("orders", [])),
        overridden(MakerShape(), row.get("maker", {})),
    )


def _key(row: Mapping[str, Any]) -> ApiKey:
    _known("keys", row, ("key", "secret", "passphrase", "account"))
    return ApiKey(row["key"], row["secret"], row.get("account", "main"), row.get("passphrase", ""))


INVERSE_DOLLARS: Mapping[str, Decimal] = {"BTC": Decimal(100), "ETH": Decimal(10)}
"""What one coin-margined contract is worth (OKX, Binance)."""
_SHORT = Context(prec=5)


def is_inverse(symbol: str) -> bool:
    """Tell whether a market is settled in its own base."""
    pair, _, settle = symbol.partition(":")
    return bool(settle) and pair.partition("/")[0] == settle


def _rules(face: str, symbol: str, base: str, price: Decimal) -> Mapping[str, str]:
    """Give a market's rules; a coin-margined contract is worth the coin that it buys at the first price.

    The engine knows linear contracts only: profit counts in the quote, and the wallet of the base stays.
    """
    if not is_inverse(symbol):
        return DEFAULTS[face].get(base, {})
    coin = str(_SHORT.divide(INVERSE_DOLLARS[base], price))
    return {"contract_size": coin, "lot": coin, "min_amount": coin, "min_notional": "0"}


def _symbol(face: str, row: Mapping[str, Any]) -> SymbolConfig:
    _known("symbols", row, ("symbol", "price", "position", "entry_price", "instrument"))
    symbol = str(row["symbol"])
    pair, _, settle = symbol.partition(":")
    base, _, quote = pair.partition("/")
    plain = Instrument(symbol, base, quote, kind=InstrumentKind.SWAP if settle else InstrumentKind.SPOT)
    price = number("price", row["price"])
    near = overridden(plain, _rules(face, symbol, base, price))
    return SymbolConfig(
        overridden(near, row.get("instrument", {})),
        price,
        number("position", row.get("position", "0")),
        number("entry_price", row.get("entry_price", price)),
    )


def overridden(base: _T, changes: Mapping[str, Any]) -> _T:
    """Give a dataclass with some of its numbers replaced, each in the type it has."""
    names = [item.name for item in fields(base)]  # type: ignore[arg-type]  # only dataclasses come here
    _known(type(base).__name__, changes, tuple(names))
    values = {name: getattr(base, name) for name in names}
    for name, value in changes.items():
        old = values[name]
        values[name] = type(old)(number(name, value)) if isinstance(old, Decimal | int) else value
    return type(base)(**values)


def _known(where: str, row: Mapping[str, Any], names: tuple[str, ...]) -> None:
    if unknown := sorted(set(row) - set(names)):
        raise ConfigError(f"{where}: unknown key {unknown[0]!r}; known: {', '.join(names)}")

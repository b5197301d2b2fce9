"""Where the demo plays: two loopback venues, a position, three resting orders, and the policy."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

PRIMARY, BACKUP = "main", "backup"
SYMBOL = "BTC/USDT:USDT"
LOT = Decimal("0.001")
START_PRICE, FALLEN_PRICE = 60_000, 57_600
POSITION = Decimal("1.5")
RESTING = ((55_000, "0.2"), (54_000, "0.3"), (53_000, "0.4"))
"""The trader's own bids lie beyond the coming fall, so none of them fills."""
FACES = {PRIMARY: "binanceusdm", BACKUP: "bybit"}
KEYS = {venue: {"KEY": f"demo-key-{venue}", "SECRET": f"demo-secret-{venue}"} for venue in FACES}
"""Loopback only; they open nothing."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """How long the quiet phases of the script last, in seconds; no clock is scaled."""

    quiet_s: float
    hold_s: float
    history_lag_s: float
    clean_s: float
    stable_s: float
    after_s: float
    fall_s: float


def tempo(speed: float) -> Tempo:
    """Shorten the quiet phases `speed` times."""
    return Tempo(
        quiet_s=5 / speed,
        hold_s=6 / speed,
        history_lag_s=4 / speed,
        clean_s=max(2.0, 6 / speed),
        stable_s=max(1.0, 3 / speed),
        after_s=2 / speed,
        fall_s=15 / speed,
    )


def venues(log: Path) -> dict[str, Any]:
    """Give the configuration of the loopback venues."""
    resting = [
        {"symbol": SYMBOL, "side": "buy", "amount": amount, "price": str(price), "client_id": f"mine-{price}"}
        for price, amount in RESTING
    ]
    rows = []
    for name, face in FACES.items():
        held = str(POSITION) if name == PRIMARY else "0"
        key = {"key": KEYS[name]["KEY"], "secret": KEYS[name]["SECRET"]}
        rows.append(
            {
                "name": name,
                "face": face,
                "keys": [key],
                "wallets": {"USDT": "100000"},
                "symbols": [{"symbol": SYMBOL, "price": str(START_PRICE), "position": held}],
                "orders": resting if name == PRIMARY else [],
            }
        )
    return {"seed": 1, "log": str(log), "venues": rows}


def environment() -> dict[str, str]:
    """Give the variables that hold the demo's keys."""
    return {
        f"RG_DEMO_{venue.upper()}_{name}": value
        for venue, secrets in KEYS.items()
        for name, value in secrets.items()
    }


def policy(pace: Tempo, ccxt_configs: Mapping[str, Mapping[str, Any]], freeze_url: str) -> str:
    """Write the policy file: the contract of `config.example.toml`, with short times."""
    blocks = [_HEAD]
    for name, face in FACES.items():
        role = "primary" if name == PRIMARY else "backup"
        blocks.append(
            _VENUE.format(
                id=name,
                face=face,
                role=role,
                env=name.upper(),
                symbol=SYMBOL,
                config=toml(ccxt_configs[name]),
            )
        )
    blocks.append(_ASSET.format(primary=PRIMARY, backup=BACKUP, symbol=SYMBOL))
    blocks.append(
        _RULES.format(
            clean=f"{pace.clean_s:g}s",
            stable=f"{pace.stable_s:g}s",
            after=f"{pace.after_s:g}s",
            primary=PRIMARY,
            backup=BACKUP,
            freeze=toml(freeze_url),
        )
    )
    return "\n".join(blocks)


def toml(value: object) -> str:
    """Write plain data as one TOML value."""
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{json.dumps(str(key))} = {toml(entry)}" for key, entry in value.items())
        return f"{{ {pairs} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml(entry) for entry in value)}]"
    return json.dumps(value)


_HEAD = """\
version  = 1
mode     = "auto"
journal  = "riskguard.db"
instance = "d"

[limits]
per_hedge  = "150_000 USDT"
all_hedges = "150_000 USDT"
per_day    = { hedges = 5, notional = "400_000 USDT" }
slippage   = "40bps"
orders     = "30/min"
loss       = "5_000 USDT"
"""

_VENUE = """\
[[venue]]
id     = "{id}"
ccxt   = "{face}"
role   = "{role}"
keys   = "env:RG_DEMO_{env}"
canary = {{ rung = "place-cancel", every = "2s", symbol = "{symbol}", distance = "3%", size = "0.002 BTC" }}
budget = {{ reads = "20/s", orders = "20/s", reserve = "40%" }}
ccxt_config = {config}
"""

_ASSET = """\
[[asset]]
name     = "BTC"
legs     = ["{primary} {symbol}", "{backup} {symbol}"]
hedge_on = ["{backup} {symbol}"]
guard    = "0.005 BTC"
"""

_RULES = """\
[detect]
recover = {{ clean = "{clean}", acks = 3, stable = "{stable}" }}

[[rule]]
name   = "trapped"
when   = ["trapped", "dark"]
venues = ["{primary}"]
do     = ["tell", "freeze", "cancel", "hedge"]
veto   = "3s"
hedge  = {{ strategy = "hedge", size = "100%", doubts = "likely", to = ["{backup}"], slices = 2 }}

[freeze]
url = {freeze}

[unwind]
when  = "auto"
after = "{after}"
"""

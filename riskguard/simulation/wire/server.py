"""All venues of a scenario in one process: engines, faces, one raw log, one control endpoint."""

import secrets
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from riskguard.simulation.engine import PostOnlyCross, Refused, TradeLog, VenueEngine, VenueRules
from riskguard.simulation.wire.binance.face import BinanceFace
from riskguard.simulation.wire.bybit.face import BybitFace
from riskguard.simulation.wire.config import ConfigError, VenueConfig, WireConfig
from riskguard.simulation.wire.control import Control
from riskguard.simulation.wire.endpoints import ccxt_config
from riskguard.simulation.wire.face import Face, Venue
from riskguard.simulation.wire.front import Front
from riskguard.simulation.wire.kraken.face import KrakenFace
from riskguard.simulation.wire.okx.face import OkxFace

_BEFORE_MS = 3_600_000
"""Initial positions and orders are an hour old, so that answers that lag still show them."""

FACES: Mapping[str, Callable[[Venue], Face]] = {
    "binanceusdm": BinanceFace,
    "bybit": BybitFace,
    "okx": OkxFace,
    "kraken": KrakenFace,
}
"""A further exchange needs a line here, in `RULES`, in `config.DEFAULTS` and in `endpoints.URLS`."""

RULES = {
    "binanceusdm": VenueRules(client_ids_unique_forever=False, post_only_cross=PostOnlyCross.REFUSE),
    "bybit": VenueRules(
        client_ids_unique_forever=True,
        post_only_cross=PostOnlyCross.EXPIRE,
        first_order_id=3_000_000_001,
    ),
    "okx": VenueRules(
        client_ids_unique_forever=False,
        post_only_cross=PostOnlyCross.EXPIRE,
        first_order_id=2_510_789_768_709_120_001,
    ),
    "kraken": VenueRules(
        client_ids_unique_forever=False,
        post_only_cross=PostOnlyCross.EXPIRE,
        price_band=Decimal(1000),
        first_order_id=3_141_592_653_589_793_238_462_643,
    ),
}


class WireServer:
    """The venues of one configuration, running in this event loop."""

    def __init__(self, config: WireConfig) -> None:
        self.config = config
        self.log = TradeLog(Path(config.log) if config.log else None)
        self.fronts = {
            item.name: Front(_face(item, self.log, config.seed + number), item.port, config.seed + number)
            for number, item in enumerate(config.venues)
        }
        self.token = config.token or secrets.token_urlsafe(16)
        self.control = Control(self.fronts, self.log, self.token, config.control_port)

    async def start(self) -> None:
        """Open every door."""
        for front in self.fronts.values():
            await front.start()
        await self.control.start()

    async def stop(self) -> None:
        """Close every door and the log."""
        await self.control.stop()
        for front in self.fronts.values():
            await front.stop()
        self.log.close()

    def ready(self) -> dict[str, Any]:
        """Describe where everything listens, as the process prints it."""
        return {
            "control": {"url": self.control.url, "token": self.token},
            "venues": {
                item.name: {
                    "face": item.face,
                    "port": self.fronts[item.name].door.port,
                    "ccxt_config": ccxt_config(item.face, self.fronts[item.name].door.port),
                }
                for item in self.config.venues
            },
        }


def _face(config: VenueConfig, log: TradeLog, seed: int) -> Face:
    start_ms = time.time_ns() // 1_000_000 - _BEFORE_MS
    engine = VenueEngine(
        config.name,
        {item.instrument: item.price for item in config.symbols},
        rules=RULES[config.face],
        log=log,
        shape=config.maker,
        seed=seed,
        now_ms=start_ms,
    )
    for account in sorted({key.account for key in config.keys}):
        engine.open_account(account, config.wallets, config.leverage)
        for item in config.symbols:
            if item.position:
                engine.set_position(
                    account, item.instrument.symbol, item.position, item.entry_price, start_ms
                )
        for order in config.orders:
            answer = engine.place(account, order, start_ms)
            if isinstance(answer, Refused):
                raise ConfigError(
                    f"venues.{config.name}.orders: {order.client_id} refused: {answer.code} {answer.text}"
                )
    venue = Venue(engine, {key.key: key for key in config.keys}, config.skew_ms)
    return FACES[config.face](venue)

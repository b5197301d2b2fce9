"""Two venues and a reference host on loopback, as an outsider would write them to try a guard.

    python -m tests.e2e.outside_venues CONFIG.json

Prints one JSON line with the ports once all listen, then serves until it is told to stop or its parent closes
stdin. Knows nothing of any guard: written from the venues' API documents. CONFIG.json:

    {"prices": {"BTC": "60000"},
     "venues": {"main": {"face": "binance", "key": "k", "secret": "s", "equity": "200000",
                         "positions": {"BTC": "1.5"}, "orders": [{"base", "side", "amount", "price"}],
                         "style": {"acks": false}}, "backup": {"face": "bybit", ...}}}

Control (POST JSON to its port): /fault {"venue", "ops": ["place", ...] or ["*"], "kind", ...} · /clear ·
/price {"base", "mid"} · /trade {"venue", "base", "signed"} · /reference {"alive"} · /refuse {"venue", "on"} ·
/state. Kinds: hang, reset, lost (executed, never answered), lost_reset, late (executed after delay_s, never
answered), status (with status and body, not executed), slow (delay_s, then as usual). `base` limits a fault
to one market, `tif` to orders of that time in force, `times` to so many requests.
"""

import asyncio
import contextlib
import json
import socket
import struct
import sys
import time
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from tests.e2e.outside_binance import BinanceFace
from tests.e2e.outside_bybit import BybitFace, parse_body
from tests.e2e.outside_engine import Engine, Order

FACES: dict[str, type[BinanceFace | BybitFace]] = {"binance": BinanceFace, "bybit": BybitFace}
ORDERS = ("place", "reduce", "cancel")


class Venue:
    """One venue: a face behind a front door that can fail."""

    def __init__(self, name: str, entry: Mapping[str, Any], prices: dict[str, Decimal]) -> None:
        self.name = name
        held = {base: Decimal(amount) for base, amount in entry.get("positions", {}).items()}
        self.engine = Engine(prices, held, Decimal(entry["equity"]))
        for row in entry.get("orders", ()):
            self.engine.place(_resting(self.engine, row))
        self.face = FACES[entry["face"]](self.engine, entry["key"], entry["secret"], entry.get("style", {}))
        self.faults: list[dict[str, Any]] = []
        self.log: list[dict[str, Any]] = []
        self.seen: dict[str, int] = {}
        self.port = 0
        self._runner = web.AppRunner(_app(self.serve), access_log=None)
        self._site: web.SockSite | None = None

    async def open(self) -> None:
        """Listen, on the same port as before if there was one."""
        if not self.port:
            await self._runner.setup()
        door = socket.socket()
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("127.0.0.1", self.port))
        self.port = door.getsockname()[1]
        self._site = web.SockSite(self._runner, door)
        await self._site.start()

    async def refuse(self, *, on: bool) -> None:
        """Close the port, or open it again; open connections are reset at their next request."""
        if on and self._site is not None:
            self.faults.append({"ops": ["*"], "kind": "reset", "by": "refuse"})
            site, self._site = self._site, None
            await site.stop()
        elif not on and self._site is None:
            self.faults = [fault for fault in self.faults if fault.get("by") != "refuse"]
            await self.open()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Take one request through log and faults to the face."""
        body = await request.text()
        path, query = request.path.lstrip("/"), request.rel_url.raw_query_string
        is_json = body.startswith("{")
        raw = body if request.method == "POST" and is_json else "&".join(p for p in (query, body) if p)
        params: dict[str, Any] = dict(parse_qsl(query, keep_blank_values=True))
        params |= parse_body(body) if is_json else dict(parse_qsl(body))
        operation = self.face.operation(request.method, path, params)
        self.seen[operation] = self.seen.get(operation, 0) + 1
        fault = self._fault(operation, self.face.base(params), str(params.get("timeInForce", "")))
        if operation in ORDERS:
            kind = fault["kind"] if fault else ""
            self.log.append({"t": time.time(), "op": operation, "fault": kind, "params": params})
        kind = fault["kind"] if fault else ""
        if fault and kind == "status":
            return web.Response(
                status=fault["status"],
                text=fault["body"],
                content_type=fault.get("type", "application/json"),
                headers=fault.get("headers"),
            )
        if fault and kind in ("slow", "late"):
            await asyncio.sleep(fault["delay_s"])
        if kind == "hang":
            await asyncio.Event().wait()
        if kind == "reset":
            return _reset(request)
        status, answer = self.face.handle(request.method, path, params, raw, request.headers)
        if kind in ("lost", "late"):
            await asyncio.Event().wait()
        if kind == "lost_reset":
            return _reset(request)
        return web.Response(status=status, text=json.dumps(answer), content_type="application/json")

    def _fault(self, operation: str, base: str, tif: str) -> dict[str, Any] | None:
        for fault in self.faults:
            hit = "*" in fault["ops"] or operation in fault["ops"]
            if not hit or fault.get("base", base) != base or fault.get("tif", tif) != tif:
                continue
            if fault.get("times", 1) <= 0:
                continue
            if "times" in fault:
                fault["times"] -= 1
            return fault
        return None

    def state(self) -> dict[str, Any]:
        """Give what is held, what rests, and everything that ever came."""
        return {
            "positions": {base: str(held) for base, held in self.engine.positions.items()},
            "resting": [
                {"client_id": o.client_id, "base": o.base, "side": o.side, "amount": str(o.amount)}
                for o in self.engine.resting()
            ],
            "trades": [
                {
                    "client_id": t.client_id,
                    "base": t.base,
                    "side": t.side,
                    "amount": str(t.amount),
                    "price": str(t.price),
                    "t": t.at_ms / 1000,
                }
                for t in self.engine.trades
            ],
            "log": self.log,
            "seen": self.seen,
        }


def _app(handler: Any) -> web.Application:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    return app


def _resting(engine: Engine, row: Mapping[str, Any]) -> Order:
    amount, price = Decimal(row["amount"]), Decimal(row["price"])
    number = next(engine.numbers)
    return Order(number, row.get("id", f"mine{number}"), row["base"], row["side"], amount, price, "POST")


def _reset(request: web.Request) -> web.Response:
    transport = request.transport
    if transport is not None:
        door = transport.get_extra_info("socket")
        if door is not None:
            with contextlib.suppress(OSError):
                door.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()


class World:
    """All venues, the reference host, and the control port."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.prices = {base: Decimal(mid) for base, mid in config["prices"].items()}
        self.venues = {name: Venue(name, entry, self.prices) for name, entry in config["venues"].items()}
        self.reference_alive = True

    async def reference(self, _request: web.Request) -> web.Response:
        """Answer as a web page would, or never."""
        if not self.reference_alive:
            await asyncio.Event().wait()
        return web.Response(text="hello")

    async def control(self, request: web.Request) -> web.Response:
        """Carry one order of the tester out."""
        said: dict[str, Any] = json.loads(await request.text() or "{}")
        venues = [self.venues[said["venue"]]] if "venue" in said else list(self.venues.values())
        if request.path == "/price":
            self.prices[said["base"]] = Decimal(said["mid"])
        elif request.path == "/reference":
            self.reference_alive = said["alive"]
        for venue in venues:
            await _say(venue, request.path, said)
        return web.json_response({name: venue.state() for name, venue in self.venues.items()})


async def _say(venue: Venue, word: str, said: Mapping[str, Any]) -> None:
    match word:
        case "/fault":
            venue.faults.append(dict(said))
        case "/clear":
            await venue.refuse(on=False)
            venue.faults.clear()
        case "/refuse":
            await venue.refuse(on=said["on"])
        case "/price":
            venue.engine.moved(said["base"])
        case "/trade":
            venue.engine.foreign(said["base"], Decimal(said["signed"]))
        case _:
            pass


async def _listen(handler: Any) -> int:
    runner = web.AppRunner(_app(handler), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port: int = runner.addresses[0][1]
    return port


async def main(path: str) -> None:
    """Serve until stdin ends."""
    world = World(json.loads(Path(path).read_text(encoding="utf-8")))  # noqa: ASYNC240 - nothing runs yet
    for venue in world.venues.values():
        await venue.open()
    ports = {name: venue.port for name, venue in world.venues.items()}
    ports |= {"reference": await _listen(world.reference), "control": await _listen(world.control)}
    print(json.dumps(ports), flush=True)  # noqa: T201 - the parent reads it
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

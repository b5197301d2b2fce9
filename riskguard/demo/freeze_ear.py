"""The trader's own bot in the demo: all it does is hear when it should stop, and write down when it heard."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from riskguard.runtime.clock import wall_ms


@asynccontextmanager
async def listening(log: Path) -> AsyncIterator[str]:
    """Serve the URL of `[freeze]`; each call becomes a row beside the venues' own."""

    async def heard(request: web.Request) -> web.Response:
        at_ms = wall_ms()
        told = await request.json()
        row = {"ts_ms": at_ms, "kind": "freeze", "venue": told.get("venue"), "frozen": told.get("frozen")}
        with log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        return web.Response(text="ok")

    application = web.Application()
    application.router.add_post("/freeze", heard)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}/freeze"
    finally:
        await runner.cleanup()

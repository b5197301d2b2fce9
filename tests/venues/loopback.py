"""A tiny scripted venue on loopback: fixed good answers by path, any of them replaced for a test."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    body: str
    headers: dict[str, str]


@dataclass(slots=True)
class Loopback:
    """The scripted venue; unknown paths are answered with 404 and no JSON."""

    good: dict[tuple[str, str], Any] = field(default_factory=dict)
    """(method, path) to a JSON answer."""
    bad: dict[tuple[str, str], Handler] = field(default_factory=dict)
    """(method, path) to whatever a test wants instead."""
    everything: Handler | None = None
    """Answers every path where a test sets it."""
    seen: list[Seen] = field(default_factory=list)
    port: int = 0
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        assert site._server is not None
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def count(self, method: str, path: str) -> int:
        return sum(1 for one in self.seen if one.method == method and one.path == path)

    def last(self, method: str, path: str) -> Seen:
        return next(one for one in reversed(self.seen) if one.method == method and one.path == path)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = (await request.read()).decode()
        self.seen.append(Seen(request.method, request.path, dict(request.query), body, dict(request.headers)))
        if self.everything is not None:
            return await self.everything(request)
        key = (request.method, request.path)
        if key in self.bad:
            return await self.bad[key](request)
        if key in self.good:
            return web.json_response(self.good[key])
        return web.Response(status=404, text="no such path")


def answer(status: int, body: str, content_type: str = "application/json") -> Handler:
    """Give a fixed answer."""

    async def handle(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=body, content_type=content_type)

    return handle


async def hang(_request: web.Request) -> web.StreamResponse:
    """Never answer."""
    await asyncio.sleep(3600)
    return web.Response()


async def reset(request: web.Request) -> web.StreamResponse:
    """Cut the connection without a byte."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def cut(body: str) -> Handler:
    """Announce a whole body, send half of it, and cut the connection."""

    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        response.content_length = len(body)
        await response.prepare(request)
        await response.write(body[: len(body) // 2].encode())
        assert request.transport is not None
        request.transport.abort()
        return response

    return handle


def answer_and_close(body: str, *, reset: bool = False) -> Handler:
    """Answer whole, then end the connection, though it was to be kept: in order, or by a reset."""

    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.Response(text=body, content_type="application/json")
        await response.prepare(request)
        await response.write_eof()
        assert request.transport is not None
        if reset:
            request.transport.abort()
        else:
            request.transport.close()
        return response

    return handle


def as_json(value: Any) -> str:
    """Spell a body."""
    return json.dumps(value)

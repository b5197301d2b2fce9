"""Sockets of a venue: a listener that can be shut and reopened on its port, and unanswered connections."""

import asyncio
import socket
import struct
from collections import OrderedDict
from contextlib import suppress
from typing import NoReturn

from aiohttp import web

_MAX_HELD = 500
HOST = "127.0.0.1"


class Door:
    """A loopback HTTP server whose port stays its own while it refuses connections."""

    def __init__(self, server: web.Server, port: int = 0) -> None:
        self._server = server
        # Bound but never listening: it keeps the port from others while the door is shut.
        self._reserve = _bound(port)
        self.port: int = self._reserve.getsockname()[1]
        self._listener: asyncio.Server | None = None

    async def open(self) -> None:
        """Accept connections."""
        if self._listener is None:
            loop = asyncio.get_running_loop()
            self._listener = await loop.create_server(self._server, sock=_bound(self.port), backlog=512)

    async def shut(self) -> None:
        """Refuse new connections and reset those there are."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for connection in list(self._server.connections):
            reset(connection.transport)

    async def close(self) -> None:
        """Close for good."""
        await self.shut()
        await self._server.shutdown(timeout=0.2)
        self._reserve.close()


class Waiting:
    """Connections kept open without an answer; beyond a bound the oldest is reset."""

    def __init__(self, limit: int = _MAX_HELD) -> None:
        self._held: OrderedDict[int, asyncio.BaseTransport | None] = OrderedDict()
        self._limit = limit
        self._next = 0

    def __len__(self) -> int:
        return len(self._held)

    async def hold(self, transport: asyncio.BaseTransport | None) -> NoReturn:
        """Wait until the client goes away or the server stops, both of which cancel the task."""
        ticket = self._next = self._next + 1
        self._held[ticket] = transport
        if len(self._held) > self._limit:
            reset(self._held.popitem(last=False)[1])
        try:
            await asyncio.Event().wait()
        finally:
            self._held.pop(ticket, None)
        raise asyncio.CancelledError


def reset(transport: asyncio.BaseTransport | None) -> None:
    """Send a TCP reset."""
    if not isinstance(transport, asyncio.Transport):
        return
    raw = transport.get_extra_info("socket")
    if raw is not None:
        with suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _bound(port: int) -> socket.socket:
    raw = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    raw.bind((HOST, port))
    raw.setblocking(False)
    return raw

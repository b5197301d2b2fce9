"""WebSocket connections of one venue: who wants what, and what a stream fault does to them."""

import asyncio
from collections import deque
from collections.abc import Iterable
from contextlib import suppress

from aiohttp import WSMsgType, web

from riskguard.simulation.engine import Event
from riskguard.simulation.wire.face import Face, Message, StreamSession
from riskguard.simulation.wire.faults import STREAMS, FaultBook, FaultKind, FaultRule, Group
from riskguard.simulation.wire.sockets import reset

_QUEUE = 5_000
_BACKLOG = 5_000


class StreamClient:
    """One open WebSocket; its queue is bounded and a client that cannot keep up is cut off."""

    def __init__(
        self, session: StreamSession, socket: web.WebSocketResponse, request: web.BaseRequest
    ) -> None:
        self.session = session
        self.socket = socket
        self.backlog: deque[Message] = deque(maxlen=_BACKLOG)
        self._request = request
        self._queue: asyncio.Queue[tuple[float, str]] = asyncio.Queue(_QUEUE)

    def send(self, text: str, delay_s: float = 0.0) -> None:
        """Queue a frame, to leave after `delay_s`."""
        try:
            self._queue.put_nowait((asyncio.get_running_loop().time() + delay_s, text))
        except asyncio.QueueFull:
            self.cut(with_reset=True)

    def cut(self, *, with_reset: bool) -> None:
        """End the connection without a close frame."""
        transport = self._request.transport
        if with_reset:
            reset(transport)
        elif transport is not None:
            transport.close()

    async def write(self) -> None:
        """Send queued frames until the connection ends."""
        with suppress(ConnectionError, RuntimeError):
            while True:
                due, text = await self._queue.get()
                wait = due - asyncio.get_running_loop().time()
                if wait > 0:
                    await asyncio.sleep(wait)
                await self.socket.send_str(text)


class StreamHub:
    """All streams of one venue."""

    def __init__(self, face: Face, faults: FaultBook) -> None:
        self._face = face
        self._faults = faults
        self._clients: set[StreamClient] = set()

    def __len__(self) -> int:
        return len(self._clients)

    async def serve(self, request: web.BaseRequest, session: StreamSession) -> web.StreamResponse:
        """Run one connection until it ends."""
        socket = web.WebSocketResponse(autoping=False, timeout=1.0)
        await socket.prepare(request)
        client = StreamClient(session, socket, request)
        self._clients.add(client)
        writer = asyncio.ensure_future(client.write())
        try:
            for text in session.greet():
                self._reply(client, text)
            await self._read(client)
        finally:
            self._clients.discard(client)
            writer.cancel()
        return socket

    def on_event(self, event: Event) -> None:
        """Pass an engine event to the private streams."""
        self.publish(self._face.private_messages(event))

    def publish(self, messages: Iterable[Message]) -> None:
        """Send messages to whoever subscribed to them."""
        for message in messages:
            for client in list(self._clients):
                if client.session.wants(message):
                    self._offer(client, message)

    def drop(self, group: Group, *, with_reset: bool) -> None:
        """End every connection of a group."""
        for client in list(self._clients):
            if client.session.group is group:
                client.cut(with_reset=with_reset)

    def resume(self, lifted: Iterable[FaultRule]) -> None:
        """Deliver what a lifted `silent` rule held back, if it said so."""
        for rule in lifted:
            for group in (item for item in STREAMS if rule.touches(item)):
                for client in [item for item in self._clients if item.session.group is group]:
                    self._replay(client, rule)

    async def close(self) -> None:
        """Say goodbye to every client."""
        for client in list(self._clients):
            with suppress(ConnectionError, RuntimeError, TimeoutError):
                await asyncio.wait_for(client.socket.close(code=1001), 0.2)
            client.cut(with_reset=False)

    def _replay(self, client: StreamClient, rule: FaultRule) -> None:
        held = [message for message in client.backlog for _ in range(2 if rule.duplicate else 1)]
        client.backlog.clear()
        if rule.out_of_order:
            self._faults.shuffle(held)
        for message in held:
            self._offer(client, message)

    def _offer(self, client: StreamClient, message: Message) -> None:
        rule = self._faults.on_stream(client.session.group, message.symbol)
        if rule is None:
            client.send(client.session.encode(message))
        elif rule.kind is FaultKind.SLOW:
            client.send(client.session.encode(message), rule.after_s)
        elif rule.backlog == "replay":
            client.backlog.append(message)
        else:
            client.session.missed(message)

    def _reply(self, client: StreamClient, text: str) -> None:
        rule = self._faults.on_stream(client.session.group)
        if rule is None:
            client.send(text)
        elif rule.kind is FaultKind.SLOW:
            client.send(text, rule.after_s)

    async def _read(self, client: StreamClient) -> None:
        async for frame in client.socket:
            if frame.type is WSMsgType.PING and self._pongs(client):
                with suppress(ConnectionError, RuntimeError):
                    await client.socket.pong(frame.data)
            elif frame.type is WSMsgType.TEXT:
                self._on_text(client, frame.data)

    def _on_text(self, client: StreamClient, text: str) -> None:
        pong = client.session.pong(text)
        if pong is not None:
            if self._pongs(client):
                client.send(pong)
            return
        for reply in client.session.on_text(text):
            self._reply(client, reply)

    def _pongs(self, client: StreamClient) -> bool:
        rule = self._faults.on_stream(client.session.group)
        return rule is None or (rule.kind is not FaultKind.HANG and rule.pongs)

"""One venue's front door: reads requests, lets the faults decide their fate, hands them to the face."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, NoReturn, TypeVar

from aiohttp import web

from riskguard.simulation.wire.face import Answer, Call, Face, Operation, unwrap
from riskguard.simulation.wire.faults import STREAMS, FaultBook, FaultKind, FaultRule
from riskguard.simulation.wire.sockets import Door, Waiting, reset
from riskguard.simulation.wire.streams import StreamHub

TICK_S = 0.05
_MAX_LATE = 2000
"""Requests that wait to be executed late; beyond it they are never executed."""
_T = TypeVar("_T")
_Fate = Callable[[web.BaseRequest, Operation, FaultRule], Awaitable[web.StreamResponse]]


class Front:
    """A venue on its own port."""

    def __init__(self, face: Face, port: int = 0, seed: int = 0) -> None:
        self.face = face
        self.faults = FaultBook(seed)
        self.waiting = Waiting()
        self.arrived: Counter[str] = Counter()
        self.hub = StreamHub(face, self.faults)
        self._lifted: dict[str, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._fates: dict[FaultKind, _Fate] = {
            FaultKind.HANG: self._hang,
            FaultKind.RESET: self._reset,
            FaultKind.CLOSE: self._close,
            FaultKind.HTTP: self._http,
            FaultKind.LOST: self._lost,
            FaultKind.CUT: self._cut,
            FaultKind.LATE: self._late,
            FaultKind.SLOW: self._slow,
        }
        server = web.Server(self._handle, handler_cancellation=True, access_log=None, keepalive_timeout=75)
        self.door = Door(server, port)

    async def start(self) -> None:
        """Open the door and let the venue's time pass."""
        self.face.venue.engine.subscribe(self.hub.on_event)
        await self.door.open()
        self._spawn(self._tick())

    async def stop(self) -> None:
        """Close every connection and end every task."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.hub.close()
        await self.door.close()

    async def set_fault(self, rule: FaultRule) -> FaultRule:
        """Put a rule in force at once."""
        rule = self.faults.add(rule)
        self._lifted[rule.id] = asyncio.Event()
        self._write("set", rule)
        self.face.venue.book_frozen = self.faults.freezes_book
        if self.faults.refuses:
            await self.door.shut()
        if rule.kind in (FaultKind.RESET, FaultKind.CLOSE):
            for group in STREAMS:
                if rule.touches(group):
                    self.hub.drop(group, with_reset=rule.kind is FaultKind.RESET)
        return rule

    async def lift_faults(self, ids: list[str] | None = None) -> list[FaultRule]:
        """Lift the named rules, or all."""
        lifted = self.faults.lift(ids)
        for rule in lifted:
            self._write("lifted", rule)
            if (event := self._lifted.pop(rule.id, None)) is not None:
                event.set()
        self.face.venue.book_frozen = self.faults.freezes_book
        if not self.faults.refuses:
            await self.door.open()
        self.hub.resume(lifted)
        return lifted

    def _write(self, action: str, rule: FaultRule) -> None:
        venue = self.face.venue
        venue.engine.note("fault", venue.now_ms(), action=action, rule=rule.to_json())

    async def _tick(self) -> None:
        venue = self.face.venue
        while True:
            await asyncio.sleep(TICK_S)
            venue.engine.advance(venue.now_ms())
            self.hub.publish(self.face.public_messages(venue.now_ms()))

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        call = await self._read(request)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._upgrade(request, call)
        operation = self.face.sort(call)
        rule = self.faults.strike(operation.group, operation.symbol)
        self.arrived[operation.group.value] += 1
        if operation.acts:
            self.face.venue.engine.note(
                "arrived",
                call.arrived_ms,
                account=operation.account,
                op=operation.acts,
                symbol=operation.symbol,
                client_id=operation.client_id,
                order_id=operation.order_id,
                fault=None if rule is None else rule.kind,
            )
        if rule is None:
            return _response(self._run(operation))
        return await self._fates[rule.kind](request, operation, rule)

    async def _upgrade(self, request: web.BaseRequest, call: Call) -> web.StreamResponse:
        session = self.face.open_stream(call)
        if isinstance(session, Answer):
            return _response(session)
        rule = self.faults.strike(session.group)
        kind = None if rule is None else rule.kind
        if kind in (FaultKind.HANG, FaultKind.LOST, FaultKind.LATE):
            await self._hold(request)
        if kind in (FaultKind.RESET, FaultKind.CLOSE, FaultKind.CUT):
            _break_off(request, with_reset=kind is FaultKind.RESET)
        if kind is FaultKind.HTTP and rule is not None:
            return _spoken(rule)
        return await self.hub.serve(request, session)

    async def _read(self, request: web.BaseRequest) -> Call:
        host, path, query = unwrap(request.raw_path)
        body = (await request.read()).decode("utf-8", "replace")
        arrived = self.face.venue.now_ms()
        return Call(request.method, host, path, query, body, request.headers, arrived)

    def _run(self, operation: Operation) -> Answer:
        return operation.run(self.faults.lag_ms(operation.group, operation.symbol))

    async def _hang(self, request: web.BaseRequest, _: Operation, __: FaultRule) -> web.StreamResponse:
        return await self._hold(request)

    async def _reset(self, request: web.BaseRequest, op: Operation, rule: FaultRule) -> web.StreamResponse:
        if rule.executed:
            self._run(op)
        _break_off(request, with_reset=True)

    async def _close(self, request: web.BaseRequest, op: Operation, rule: FaultRule) -> web.StreamResponse:
        if rule.executed:
            self._run(op)
        _break_off(request, with_reset=False)

    async def _http(self, _: web.BaseRequest, op: Operation, rule: FaultRule) -> web.StreamResponse:
        if rule.executed:
            self._run(op)
        return _spoken(rule)

    async def _lost(self, request: web.BaseRequest, op: Operation, _: FaultRule) -> web.StreamResponse:
        self._run(op)
        return await self._hold(request)

    async def _cut(self, request: web.BaseRequest, op: Operation, _: FaultRule) -> web.StreamResponse:
        answer = self._run(op)
        body = answer.text.encode()
        response = web.StreamResponse(status=answer.status)
        response.content_type = answer.content_type
        response.content_length = len(body)
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        _break_off(request, with_reset=False)

    async def _late(self, request: web.BaseRequest, op: Operation, rule: FaultRule) -> web.StreamResponse:
        async def later() -> None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._lifted[rule.id].wait(), rule.after_s)
            self._run(op)

        if len(self._tasks) < _MAX_LATE:
            self._spawn(later())
        return await self._hold(request)

    async def _slow(self, _: web.BaseRequest, op: Operation, rule: FaultRule) -> web.StreamResponse:
        async def later() -> Answer:
            await asyncio.sleep(rule.after_s)
            return self._run(op)

        # Shielded: the venue carries a slow request out although its sender has gone.
        return _response(await asyncio.shield(self._spawn(later())))

    async def _hold(self, request: web.BaseRequest) -> NoReturn:
        await self.waiting.hold(request.transport)

    def _spawn(self, work: Coroutine[Any, Any, _T]) -> "asyncio.Task[_T]":
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _break_off(request: web.BaseRequest, *, with_reset: bool) -> NoReturn:
    """End the connection without an answer; the cancellation ends the handler without an error page."""
    if with_reset:
        reset(request.transport)
    elif request.transport is not None:
        request.transport.close()
    raise asyncio.CancelledError


def _spoken(rule: FaultRule) -> web.Response:
    """Give the answer that an `http` rule dictates."""
    text = rule.body if isinstance(rule.body, str) else Answer(rule.body).text
    html = text.lstrip().startswith("<")
    headers = {"Content-Type": "text/html" if html else "application/json", **rule.headers}
    return web.Response(status=rule.status, body=text.encode(), headers=headers)


def _response(answer: Answer) -> web.Response:
    headers = {"Content-Type": answer.content_type, **answer.headers}
    return web.Response(status=answer.status, body=answer.text.encode(), headers=headers)

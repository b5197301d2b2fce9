"""The guard's ear for its owner: one JSON object per line over a Unix socket that only the owner can open.

Requests are `{"do": "status" | "incidents" | "watch"}` and `{"do": WORD, "incident": …, "by": …}` with a
word of `CONTROL_WORDS`. Each reply is one line, `{"answer": …}` or `{"error": "…"}`; `watch` replies once a
second.
"""

import asyncio
import contextlib
import json
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from riskguard.core.messages import OperatorSaid
from riskguard.ports import Emit
from riskguard.runtime.socket_path import make_private_folder
from riskguard.runtime.venue_calls import describe

CONTROL_WORDS = (
    "arm",
    "disarm",
    "veto",
    "hold",
    "hedge",
    "unwind",
    "adopt",
    "adoptable",
    "preflight",
    "preflight-state",
)
"""`adoptable` and `preflight-state` ask: what `adopt` would settle, how far the preflight is."""
LONGEST_LINE = 16_384
MOST_CLIENTS = 16
IDLE_S = 60.0
"""A client that says nothing for so long is let go."""
WRITE_S = 5.0
"""A client that does not read for so long is let go."""
WATCH_S = 1.0

Json: TypeAlias = Mapping[str, Any]

log = logging.getLogger(__name__)


class SocketInUse(OSError):  # noqa: N818 - named for the state it reports
    """Another guard answers on this socket."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the application lets the socket say."""

    status: Callable[[], Json]
    """The object of `status --json`."""
    incidents: Callable[[], Any]
    picture: Callable[[], Json]
    """The whole snapshot, for `watch`."""
    after: Callable[[OperatorSaid], Json]
    """What will happen now that the guard has handled a control word."""


class ControlSocket:
    """Serves until closed; nothing that a client sends or omits can harm the guard."""

    def __init__(
        self, path: Path, *, emit: Emit, settled: Callable[[], Awaitable[None]], answers: Answers
    ) -> None:
        self._path = path
        self._emit = emit
        self._settled = settled
        self._answers = answers
        self._server: asyncio.Server | None = None
        self._clients: dict[int, asyncio.Task[None]] = {}
        self._accepted = 0

    async def open(self) -> None:
        """Begin to listen; raises `SocketInUse`, or `OSError` where the path cannot be used."""
        make_private_folder(self._path.parent)
        _remove_stale(self._path)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listener.bind(str(self._path))
            self._path.chmod(0o600)
            self._server = await asyncio.start_unix_server(self._accept, sock=listener, limit=LONGEST_LINE)
        except BaseException:
            listener.close()
            raise

    async def close(self) -> None:
        """Let every client go and remove the socket."""
        if self._server is None:
            return
        self._server.close()
        clients = list(self._clients.values())
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
        self._path.unlink(missing_ok=True)
        self._server = None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._accepted += 1
        number = self._accepted
        is_welcome = len(self._clients) < MOST_CLIENTS
        work = self._serve(reader, writer) if is_welcome else self._turn_away(reader, writer)
        self._clients[number] = asyncio.get_running_loop().create_task(work)
        self._clients[number].add_done_callback(lambda _task: self._clients.pop(number, None))

    async def _turn_away(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, _LineTooLongError):
            await _next_line(reader, WRITE_S)  # closing on an unread request would lose the reply
            await _send(writer, {"error": "too many clients"})
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await _next_line(reader, IDLE_S):
                await self._reply(line, writer)
        except OSError:
            pass  # the client went away, or fell asleep (TimeoutError is one too)
        except _LineTooLongError:
            with contextlib.suppress(OSError):
                await _send(writer, {"error": f"a line is longer than {LONGEST_LINE} bytes"})
        finally:
            writer.close()

    async def _reply(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        try:
            request = _parse(line)
            if request["do"] == "watch":
                await self._watch(writer)
                return
            reply: Json = {"answer": await self._answer(request)}
        except ValueError as error:
            reply = {"error": str(error)}
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - a question must not end the guard
            log.error("control socket: %s", describe(error))  # noqa: TRY400 - a trace may hold secrets
            reply = {"error": f"internal error {type(error).__name__}"}
        await _send(writer, reply)

    async def _answer(self, request: Mapping[str, str]) -> Any:
        word = request["do"]
        if word == "status":
            return self._answers.status()
        if word == "incidents":
            return self._answers.incidents()
        if word not in CONTROL_WORDS:
            raise ValueError(f"unknown request {word[:40]!r}")
        said = OperatorSaid(word, request.get("incident", ""), request.get("by", "cli"))
        self._emit(said)
        await self._settled()
        return self._answers.after(said)

    async def _watch(self, writer: asyncio.StreamWriter) -> None:
        while True:
            await _send(writer, {"answer": self._answers.picture()})
            await asyncio.sleep(WATCH_S)


class _LineTooLongError(Exception):
    """A request does not end within `LONGEST_LINE` bytes."""


async def _next_line(reader: asyncio.StreamReader, patience_s: float) -> bytes:
    try:
        async with asyncio.timeout(patience_s):
            return await reader.readline()
    except ValueError as error:
        raise _LineTooLongError from error


def _parse(line: bytes) -> dict[str, str]:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("not a JSON object") from error
    if not isinstance(request, dict) or "do" not in request:
        raise ValueError('not a JSON object with "do"')
    for key, value in request.items():
        if not isinstance(value, str) or len(value) > 200:
            raise ValueError(f"{key[:40]!r} is not a short string")
    return request


async def _send(writer: asyncio.StreamWriter, reply: Json) -> None:
    writer.write(json.dumps(reply, separators=(",", ":")).encode() + b"\n")
    async with asyncio.timeout(WRITE_S):
        await writer.drain()


def _remove_stale(path: Path) -> None:
    """Remove what a killed guard left behind; a socket that answers is another guard's."""
    if not path.is_socket():
        if path.exists():
            raise OSError(f"{path} is no socket")
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
            return
        except FileNotFoundError:
            return
    raise SocketInUse(f"another guard answers on {path}")

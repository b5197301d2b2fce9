"""Asks a running guard from another process; standard library only, so that it starts at once."""

import json
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

MOST_BYTES = 16 * 1024 * 1024
"""A reply longer than this is no reply of ours."""


class GuardUnreachable(Exception):  # noqa: N818 - named for the state it reports
    """No guard answers there, or not in time."""


class GuardRefused(Exception):  # noqa: N818 - named for what the guard did
    """The guard understood nothing, or would not do it; the text says why."""


def ask(path: Path, request: Mapping[str, str], timeout_s: float = 5.0) -> Any:
    """Send one request and give its answer; raises `GuardUnreachable` or `GuardRefused`."""
    with _connect(path, timeout_s) as connection:
        return next(_answers(connection, request, timeout_s))


def watch(path: Path, timeout_s: float = 5.0) -> Iterator[Any]:
    """Yield the guard's picture about once a second, until it goes away: then `GuardUnreachable`."""
    with _connect(path, timeout_s) as connection:
        yield from _answers(connection, {"do": "watch"}, timeout_s)


def _connect(path: Path, timeout_s: float) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout_s)
        connection.connect(str(path))
    except OSError as error:
        connection.close()
        raise GuardUnreachable(f"no guard answers on {path}: {error.strerror or error}") from error
    return connection


def _answers(connection: socket.socket, request: Mapping[str, str], timeout_s: float) -> Iterator[Any]:
    try:
        connection.sendall(json.dumps(dict(request)).encode() + b"\n")
        for line in _lines(connection, timeout_s):
            reply = json.loads(line)
            if not isinstance(reply, dict) or not reply.keys() & {"answer", "error"}:
                raise GuardUnreachable("what answers there is no guard")
            if "error" in reply:
                raise GuardRefused(str(reply["error"]))
            yield reply["answer"]
    except (OSError, ValueError) as error:
        raise GuardUnreachable(f"the guard did not answer: {error}") from error
    raise GuardUnreachable("the guard went away")


def _lines(connection: socket.socket, timeout_s: float) -> Iterator[bytes]:
    """Yield whole lines; each must arrive within `timeout_s`, however slowly its bytes trickle."""
    pending = b""
    until_s = time.monotonic() + timeout_s
    while True:
        line, newline, rest = pending.partition(b"\n")
        if newline:
            pending = rest
            yield line
            until_s = time.monotonic() + timeout_s
            continue
        connection.settimeout(max(until_s - time.monotonic(), 0.001))
        chunk = connection.recv(65_536)
        if not chunk:
            return
        pending += chunk
        if len(pending) > MOST_BYTES:
            raise ValueError("its reply has no end")

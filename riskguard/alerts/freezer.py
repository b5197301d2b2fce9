"""Tells the trader's own bot to stop at a venue, or that it may go on: by file, by command, by POST.

The file is `{"frozen": {VENUE: {"since", "incident"}}}` and is gone while nothing is frozen. A command or
address that does not contain `{frozen}` can only say "stop": it is used to freeze and not to thaw.
"""

import asyncio
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from riskguard.alerts.outlets import OutletFailed, filled, post, resolve, run_command
from riskguard.core.messages import FreezeAnswered, FreezeTrading
from riskguard.core.policy import FreezePolicy

TIMEOUT_S = 5.0


class Freezer:
    """Delivers freeze signals; those for one venue strictly one after the other."""

    def __init__(self, policy: FreezePolicy, directory: Path, environ: Mapping[str, str]) -> None:
        self._policy = policy
        self._directory = directory
        self._file = directory / Path(policy.file).expanduser()
        self._environ = environ
        self._venue_locks: dict[str, asyncio.Lock] = {}
        self._file_lock = asyncio.Lock()

    async def freeze(self, command: FreezeTrading, wall_ms: int) -> FreezeAnswered:
        """Use every way that the policy names; ok only if all that apply worked."""
        policy = self._policy
        if not (policy.file or policy.run or policy.url):
            return FreezeAnswered(command.venue, ok=False, cause="the policy names no way to freeze")
        async with self._venue_locks.setdefault(command.venue, asyncio.Lock()):
            causes = await asyncio.gather(
                self._by_file(command, wall_ms), self._by_command(command), self._by_post(command)
            )
        cause = "; ".join(filter(None, causes))
        return FreezeAnswered(command.venue, ok=not cause, cause=cause)

    async def _by_file(self, command: FreezeTrading, wall_ms: int) -> str:
        if not self._policy.file:
            return ""
        try:
            async with asyncio.timeout(TIMEOUT_S), self._file_lock:
                await asyncio.to_thread(write_frozen, self._file, command, wall_ms)
        except OSError as error:  # TimeoutError is one too
            return f"file: {error.strerror or type(error).__name__}"
        return ""

    async def _by_command(self, command: FreezeTrading) -> str:
        argv = self._policy.run
        if not argv or not _can_say(command, *argv):
            return ""
        try:
            await run_command(
                [filled(part, _values(command)) for part in argv],
                words=json.dumps(_body(command)),
                variables={
                    "RISKGUARD_VENUE": command.venue,
                    "RISKGUARD_INCIDENT": command.incident,
                    "RISKGUARD_FROZEN": _word(command),
                },
                environ=self._environ,
                directory=self._directory,
                timeout_s=TIMEOUT_S,
            )
        except OutletFailed as error:
            return f"command: {error}"
        return ""

    async def _by_post(self, command: FreezeTrading) -> str:
        if not self._policy.url:
            return ""
        try:
            address = resolve(self._policy.url, self._environ)
            if _can_say(command, address):
                await post(filled(address, _values(command)), _body(command), timeout_s=TIMEOUT_S)
        except OutletFailed as error:
            return f"address: {error}"
        return ""


def write_frozen(path: Path, command: FreezeTrading, wall_ms: int) -> None:
    """Bring the file up to date in one step, so that no reader ever sees half of it. Raises `OSError`."""
    frozen = _read_frozen(path)
    if command.frozen:
        since = datetime.fromtimestamp(wall_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        frozen.setdefault(command.venue, {"since": since, "incident": command.incident})
    else:
        frozen.pop(command.venue, None)
    if not frozen:
        path.unlink(missing_ok=True)
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8") as opened:
            json.dump({"frozen": frozen}, opened, indent=1)
            opened.write("\n")
            opened.flush()
            os.fsync(opened.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _read_frozen(path: Path) -> dict[str, Any]:
    """Read who is frozen; a file that says nothing sensible is begun anew."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return dict(content["frozen"])
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError):
        return {}


def _can_say(command: FreezeTrading, *texts: str) -> bool:
    return command.frozen or any("{frozen}" in text for text in texts)


def _values(command: FreezeTrading) -> dict[str, str]:
    return {"venue": command.venue, "incident": command.incident, "frozen": _word(command)}


def _word(command: FreezeTrading) -> str:
    return "true" if command.frozen else "false"


def _body(command: FreezeTrading) -> dict[str, object]:
    return {"venue": command.venue, "frozen": command.frozen, "incident": command.incident}

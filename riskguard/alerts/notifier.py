"""Carries the guard's words to its owner over every way that the policy names; none can hold the guard up."""

import asyncio
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, TextIO

from riskguard.alerts.freezer import Freezer
from riskguard.alerts.outlets import OutletFailed, filled, host_of, post, resolve, run_command
from riskguard.alerts.printer import Printer, one_line
from riskguard.core.messages import FreezeTrading, Observation, TellPerson
from riskguard.core.policy import Policy

TIMEOUT_S = 10.0

log = logging.getLogger(__name__)


def _system_wall_ms() -> int:
    return time.time_ns() // 1_000_000


class PolicyNotifier:
    """Keeps the `Notifier` port for one policy; relative paths are meant from `directory`."""

    def __init__(
        self,
        policy: Policy,
        directory: Path,
        environ: Mapping[str, str],
        *,
        out: TextIO | None = None,
        wall_ms: Callable[[], int] = _system_wall_ms,
    ) -> None:
        """`out` gets one line per message; by default stderr."""
        self.failures: Counter[str] = Counter()
        """How often each way failed, by a name that holds no secret."""
        self._tell = policy.tell
        self._directory = directory
        self._environ = environ
        self._wall_ms = wall_ms
        self._printer = Printer(sys.stderr if out is None else out)
        self._freezer = Freezer(policy.freeze, directory, environ)

    async def tell(self, command: TellPerson) -> None:
        """Deliver one message over all ways at once; failures are counted and logged, never raised."""
        self._printer.say(line_of(command))
        ways: list[Coroutine[Any, Any, None]] = [
            self._attempt(_label(reference), self._post(reference, command))
            for reference in (*self._tell.now, self._tell.webhook)
            if reference
        ]
        if self._tell.run:
            ways.append(self._attempt("run", self._run(command)))
        await asyncio.gather(*ways)

    async def freeze(self, command: FreezeTrading) -> Observation:
        """Tell the trader's bot; gives a `FreezeAnswered`."""
        answer = await self._freezer.freeze(command, self._wall_ms())
        if not answer.ok:
            self.failures["freeze"] += 1
            log.warning("freeze %s: %s", command.venue, answer.cause)
        return answer

    async def _attempt(self, label: str, way: Coroutine[Any, Any, None]) -> None:
        try:
            await way
        except OutletFailed as error:
            self.failures[label] += 1
            log.warning("telling over %s failed: %s", label, error)

    async def _post(self, reference: str, command: TellPerson) -> None:
        await post(resolve(reference, self._environ), body_of(command), timeout_s=TIMEOUT_S)

    async def _run(self, command: TellPerson) -> None:
        values = {name: str(value) for name, value in body_of(command).items()}
        await run_command(
            [filled(part, values) for part in self._tell.run],
            words=text_of(command) + "\n",
            variables={
                "RISKGUARD_SEVERITY": command.severity.value,
                "RISKGUARD_TITLE": one_line(command.title),
                "RISKGUARD_BODY": one_line(command.body),
                "RISKGUARD_INCIDENT": command.incident,
            },
            environ=self._environ,
            directory=self._directory,
            timeout_s=TIMEOUT_S,
        )


def line_of(command: TellPerson) -> str:
    """Write a message as one line for a terminal or a log."""
    incident = f" [{command.incident}]" if command.incident else ""
    words = f"{command.title}: {command.body}" if command.body else command.title
    return one_line(f"{command.severity.value.upper()} {words}{incident}")


def text_of(command: TellPerson) -> str:
    """Write a message as plain text."""
    return f"{command.title}\n{command.body}".strip()


def body_of(command: TellPerson) -> dict[str, object]:
    """Write a message as the object that is posted; chat services read `text` or `content`."""
    text = text_of(command)
    return {
        "text": text,
        "content": text,
        "severity": command.severity.value,
        "title": command.title,
        "body": command.body,
        "incident": command.incident,
    }


def _label(reference: str) -> str:
    return reference if reference.startswith("env:") else host_of(reference)

"""Puts a guard together from its parts; the only file that knows every layer."""

import asyncio
import contextlib
import gc
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskguard.alerts import PolicyNotifier
from riskguard.config import Credentials, Loaded, credentials
from riskguard.config.strategy_loader import load_strategies
from riskguard.core.control.operating import STARTED_WITH, named, why_not_named
from riskguard.core.guard import Guard
from riskguard.core.memory import Memory
from riskguard.core.messages import Command, OperatorSaid
from riskguard.journal import open_journal
from riskguard.journal.codec import to_plain
from riskguard.ports import Journal, JournalUnavailable, VenueGateway
from riskguard.runtime.clock import wall_ms
from riskguard.runtime.control_socket import Answers, ControlSocket
from riskguard.runtime.executor import Executor
from riskguard.runtime.lifetime import live
from riskguard.runtime.runner import Runner
from riskguard.runtime.settling_json import adoptable_json, adopted_json, preflight_json
from riskguard.runtime.socket_path import socket_path
from riskguard.runtime.status_json import incidents_json, status_json
from riskguard.runtime.witness import Witnessed
from riskguard.venues.gateway import build_gateway
from riskguard.venues.references import WebReferences

SETTLING: Mapping[str, Callable[[Memory], Mapping[str, Any]]] = {
    "adoptable": adoptable_json,
    "adopt": adopted_json,
    "preflight": preflight_json,
    "preflight-state": preflight_json,
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ears:
    """What the control socket lets people ask and say."""

    guard: Guard
    runner: Runner
    loaded: Loaded

    def answers(self) -> Answers:
        """Give the socket its answers."""
        return Answers(self.status, self.incidents, self.picture, self.after)

    def status(self) -> Mapping[str, Any]:
        """Give the object of `status --json`."""
        policy = {"path": str(self.loaded.path), "hash": self.loaded.hash, "ok": True}
        return status_json(self.guard.snapshot(self.runner.now()), policy)

    def incidents(self) -> Sequence[Mapping[str, Any]]:
        """Give all incidents, open ones first."""
        return incidents_json(self.guard.snapshot(self.runner.now()).incidents)

    def picture(self) -> Mapping[str, Any]:
        """Give the whole snapshot for a dashboard elsewhere."""
        plain: Mapping[str, Any] = to_plain(self.guard.snapshot(self.runner.now()))
        return plain

    def after(self, said: OperatorSaid) -> Mapping[str, Any]:
        """Say what a control word led to; the guard has handled it by now."""
        memory = self.guard.memory
        if said.word in SETTLING:
            return SETTLING[said.word](memory)
        if said.word in ("arm", "disarm"):
            ok = memory.armed is (said.word == "arm")
            says = f"{'armed' if memory.armed else 'not armed'}; mode {memory.policy.mode}"
            return {"ok": ok, "says": says, "armed": memory.armed, "mode": memory.policy.mode.value}
        incident = named(memory, said.incident)
        if incident is None:
            return {"ok": False, "says": why_not_named(memory, said.incident)}
        handling = memory.handling[incident.id]
        says = f"{said.word}: incident {incident.id} at {incident.venue} is {incident.state}"
        if handling.next_action:
            says += f"; next: {handling.next_action}"
        return {"ok": True, "says": says, "incident": incident.id, "vetoed": incident.vetoed}


Connect = Callable[[Loaded, Mapping[str, str]], list[VenueGateway]]
Record = Callable[[Loaded], Journal]


async def run_guard(
    loaded: Loaded,
    stop: asyncio.Event,
    *,
    arm: bool,
    environ: Mapping[str, str] | None = None,
    connect: Connect | None = None,
    record: Record | None = None,
) -> int:
    """Guard until `stop` is set; gives the exit code. Other ports may be given for venues and journal.

    Raises `StrategyUnusable`, `CredentialsUnavailable`, `JournalUnavailable` or `OSError` before it began.
    """
    environ = os.environ if environ is None else environ
    strategies = load_strategies(loaded.policy, loaded.directory, file=loaded.path)
    gateways = {gateway.venue: gateway for gateway in (connect or build_gateways)(loaded, environ)}
    journal = (record or journal_of)(loaded)
    guard = Guard(
        loaded.policy,
        epoch_ms=journal.epoch_ms,
        policy_hash=loaded.hash,
        strategies=strategies.functions,
        strategy_hashes=strategies.hashes,
        facts=journal.replay(),
    )
    executor: Executor
    references = WebReferences()

    def submit(commands: Sequence[Command]) -> None:
        executor.submit(commands)

    runner = Runner(Witnessed(guard, guard.watch), submit, wall_ms)
    executor = Executor(
        gateways,
        journal=journal,
        notifier=PolicyNotifier(loaded.policy, loaded.directory, environ),
        references=references,
        emit=runner.emit,
        wall_ms=wall_ms,
    )
    ears = Ears(guard, runner, loaded)

    async def settled() -> None:
        """Return when what was said has been handled and is on disk: a veto must outlive a crash."""
        await runner.settled()
        with contextlib.suppress(JournalUnavailable):  # the guard hears of it elsewhere, and tells
            await journal.commit(wall_ms(), ())

    socket = ControlSocket(
        socket_path(loaded.journal), emit=runner.emit, settled=settled, answers=ears.answers()
    )
    await socket.open()
    try:
        if arm:
            runner.emit(OperatorSaid("arm", by=STARTED_WITH))
        # A full collection over ccxt's 200 000 objects would stop the loop for 0.1 s: keep them out of it.
        gc.collect()
        gc.freeze()
        return await live(runner, executor, list(gateways.values()), journal, stop)
    finally:
        await socket.close()
        await references.close()


def journal_of(loaded: Loaded) -> Journal:
    """Open the journal that a policy names."""
    return open_journal(loaded.journal, wall_ms())


def build_gateways(loaded: Loaded, environ: Mapping[str, str]) -> list[VenueGateway]:
    """Connect every venue of a policy; opens no socket yet."""
    gateways: list[VenueGateway] = []
    for venue in loaded.policy.venues:
        connection = loaded.connections[venue.id]
        legs = tuple(leg for leg in loaded.policy.legs() if leg.venue == venue.id)
        gateways.append(
            build_gateway(
                venue,
                ccxt_id=connection.ccxt,
                ccxt_config=connection.ccxt_config,
                credentials=_keys(connection.keys, loaded.directory, environ),
                probe_credentials=_keys(connection.probe_keys, loaded.directory, environ),
                legs=legs,
            )
        )
    return gateways


def _keys(reference: str, directory: Path, environ: Mapping[str, str]) -> Credentials | None:
    return credentials(reference, directory, environ) if reference else None

"""One sitting at the command line, acted out once: all control words, three guards, one outage."""

import asyncio
import signal
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from riskguard.core.orders.intent import Purpose
from tests.e2e.stage import (
    BACKUP,
    HELD,
    PATIENCE_S,
    PRIMARY,
    RISKGUARD,
    Ended,
    Guard,
    Script,
    Stage,
    Status,
    condition,
    environment,
    has_incident,
    riskguard,
    stage,
)


@dataclass(slots=True)
class Sitting:
    """What every command answered, by a name for the moment, and what the guards left behind."""

    directory: Path
    said: dict[str, Ended] = field(default_factory=dict)
    seen: dict[str, Status] = field(default_factory=dict)
    exits: dict[str, int] = field(default_factory=dict)
    command_lines: list[str] = field(default_factory=list)
    arrived_while_vetoed: list[str] = field(default_factory=list)
    left_at_backup: Decimal = Decimal(0)
    without_guard: dict[str, Ended] = field(default_factory=dict)
    """What commands answered where no guard runs."""


async def sit(directory: Path, empty: Path) -> Sitting:
    """Act it out; meanwhile ask for a guard in an `empty` directory."""
    sitting, answers = await asyncio.gather(_sit(directory), _without_a_guard(empty))
    sitting.without_guard = answers
    return sitting


async def _sit(directory: Path) -> Sitting:
    sitting = Sitting(directory)
    async with stage(directory, Script(veto="60s")) as scene:
        await _unarmed(scene, sitting)
        await _an_outage_begins(scene, sitting)
        await _vetoed_and_hedged(scene, sitting)
        sitting.left_at_backup = await scene.position(BACKUP)
        sitting.said["report afterwards"] = await scene.say("report", "e1", "-o", str(directory / "e1.md"))
        sitting.said["status afterwards"] = await scene.say("status", "--json")
    return sitting


async def _unarmed(scene: Stage, sitting: Sitting) -> None:
    said = sitting.said
    async with scene.guard(arm=False) as guard:
        await guard.until("all is well", _knows_all)
        said["status"], said["status json"] = await asyncio.gather(
            scene.say("status"), scene.say("status", "--json")
        )
        said["second guard"] = await scene.say("run", "--headless")
        said["arm unasked"] = await scene.say("arm")
        sitting.seen["after arm unasked"] = await _now(guard)
        said["arm"] = await scene.say("arm", "--yes", "--json")
        sitting.seen["armed"] = await _now(guard)
        said["disarm"] = await scene.say("disarm", "--json")
        said["veto without incident"] = await scene.say("veto", "--json")
        said["incidents"] = await scene.say("incidents", "--json")
        sitting.command_lines.append(_command_line(guard))
        sitting.exits["SIGINT"] = await guard.stop(signal.SIGINT)


async def _an_outage_begins(scene: Stage, sitting: Sitting) -> None:
    said = sitting.said
    async with scene.guard(arm=True) as guard:
        sitting.seen["disarmed, started with --arm"] = await guard.until("all is well", _knows_all)
        said["arm again"] = await scene.say("arm", "--yes")
        await guard.until("orders are proven", _is_proven)
        await scene.wire.set_fault(PRIMARY, "hang", "place", "reduce", "cancel")
        await guard.until("an incident", has_incident("open"))
        said["status in trouble"] = await scene.say("status", "--json")
        sitting.seen["before hold"] = await guard.until("a countdown", _counts_down)
        said["hold"] = await scene.say("hold", "e1", "--json")
        sitting.seen["after hold"] = await guard.until("a countdown", _counts_down)
        said["veto of nothing"] = await scene.say("veto", "e77")
        said["veto"] = await scene.say("veto", "e1", "--json")
        sitting.exits["SIGTERM"] = await guard.stop(signal.SIGTERM)


async def _vetoed_and_hedged(scene: Stage, sitting: Sitting) -> None:
    said = sitting.said
    async with scene.guard(arm=True) as guard:
        by_sigterm, by_sigint, with_guard = [await _plain_watch(scene) for _ in range(3)]
        sitting.seen["vetoed, started anew"] = await guard.until(
            "the venue is surely down", lambda found: condition(found, PRIMARY) == "TRAPPED"
        )
        sitting.arrived_while_vetoed = await scene.arrived(BACKUP, Purpose.HEDGE)
        said["hedge"] = await scene.say("hedge", "e1", "--yes", "--json")
        sitting.seen["hedged"] = await guard.until("hedged", has_incident("hedged"))
        said["incidents in trouble"] = await scene.say("incidents", "--json")
        by_sigterm.send_signal(signal.SIGTERM)
        by_sigint.send_signal(signal.SIGINT)
        said["watch ended by SIGTERM"] = await _ended(by_sigterm)
        said["watch ended by SIGINT"] = await _ended(by_sigint)
        sitting.exits["with a hedge"] = await guard.stop()
        said["watch ended with the guard"] = await _ended(with_guard)


async def _now(guard: Guard) -> Status:
    found = await guard.status()
    assert found is not None
    return found


def _command_line(guard: Guard) -> str:
    return Path(f"/proc/{guard.process.pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


async def _plain_watch(scene: Stage) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *RISKGUARD,
        *("watch", "--plain", "-c", str(scene.policy)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(),
    )


async def _ended(process: asyncio.subprocess.Process) -> Ended:
    async with asyncio.timeout(PATIENCE_S):
        out, err = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


def _knows_all(found: Status) -> bool:
    fine = all(venue["condition"] == "FINE" for venue in found["venues"])
    (asset,) = found["assets"]
    return fine and asset["net"] == str(HELD) and all(venue["mid"] for venue in found["venues"])


def _is_proven(found: Status) -> bool:
    return all(venue["paths"]["place"]["verdict"] == "up" for venue in found["venues"])


def _counts_down(found: Status) -> bool:
    return any(incident["next_action"] == "hedge" and incident["at"] for incident in found["incidents"])


async def _without_a_guard(directory: Path) -> dict[str, Ended]:
    (directory / "riskguard.toml").write_text('journal = "riskguard.db"\n', encoding="utf-8")
    words = {
        "status": ("status", "--json"),
        "incidents": ("incidents",),
        "arm": ("arm", "--yes"),
        "disarm": ("disarm",),
        "veto": ("veto", "e1"),
        "watch": ("watch",),
    }
    ended = await asyncio.gather(*(riskguard(*given, directory=directory) for given in words.values()))
    return dict(zip(words, ended, strict=True))

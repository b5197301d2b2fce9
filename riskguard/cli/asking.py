"""`status`, `incidents` and the controls: one question to a running guard; imports no venue code."""

import argparse
import sys
from typing import Any

from riskguard.cli.exits import Exit, Failed, answer, say
from riskguard.cli.explaining import read_facts
from riskguard.config import locate_journal
from riskguard.core.incident.incident import Incidents
from riskguard.core.picture import draw_incidents
from riskguard.runtime.control_client import GuardRefused, GuardUnreachable, ask
from riskguard.runtime.socket_path import socket_path
from riskguard.runtime.status_json import incidents_json

DANGEROUS = {
    "arm": "the guard may then send orders, within its limits and where its mode lets it",
    "hedge": "the hedge is built without waiting for the countdown",
    "unwind": "the hedge is taken off once the venue is reconciled, without waiting",
}


def status(arguments: argparse.Namespace) -> int:
    """Say how things are; exit code 10 when something is not fine."""
    found = question(arguments, {"do": "status"})
    if arguments.json:
        answer(found)
    else:
        print("\n".join(_status_lines(found)))
    ill = [venue for venue in found["venues"] if venue["condition"] != "FINE"]
    return (
        Exit.BROKEN if ill or found["self"]["condition"] != "FINE" or not found["journal_ok"] else Exit.FINE
    )


def _status_lines(found: dict[str, Any]) -> list[str]:
    ourselves = found["self"]
    armed = "armed" if found["armed"] else "not armed"
    lines = [
        f"mode {found['mode']}, {armed}; ourselves {ourselves['condition']} {ourselves['because']}".rstrip()
    ]
    lines += [f"{venue['id']}: {venue['condition']} ({venue['because']})" for venue in found["venues"]]
    for asset in found["assets"]:
        held = "?" if asset["net"] is None else f"{asset['net']} [{asset['low']}, {asset['high']}]"
        lines.append(
            f"{asset['name']}: net {held}, hedged {asset['hedged']}, coverage {asset['coverage']['share']}"
        )
    for incident in found["incidents"]:
        where = f"incident {incident['id']}: {incident['state']} at {incident['venue']}"
        lines.append(f"{where} {incident['next_action']}".rstrip())
    return lines


def incidents(arguments: argparse.Namespace) -> int:
    """List what happened: as the guard says, or as its journal has it while it does not run."""
    try:
        found = question(arguments, {"do": "incidents"})
    except Failed as error:
        found = _recorded(arguments, error)
    if arguments.json:
        answer(found)
    else:
        for row in found:
            naked = f"naked {row['naked_s']:.1f} s"
            print(f"{row['id']}  {row['opened_at']}  {row['venue']}  {row['state']}  {naked}")
        if not found:
            print("no incident yet")
    return Exit.FINE


def _recorded(arguments: argparse.Namespace, unreachable: Failed) -> Any:
    """Read the incidents from the journal; without one the guard cannot be reached and that is all."""
    journal = locate_journal(arguments.config)
    if unreachable.code is not Exit.UNREACHABLE or not journal.is_file():
        raise unreachable
    folded = Incidents()
    for wall_ms, fact in read_facts(journal):
        folded = folded.fold(fact, wall_ms)
    return incidents_json(draw_incidents(folded))


def control(arguments: argparse.Namespace) -> int:
    """Say one control word to the guard."""
    word = arguments.word
    if word in DANGEROUS:
        confirm(word, DANGEROUS[word], yes=arguments.yes)
    request = {"do": word, "by": "cli"}
    if getattr(arguments, "incident", ""):
        request["incident"] = arguments.incident
    found = question(arguments, request)
    if arguments.json:
        answer(found)
    else:
        print(found["says"])
    return Exit.FINE if found["ok"] else Exit.REFUSED


def confirm(word: str, what: str, *, yes: bool) -> None:
    """Say what a word will do and ask for a yes, unless it was given; refused where nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Failed(Exit.REFUSED, f"{word}: {what}; without a terminal this needs --yes")
    say(f"{word}: {what}.")
    if input("Go on? [y/N] ").strip().lower() not in ("y", "yes"):
        raise Failed(Exit.REFUSED, "nothing was done")


def question(arguments: argparse.Namespace, request: dict[str, str]) -> Any:
    """Ask the guard of a policy; works with a broken policy file too, so that a veto always gets through."""
    try:
        return ask(socket_path(locate_journal(arguments.config)), request)
    except GuardUnreachable as error:
        raise Failed(Exit.UNREACHABLE, str(error)) from None
    except GuardRefused as error:
        raise Failed(Exit.REFUSED, str(error)) from None

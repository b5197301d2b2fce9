"""What a person says through the controls: it lasts, and it beats what was started with."""

from riskguard.core.control import adopting, preflight
from riskguard.core.exposure import disputes
from riskguard.core.facts import OperatorDecided
from riskguard.core.incident.incident import Incident
from riskguard.core.memory import Memory
from riskguard.core.messages import OperatorSaid, Severity
from riskguard.core.turn import Turn

STARTED_WITH = "--arm"
"""`by` of the arming that a command line asks for; a disarm that a person said before is stronger."""


def step(memory: Memory, turn: Turn) -> None:
    """Go on with what persons asked for and what waits for their word."""
    disputes.step(memory, turn)
    preflight.step(memory, turn)


def said(memory: Memory, turn: Turn, word: OperatorSaid) -> None:
    """Take in one control; words that make no sense now are told and change nothing."""
    match word.word:
        case "arm" | "disarm":
            _arm(memory, turn, word)
        case "preflight":
            preflight.begin(memory, turn, word.by)
        case "preflight-state":
            pass
        case "adoptable":
            adopting.look(memory, turn)
        case "adopt":
            adopting.adopt(memory, turn, word.by)
        case "veto" | "hold" | "hedge" | "unwind":
            _about_incident(memory, turn, word)
        case _:
            memory.tell(turn, Severity.WARNING, f"unknown control: {word.word}")


def _arm(memory: Memory, turn: Turn, word: OperatorSaid) -> None:
    if word.by == STARTED_WITH and memory.last_word == "disarm":
        title = "not armed: this guard was disarmed earlier, and --arm does not undo that"
        memory.tell(turn, Severity.WARNING, title, "riskguard arm")
        return
    refused = disputes.refusal(memory)
    if word.word == "arm" and refused and not memory.armed:
        memory.tell(turn, Severity.ALARM, "not armed: two guards on one account would both hedge", refused)
        return
    if memory.last_word == word.word:
        return
    memory.record(OperatorDecided(word.word, "", word.by), turn)
    memory.tell(turn, Severity.WARNING, f"{word.word}ed by {word.by}", f"mode {memory.policy.mode}")


def _about_incident(memory: Memory, turn: Turn, word: OperatorSaid) -> None:
    incident = named(memory, word.incident)
    if incident is None:
        memory.tell(turn, Severity.WARNING, f"{word.word}: {why_not_named(memory, word.incident)}")
        return
    memory.record(OperatorDecided(word.word, incident.id, word.by), turn)
    memory.tell(turn, Severity.WARNING, f"{word.word} by {word.by}", incident=incident.id)


def named(memory: Memory, identity: str) -> Incident | None:
    """Give the open incident of that id; with no id, the only one that is open."""
    candidates = [i for i in memory.incidents if i.open and identity in ("", i.id)]
    return candidates[0] if len(candidates) == 1 else None


def why_not_named(memory: Memory, identity: str) -> str:
    """Say why no incident is meant: there is none, or there are several and none was named."""
    still_open = [incident.id for incident in memory.incidents if incident.open]
    if not identity and len(still_open) > 1:
        return f"several incidents are open, name one: {', '.join(still_open)}"
    return f"no open incident {identity}".rstrip()

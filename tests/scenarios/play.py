"""Reads a scenario, plays it against the simulated venues and tells it as a story.

A file holds a paragraph, an empty line, the stimuli, a line `then`, and the story as it must come out:

    given main holds +1.5 BTC
    given main has 12000 USDT
    given main rests buy 0.2 BTC at 57000
    given price 60000, 60000 at 15 s, 58500 at 35 s
    when hang at main place reduce cancel from 15 s to 35 s
    when stall of 5 s at 20 s                 (also: clock, network, unplugged, slow-disk, broken-disk)
    when crash sent 3, back after 2 s         (the third order to leave; also: at, commit, arrived, answered)
    when trader trades -1.5 BTC at main at 60 s
    when venue closes 60 % at main at 40 s    (by force: a liquidation, a deleveraging)
    when person says veto at 18 s
    run 90 s

`python -m tests.scenarios.play FILE` prints the story as it comes out now.
"""

import re
import sys
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from riskguard.simulation.world.faults import Fault, Kind, Place
from riskguard.simulation.world.history import Result, run
from riskguard.simulation.world.policies import leg, policy
from riskguard.simulation.world.script import Crash, Forced, Press, Resting, Script, Trade, VenueSetup

TOLD = ("fault", "crash", "person", "judges", "incident", "guard", "tells", "end")
QUIET = ("(canary)", "cancels", "[info]")


@dataclass
class Scenario:
    """One file, taken apart."""

    about: str
    stimuli: list[str]
    story: list[str]
    held: list[tuple[str, Decimal]] = field(default_factory=list)
    wallets: dict[str, Decimal] = field(default_factory=dict)
    resting: list[Resting] = field(default_factory=list)
    prices: tuple[tuple[float, Decimal], ...] = ()
    faults: list[Fault] = field(default_factory=list)
    crashes: list[Crash] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    forced: list[Forced] = field(default_factory=list)
    presses: list[Press] = field(default_factory=list)
    lasts_s: float = 90.0


def read(path: Path) -> Scenario:
    """Read a scenario; raises ValueError for a stimulus that it does not know."""
    about, rest = path.read_text(encoding="utf-8").split("\n\n", 1)
    stimuli, _, story = rest.partition("\nthen\n")
    scenario = Scenario(about, stimuli.strip().splitlines(), story.strip("\n").splitlines())
    for line in scenario.stimuli:
        _take(scenario, line)
    return scenario


def play(scenario: Scenario, name: str) -> Result:
    """Play it."""
    script = Script(
        name,
        policy(slices=1, veto_s=2.0),
        tuple(
            VenueSetup(venue, wallet=scenario.wallets.get(venue, VenueSetup(venue).wallet))
            for venue in ("main", "alpha", "beta")
        ),
        prices=(("BTC", scenario.prices),),
        held=tuple((leg(venue, "BTC"), amount) for venue, amount in scenario.held),
        resting=tuple(scenario.resting),
        trades=tuple(scenario.trades),
        faults=tuple(scenario.faults),
        presses=tuple(scenario.presses),
        forced=tuple(scenario.forced),
        crashes=tuple(scenario.crashes),
        lasts_s=scenario.lasts_s,
        # What others trade where the hedge is stays theirs, and no rule says how that must end.
        calm_end=all(trade.leg.venue == "main" for trade in scenario.trades),
    )
    return run(script)


def story(result: Result) -> list[str]:
    """Tell what happened without moments, prices and ids, which are not the story."""
    told: list[str] = []
    for line in result.transcript.lines:
        who, what = line[12:20].strip(), line[21:]
        if who not in TOLD or any(word in what for word in QUIET) or "is FINE" in what:
            continue
        what = re.sub(r"sends rgs\w+: ", "sends ", what)
        what = re.sub(r" at [0-9.]+", "", what) if who == "guard" else what
        what = re.sub(r"\*?BTC/USDT:USDT", "BTC", what)
        if who == "tells":
            what = what.split(": ", 1)[0] if "riskguard veto" in what else what
        if who == "judges":
            what = what.split(" (", 1)[0]
        if who == "incident":
            what = what.split(" (", 1)[0]
        told.append(f"  {who:<8} {what}".rstrip())
    return told


def _take(scenario: Scenario, line: str) -> None:
    for pattern, take in PATTERNS:
        found = re.fullmatch(pattern, line.strip())
        if found:
            take(scenario, found)
            return
    raise ValueError(f"unknown stimulus: {line}")


def _holds(scenario: Scenario, found: re.Match[str]) -> None:
    scenario.held.append((found[1], Decimal(found[2])))


def _has(scenario: Scenario, found: re.Match[str]) -> None:
    scenario.wallets[found[1]] = Decimal(found[2])


def _rests(scenario: Scenario, found: re.Match[str]) -> None:
    amount = Decimal(found[3]) * (1 if found[2] == "buy" else -1)
    scenario.resting.append(Resting(leg(found[1], "BTC"), amount, Decimal(found[4])))


def _price(scenario: Scenario, found: re.Match[str]) -> None:
    points = re.findall(r"([0-9.]+) at ([0-9.]+) s", found[2])
    scenario.prices = ((0.0, Decimal(found[1])), *((float(at), Decimal(price)) for price, at in points))


def _fault(scenario: Scenario, found: re.Match[str]) -> None:
    places = tuple(Place(word) for word in found[3].split())
    scenario.faults.append(Fault(Kind(found[1]), float(found[4]), float(found[5]), found[2], places))


def _ours(scenario: Scenario, found: re.Match[str]) -> None:
    at_s = float(found[3])
    amount = float(found[2])
    lasts = found[1] not in ("stall", "clock")
    scenario.faults.append(
        Fault(Kind(found[1]), at_s, at_s + amount if lasts else at_s, amount=0.0 if lasts else amount)
    )


def _crash(scenario: Scenario, found: re.Match[str]) -> None:
    scenario.crashes.append(Crash(found[1], int(found[2]), float(found[3])))


def _trades(scenario: Scenario, found: re.Match[str]) -> None:
    scenario.trades.append(Trade(float(found[3]), leg(found[2], "BTC"), Decimal(found[1])))


def _closes(scenario: Scenario, found: re.Match[str]) -> None:
    share = Decimal(found[1]) / 100
    scenario.forced.append(Forced(float(found[3]), leg(found[2], "BTC"), share))


def _says(scenario: Scenario, found: re.Match[str]) -> None:
    scenario.presses.append(Press(float(found[2]), found[1]))


def _lasts(scenario: Scenario, found: re.Match[str]) -> None:
    scenario.lasts_s = float(found[1])


N = r"([-+0-9.]+)"
PATTERNS = (
    (rf"given (\w+) holds {N} BTC", _holds),
    (rf"given (\w+) has {N} USDT", _has),
    (rf"given (\w+) rests (buy|sell) {N} BTC at {N}", _rests),
    (rf"given price {N}(.*)", _price),
    (rf"when ([a-z-]+) at (\w+) ([a-z -]+) from {N} s to {N} s", _fault),
    (rf"when (stall|clock|network|unplugged|slow-disk|broken-disk) of {N} s at {N} s", _ours),
    (rf"when crash (\w+) (\d+), back after {N} s", _crash),
    (rf"when trader trades {N} BTC at (\w+) at {N} s", _trades),
    (rf"when venue closes {N} % at (\w+) at {N} s", _closes),
    (rf"when person says (\w+) at {N} s", _says),
    (rf"run {N} s", _lasts),
)

if __name__ == "__main__":
    chosen = Path(sys.argv[1])
    sys.stdout.write("\n".join(story(play(read(chosen), chosen.stem))) + "\n")

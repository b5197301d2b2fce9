"""`demo`: the main job, acted out on loopback venues."""

import argparse
import asyncio
import tempfile
from pathlib import Path

from riskguard.cli.exits import Exit, answer, say
from riskguard.demo.outage import Outcome, Places, act
from riskguard.demo.scene import tempo
from riskguard.demo.score import Score, score
from riskguard.runtime.lifetime import stop_on_signals


def demo(arguments: argparse.Namespace) -> int:
    """Run the demo; exit code 10 when a promise did not hold."""
    if arguments.keep is not None:
        arguments.keep.mkdir(parents=True, exist_ok=True)
        return _play(arguments, arguments.keep.resolve())
    directory = Path(tempfile.mkdtemp(prefix="riskguard-demo-"))
    return _play(arguments, directory)


def _play(arguments: argparse.Namespace, directory: Path) -> int:
    places = Places(directory)
    for old in (places.journal, places.venue_log, places.freeze_log):
        for path in directory.glob(old.name + "*"):
            path.unlink()
    outcome, stopped = asyncio.run(_act(arguments, places))
    if stopped:
        say("stopped; nothing was left running")
        return Exit.FINE
    found = score(places, outcome)
    if arguments.json:
        answer(found.as_dict())
    else:
        print("\n".join(_summary(found, places)))
    return Exit.BROKEN if found.broken else Exit.FINE


async def _act(arguments: argparse.Namespace, places: Places) -> tuple[Outcome, bool]:
    stop = asyncio.Event()
    with stop_on_signals(stop):
        screen = not (arguments.headless or arguments.json)
        talk = (lambda _words: None) if screen else say
        outcome = await act(places, tempo(arguments.speed), screen=screen, stop=stop, say=talk)
        return outcome, stop.is_set()


def _summary(found: Score, places: Places) -> list[str]:
    truth, ours = found.truth, found.figures
    lines = ["", "What happened, by the guard's journal and (in brackets) by the venues' own logs:"]
    for key, words in _WORDS.items():
        lines.append(f"  {words:<46} {ours.get(key)} [{truth.get(key)}]")
    lines += [f"BROKEN: {promise}" for promise in found.broken] or ["Every promise held."]
    if found.report is not None:
        lines.append(f"Report: {found.report}")
    lines.append(f"Files (policy, journal, logs): {places.directory}")
    return lines


_WORDS = {
    "detected_after_s": "fault noticed and told after, seconds",
    "hedged_after_s": "hedged after, seconds",
    "naked_s": "time with risk on and no hedge, seconds",
    "naked_usdt_s": "the same times its size, USDT seconds",
    "orders_sent": "orders sent, canaries apart",
    "target": "hedge that was wanted, BTC",
    "final_net": "net position at the end, BTC",
    "overshoot": "held beyond the target, lots",
}

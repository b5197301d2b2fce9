"""Every command's arguments, and the module that carries it out."""

import argparse
from importlib.metadata import version
from pathlib import Path

from riskguard.dashboard.help_text import COMMANDS, TAGLINE

CONTROLS = ("arm", "disarm", "veto", "hold", "hedge", "unwind")
ABOUT_INCIDENT = ("veto", "hold", "hedge", "unwind")


def parser() -> argparse.ArgumentParser:
    """Build the parser; commands are listed in the order of the help text."""
    top = argparse.ArgumentParser(prog="riskguard", description=TAGLINE)
    top.add_argument("--version", action="version", version=f"riskguard {version('riskguard')}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    _demo(_command(commands, "demo", "riskguard.cli.demo", "demo"))
    _init(_command(commands, "init", "riskguard.cli.policy_files", "init"))
    _file(_command(commands, "check", "riskguard.cli.policy_files", "check"))
    _file(_command(commands, "doctor", "riskguard.cli.doctor", "doctor"))
    _command(commands, "schema", "riskguard.cli.policy_files", "schema")
    _yes(_command(commands, "preflight", "riskguard.cli.preflight", "preflight"))
    _run(_command(commands, "run", "riskguard.cli.guarding", "run"))
    _watch(_command(commands, "watch", "riskguard.cli.watching", "watch"))
    _file(_command(commands, "status", "riskguard.cli.asking", "status"))
    _why(_command(commands, "why", "riskguard.cli.explaining", "why_command"))
    _file(_command(commands, "incidents", "riskguard.cli.asking", "incidents"))
    _report(_command(commands, "report", "riskguard.cli.reporting", "report"))
    for word in CONTROLS:
        _control(_command(commands, word, "riskguard.cli.asking", "control"), word)
    _yes(_command(commands, "adopt", "riskguard.cli.settling", "adopt"))
    _replay(_command(commands, "replay", "riskguard.cli.explaining", "replay_command"))
    _file(_command(commands, "blips", "riskguard.cli.explaining", "blips_command"))
    return top


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, module: str, function: str
) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=COMMANDS[name], description=COMMANDS[name])
    made.set_defaults(module=module, function=function)
    return made


def _file(made: argparse.ArgumentParser, *, json: bool = True) -> None:
    made.add_argument(
        "-c", "--config", type=Path, default=Path("riskguard.toml"), metavar="FILE", help="the policy file"
    )
    if json:
        made.add_argument(
            "--json", action="store_true", help="one line of JSON on stdout, all else on stderr"
        )


def _demo(made: argparse.ArgumentParser) -> None:
    made.add_argument("--headless", action="store_true", help="no dashboard")
    made.add_argument("--json", action="store_true", help="one line of JSON on stdout, all else on stderr")
    made.add_argument(
        "--speed", type=_speed, default=1.0, metavar="N", help="shorten the script's quiet phases N times"
    )
    made.add_argument("--keep", type=Path, metavar="DIR", help="keep policy, journal, logs and report there")


def _speed(text: str) -> float:
    speed = float(text)
    if not 0.1 <= speed <= 100:
        raise argparse.ArgumentTypeError("between 0.1 and 100")
    return speed


def _init(made: argparse.ArgumentParser) -> None:
    made.add_argument("file", type=Path, nargs="?", default=Path("riskguard.toml"), help="where to write it")


def _run(made: argparse.ArgumentParser) -> None:
    _file(made, json=False)
    made.add_argument("--headless", action="store_true", help="no dashboard, also on a terminal")
    made.add_argument(
        "--arm", action="store_true", help="arm at once, unless a person disarmed this guard before"
    )


def _watch(made: argparse.ArgumentParser) -> None:
    _file(made, json=False)
    made.add_argument("--plain", action="store_true", help="sentences, no cursor movement")


def _why(made: argparse.ArgumentParser) -> None:
    _file(made)
    made.add_argument("id", help="an order's client id, a plan or an incident, as other commands print them")


def _replay(made: argparse.ArgumentParser) -> None:
    _file(made)
    made.add_argument(
        "--journal", type=Path, metavar="FILE", help="another journal than the one that the policy names"
    )


def _report(made: argparse.ArgumentParser) -> None:
    _file(made, json=False)
    made.add_argument("incident", help="its id, as `riskguard incidents` lists it")
    made.add_argument("-o", "--output", type=Path, required=True, metavar="F", help="F.md, F.html or F.json")


def _yes(made: argparse.ArgumentParser) -> None:
    _file(made)
    made.add_argument("--yes", action="store_true", help="do not ask; needed where there is no terminal")


def _control(made: argparse.ArgumentParser, word: str) -> None:
    _yes(made)
    made.set_defaults(word=word)
    if word in ABOUT_INCIDENT:
        made.add_argument("incident", nargs="?", default="", help="its id; may be left out when one is open")

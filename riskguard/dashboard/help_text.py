"""What `riskguard` alone prints, and one line per command: the source for argparse and for the README."""

from collections.abc import Collection, Mapping

TAGLINE = "The bot that assumes your exchange may stop obeying."

COMMANDS: Mapping[str, str] = {
    "demo": "watch the real guard survive a scripted outage on loopback venues; no keys, no network",
    "init": "write a starter policy and say where the keys go",
    "check": "lint the policy at file:line:col",
    "doctor": "tell whether this machine and these keys are fit to guard; asks no venue",
    "schema": "print the policy's JSON Schema for editors",
    "preflight": "place and release a hedge of minimum size on each backup, through journal and limits",
    "run": "guard; on a terminal with a dashboard, --headless without; --arm lets it send orders",
    "watch": "attach a dashboard to a running guard; leaving never stops it; --plain for sentences",
    "status": "say how things are now; exit code 10 when something is not fine",
    "why": "show a decision with the inputs that it read",
    "incidents": "list what happened",
    "report": "write one incident's report as html, md or json",
    "arm": "let the guard send orders, within its limits",
    "disarm": "send nothing more that adds risk; survives a restart",
    "veto": "no hedge for this incident until it closes",
    "hold": "put the next step off by 60 s",
    "hedge": "hedge now, without waiting for the countdown",
    "unwind": "take a hedge off now",
    "adopt": "take over orders of a lost journal",
    "drill": "act outages out on loopback venues and score what the guard did",
    "replay": "run recorded facts through a policy, also a changed one",
    "blips": "show a venue's micro-outages and what was learnt from them",
}
"""Every command of the contract, in the order in which a newcomer meets them."""

EXIT_CODES: Mapping[int, str] = {
    0: "fine",
    1: "internal error",
    2: "wrong usage",
    3: "refused by limits, or not armed",
    4: "policy invalid",
    5: "a venue or the guard cannot be reached",
    10: "status and drill: degraded, or a must-hold broke",
}

FIRST_STEPS = """\
See it work, with no keys and no network:
  riskguard demo

Then, with your own venues and nothing that could be sent:
  riskguard init               a starter policy, in mode observe
  riskguard check              is it right, at file:line:col?
  riskguard run -c FILE        watch; `riskguard arm` only when you trust it
"""


def welcome(version: str = "", names: Collection[str] = tuple(COMMANDS)) -> str:
    """Give what `riskguard` without arguments prints on a terminal; no line is longer than 100 characters."""
    name = f"riskguard {version}".rstrip()
    return f"{name}: {TAGLINE}\n\n{FIRST_STEPS}\n{command_list(names)}"


def command_list(names: Collection[str] = tuple(COMMANDS)) -> str:
    """Give one aligned line for each of the commands named."""
    width = max(map(len, COMMANDS)) + 2
    lines = [f"  {name:<{width}}{summary}" for name, summary in COMMANDS.items() if name in names]
    return "\n".join(["Commands (`riskguard COMMAND --help` tells more):", *lines, ""])


def command_table(names: Collection[str] = tuple(COMMANDS)) -> str:
    """Give the commands named as a Markdown table."""
    rows = [f"| `{name}` | {summary} |" for name, summary in COMMANDS.items() if name in names]
    return "\n".join(["| command | does |", "|---|---|", *rows, ""])


def exit_code_table() -> str:
    """Give the exit codes as a Markdown table."""
    rows = [f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items()]
    return "\n".join(["| exit code | means |", "|---|---|", *rows, ""])

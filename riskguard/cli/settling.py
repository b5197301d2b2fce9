"""`adopt`: shows with numbers what only a person can settle, and settles it on a yes."""

import argparse
import time

from riskguard.cli.asking import confirm, question
from riskguard.cli.exits import Exit, answer, say

READ_WITHIN_S = 20.0
POLL_S = 0.5


def adopt(arguments: argparse.Namespace) -> int:
    """Ask the guard what there is, show it, and have it settled; exit code 3 where that is refused."""
    until_s = time.monotonic() + READ_WITHIN_S
    found = question(arguments, {"do": "adoptable"})
    while not found["ready"] and time.monotonic() < until_s:
        time.sleep(POLL_S)
        found = question(arguments, {"do": "adoptable"})
    for leg in found["unread"]:
        say(f"{leg}: its order history could not be read; what a lost journal left there is not known")
    for offer in found["offers"]:
        say(offer["says"])
    if found["offers"]:
        confirm("adopt", "all of this is then settled, and the guard acts on it", yes=arguments.yes)
        said = question(arguments, {"do": "adopt", "by": "cli"})
    else:
        said = {"ok": not found["unread"], "says": "nothing to settle"}
    if arguments.json:
        answer({**said, "adopted": found["offers"], "unread": found["unread"]})
    else:
        print(said["says"])
    return Exit.FINE if said["ok"] else Exit.REFUSED

"""The screen behind `?`: keys, then every word that the other screen uses."""

from rich.text import Text

from riskguard.dashboard.keys import HELP
from riskguard.dashboard.lines import Level, Piece, cut, line

WORDS = (
    ("FINE", "orders, cancels and answers are as usual"),
    ("SLOW DEGRADED", "partly or slowly"),
    ("TRAPPED", "cannot cancel, or can neither place nor reduce"),
    ("BLIND", "fills and positions are not reported"),
    ("DARK", "nothing answers"),
    ("SELF", "our own network or machine; no venue is blamed"),
    ("a ? behind it", "confirmed, but not yet sure enough to spend money on"),
    ("unpr", "path unproven: no evidence of its own yet, never counts as up"),
    ("susp CONF DOWN", "path suspect, confirmed, down"),
    ("reco", "path recovering"),
    ("?", "not known, with the age of the last reading; never zero"),
    ("~", "rounded to fit"),
    ("naked", "time, and time × notional, trapped and not hedged"),
)


def help_lines(width: int, height: int, *, waiting: bool = False) -> list[Text]:
    """Give the help in at most `height` lines."""
    said = [("waiting for the guard's first picture", "")] if waiting else []
    rows = [*said, *HELP, ("", ""), *WORDS]
    lines = [line(Piece(f" {name:<15}", Level.HEADING), meaning) for name, meaning in rows]
    kept = lines if len(lines) <= height else lines[: max(height - 1, 0)]
    if len(kept) < len(lines):
        kept = [*kept, line(Piece(f" +{len(lines) - len(kept)} more lines", Level.QUIET))]
    return [cut(text, max(width, 1)) for text in kept]

"""Numbers, ages and foreign text in a few exact characters; what is unknown is `?`, never zero."""

import math
from decimal import Decimal

UNKNOWN = "?"


def clean(text: str) -> str:
    """Make foreign text safe for a terminal: no control, direction or line characters, single blanks."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def short(text: str, characters: int) -> str:
    """Clean a foreign text and cut it, with an ellipsis, before it pushes out what must be read."""
    cleaned = clean(text)
    return cleaned if len(cleaned) <= characters else f"{cleaned[: characters - 1]}…"


def amount(value: Decimal | None, width: int = 12) -> str:
    """Write a signed amount in about `width` characters; `~` in front says that it was rounded."""
    if value is None or not value.is_finite():
        return UNKNOWN
    if value == 0:
        return "0"
    if not -12 < value.adjusted() < 18:
        return f"~{value:+.1E}"
    text = f"{value:+f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text if len(text) <= width else _rounded(value, width)


def _rounded(value: Decimal, width: int) -> str:
    """Keep the leading digits: thousands as k, M, G, T; what would round to nothing in powers of ten."""
    step = max(value.adjusted(), 0) // 3
    digits_before = max(value.adjusted(), 0) - 3 * step + 1
    suffix = ("", "k", "M", "G", "T", "P")[step]
    places = max(width - 2 - digits_before - len(suffix) - 1, 0)
    if value.adjusted() < -places:
        return f"~{value:+.1E}"
    return f"~{value.scaleb(-3 * step):+.{places}f}{suffix}"


def money(value: Decimal | None) -> str:
    """Write an amount of quote currency, rounded to the unit, in groups of three digits."""
    if value is None or not value.is_finite():
        return UNKNOWN
    if abs(value.adjusted()) > 18:
        return f"~{value:.3E}"
    return f"{value:,.0f}".replace(",", " ")


def bps(value: Decimal | None) -> str:
    """Write a cost in basis points."""
    if value is None or not value.is_finite():
        return UNKNOWN
    return f"{value:.1f} bps" if abs(value.adjusted()) < 9 or value == 0 else f"~{value:.1E} bps"


def percent(share: Decimal) -> str:
    """Write a share in per cent, rounded down, so that 100 % always means all of it."""
    if not share.is_finite():
        return UNKNOWN
    return f"{math.floor(share * 100)}%" if share.adjusted() < 6 else f"~{share * 100:.1E}%"


def seconds(value: float | None, unknown: str = "never") -> str:
    """Write a duration in two or three digits and its unit."""
    if value is None:
        return unknown
    if not math.isfinite(value):
        return UNKNOWN
    if value < 9.95:
        return f"{max(value, 0.0):.1f}s"
    if value < 100:
        return f"{value:.0f}s"
    if value < 5_400:
        return f"{value / 60:.0f}m"
    return f"{value / 3_600:.0f}h" if value < 172_800 else f"{value / 86_400:.0f}d"


def milliseconds(value: float | None) -> str:
    """Write a latency."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    return f"{value:.0f}ms" if value < 1_000 else seconds(value / 1_000)


def clock(at_ms: int) -> str:
    """Write the UTC time of day."""
    hours, rest = divmod(at_ms // 1_000 % 86_400, 3_600)
    return f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"


def since(from_ms: int, to_ms: int) -> str:
    """Write how long ago something began, as +mm:ss or +h:mm:ss."""
    hours, rest = divmod(max(to_ms - from_ms, 0) // 1_000, 3_600)
    minutes = f"{rest // 60:02d}:{rest % 60:02d}"
    return f"+{hours}:{minutes}" if hours else f"+{minutes}"


def countdown(at_ms: int | None, now_ms: int) -> str:
    """Write how long until something happens; rounded up, so that nothing happens before its time."""
    if at_ms is None:
        return ""
    left_s = -((now_ms - at_ms) // 1_000)
    return f"in {left_s} s" if left_s > 0 else "now"

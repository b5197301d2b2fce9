"""Numbers and moments as a report writes them; foreign text is cleaned before it goes anywhere."""

import html
from datetime import UTC, datetime, timedelta
from decimal import Decimal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNKNOWN = "not known"


def clean(text: str) -> str:
    """Keep printable characters, single blanks, one line."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def number(value: Decimal | None, *, signed: bool = False) -> str:
    """Write a decimal without an exponent and without zeros that say nothing."""
    if value is None or not value.is_finite():
        return UNKNOWN
    if value == 0:
        return "0"
    text = f"{value:+f}" if signed else f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(value: Decimal | None) -> str:
    """Write quote currency to the cent."""
    return UNKNOWN if value is None or not value.is_finite() else f"{value:.2f}"


def utc(wall_ms: int) -> str:
    """Write a moment as RFC 3339 in UTC with milliseconds."""
    moment = EPOCH + timedelta(milliseconds=wall_ms)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{wall_ms % 1000:03d}Z"


def relative(at_ms: int, zero_ms: int) -> str:
    """Write how many seconds after (or before) the zero of the report something was."""
    return f"{(at_ms - zero_ms) / 1000:+.3f} s"


def seconds(value: float | None) -> str:
    """Write a duration."""
    return UNKNOWN if value is None else f"{value:.3f} s"


def html_text(text: str) -> str:
    """Escape for element content and for quoted attributes."""
    return html.escape(clean(text), quote=True)


def markdown_text(text: str) -> str:
    """Escape for a paragraph or a table cell, HTML inside Markdown included."""
    escaped = html.escape(clean(text), quote=False)
    return "".join(f"\\{char}" if char in "\\`*_[]|#~" else char for char in escaped)

"""A line chart as SVG, enough for the documentation."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 720, 320
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 36, 44
STYLE = 'font-family="sans-serif" font-size="12" fill="#59636e"'
COLOURS = ("#1f6feb", "#d1242f", "#1a7f37", "#9a6700", "#8250df")


@dataclass(frozen=True, slots=True)
class Line:
    """One named curve."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Mark:
    """A vertical line with a word."""

    x: float
    word: str


def chart(
    title: str, x_title: str, y_title: str, lines: Sequence[Line], marks: Sequence[Mark] = (), *,
    x_ticks: Sequence[float], y_ticks: Sequence[float],
) -> str:  # fmt: skip
    """Draw lines on linear axes that span the ticks."""
    x_low, x_high, y_low, y_high = x_ticks[0], x_ticks[-1], y_ticks[0], y_ticks[-1]

    def x_at(x: float) -> float:
        return LEFT + (x - x_low) / (x_high - x_low) * (WIDTH - LEFT - RIGHT)

    def y_at(y: float) -> float:
        inside = min(max(y, y_low), y_high)
        return HEIGHT - BOTTOM - (inside - y_low) / (y_high - y_low) * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {STYLE}>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="20" font-size="14" fill="#1f2328">{escape(title)}</text>',
    ]
    for x in x_ticks:
        parts.append(_text(x_at(x), HEIGHT - BOTTOM + 16, f"{x:g}", "middle"))
        parts.append(_rule(x_at(x), TOP, x_at(x), HEIGHT - BOTTOM, "#eaeef2"))
    for y in y_ticks:
        parts.append(_text(LEFT - 6, y_at(y) + 4, f"{y:g}", "end"))
        parts.append(_rule(LEFT, y_at(y), WIDTH - RIGHT, y_at(y), "#eaeef2"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x_title, "middle"))
    parts.append(_text(LEFT, TOP - 4, y_title, "start"))
    for i, mark in enumerate(marks):
        parts.append(_rule(x_at(mark.x), TOP, x_at(mark.x), HEIGHT - BOTTOM, "#59636e", dash="4 3"))
        parts.append(_text(x_at(mark.x) + 3, TOP + 12 + 14 * (i % 3), mark.word, "start"))
    for i, line in enumerate(lines):
        colour = COLOURS[i % len(COLOURS)]
        path = " ".join(f"{x_at(x):.1f},{y_at(y):.1f}" for x, y in line.points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(WIDTH - RIGHT - 4, TOP + 30 + 16 * i, line.name, "end", colour))
    return "\n".join([*parts, "</svg>", ""])


def _text(x: float, y: float, words: str, anchor: str, colour: str = "#59636e") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'


def _rule(x1: float, y1: float, x2: float, y2: float, colour: str, *, dash: str = "none") -> str:
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-dasharray="{dash}"/>'

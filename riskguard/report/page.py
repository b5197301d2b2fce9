"""Draws a report's blocks as one HTML file: no script, nothing loaded from anywhere, every text escaped."""

from collections.abc import Sequence
from typing import assert_never

from riskguard.report.blocks import Block, Bullets, Heading, Paragraph, Table, blocks, title_of
from riskguard.report.story import Story
from riskguard.report.text import html_text as said

STYLE = """\
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid #8886; padding: .2rem .5rem; text-align: left; vertical-align: top; }
td { font-family: ui-monospace, monospace; font-size: 13px; }
"""


def as_html(story: Story) -> str:
    """Give the whole page."""
    title = said(title_of(story))
    body = "\n".join(_drawn(block) for block in blocks(story))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n"
        f"<body>\n<h1>{title}</h1>\n{body}\n</body>\n</html>\n"
    )


def _drawn(block: Block) -> str:
    match block:
        case Heading():
            return f"<h2>{said(block.words)}</h2>"
        case Paragraph():
            return f"<p>{said(block.words)}</p>"
        case Bullets():
            items = "".join(f"<li>{said(item)}</li>" for item in block.items or [block.empty])
            return f"<ul>{items}</ul>"
        case Table():
            if not block.rows:
                return f"<p>{said(block.empty)}</p>"
            rows = "\n".join(_row("td", row) for row in block.rows)
            return f"<table>\n<thead>{_row('th', block.heads)}</thead>\n<tbody>\n{rows}\n</tbody>\n</table>"
        case _:
            assert_never(block)


def _row(tag: str, cells: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{said(cell)}</{tag}>' for cell in cells)}</tr>"

"""Draws a report's blocks as Markdown that reads well unrendered."""

from collections.abc import Sequence
from typing import assert_never

from riskguard.report.blocks import Block, Bullets, Heading, Paragraph, Table, blocks, title_of
from riskguard.report.story import Story
from riskguard.report.text import markdown_text as said


def as_markdown(story: Story) -> str:
    """Give the whole report."""
    parts = [f"# {said(title_of(story))}", *(_drawn(block) for block in blocks(story))]
    return "\n\n".join(parts) + "\n"


def _drawn(block: Block) -> str:
    match block:
        case Heading():
            return f"## {said(block.words)}"
        case Paragraph():
            return said(block.words)
        case Bullets():
            return "\n".join(f"- {said(item)}" for item in block.items or [block.empty])
        case Table():
            if not block.rows:
                return said(block.empty)
            lines = [_row(block.heads), "|" + "---|" * len(block.heads), *(_row(row) for row in block.rows)]
            return "\n".join(lines)
        case _:
            assert_never(block)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(said(cell) for cell in cells) + " |"

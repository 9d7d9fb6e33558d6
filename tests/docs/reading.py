"""Reading Markdown: sections, tables, code blocks, links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


def blocks(text: str, language: str) -> Iterator[str]:
    """The fenced code blocks of a language."""
    return (found[2] for found in _FENCE.finditer(text) if found[1] == language)


def prose(text: str) -> str:
    """The text without its fenced code blocks."""
    return _FENCE.sub("", text)


def sections(text: str) -> dict[str, str]:
    """What stands below each heading, down to the next heading of any level."""
    parts = re.split(r"^#+ (.+)$", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(section: str) -> list[list[str]]:
    """The cells of the section's tables, heads and rulers left out."""
    lines = [line for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rulers = [i for i, row in enumerate(cells) if all(set(cell) <= set("-: ") for cell in row)]
    skipped = {i for ruler in rulers for i in (ruler, ruler - 1)}
    return [row for i, row in enumerate(cells) if i not in skipped]


def codes(text: str) -> set[str]:
    """Every piece of inline `code`."""
    return set(re.findall(r"`([^`\n]+)`", prose(text)))


def links(text: str) -> set[str]:
    return set(re.findall(r"\]\(([^)\s]+)\)", prose(text)))


def anchors(text: str) -> set[str]:
    """The anchors that headings get on GitHub."""
    heads = re.findall(r"^#+ (.+)$", prose(text), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}

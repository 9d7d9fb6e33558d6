"""Terraform's language, as much of it as a file of stubs needs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Expression:
    """Text that stands without quotes: a reference."""

    text: str


@dataclass(frozen=True)
class Block:
    """``kind "label" ... { arguments }``. An argument that is a Block is a nested one, a tuple of them several."""

    kind: str
    labels: tuple[str, ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)


def label(text: str) -> str:
    """A name that Terraform takes, made from any text."""
    name = re.sub(r"[^A-Za-z0-9_]+", "_", text).strip("_")
    return name if name[:1].isalpha() else f"r_{name}"


def body(block: Block, indent: str = "") -> str:
    """The block as text. Arguments that are None are left out."""
    head = " ".join([block.kind, *(f'"{name}"' for name in block.labels)])
    inner = indent + "  "
    lines = []
    for name, value in block.arguments.items():
        nested = value if isinstance(value, tuple) and value and isinstance(value[0], Block) else (value,)
        for one in nested:
            if isinstance(one, Block):
                lines.append(body(one, inner))
            elif isinstance(one, dict) and block.kind == "terraform":
                lines.append(body(Block(name, (), one), inner))
            elif one is not None:
                lines.append(f"{inner}{name} = {literal(one, inner)}")
    return "\n".join([f"{indent}{head} {{", *lines, f"{indent}}}"])


def literal(value: Any, indent: str = "") -> str:
    """A value as Terraform writes it."""
    if isinstance(value, Expression):
        return value.text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping):
        rows = [f"{indent}  {_key(k)} = {literal(v, indent + '  ')}" for k, v in value.items()]
        return "\n".join(["{", *rows, f"{indent}}}"])
    if isinstance(value, list | tuple):
        return "[" + ", ".join(literal(v, indent) for v in value) + "]"
    # JSON's escapes are Terraform's; its two template marks are not JSON's.
    return json.dumps(str(value), ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def _key(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", text) else json.dumps(text)

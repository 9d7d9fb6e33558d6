"""Every rule of the topology file: one bad file each, and the exact places and words of its errors.

The table is `bad_files.yaml`; its first lines say how to read it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gatespan.topology import TopologyErrors, loads

MARK = "»"
TABLE: dict[str, Any] = YAML(typ="safe", pure=True).load(Path(__file__).with_name("bad_files.yaml"))


def marked_text(case: dict[str, Any]) -> str:
    """The case's text with its marks; a change whose old text does not occur exactly once is a slip in the table."""
    if "text" in case:
        return str(case["text"])
    text = str(TABLE[case.get("of", "base")])
    for old, new in case["change"].items():
        assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
        text = text.replace(old, new)
    return text


def without_marks(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """The text as the user wrote it, and the (line, column) that each mark stood before."""
    places, line, column, text = [], 1, 1, ""
    for character in marked:
        if character == MARK:
            places.append((line, column))
            continue
        text += character
        line, column = (line + 1, 1) if character == "\n" else (line, column + 1)
    return text, places


@pytest.mark.parametrize(("base", "name"), [("base", "demo"), ("sites", "plant"), ("basic", "old")])
def test_the_bases_of_the_table_are_right(base: str, name: str) -> None:
    assert loads(TABLE[base]).topology.name == name


@pytest.mark.parametrize("name", TABLE["cases"])
def test_each_error_has_its_place_and_its_words(name: str) -> None:
    case = TABLE["cases"][name]
    text, places = without_marks(marked_text(case))
    with pytest.raises(TopologyErrors) as caught:
        loads(text, name="bad.yaml")
    problems = caught.value.problems
    lines = str(caught.value).splitlines()
    assert [(problem.line, problem.column) for problem in problems] == places, "\n".join(lines)
    assert len(lines) == len(problems) == len(case["says"])
    for line, fragments in zip(lines, case["says"], strict=True):
        assert line.startswith("bad.yaml:")
        assert [fragment for fragment in fragments if str(fragment) not in line] == [], line
    assert all(problem.hint for problem in problems), lines

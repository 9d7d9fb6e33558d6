"""From a file to a `Topology`, or to everything that is wrong with it, each with its line and column.

Three passes, and none stops the next: the YAML itself (`document`), the shape (`models`, told in plain words by
`wording`), the rules between parts (`rules`). Nothing here talks to a cloud.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gatespan.topology import document, errors, rules
from gatespan.topology.errors import Problem, TopologyErrors
from gatespan.topology.models import Topology
from gatespan.topology.rules.raw import masked
from gatespan.topology.wording import explain, worth_telling


@dataclass(frozen=True)
class Loaded:
    """A topology and where it came from. `base` is the folder that its relative sources are in."""

    topology: Topology
    path: Path | None
    text: str
    base: Path


def load(path: Path) -> Loaded:
    """Raises TopologyErrors, also when the file is missing, a directory, or not UTF-8."""
    text = _read(path)
    return Loaded(_topology(text, str(path), path.parent), path, text, path.parent)


def loads(text: str, *, name: str = "<text>", base: Path | None = None) -> Loaded:
    """As `load`. Sources of functions are looked for only when their `base` folder is given."""
    return Loaded(_topology(text, name, base), None, text, base or Path())


def _topology(text: str, file: str, base: Path | None) -> Topology:
    read = document.read(text, file)
    problems = list(read.problems)
    if read.values:
        topology, refused, more = _shape(read)
        problems += more
        for found in rules.check(masked(read.data, refused), base):
            problems.append(read.problem(found.path, found.message, found.hint, at_key=found.at_key))
        if topology is not None and not problems:
            return topology
    in_order = sorted(set(problems), key=lambda problem: (problem.line, problem.column, problem.path, problem.message))
    raise TopologyErrors(tuple(in_order))


def _shape(read: document.Document) -> tuple[Topology | None, set[errors.Path], list[Problem]]:
    """The topology if its shape is right; the paths of refused values; what is wrong with the shape."""
    try:
        context = {"rules_run_elsewhere": True}
        topology = Topology.model_validate(read.data, context=context, by_alias=True, by_name=False)
    except ValidationError as error:
        said: list[Any] = error.errors(include_url=False)
    else:
        return topology, set(read.unread), []
    told = [explain(read, one) for one in worth_telling(said) if one["loc"] not in read.unread]
    refused = {one["loc"] for one in said if one["type"] not in ("missing", "extra_forbidden")}
    return None, refused | set(read.unread), told


def _read(path: Path) -> str:
    def failed(message: str, hint: str, line: int = 1, column: int = 1) -> TopologyErrors:
        return TopologyErrors((Problem(str(path), line, column, "", message, hint),))

    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise failed(
            "There is no such file", "Check the path; examples/cross-region.yaml is one to start from"
        ) from None
    except IsADirectoryError:
        raise failed("This is a directory", "Name the topology file in it") from None
    except (OSError, ValueError) as error:
        raise failed(
            f"The file cannot be read: {getattr(error, 'strerror', None) or error}", "Check its rights"
        ) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = raw[: error.start].decode("utf-8", "replace")
        line, column = good.count("\n") + 1, len(good) - (good.rfind("\n") + 1) + 1
        raise failed("The file is not UTF-8 text from here on", "Save it as UTF-8", line, column) from None

"""YAML text as plain data, with the place of every key and value.

The text is read as a graph of nodes (ruamel.yaml) and turned into plain data here, not by the library's
constructor: so every duplicate key is reported at once, no tag makes objects, and aliases cannot explode.
Dates stay text. YAML 1.2: `yes` and `on` are text too (the models read them as booleans where one is wanted).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gatespan.topology.errors import Path, Problem, path_text

MAX_CHARACTERS = 1 << 20
MAX_VALUES = 50_000
MAX_DEPTH = 50

Place = tuple[int, int]
"""(line, column), from 1."""


@dataclass(frozen=True)
class Document:
    """`data` is None when the text could not be read at all; then `problems` says why.

    `unread` are the places of single values that could not be taken.
    """

    file: str
    data: Any = None
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    unread: tuple[Path, ...] = ()

    def place(self, path: Path, *, at_key: bool = False) -> Place:
        """Where the thing is; of what is not in the file, where its nearest holder is."""
        first, second = (self.keys, self.values) if at_key else (self.values, self.keys)
        for length in range(len(path), -1, -1):
            if here := first.get(path[:length]) or second.get(path[:length]):
                return here
        return 1, 1

    def problem(self, path: Path, message: str, hint: str, *, at_key: bool = False) -> Problem:
        return Problem(self.file, *self.place(path, at_key=at_key), path_text(path), message, hint)


def read(text: str, file: str) -> Document:
    """Never raises: what cannot be read is a problem of the document."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    def failed(line: int, column: int, message: str, hint: str) -> Document:
        return Document(file, problems=(Problem(file, line, column, "", message, hint),))

    if len(text) > MAX_CHARACTERS:
        return failed(1, 1, f"The file is larger than {MAX_CHARACTERS} characters", "Split the topology")
    yaml = YAML(typ="safe", pure=True)
    try:
        root = yaml.compose(text)
    except MarkedYAMLError as error:
        opened = "end of stream" in str(error.problem) or "stream end" in str(error.problem)
        mark = (error.context_mark if opened else None) or error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return failed(line, column, *_explain(str(error.problem or error.context)))
    except ReaderError as error:
        line, column = _at(text, error.position)
        return failed(line, column, f"The character U+{error.character:04X} is not allowed in YAML", "Remove it")
    except RecursionError:
        return failed(1, 1, "The file is nested too deeply", f"Keep it within {MAX_DEPTH} levels")
    except (YAMLError, ValueError, AttributeError, IndexError, TypeError, AssertionError) as error:
        # The library raises these on some malformed texts; they say nothing about the place.
        return failed(1, 1, f"The file is not YAML ({type(error).__name__}: {error})", "Write `key: value` lines")
    if root is None or (root.id == "scalar" and not root.value and root.style is None):
        return failed(1, 1, "The file is empty", "Start with `name: my-topology`; `gatespan schema` lists the keys")
    return _Reader(file, yaml).run(root)


def _at(text: str, position: int) -> Place:
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


# What the YAML library says -> what to write instead. The first that is contained wins.
_ADVICE = (
    ("mapping values are not allowed", "Mind the indentation above, and put text that holds `: ` in quotes"),
    ("'\\t'", "Indent with spaces, not tabs"),
    ("cannot start any token", "Put text that starts with this character in quotes"),
    ("another document", "Keep one topology per file: remove `---`"),
    ("undefined alias", "Define it before with `&`, or put text that starts with `*` in quotes"),
    ("unexpected end of stream", "Close the quotes that are opened here or before"),
    ("expected ',' or", "Close the bracket, or put text that holds brackets in quotes"),
    ("could not find expected ':'", "Write `key: value`, with a blank after the colon"),
    ("expected <block end>", "Indent the keys of one mapping, and the dashes of one list, alike"),
)


def _explain(said: str) -> tuple[str, str]:
    hint = next((advice for sign, advice in _ADVICE if sign in said), "Write `key: value` lines, indented alike")
    return f"The YAML cannot be read: {said}", hint


class _Reader:
    """Walks the graph of nodes once; keeps what it saw. One per text."""

    def __init__(self, file: str, yaml: Any) -> None:
        self.file = file
        self.scalars = yaml.constructor
        self.keys: dict[Path, Place] = {}
        self.values: dict[Path, Place] = {}
        self.problems: list[Problem] = []
        self.unread: list[Path] = []
        self.count = 0

    def run(self, root: Any) -> Document:
        data = self._value(root, (), ())
        return Document(self.file, data, self.keys, self.values, tuple(self.problems), tuple(self.unread))

    def _report(self, place: Place, path: Path, message: str, hint: str) -> None:
        self.problems.append(Problem(self.file, *place, path_text(path), message, hint))

    def _not_taken(self, place: Place, path: Path, message: str, hint: str) -> None:
        self._report(place, path, message, hint)
        self.unread.append(path)

    def _value(self, node: Any, path: Path, above: tuple[int, ...]) -> Any:
        """The plain value of a node; None where it cannot be taken (then a problem is noted)."""
        written = node.start_mark.index != node.end_mark.index  # of `apps:` and no value, the key is the place
        self.values[path] = _start(node) if written else self.keys.get(path, _start(node))
        if id(node) in above or len(path) > MAX_DEPTH:
            place = self.keys.get(path) or _start(node)  # the node itself is where its anchor is
            return self._not_taken(place, path, "The file holds itself or is nested too deeply", "Write it out flat")
        if self._too_many(node, path):
            return None
        above = (*above, id(node))
        if node.id == "mapping":
            return {key: self._value(value, (*path, key), above) for key, value in self._pairs(node, path, above)}
        if node.id == "sequence":
            return [self._value(item, (*path, index), above) for index, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _too_many(self, node: Any, path: Path) -> bool:
        self.count += 1
        if self.count == MAX_VALUES + 1:
            said = f"The file holds more than {MAX_VALUES} values"
            self._report(_start(node), path, said, "Use fewer aliases (`*`), or split the topology")
        return self.count > MAX_VALUES

    def _pairs(self, node: Any, path: Path, above: tuple[int, ...]) -> list[tuple[str, Any]]:
        """The mapping's own keys, then those it merges in (`<<`) and does not have itself."""
        own: dict[str, Any] = {}
        merged: list[Any] = []
        for key_node, value in node.value:
            key, place = str(key_node.value), _start(key_node)
            if key_node.id != "scalar":
                self._report(place, path, "A key is a list or a mapping", "Write the key as one word")
            elif str(key_node.tag).endswith(":merge"):
                merged.extend(value.value if value.id == "sequence" else [value])
            elif key in own:
                hint = f"Remove it, or the one on line {self.keys[(*path, key)][0]}"
                self._report(place, (*path, key), f"The key `{key}` is here twice", hint)
            else:
                own[key] = value
                self.keys.setdefault((*path, key), place)
        for source in merged:
            if source.id != "mapping" or id(source) in above:
                self._report(_start(source), path, "`<<` merges something that is no mapping", "Write `<<: *anchor`")
            elif not self._too_many(source, path):
                own = {**dict(self._pairs(source, path, (*above, id(source)))), **own}
        return list(own.items())

    def _scalar(self, node: Any, path: Path) -> Any:
        kind, text, place = str(node.tag).rpartition(":")[2], str(node.value), _start(node)
        if "\0" in text:
            return self._not_taken(place, path, "The text holds a NUL character", "Remove `\\0`")
        if kind in ("str", "timestamp", "merge"):
            return text
        if kind not in _MADE_BY_LIBRARY:
            return self._not_taken(place, path, f"The tag `{node.tag}` is not known here", "Remove it")
        try:
            return getattr(self.scalars, f"construct_yaml_{kind}")(node)
        except (ValueError, KeyError, IndexError, OverflowError):
            return self._not_taken(place, path, f"`{text}` is not of the kind `!!{kind}`", "Remove the tag")


_MADE_BY_LIBRARY = ("null", "bool", "int", "float")


def _start(node: Any) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1

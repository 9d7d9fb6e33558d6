"""What can be wrong with a topology file: a place, what is wrong there, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic_core import PydanticCustomError

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One thing to mend. Lines and columns count from 1; `path` is like ``networks[0].cidr``."""

    file: str
    line: int
    column: int
    path: str
    message: str
    hint: str

    def __str__(self) -> str:
        """One line, also where a value that it quotes has several."""
        text = f"{self.file}:{self.line}:{self.column}: {self.message}. {self.hint}"
        return " ".join(text.split("\n")).rstrip()


class TopologyErrors(Exception):
    """Everything that is wrong with one file, in the file's order. str() is one line per problem."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


@dataclass(frozen=True)
class Finding:
    """A broken rule, before its place in the file is known. `path` leads to the offending value.

    `at_key` says that the key is to be pointed at rather than its value.
    """

    path: Path
    message: str
    hint: str
    at_key: bool = False

    def __str__(self) -> str:
        return f"{path_text(self.path)}: {self.message}. {self.hint}"


def path_text(path: Path) -> str:
    """``("networks", 0, "cidr")`` -> ``networks[0].cidr``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def refuse(message: str, hint: str) -> PydanticCustomError:
    """The error that a field's validator raises: what is wrong, and what to write instead."""
    return PydanticCustomError("refused", "{message}. {hint}", {"message": message, "hint": hint})

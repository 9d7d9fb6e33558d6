"""What pydantic found, in words for the person who wrote the file: what is wrong, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gatespan.topology.document import Document
from gatespan.topology.errors import Path, Problem
from gatespan.topology.models import Topology
from gatespan.topology.words import closest

Words = tuple[str, str]


def worth_telling(found: list[Any]) -> Iterator[Mapping[str, Any]]:
    """Without the errors that only follow from another: a missing key that is there misspelt, a list that is
    "too short" because its entries were refused."""
    misspelt = {(*one["loc"][:-1], _meant(one["loc"])) for one in found if one["type"] == "extra_forbidden"}
    for one in found:
        if one["type"] == "missing" and one["loc"] in misspelt:
            continue
        if one["type"] == "too_short" and len(one["input"]) >= one["ctx"]["min_length"]:
            continue
        yield one


def explain(read: Document, error: Mapping[str, Any]) -> Problem:
    """The problem behind one entry of ``ValidationError.errors()``."""
    path: Path = tuple(part for part in error["loc"] if part != "[key]")
    kind, given, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return read.problem(path, *_unknown_key(path), at_key=True)
    if kind == "missing":
        return read.problem(path, *_missing(path))
    if kind == "refused":
        return read.problem(path, context["message"], context["hint"], at_key="[key]" in error["loc"])
    if kind == "literal_error":
        return read.problem(path, *_literal(path, given, context["expected"]))
    return read.problem(path, *_in_words(path, error))


def _in_words(path: Path, error: Mapping[str, Any]) -> Words:
    kind, given = error["type"], error["input"]
    facts = {"name": _name(path), "given": _show(given), **error.get("ctx", {})}
    if kind == "string_type" and isinstance(given, int | float) and not isinstance(given, bool):
        return _WRONG[kind].format(**facts), f"Put it in quotes: '{given}'"
    if kind == "multiple_of":
        step = facts["multiple_of"]
        facts.update(below=given // step * step, above=(given // step + 1) * step)
    if kind == "string_too_long":
        facts["length"] = len(given)
    message = _WRONG.get(kind, "{name}: {otherwise}").format(**facts, otherwise=error["msg"])
    return message, _HINT[kind].format(**facts) if kind in _HINT else _example(path)


def _name(path: Path) -> str:
    if not path:
        return "The file"
    return f"`{path[-1]}`" if isinstance(path[-1], str) else f"Entry {path[-1] + 1} of `{path[-2]}`"


def _model_at(path: Path) -> type[BaseModel] | None:
    """The model that describes what is at `path`; None where a plain value or a free mapping is."""
    model: type[BaseModel] | None = Topology
    for part in path:
        if isinstance(part, int):
            continue
        field = _field(model, part) if model else None
        model = _model_in(field.annotation) if field else None
    return model


def _field(model: type[BaseModel], key: str) -> FieldInfo | None:
    return next((field for name, field in model.model_fields.items() if (field.alias or name) == key), None)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def _known_keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _meant(path: Path) -> str | None:
    """The key that an unknown one was probably meant to be."""
    model = _model_at(path[:-1])
    return closest(str(path[-1]), _known_keys(model)) if model else None


def _unknown_key(path: Path) -> Words:
    key, model, near = path[-1], _model_at(path[:-1]), _meant(path)
    known = _known_keys(model) if model else []
    hint = f"Did you mean `{near}`?" if near else f"The keys here are {', '.join(known)}"
    return f"The key `{key}` is not known here", hint


def _missing(path: Path) -> Words:
    if isinstance(path[-1], int):
        return "The list is too short", _example(path[:-1])
    return f"The key `{path[-1]}` is missing", _example(path)


def _example(path: Path) -> str:
    """`Write `cidr: 10.1.0.0/16`` from the field's own example."""
    key = next((part for part in reversed(path) if isinstance(part, str)), None)
    if key is None:
        return "Write `key: value` lines; `gatespan schema` lists the keys"
    holder = _model_at(path[: len(path) - 1 - path[::-1].index(key)])
    field = _field(holder, key) if holder else None
    entry = _model_in(field.annotation) if field else None
    if field and entry and get_origin(field.annotation) is tuple:
        first, about = next((name, one) for name, one in entry.model_fields.items() if one.examples)
        return f"Write each entry of `{key}` with a dash: `- {first}: {(about.examples or [''])[0]}`"
    if field is None or not field.examples:
        return f"Write a value for `{key}`, or leave the key out"
    return f"Write `{key}: {field.examples[0]}`"


def _show(given: object) -> str:
    if given is None:
        return "nothing"
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, Mapping):
        return "a mapping"
    if isinstance(given, list | tuple):
        return "a list"
    text = str(given)
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`"


def _literal(path: Path, given: object, expected: str) -> Words:
    known = [word.strip().strip("'") for word in expected.replace(" or ", ", ").split(",")]
    near = closest(given, known) if isinstance(given, str) else None
    hint = f"Write `{near}`" if near else f"Write one of {', '.join(known)}"
    return f"{_name(path)} cannot be {_show(given)}; it is one of {', '.join(known)}", hint


# Kind of pydantic's error -> what is wrong; filled with the key's name, what is written there, and the limits.
_WRONG = {
    "string_type": "{name} must be text, here is {given}",
    "int_type": "{name} must be a whole number, here is {given}",
    "int_parsing": "{name} must be a whole number, here is {given}",
    "int_from_float": "{name} must be a whole number, here is {given}",
    "int_parsing_size": "{name} must be a whole number of reasonable size",
    "float_type": "{name} must be a number, here is {given}",
    "float_parsing": "{name} must be a number, here is {given}",
    "bool_type": "{name} must be true or false, here is {given}",
    "bool_parsing": "{name} must be true or false, here is {given}",
    "tuple_type": "{name} must be a list, here is {given}",
    "dict_type": "{name} must be a mapping (`key: value` lines), here is {given}",
    "model_type": "{name} must be a mapping (`key: value` lines), here is {given}",
    "model_attributes_type": "{name} must be a mapping (`key: value` lines), here is {given}",
    "greater_than": "{name} must be more than {gt}, here is {given}",
    "greater_than_equal": "{name} must be at least {ge}, here is {given}",
    "less_than_equal": "{name} must be at most {le}, here is {given}",
    "multiple_of": "{name} must be a multiple of {multiple_of}, here is {given}",
    "too_short": "{name} must have at least {min_length} entries",
    "too_long": "{name} must have at most {max_length} entries",
    "string_too_short": "{name} must not be empty",
    "string_too_long": "{name} must have at most {max_length} characters, here are {length}",
}
_HINT = {
    "bool_type": "Write `true` or `false`",
    "bool_parsing": "Write `true` or `false`",
    "greater_than": "Write a number above {gt}",
    "greater_than_equal": "Write {ge} or more",
    "less_than_equal": "Write {le} or less",
    "multiple_of": "Write {below} or {above}",
    "string_too_long": "Shorten it",
}

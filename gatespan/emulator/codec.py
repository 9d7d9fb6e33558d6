"""Typed data from plain data: the dataclass types themselves say how a world file or a stored object is read.

Writing needs no code of ours: orjson writes dataclasses (an infinite float becomes null, and null reads back as
infinite). Reading is strict: unknown and missing keys and wrong types are named by their path.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Reader = Callable[[Any, str], Any]


class ShapeError(Exception):
    """Data that does not have the shape of its type: ``path: what is wrong``."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}" if path else problem)


def read(cls: type[T], value: Any, path: str = "") -> T:
    """An instance of the dataclass from a mapping. Raises ShapeError."""
    kind: Any = cls
    return cast(T, _reader(kind)(value, path))


@cache
def _reader(kind: Any) -> Reader:
    """The function that reads one type."""
    if kind is Any:
        return lambda value, path: value
    if dataclasses.is_dataclass(kind):
        return _dataclass_reader(cast(type, kind))
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        inner = _reader(next(a for a in args if a is not type(None)))
        return lambda value, path: None if value is None else inner(value, path)
    if origin is tuple:
        return _tuple_reader(_reader(args[0]))
    if origin in (Mapping, dict):
        return _mapping_reader(_reader(args[1]))
    if kind in (str, int, float, bool):
        return _SCALARS[kind]
    raise TypeError(f"no reader for {kind}")


def _dataclass_reader(cls: type) -> Reader:
    hints = get_type_hints(cls)
    fields = [f for f in dataclasses.fields(cls) if f.init]
    known = {f.name: _reader(hints[f.name]) for f in fields}
    needed = [f.name for f in fields if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING]

    def read_object(value: Any, path: str) -> Any:
        if not isinstance(value, Mapping):
            raise ShapeError(path, f"expected keys and values, found {_said(value)}")
        for name in value:
            if name not in known:
                raise ShapeError(_join(path, str(name)), f"unknown key; known here: {', '.join(known)}")
        for name in needed:
            if name not in value:
                raise ShapeError(path, f"the key {name!r} is missing")
        return cls(**{name: known[name](inner, _join(path, name)) for name, inner in value.items()})

    return read_object


def _tuple_reader(inner: Reader) -> Reader:
    def read_tuple(value: Any, path: str) -> Any:
        if not isinstance(value, list | tuple):
            raise ShapeError(path, f"expected a list, found {_said(value)}")
        return tuple(inner(item, f"{path}[{i}]") for i, item in enumerate(value))

    return read_tuple


def _mapping_reader(inner: Reader) -> Reader:
    def read_mapping(value: Any, path: str) -> Any:
        if not isinstance(value, Mapping):
            raise ShapeError(path, f"expected keys and values, found {_said(value)}")
        return {str(k): inner(v, _join(path, str(k))) for k, v in value.items()}

    return read_mapping


def _text(value: Any, path: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):  # an account id without quotes in YAML
        return str(value)
    raise ShapeError(path, f"expected a text, found {_said(value)}")


def _integer(value: Any, path: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ShapeError(path, f"expected a whole number, found {_said(value)}")


def _float(value: Any, path: str) -> float:
    if value is None:
        return float("inf")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise ShapeError(path, f"expected a number, found {_said(value)}")


def _boolean(value: Any, path: str) -> bool:
    if isinstance(value, bool):
        return value
    raise ShapeError(path, f"expected true or false, found {_said(value)}")


_SCALARS: dict[Any, Reader] = {str: _text, int: _integer, float: _float, bool: _boolean}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _said(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."

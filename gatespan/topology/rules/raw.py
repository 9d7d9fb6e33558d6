"""The file's plain data, read without trust: what is not there, or not of the right kind, is simply passed over.

So that the rules between parts run on a file whose shape is partly wrong; the shape's own errors are told elsewhere.
What the shape refused is masked as *unclear*: it is given, but nothing may be concluded from it. Thus one mistake is
told once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Any

from gatespan.topology.cidr import parse
from gatespan.topology.errors import Finding, Path

UNCLEAR = object()


def masked(data: Any, paths: Iterable[Path]) -> Any:
    """A copy of the data in which the values at the paths are unclear."""
    for path in paths:
        data = _masked(data, path)
    return data


def _masked(data: Any, path: Path) -> Any:
    if not path:
        return UNCLEAR
    key, *rest = path
    if isinstance(data, dict) and key in data:
        return {**data, key: _masked(data[key], tuple(rest))}
    if isinstance(data, list) and isinstance(key, int) and key < len(data):
        return [*data[:key], _masked(data[key], tuple(rest)), *data[key + 1 :]]
    return data


@dataclass(frozen=True)
class Raw:
    """A value and the path that leads to it."""

    value: Any
    path: Path = ()

    def __getitem__(self, key: str) -> Raw:
        """The value under a key; Raw(None) when there is none."""
        held = self.value.get(key) if isinstance(self.value, dict) else None
        return Raw(held, (*self.path, key))

    def __iter__(self) -> Iterator[Raw]:
        """The entries of a list; nothing when it is none."""
        for index, held in enumerate(self.value if isinstance(self.value, list) else ()):
            yield Raw(held, (*self.path, index))

    def has(self, *keys: str) -> list[str]:
        """Those of the keys that are given here."""
        return [key for key in keys if isinstance(self.value, dict) and self.value.get(key) is not None]

    @property
    def readable(self) -> bool:
        """It is a mapping, so that an absent key is really absent."""
        return isinstance(self.value, dict)

    @property
    def unclear(self) -> bool:
        """It is given and was refused, or is a list that holds such an entry."""
        return self.value is UNCLEAR or any(entry.value is UNCLEAR for entry in self)

    @property
    def text(self) -> str | None:
        return self.value if isinstance(self.value, str) else None

    @property
    def texts(self) -> list[str]:
        return [entry.value for entry in self if isinstance(entry.value, str)]

    @property
    def true(self) -> bool:
        return self.value is True or str(self.value).lower() in ("true", "yes", "on", "1", "y", "t")

    @property
    def number(self) -> int | None:
        if isinstance(self.value, bool) or not isinstance(self.value, int | float | str):
            return None
        try:
            return int(self.value)
        except (ValueError, OverflowError):
            return None

    @property
    def block(self) -> IPv4Network | None:
        return parse(self.value)

    @property
    def address(self) -> IPv4Address | None:
        try:
            return IPv4Address(self.value) if isinstance(self.value, str) else None
        except AddressValueError:
            return None

    def finding(self, message: str, hint: str, *, at_key: bool = False) -> Finding:
        return Finding(self.path, message, hint, at_key)


def exactly_one(here: Raw, what: str, *keys: str) -> Iterator[Finding]:
    """Of the keys, one and only one may be given."""
    given = here.has(*keys)
    if not here.readable or len(given) == 1:
        return
    choice = ", ".join(f"`{key}`" for key in keys[:-1]) + f" and `{keys[-1]}`"
    if given:
        both = " and ".join(f"`{key}`" for key in given)
        yield here[given[-1]].finding(f"{what} has {both}", f"Keep one of {choice}", at_key=True)
    else:
        yield here.finding(f"{what} has none of {choice}", f"Write one of {choice}")


def no_duplicates(entries: Iterable[Raw], kind: str, key: str = "name") -> Iterator[Finding]:
    """Entries must differ in a key; points to the later of two."""
    seen: set[str] = set()
    for entry in entries:
        name = entry[key].text
        if name is None:
            continue
        if name in seen:
            yield entry[key].finding(f"Two {kind} have the {key} `{name}`", f"Give each its own {key}")
        seen.add(name)


def cen_sites(top: Raw) -> list[Raw]:
    """The sites whose border routers are attached to the CEN, those in doubt left out."""
    return [site for site in top["sites"] if site.readable and site["connect"].value in (None, "cen")]


def circuits(top: Raw, connect: str | None = None) -> Iterator[Raw]:
    """The circuits of all sites, or of those that are joined in one way."""
    for site in top["sites"]:
        if connect is None or site["connect"].text == connect:
            yield from site["circuits"]

"""Which actions of the cloud the engine calls, read from its source: a resource looks, creates, changes and removes."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

from gatespan.cloud.door import PACKAGES
from gatespan.cloud.inventory import LISTINGS

ENGINE = Path(__file__).resolve().parents[2] / "gatespan"
PREFIX = {"cbn": "cen", "vpc": "vpc", "cloudapi": "apigateway", "fc": "fc", "bss": "bssapi"}
"""The word that RAM uses for a product (help pages on RAM authorisation of each product)."""
PRODUCT_OF_FOLDER = {"cen": "cbn", "express_connect": "vpc", "vpc": "vpc", "gateway": "cloudapi", "fc": "fc"}
PURPOSES = {"create": "build", "update": "build", "delete": "teardown"}
"""The method of a resource that a call is made in; every other method reads."""
READING = ("Describe", "List", "Get", "Check")
SPENDING = {"CreateInstance", "CreateCenBandwidthPackage", "ModifyCenBandwidthPackageSpec"}
"""What a build calls that costs money as soon as it is answered."""


@dataclass(frozen=True)
class Called:
    """An action as RAM names it (``cen:CreateCen``), and what for: read, build, teardown or spending."""

    action: str
    purpose: str


def called() -> frozenset[Called]:
    """Everything that the engine calls: its resources, and the modules beside them that use the door."""
    found = {one for path in sorted((ENGINE / "resources").rglob("*.py")) for one in _of_resources(path)}
    for path in sorted(ENGINE.rglob("*.py")):
        if {"emulator", "resources"}.isdisjoint(path.relative_to(ENGINE).parts):
            for product, action in _direct_calls(ast.parse(path.read_text())):
                found.add(Called(f"{PREFIX[product]}:{action}", "read" if action.startswith(READING) else "build"))
    return frozenset(found)


def _direct_calls(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """``….call("product", "Action", …)``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "call":
            given = [a.value for a in node.args[:2] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if len(given) == 2:
                yield given[0], given[1]


def _of_resources(path: Path) -> Iterator[Called]:
    tree = ast.parse(path.read_text())
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    folder = path.parent.name
    for class_ in classes.values():
        members, constants = _members(class_, classes)
        for name, method in members.items():
            for text in _texts(method, members | functions, constants, set()):
                product = LISTINGS[text].product if text in LISTINGS else PRODUCT_OF_FOLDER.get(folder, "")
                if text in _actions_of(product):
                    purpose = "read" if text.startswith(READING) else PURPOSES.get(name, "")
                    if purpose == "build" and text in SPENDING:
                        purpose = "spending"
                    if purpose:  # a helper's calls count for the methods that use it
                        yield Called(f"{PREFIX[product]}:{text}", purpose)


def _members(
    class_: ast.ClassDef, classes: Mapping[str, ast.ClassDef]
) -> tuple[dict[str, ast.FunctionDef], dict[str, str]]:
    """Methods and text constants of a class, those of its bases in this module included."""
    methods: dict[str, ast.FunctionDef] = {}
    constants: dict[str, str] = {}
    for base in class_.bases:
        if isinstance(base, ast.Name) and base.id in classes:
            inherited = _members(classes[base.id], classes)
            methods |= inherited[0]
            constants |= inherited[1]
    for node in class_.body:
        if isinstance(node, ast.FunctionDef):
            methods[node.name] = node
        elif (
            isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        ):
            constants |= {target.id: node.value.value for target in node.targets if isinstance(target, ast.Name)}
    return methods, constants


def _texts(
    function: ast.FunctionDef,
    known: Mapping[str, ast.FunctionDef],
    constants: Mapping[str, str],
    seen: set[str],
) -> Iterator[str]:
    """Every text in a function and in those of this module that it uses; ``self.NAME`` is the class's constant."""
    if function.name in seen:
        return
    seen.add(function.name)
    for node in ast.walk(function):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        own = not isinstance(node, ast.Attribute) or (isinstance(node.value, ast.Name) and node.value.id == "self")
        if name in constants and own:
            yield constants[name]
        elif name in known and own:
            yield from _texts(known[name], known, constants, seen)


@cache
def _actions_of(product: str) -> frozenset[str]:
    """Every action of the product's official SDK, by its request models."""
    if product not in PACKAGES:
        return frozenset()
    models = import_module(f"{PACKAGES[product]}.models")
    client = import_module(f"{PACKAGES[product]}.client").Client
    methods = {m.removesuffix("with_options").replace("_", "") for m in dir(client) if m.endswith("with_options")}
    names = {n.removesuffix("Response") for n in dir(models) if n.endswith("Response")}
    return frozenset(n for n in names if n.lower() in methods)

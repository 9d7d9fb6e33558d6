"""The JSON Schema says the same as the models: every key of every example is in it, with a matching type."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gatespan.topology import json_schema

EXAMPLES = Path(__file__).parents[2] / "examples"
SCHEMA = json_schema()
TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def misfits(value: Any, schema: dict[str, Any], path: str = "") -> Iterator[str]:
    """Where a value does not fit a schema; knows the words of JSON Schema that pydantic writes."""
    if "$ref" in schema:
        yield from misfits(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], path)
        return
    if "anyOf" in schema:
        if all(list(misfits(value, one, path)) for one in schema["anyOf"]):
            yield f"{path}: fits none of the choices"
        return
    if "type" in schema and not isinstance(value, TYPES[schema["type"]]):
        yield f"{path}: is not of type {schema['type']}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value} is not in {schema['enum']}"
    if isinstance(value, int | float) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{path}: {value} is out of bounds"
    if isinstance(value, list):
        prefix = schema.get("prefixItems", [])
        for index, item in enumerate(value):
            inner = prefix[index] if index < len(prefix) else schema.get("items", {})
            yield from misfits(item, inner if isinstance(inner, dict) else {}, f"{path}[{index}]")
    if isinstance(value, dict) and "properties" in schema:
        yield from (f"{path}.{key}: is missing" for key in schema.get("required", []) if key not in value)
        for key, item in value.items():
            if key in schema["properties"]:
                yield from misfits(item, schema["properties"][key], f"{path}.{key}")
            elif schema.get("additionalProperties") is False:
                yield f"{path}.{key}: is not known"


def plain(name: str) -> Any:
    return YAML(typ="safe", pure=True).load(EXAMPLES / name)


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.yaml")))
def test_examples_fit_the_schema(name: str) -> None:
    assert list(misfits(plain(name), SCHEMA)) == []


def test_the_schema_refuses_what_the_loader_refuses() -> None:
    bad = plain("cross-region.yaml")
    bad["colour"] = "red"
    del bad["gateway"]
    bad["bandwidth"][0]["plan"]["mbps"] = 1
    bad["groups"][0]["apis"][0]["auth"] = "none"
    bad["hub"]["cidr"] = 10
    assert sorted(place.partition(":")[0] for place in misfits(bad, SCHEMA)) == [
        ".bandwidth[0].plan",
        ".colour",
        ".gateway",
        ".groups[0].apis[0].auth",
        ".hub.cidr",
    ]


def test_a_grant_is_named_in_two_forms() -> None:
    backend = {"$ref": "#/$defs/Backend"}
    assert list(misfits({"grant": "orders_backend"}, backend)) == []
    assert list(misfits({"grant": {"name": "orders_backend", "path": "/v1"}}, backend)) == []
    assert list(misfits({"grant": {"path": "/v1"}}, backend)) == [".grant: fits none of the choices"]
    assert list(misfits({"grant": 7}, backend)) == [".grant: fits none of the choices"]


def test_editors_find_what_they_need() -> None:
    assert SCHEMA["$schema"].startswith("https://json-schema.org/")
    assert SCHEMA["additionalProperties"] is False
    assert set(SCHEMA["required"]) == {"name", "gateway", "hub"}
    call = SCHEMA["$defs"]["Call"]["properties"]
    assert "from" in call
    assert "from_" not in call
    assert SCHEMA["$defs"]["Hub"]["properties"]["existing"]["description"]

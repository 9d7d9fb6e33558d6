"""docs/topology.md says every key, default, allowed value and limit that the models have, and its YAML loads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from ruamel.yaml import YAML

from gatespan import topology as models
from gatespan.topology import loads
from gatespan.topology.facts import INSTANCE_SPECS, QUOTAS, RESERVED, TRANSIT_ROUTER_ZONES, VBR_MBPS
from gatespan.topology.fields import Model
from tests.docs.reading import DOCS, blocks, codes, rows, sections

TEXT = (DOCS / "topology.md").read_text()
SECTIONS = sections(TEXT)
MODELS: dict[str, type[Model]] = {
    "The file": models.Topology,
    "gateway": models.Gateway,
    "gateway.instance": models.InstanceRef,
    "gateway.instance.create": models.Create,
    "What hub and networks have in common": models.Vpc,
    "hub": models.Hub,
    "networks": models.Network,
    "vswitches": models.VSwitch,
    "cen": models.Cen,
    "bandwidth": models.Bandwidth,
    "plan": models.Plan,
    "traffic": models.Traffic,
    "sites": models.Site,
    "circuits": models.Circuit,
    "bgp": models.Bgp,
    "health_check": models.HealthCheck,
    "grants": models.Grant,
    "groups": models.Group,
    "apis": models.Api,
    "backend": models.Backend,
    "backend.http": models.HttpBackend,
    "backend.mock": models.MockBackend,
    "backend.grant": models.GrantBackend,
    "functions": models.Function,
    "apps": models.App,
    "verify": models.Call,
    "expect": models.Expect,
}
LIMITS = ("minimum", "maximum", "multipleOf", "maxLength", "minLength", "minItems", "exclusiveMinimum")


def own_fields(model: type[Model]) -> dict[str, FieldInfo]:
    """By the names that files use; what hub and networks have in common is a section of its own."""
    common = models.Vpc.model_fields if model in (models.Hub, models.Network) else {}
    return {field.alias or name: field for name, field in model.model_fields.items() if name not in common}


def default_of(field: FieldInfo) -> str:
    """As the table shows it."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None:
        return "none"
    if isinstance(value, BaseModel):
        assert value == type(value)()
        return "`{}`"
    if isinstance(value, tuple):
        return f"`[{', '.join(value)}]`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if value != "" else '`""`'


def demands(schema: Any) -> Iterator[str]:
    """Allowed values and limits that a field's JSON Schema states; other models have their own sections."""
    if isinstance(schema, list):
        for one in schema:
            yield from demands(one)
    elif isinstance(schema, dict) and "$ref" not in schema:
        yield from (str(value) for value in schema.get("enum", []))
        yield from (str(schema[key]) for key in LIMITS if key in schema and "prefixItems" not in schema)
        for key in ("anyOf", "items"):
            yield from demands(schema.get(key, []))


def test_every_model_has_its_section() -> None:
    known = {m for m in vars(models).values() if isinstance(m, type) and issubclass(m, Model)}
    assert set(MODELS.values()) == known - {Model}


@pytest.mark.parametrize("heading", MODELS)
def test_the_table_has_exactly_the_keys(heading: str) -> None:
    fields, table = own_fields(MODELS[heading]), rows(SECTIONS[heading])
    assert [row[0] for row in table] == [f"`{name}`" for name in fields]
    assert {name: row[2] for name, row in zip(fields, table, strict=True)} == {
        name: default_of(field) for name, field in fields.items()
    }


@pytest.mark.parametrize("heading", MODELS)
def test_the_table_has_every_allowed_value_and_limit(heading: str) -> None:
    schema = MODELS[heading].model_json_schema()["properties"]
    missing = [
        (name, value)
        for name, row in zip(own_fields(MODELS[heading]), rows(SECTIONS[heading]), strict=True)
        for value in demands(schema[name])
        if not re.search(rf"(?<![\w.]){re.escape(value)}(?![\w.]\w)", " ".join(row[1:]))
    ]
    assert missing == []


def test_facts_of_the_rules_are_told() -> None:
    said = codes(TEXT)
    assert set(INSTANCE_SPECS) <= said
    assert {str(block) for block in RESERVED} <= said
    for region, letters in TRANSIT_ROUTER_ZONES.items():
        assert f"`{region}` {' '.join(letters)}" in TEXT
    for quota in QUOTAS:
        assert f"| {quota.what} | {quota.most} | {quota.source} |" in TEXT
    (bandwidth,) = (row[3] for row in rows(SECTIONS["circuits"]) if row[0] == "`bandwidth_mbps`")
    assert [int(number) for number in re.findall(r"\b\d+\b", bandwidth)] == list(VBR_MBPS)


def plain(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def topology_blocks() -> Iterator[tuple[str, str]]:
    """Blocks of all pages that are whole topologies; the worlds of the embedded cloud start with a name too."""
    for path in sorted(DOCS.rglob("*.md")):
        for block in blocks(path.read_text(), "yaml"):
            if block.startswith("name:") and "accounts" not in plain(block):
                yield path.name, block


WHOLE = list(topology_blocks())
PIECES = [block for block in blocks(TEXT, "yaml") if not block.startswith(("name:", "#"))]


@pytest.mark.parametrize(("page", "text"), WHOLE)
def test_whole_files_load(page: str, text: str) -> None:
    assert loads(text, name=page).topology.name


@pytest.mark.parametrize("text", PIECES)
def test_pieces_load_in_the_place_of_their_sections(text: str) -> None:
    """Each example is put into the page's first file, and the file still loads."""
    whole = plain(next(block for page, block in WHOLE if page == "topology.md"))
    piece = plain(text)
    if piece.keys() & {"groups"} and "verify" not in piece:
        del whole["verify"]
    stream = StringIO()
    YAML(typ="safe", pure=True).dump({**whole, **piece}, stream)
    loads(stream.getvalue(), name="piece")
    assert piece.keys() <= models.Topology.model_fields.keys()


def test_most_sections_have_an_example() -> None:
    without = {heading for heading in MODELS if not list(blocks(SECTIONS[heading], "yaml"))}
    assert without == {"The file", "What hub and networks have in common", "bandwidth", "backend"}

"""The way out: the file that Terraform takes everything over with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hcl2
import pytest
from ruamel.yaml import YAML

from gatespan.planning import Engine
from gatespan.report.terraform import export
from gatespan.report.terraform.hcl import Block, Expression, body, label, literal
from gatespan.topology import Loaded
from tests.planning.lab import Lab, edited

REQUIRED: dict[str, list[str]] = YAML(typ="safe").load(Path(__file__).with_name("terraform_required.yaml"))


SCENES: dict[str, tuple[str, dict[str, str]]] = {
    "cross-region": ("cross-region", {}),
    "from-scratch": ("cross-region", {}),
    "on-premises-clients": ("on-premises-clients", {}),
    "on-premises-backend": ("on-premises-backend", {}),
    "hub": ("hub", {}),
    "basic": ("basic", {}),
    "router-interface": (
        "hub",
        {"routing: bgp\n": "routing: bgp\n    connect: router-interface\n", "10.255.254.2": "10.1.1.200"},
    ),
}
"""World and edits; the last one is the hub with a data center that is joined without a CEN."""


def built(lab: Lab, scene: str) -> Loaded:
    world, edits = SCENES[scene]
    topology = edited("hub" if scene == "router-interface" else scene, edits)
    lab.world(world)
    lab.engine(topology).converge()
    return topology


def parsed(text: str) -> dict[str, Any]:
    return dict(hcl2.loads(text))


def plain(text: str) -> str:
    return text.strip('"')


@pytest.mark.parametrize("scene", SCENES)
def test_what_was_made_is_in_the_file_and_nothing_else(lab: Lab, scene: str) -> None:
    topology = built(lab, scene)
    engine = lab.engine(topology)
    made = export(engine)
    file = parsed(made.text)
    stubs = {(plain(t), plain(n)): a for r in file["resource"] for t, named in r.items() for n, a in named.items()}
    assert len(stubs) == made.exported
    targets = [tuple(plain(i["to"]).strip("${}").split(".")) for i in file["import"]]
    imported = {f"{to[0]} {plain(i['id'])}": to for to, i in zip(targets, file["import"], strict=True)}
    assert len(imported) == len(file["import"]), "two imports of one type have one id"
    assert set(imported.values()) <= stubs.keys()
    for (type, name), arguments in stubs.items():
        missing = [a for a in REQUIRED[type] if a not in arguments]
        assert not missing, (type, name)
    ours = [k for k in engine.graph.order if (f := engine.known(k)) and engine.graph[k].removable(engine, f)]
    told = {what for what, _ in made.skipped}
    named = {n for _, n in stubs}
    for key in ours:
        resource = engine.graph[key]
        assert resource.label in told or any(n.startswith(label(resource.name)) for n in named), key
    assert not [why for _, why in made.skipped if "has no resource" in why]
    gateway = engine.known("gateway.gateway")
    assert gateway and not [key for key in imported if key.endswith(gateway.id)]


@pytest.mark.parametrize("scene", ["from-scratch", "hub"])
def test_references_lead_to_what_is_in_the_file(lab: Lab, scene: str) -> None:
    text = export(lab.engine(built(lab, scene))).text
    file = parsed(text)
    stubs = {f"{plain(t)}.{plain(n)}" for r in file["resource"] for t, named in r.items() for n in named}
    referred = {
        word.rpartition(".")[0] for word in text.split() if word.startswith("alicloud_") and word.count(".") == 2
    }
    assert referred and referred <= stubs
    assert "provider = alicloud.cn_shanghai" in text


def test_what_is_left_has_one_line_for_each_reason(lab: Lab) -> None:
    made = export(lab.engine(built(lab, "hub")))
    assert dict(made.left)["12 deployments"] == "it is in `stage_names` of the API"
    assert len({why for _, why in made.left}) == len(made.left) <= 6
    assert len(made.skipped) > 20
    assert made.text.count("#   ") == len(made.left)


def test_both_ends_of_a_connection_are_in_their_regions(lab: Lab) -> None:
    file = parsed(export(lab.engine(built(lab, "router-interface"))).text)
    ends = {
        plain(name): one
        for r in file["resource"]
        for t, named in r.items()
        if plain(t).endswith("router_interface")
        for name, one in named.items()
    }
    assert {plain(one["role"]) for one in ends.values()} == {"InitiatingSide", "AcceptingSide"}
    assert "cn_shanghai" in ends["dc_2_pc_dc2_vbr_end"]["provider"] and "provider" not in ends["dc_2_pc_dc2_vpc_end"]


def test_a_bgp_key_is_not_in_the_file_and_left_alone(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DC2_BGP_KEY", "s3cret")
    topology = edited("hub", {"asn: 65010 ": "asn: 65010\n      key_env: DC2_BGP_KEY "})
    lab.world("hub")
    engine = lab.engine(topology)
    engine.converge([k for k in engine.graph.order if k in needed(engine, "bgp_group.dc-2/pc-dc2")])
    text = export(lab.engine(topology)).text
    assert "s3cret" not in text
    assert "ignore_changes = [auth_key]" in text


def needed(engine: Engine, key: str) -> set[str]:
    """The key, and all that it rests on."""
    return {key}.union(*(needed(engine, k) for k in engine.graph.needs[key]))


def test_nothing_built_gives_a_file_without_resources(lab: Lab) -> None:
    made = export(lab.engine())
    assert (made.exported, made.left) == (0, ())
    assert "resource" not in parsed(made.text)


def test_terraform_text_is_not_read_as_a_template() -> None:
    hostile = {"a": 'say "${hi}" and %{if}', "b": [1, True, Expression("x.y")], "c": {"k-1": "v", "2": None}}
    text = body(Block("resource", ("t", "n"), {**hostile, "c": {"k-1": "v"}}))
    (resource,) = parsed(text)["resource"]
    assert "$${hi}" in literal(hostile["a"]) and "%%{if}" in literal(hostile["a"])
    assert next(iter(next(iter(resource.values())).values()))["b"]

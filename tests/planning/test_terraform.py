"""The way out: the file that Terraform takes everything over with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hcl2
import pytest
from ruamel.yaml import YAML

from gatespan.report.terraform import export
from gatespan.report.terraform.hcl import Block, Expression, body, label, literal
from tests.planning.lab import Lab

REQUIRED: dict[str, list[str]] = YAML(typ="safe").load(Path(__file__).with_name("terraform_required.yaml"))


def parsed(text: str) -> dict[str, Any]:
    return dict(hcl2.loads(text))


def plain(text: str) -> str:
    return text.strip('"')


@pytest.mark.parametrize("example", ["cross-region", "from-scratch"])
def test_what_was_made_is_in_the_file_and_nothing_else(lab: Lab, example: str) -> None:
    lab.engine(example).converge()
    engine = lab.engine(example)
    made = export(engine)
    file = parsed(made.text)
    stubs = {(plain(t), plain(n)): a for r in file["resource"] for t, named in r.items() for n, a in named.items()}
    assert len(stubs) == made.exported
    targets = [tuple(plain(i["to"]).strip("${}").split(".")) for i in file["import"]]
    imported = {f"{to[0]} {plain(i['id'])}": to for to, i in zip(targets, file["import"], strict=True)}
    assert len(imported) == len(file["import"]), "two imports of one type have one id"
    assert set(imported.values()) <= stubs.keys()
    for (type, name), arguments in stubs.items():
        missing = [a for a in REQUIRED.get(type, ()) if a not in arguments]
        assert not missing, (type, name)
    ours = [k for k in engine.graph.order if (f := engine.known(k)) and engine.graph[k].removable(engine, f)]
    told = {what for what, _ in made.left}
    named = {n for _, n in stubs}
    for key in ours:
        resource = engine.graph[key]
        assert resource.label in told or any(n.startswith(label(resource.name)) for n in named), key
    gateway = engine.known("gateway.gateway")
    assert gateway and not [key for key in imported if key.endswith(gateway.id)]


def test_references_lead_to_what_is_in_the_file(lab: Lab) -> None:
    lab.engine("from-scratch").converge()
    text = export(lab.engine("from-scratch")).text
    file = parsed(text)
    stubs = {f"{plain(t)}.{plain(n)}" for r in file["resource"] for t, named in r.items() for n in named}
    referred = {
        word.rpartition(".")[0] for word in text.split() if word.startswith("alicloud_") and word.count(".") == 2
    }
    assert referred and referred <= stubs
    assert "provider = alicloud.cn_shanghai" in text


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

"""The way out: what this topology made, as import blocks and resource stubs for the Terraform provider.

Choosing this tool is reversible: ``terraform plan`` on the file takes everything over without touching it; after that
the tags are all that is left of us. What was there before is not ours and stays out; it is referred to by its id.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gatespan.planning.engine import Engine
from gatespan.report.terraform.hcl import Block, Expression, body, label
from gatespan.report.terraform.kinds import KINDS, Stub

PROVIDER = "aliyun/alicloud"


@dataclass(frozen=True)
class Export:
    """``text``: the file. ``left``: label and why, of each thing of ours that Terraform cannot take over as it is."""

    text: str
    exported: int
    left: tuple[tuple[str, str], ...]


def export(engine: Engine) -> Export:
    """Read the cloud and write the file. Changes nothing; what is not built yet is not in it."""
    engine.plan()
    stubs: list[tuple[str, Stub]] = []
    left: list[tuple[str, str]] = []
    for key in engine.graph.order:
        resource, found = engine.graph[key], engine.known(key)
        if found is None or not resource.removable(engine, found):
            continue
        made = KINDS.get(resource.KIND)
        if made is None:
            left.append((resource.label, f"no resource of the provider for {resource.KIND}"))
            continue
        for stub in made(resource, found, engine):
            if stub.left:
                left.append((resource.label, stub.left))
            else:
                stubs.append((resource.region, stub))
    regions = list(dict.fromkeys([engine.design.region, *(region for region, _ in stubs)]))
    text = "\n\n".join([_header(engine, regions), *(_written(region, stub, regions) for region, stub in stubs)])
    return Export(text + "\n" + _left(left), len(stubs), tuple(left))


def _header(engine: Engine, regions: list[str]) -> str:
    lines = [
        f"# What Gatespan made for the topology {engine.design.name}.",
        "# Take it over with: terraform init && terraform plan. The stubs hold what the provider asks for; where the",
        "# plan shows a difference, complete the stub, not the cloud.",
        "",
        body(Block("terraform", (), {"required_providers": {"alicloud": {"source": PROVIDER}}})),
    ]
    for region in regions:
        alias = {} if region == regions[0] else {"alias": label(region)}
        lines += ["", body(Block("provider", ("alicloud",), {**alias, "region": region}))]
    return "\n".join(lines)


def _written(region: str, stub: Stub, regions: list[str]) -> str:
    provider = {} if region == regions[0] else {"provider": Expression(f"alicloud.{label(region)}")}
    resource = body(Block("resource", (stub.type, stub.name), {**provider, **stub.arguments}))
    if not stub.id:
        return resource
    taken = {"to": Expression(f"{stub.type}.{stub.name}"), "id": stub.id, **provider}
    return body(Block("import", (), taken)) + "\n\n" + resource


def _left(left: Iterable[tuple[str, str]]) -> str:
    rows = [f"#   {what}: {why}" for what, why in left]
    return "\n".join(["", "# Not in this file:", *rows, ""]) if rows else ""

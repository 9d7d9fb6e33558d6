"""The way out: what this topology made, as import blocks and resource stubs for the Terraform provider.

Choosing this tool is reversible: ``terraform plan`` on the file takes everything over without touching it; after that
the tags are all that is left of us. What was there before is not ours and stays out; it is referred to by its id.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gatespan.planning.engine import Engine
from gatespan.report.terraform import kinds, lines
from gatespan.report.terraform.hcl import Block, Expression, body, label
from gatespan.report.terraform.stubs import KINDS, Stub
from gatespan.resources.base import Resource

PROVIDER = "aliyun/alicloud"
REGISTERED = (kinds, lines)
"""The modules whose functions stand in ``KINDS``."""


@dataclass(frozen=True)
class Export:
    """``text``: the file. ``left``: what of ours Terraform cannot take over as it is, and why, one line for each reason
    (``9 deployments``); ``skipped``: the same, thing by thing, by label."""

    text: str
    exported: int
    left: tuple[tuple[str, str], ...]
    skipped: tuple[tuple[str, str], ...] = ()


def export(engine: Engine) -> Export:
    """Read the cloud and write the file. Changes nothing; what is not built yet is not in it."""
    engine.plan()
    stubs: list[tuple[str, Stub]] = []
    skipped: list[tuple[Resource, str]] = []
    for key in engine.graph.order:
        resource, found = engine.graph[key], engine.known(key)
        if found is None or not resource.removable(engine, found):
            continue
        made = KINDS.get(resource.KIND)
        if made is None:
            skipped.append((resource, "the provider has no resource for it"))
            continue
        for stub in made(resource, found, engine):
            if stub.left:
                skipped.append((resource, stub.left))
            else:
                stubs.append((stub.region or resource.region, stub))
    regions = list(dict.fromkeys([engine.design.region, *(region for region, _ in stubs)]))
    text = "\n\n".join([_header(engine, regions), *(_written(region, stub, regions) for region, stub in stubs)])
    left = tuple(_reasons(skipped))
    return Export(text + "\n" + _left(left), len(stubs), left, tuple((r.label, why) for r, why in skipped))


PLURALS = {
    "route_sync": "route publications",
    "vbr_route_sync": "route publications into border routers",
    "binding": "VPC bindings",
    "vpc_domain": "VPC domains",
    "authorization": "authorisations",
}
"""Where the title and an s are not the words for several."""


def _reasons(skipped: Iterable[tuple[Resource, str]]) -> Iterator[tuple[str, str]]:
    """One line for each reason: the thing's label, or how many of what."""
    by_reason: dict[str, list[Resource]] = defaultdict(list)
    for resource, why in skipped:
        by_reason[why].append(resource)
    for why, things in by_reason.items():
        if len(things) == 1:
            yield things[0].label, why
            continue
        counts = Counter(type(thing) for thing in things)
        each = (
            f"{n} {PLURALS.get(kind.KIND, kind.TITLE + 's')}" if n > 1 else f"1 {kind.TITLE}"
            for kind, n in counts.items()
        )
        yield ", ".join(each), why


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

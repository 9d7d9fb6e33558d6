"""What every kind's function gives: a resource of the Terraform provider, and the register of these functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gatespan.planning.engine import Engine
from gatespan.report.terraform.hcl import Expression, label
from gatespan.resources.base import Found, Resource


@dataclass(frozen=True)
class Stub:
    """``id`` empty: the provider cannot import it. ``region`` empty: that of the resource. ``left``: why it is no
    resource of its own."""

    type: str = ""
    name: str = ""
    id: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    left: str = ""
    region: str = ""


Made = Callable[[Any, Found, Engine], Iterator[Stub]]
KINDS: dict[str, Made] = {}

ATTRIBUTES = {
    "transit_router": ("cen_transit_router", "transit_router_id"),
    "vpc_attachment": ("cen_transit_router_vpc_attachment", "transit_router_attachment_id"),
    "vbr_attachment": ("cen_transit_router_vbr_attachment", "transit_router_attachment_id"),
    "peer_attachment": ("cen_transit_router_peer_attachment", "transit_router_attachment_id"),
    "cen": ("cen_instance", "id"),
    "vpc": ("vpc", "id"),
    "vswitch": ("vswitch", "id"),
    "group": ("api_gateway_group", "id"),
    "app": ("api_gateway_app", "id"),
    "bandwidth_plan": ("cen_bandwidth_package", "id"),
    "vbr": ("express_connect_virtual_border_router", "id"),
    "bgp_group": ("vpc_bgp_group", "id"),
}
"""Where another resource's id is found, when it is exported too."""


def of(*kinds: str) -> Callable[[Made], Made]:
    def remember(made: Made) -> Made:
        KINDS.update(dict.fromkeys(kinds, made))
        return made

    return remember


def reference(engine: Engine, ref: str) -> Any:
    """A reference to the resource when it is ours, else its id."""
    found, (kind, _, name) = engine.found(ref), ref.partition(".")
    if found and kind in ATTRIBUTES and engine.graph[ref].removable(engine, found):
        type, attribute = ATTRIBUTES[kind]
        return Expression(f"alicloud_{type}.{label(name)}.{attribute}")
    return found.id if found else None


def stub(type: str, resource: Resource, id: str, **arguments: Any) -> Stub:
    return Stub(f"alicloud_{type}", label(resource.name), id, arguments)


def numbered(stubs: Iterator[Stub]) -> Iterator[Stub]:
    """Several of one resource: a number to the name of every one but the first."""
    for n, one in enumerate(stubs):
        yield replace(one, name=f"{one.name}_{n}") if n else one


def tags(row: Mapping[str, Any]) -> dict[str, str]:
    """The tags of a row, however the product wraps them."""
    rows = row.get("Tags") or row.get("TagSet") or ()
    while isinstance(rows, Mapping):
        rows = next(iter(rows.values()), ())
    return {str(t.get("Key") or t.get("TagKey")): str(t.get("Value") or t.get("TagValue") or "") for t in rows}

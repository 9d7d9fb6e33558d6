"""One function per kind: its resource of the Terraform provider, the id it is imported by, and what must be said.

Types, arguments and import ids are those of the provider's documentation (August 2026).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gatespan.report.terraform.hcl import Block, Expression, label
from gatespan.resources.base import Found, Resource, Scope


@dataclass(frozen=True)
class Stub:
    """``id`` empty: the provider cannot import it. ``left``: why it is no resource of its own."""

    type: str = ""
    name: str = ""
    id: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    left: str = ""


Made = Callable[[Any, Found, Scope], Iterator[Stub]]
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


def _id(scope: Scope, ref: str) -> Any:
    """A reference to the resource when it is ours, else its id."""
    found, (kind, _, name) = scope.found(ref), ref.partition(".")
    resource: Resource | None = getattr(scope, "graph")[ref]  # noqa: B009 - a Scope that exports is an Engine
    if found and kind in ATTRIBUTES and resource and resource.removable(scope, found):
        type, attribute = ATTRIBUTES[kind]
        return Expression(f"alicloud_{type}.{label(name)}.{attribute}")
    return found.id if found else None


def _stub(type: str, resource: Resource, id: str, **arguments: Any) -> Stub:
    return Stub(f"alicloud_{type}", label(resource.name), id, arguments)


def _tags(row: Mapping[str, Any]) -> dict[str, str]:
    """The tags of a row, however the product wraps them."""
    rows = row.get("Tags") or row.get("TagSet") or ()
    while isinstance(rows, Mapping):
        rows = next(iter(rows.values()), ())
    return {str(t.get("Key") or t.get("TagKey")): str(t.get("Value") or t.get("TagValue") or "") for t in rows}


# --- network ----------------------------------------------------------------------------------------------


@of("cen")
def cen(resource: Any, found: Found, scope: Scope) -> Iterator[Stub]:
    row = found.row
    yield _stub(
        "cen_instance",
        resource,
        found.id,
        cen_instance_name=row.get("Name"),
        protection_level=row.get("ProtectionLevel"),
        tags=_tags(row),
    )


@of("transit_router")
def transit_router(resource: Any, found: Found, scope: Scope) -> Iterator[Stub]:
    cen_id = scope.id_of(resource.cen)
    name, tags = found.row.get("TransitRouterName") or None, _tags(found.row)
    arguments = {"cen_id": _id(scope, resource.cen), "transit_router_name": name, "tags": tags}
    yield _stub("cen_transit_router", resource, f"{cen_id}:{found.id}", **arguments)


@of("vpc")
def vpc(resource: Any, found: Found, scope: Scope) -> Iterator[Stub]:
    row = found.row
    arguments = {"vpc_name": row.get("VpcName"), "cidr_block": row.get("CidrBlock"), "tags": _tags(row)}
    yield _stub("vpc", resource, found.id, **arguments)


@of("vswitch")
def vswitch(resource: Any, found: Found, scope: Scope) -> Iterator[Stub]:
    row = found.row
    yield _stub(
        "vswitch",
        resource,
        found.id,
        vpc_id=_id(scope, resource.vpc),
        vswitch_name=row.get("VSwitchName"),
        cidr_block=row.get("CidrBlock"),
        zone_id=row.get("ZoneId"),
        tags=_tags(row),
    )


@of("vpc_attachment")
def vpc_attachment(resource: Any, found: Found, scope: Scope) -> Iterator[Stub]:
    row = found.row
    zones = tuple(
        Block("zone_mappings", (), {"zone_id": z["ZoneId"], "vswitch_id": z["VSwitchId"]})
        for z in row.get("ZoneMappings") or ()
    )
    yield _stub(
        "cen_transit_router_vpc_attachment",
        resource,
        found.id,
        cen_id=_id(scope, resource.cen),
        transit_router_id=_id(scope, resource.router),
        vpc_id=_id(scope, resource.vpc),
        transit_router_vpc_attachment_name=row.get("TransitRouterAttachmentName"),
        auto_publish_route_enabled=bool(row.get("AutoPublishRouteEnabled")),
        zone_mappings=zones,
        tags=_tags(row),
    )


@of("vbr_attachment")
def vbr_attachment(resource: Any, found: Found, scope: Scope) -> Iterator[Stub]:
    row = found.row
    yield _stub(
        "cen_transit_router_vbr_attachment",
        resource,
        f"{scope.id_of(resource.cen)}:{found.id}",
        cen_id=_id(scope, resource.cen),
        transit_router_id=_id(scope, resource.router),
        vbr_id=_id(scope, resource.vbr),
        transit_router_attachment_name=row.get("TransitRouterAttachmentName"),
        auto_publish_route_enabled=bool(row.get("AutoPublishRouteEnabled")),
        tags=_tags(row),
    )


@of("peer_attachment")
def peer_attachment(resource: Any, found: Found, scope: Scope) -> Iterator[Stub]:
    row = found.row
    yield _stub(
        "cen_transit_router_peer_attachment",
        resource,
        f"{scope.id_of(resource.cen)}:{found.id}",
        cen_id=_id(scope, resource.cen),
        transit_router_id=_id(scope, resource.router),
        peer_transit_router_id=_id(scope, resource.peer_router),
        peer_transit_router_region_id=resource.peer_region,
        bandwidth=found.fields.get("mbps"),
        bandwidth_type=found.fields.get("bandwidth_type"),
        cen_bandwidth_package_id=_id(scope, resource.plan) if resource.plan else None,
        auto_publish_route_enabled=bool(row.get("AutoPublishRouteEnabled")),
        transit_router_peer_attachment_name=row.get("TransitRouterAttachmentName"),
        tags=_tags(row),
    )


@of("association", "propagation")
def table_link(resource: Any, found: Found, scope: Scope) -> Iterator[Stub]:
    _, _, table = found.id.partition(":")
    yield _stub(
        f"cen_transit_router_route_table_{resource.KIND}",
        resource,
        found.id,
        transit_router_attachment_id=_id(scope, resource.attachment),
        transit_router_route_table_id=table,
    )


@of("bandwidth_plan")
def bandwidth_plan(resource: Any, found: Found, scope: Scope) -> Iterator[Stub]:
    row = found.row
    yield _stub(
        "cen_bandwidth_package",
        resource,
        found.id,
        bandwidth=resource.mbps,
        geographic_region_a_id=resource.areas[0],
        geographic_region_b_id=resource.areas[1],
        cen_bandwidth_package_name=row.get("Name"),
        payment_type="PrePaid",
    )


@of("plan_association")
def plan_association(resource: Any, found: Found, scope: Scope) -> Iterator[Stub]:
    yield _stub(
        "cen_bandwidth_package_attachment",
        resource,
        str(scope.id_of(resource.plan)),
        instance_id=_id(scope, resource.cen),
        bandwidth_package_id=_id(scope, resource.plan),
    )


@of("vpc_routes")
def vpc_routes(resource: Any, found: Found, scope: Scope) -> Iterator[Stub]:
    router = (scope.found(resource.vpc) or found).row.get("VRouterId", "")
    for n, (table, entry) in enumerate(sorted(found.row["entries"].items())):
        hop = entry["NextHops"]["NextHop"][0]
        kind, to, cidr = hop["NextHopType"], hop["NextHopId"], entry["DestinationCidrBlock"]
        stub = _stub(
            "route_entry",
            resource,
            f"{table}:{router}:{cidr}:{kind}:{to}",
            route_table_id=table,
            destination_cidrblock=cidr,
            nexthop_type=kind,
            nexthop_id=to,
        )
        yield Stub(stub.type, f"{stub.name}_{n}" if n else stub.name, stub.id, stub.arguments)


# --- gateway ----------------------------------------------------------------------------------------------


@of("gateway")
def gateway(resource: Any, found: Found, scope: Scope) -> Iterator[Stub]:
    yield _stub(
        "api_gateway_instance",
        resource,
        found.id,
        instance_name=found.row.get("InstanceName"),
        instance_spec=found.row.get("InstanceSpec"),
        https_policy=found.row.get("HttpsPolicies") or resource.https_policy,
        zone_id=found.row.get("ZoneId"),
        payment_type="PayAsYouGo",
    )


@of("group")
def group(resource: Any, found: Found, scope: Scope) -> Iterator[Stub]:
    yield _stub(
        "api_gateway_group",
        resource,
        found.id,
        name=found.row.get("GroupName"),
        description=found.row.get("Description") or "",
        base_path=found.row.get("BasePath"),
        instance_id=scope.id_of(resource.gateway),
    )


@of("app")
def app(resource: Any, found: Found, scope: Scope) -> Iterator[Stub]:
    yield _stub("api_gateway_app", resource, found.id, name=resource.name)


@of("api")
def api(resource: Any, found: Found, scope: Scope) -> Iterator[Stub]:
    """The stages are an argument of it: publishing is not a resource of its own there."""
    wanted, group = found.fields, scope.id_of(resource.group)
    graph = getattr(scope, "graph")  # noqa: B009 - a Scope that exports is an Engine
    stages = [graph[k].stage for k in graph.keys(kind="deployment") if graph[k].api == resource.key]
    service, config = _service(wanted.get("backend") or {}, resource)
    request = {
        "protocol": wanted.get("protocols"),
        "method": wanted.get("method"),
        "path": wanted.get("path"),
        "mode": "PASSTHROUGH",
    }
    yield _stub(
        "api_gateway_api",
        resource,
        f"{group}:{found.id}",
        group_id=_id(scope, resource.group),
        name=resource.definition.api.name,
        description=wanted.get("description") or "",
        auth_type="ANONYMOUS" if wanted.get("auth") == "anonymous" else "APP",
        service_type=service,
        stage_names=stages,
        request_config=Block("request_config", (), request),
        backend=config,
    )


def _service(backend: Mapping[str, Any], resource: Any) -> tuple[str, Block]:
    timeout = backend.get("timeout_ms")
    called = {"method": backend.get("method"), "path": backend.get("path"), "timeout": timeout}
    if "function" in backend:
        config = {
            "function_version": "3.0",
            "function_type": "HttpTrigger",
            "region": resource.definition.function_region,
            "function_base_url": backend["function"],
            "arn_role": "",
            **called,
        }
        return "FunctionCompute", Block("fc_service_config", (), config)
    if "grant" in backend:
        return "HTTP-VPC", Block("http_vpc_service_config", (), {"name": backend["grant"], **called})
    if "http" in backend:
        return "HTTP", Block("http_service_config", (), {"address": backend["http"], **called})
    return "MOCK", Block(
        "mock_service_config", (), {"result": backend.get("mock", ""), "aone_name": "cloudapi-openapi"}
    )


@of("authorization")
def authorization(resource: Any, found: Found, scope: Scope) -> Iterator[Stub]:
    """The provider has no import for it; a stub that is applied finds the authorisation there already."""
    yield _stub(
        "api_gateway_app_attachment",
        resource,
        "",
        api_id=scope.id_of(resource.api),
        group_id=_id(scope, resource.group),
        app_id=_id(scope, resource.app),
        stage_name=resource.stage,
    )


@of("grant")
def grant(resource: Any, found: Found, scope: Scope) -> Iterator[Stub]:
    row = found.row
    place = {"name": row["Name"], "vpc_id": row["VpcId"], "instance_id": row["InstanceId"], "port": row["Port"]}
    yield _stub("api_gateway_vpc_access", resource, ":".join(str(v) for v in place.values()), **place)


@of("function")
def function(resource: Any, found: Found, scope: Scope) -> Iterator[Stub]:
    custom = {"command": list(resource.command), "port": resource.port}
    yield _stub(
        "fcv3_function",
        resource,
        found.id,
        function_name=resource.name,
        handler="index.handler",
        runtime=resource.runtime,
        memory_size=resource.memory_mb,
        timeout=resource.timeout_s,
        environment_variables=dict(resource.environment) or None,
        custom_runtime_config=Block("custom_runtime_config", (), custom) if resource.command else None,
    )


@of("trigger")
def trigger(resource: Any, found: Found, scope: Scope) -> Iterator[Stub]:
    yield _stub(
        "fcv3_trigger",
        resource,
        f"{resource.function_name}:{resource.trigger}",
        function_name=resource.function_name,
        trigger_name=resource.trigger,
        trigger_type="http",
        qualifier="LATEST",
        trigger_config=found.row.get("triggerConfig"),
    )


def _argument(what: str) -> Made:
    def made(resource: Any, found: Found, scope: Scope) -> Iterator[Stub]:
        yield Stub(left=what)

    return made


KINDS |= {
    "route_sync": _argument("it is `auto_publish_route_enabled` of the attachment"),
    "vbr_route_sync": _argument("it is `auto_publish_route_enabled` of the attachment"),
    "deployment": _argument("it is in `stage_names` of the API"),
    "binding": _argument("set `ingress_vpc_id` and `ingress_vswitch_id` where the gateway instance is managed"),
    "vpc_domain": _argument("set `vpc_intranet_enable` of the group, which is not read back on import"),
    "transit_router_service": _argument("an account opens it once"),
}

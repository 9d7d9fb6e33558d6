"""One function per kind: its resource of the Terraform provider, the id it is imported by, and what must be said.

Types, arguments and import ids are those of the provider's documentation (August 2026). What a data centre brings with
it is in ``lines``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gatespan.planning.engine import Engine
from gatespan.report.terraform.hcl import Block
from gatespan.report.terraform.stubs import KINDS, Made, Stub, numbered, of, reference, stub, tags
from gatespan.resources.base import Found, Resource

# --- network ----------------------------------------------------------------------------------------------


@of("cen")
def cen(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    row = found.row
    yield stub(
        "cen_instance",
        resource,
        found.id,
        cen_instance_name=row.get("Name"),
        protection_level=row.get("ProtectionLevel"),
        tags=tags(row),
    )


@of("transit_router")
def transit_router(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    cen_id = engine.id_of(resource.cen)
    name = found.row.get("TransitRouterName") or None
    arguments = {"cen_id": reference(engine, resource.cen), "transit_router_name": name, "tags": tags(found.row)}
    yield stub("cen_transit_router", resource, f"{cen_id}:{found.id}", **arguments)


@of("vpc")
def vpc(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    row = found.row
    arguments = {"vpc_name": row.get("VpcName"), "cidr_block": row.get("CidrBlock"), "tags": tags(row)}
    yield stub("vpc", resource, found.id, **arguments)


@of("vswitch")
def vswitch(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    row = found.row
    yield stub(
        "vswitch",
        resource,
        found.id,
        vpc_id=reference(engine, resource.vpc),
        vswitch_name=row.get("VSwitchName"),
        cidr_block=row.get("CidrBlock"),
        zone_id=row.get("ZoneId"),
        tags=tags(row),
    )


@of("vpc_attachment")
def vpc_attachment(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    row = found.row
    zones = tuple(
        Block("zone_mappings", (), {"zone_id": z["ZoneId"], "vswitch_id": z["VSwitchId"]})
        for z in row.get("ZoneMappings") or ()
    )
    yield stub(
        "cen_transit_router_vpc_attachment",
        resource,
        found.id,
        cen_id=reference(engine, resource.cen),
        transit_router_id=reference(engine, resource.router),
        vpc_id=reference(engine, resource.vpc),
        transit_router_vpc_attachment_name=row.get("TransitRouterAttachmentName"),
        auto_publish_route_enabled=bool(row.get("AutoPublishRouteEnabled")),
        zone_mappings=zones,
        tags=tags(row),
    )


@of("vbr_attachment")
def vbr_attachment(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    row = found.row
    yield stub(
        "cen_transit_router_vbr_attachment",
        resource,
        f"{engine.id_of(resource.cen)}:{found.id}",
        cen_id=reference(engine, resource.cen),
        transit_router_id=reference(engine, resource.router),
        vbr_id=reference(engine, resource.vbr),
        transit_router_attachment_name=row.get("TransitRouterAttachmentName"),
        auto_publish_route_enabled=bool(row.get("AutoPublishRouteEnabled")),
        tags=tags(row),
    )


@of("peer_attachment")
def peer_attachment(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    row = found.row
    yield stub(
        "cen_transit_router_peer_attachment",
        resource,
        f"{engine.id_of(resource.cen)}:{found.id}",
        cen_id=reference(engine, resource.cen),
        transit_router_id=reference(engine, resource.router),
        peer_transit_router_id=reference(engine, resource.peer_router),
        peer_transit_router_region_id=resource.peer_region,
        bandwidth=found.fields.get("mbps"),
        bandwidth_type=found.fields.get("bandwidth_type"),
        cen_bandwidth_package_id=reference(engine, resource.plan) if resource.plan else None,
        auto_publish_route_enabled=bool(row.get("AutoPublishRouteEnabled")),
        transit_router_peer_attachment_name=row.get("TransitRouterAttachmentName"),
        tags=tags(row),
    )


@of("association", "propagation")
def table_link(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    _, _, table = found.id.partition(":")
    yield stub(
        f"cen_transit_router_route_table_{resource.KIND}",
        resource,
        found.id,
        transit_router_attachment_id=reference(engine, resource.attachment),
        transit_router_route_table_id=table,
    )


@of("bandwidth_plan")
def bandwidth_plan(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    row = found.row
    yield stub(
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
def plan_association(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    yield stub(
        "cen_bandwidth_package_attachment",
        resource,
        str(engine.id_of(resource.plan)),
        instance_id=reference(engine, resource.cen),
        bandwidth_package_id=reference(engine, resource.plan),
    )


@of("vpc_routes")
def vpc_routes(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    vpc = engine.found(resource.vpc)
    yield from route_entries(resource, found.row["entries"].values(), vpc.row["VRouterId"] if vpc else "")


def route_entries(resource: Resource, entries: Iterable[Mapping[str, Any]], router: str) -> Iterator[Stub]:
    """Routes of a VPC's or border router's tables. ``router``: what the tables belong to."""
    one = (_route_entry(resource, entry, router) for entry in entries)
    yield from numbered(iter(sorted(one, key=lambda stub: stub.id)))


def _route_entry(resource: Resource, entry: Mapping[str, Any], router: str) -> Stub:
    hop = entry["NextHops"]["NextHop"][0]
    table, cidr, kind, to = entry["RouteTableId"], entry["DestinationCidrBlock"], hop["NextHopType"], hop["NextHopId"]
    return stub(
        "route_entry",
        resource,
        f"{table}:{router}:{cidr}:{kind}:{to}",
        route_table_id=table,
        destination_cidrblock=cidr,
        nexthop_type=kind,
        nexthop_id=to,
        name=entry.get("RouteEntryName") or None,
        description=entry.get("Description") or None,
    )


# --- gateway ----------------------------------------------------------------------------------------------


@of("gateway")
def gateway(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    yield stub(
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
def group(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    yield stub(
        "api_gateway_group",
        resource,
        found.id,
        name=found.row.get("GroupName"),
        description=found.row.get("Description") or "",
        base_path=found.row.get("BasePath"),
        instance_id=engine.id_of(resource.gateway),
    )


@of("app")
def app(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    yield stub("api_gateway_app", resource, found.id, name=resource.name)


@of("api")
def api(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    """The stages are an argument of it: publishing is not a resource of its own there."""
    wanted, group = found.fields, engine.id_of(resource.group)
    graph = getattr(engine, "graph")  # noqa: B009 - a Scope that exports is an Engine
    stages = [graph[k].stage for k in graph.keys(kind="deployment") if graph[k].api == resource.key]
    service, config = _service(wanted.get("backend") or {}, resource)
    request = {
        "protocol": wanted.get("protocols"),
        "method": wanted.get("method"),
        "path": wanted.get("path"),
        "mode": "PASSTHROUGH",
    }
    yield stub(
        "api_gateway_api",
        resource,
        f"{group}:{found.id}",
        group_id=reference(engine, resource.group),
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
def authorization(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    """The provider has no import for it; a stub that is applied finds the authorisation there already."""
    yield stub(
        "api_gateway_app_attachment",
        resource,
        "",
        api_id=engine.id_of(resource.api),
        group_id=reference(engine, resource.group),
        app_id=reference(engine, resource.app),
        stage_name=resource.stage,
    )


@of("grant")
def grant(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    row = found.row
    place = {"name": row["Name"], "vpc_id": row["VpcId"], "instance_id": row["InstanceId"], "port": row["Port"]}
    yield stub("api_gateway_vpc_access", resource, ":".join(str(v) for v in place.values()), **place)


@of("function")
def function(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    custom = {"command": list(resource.command), "port": resource.port}
    yield stub(
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
def trigger(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
    yield stub(
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
    def made(resource: Any, found: Found, engine: Engine) -> Iterator[Stub]:
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

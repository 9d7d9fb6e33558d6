"""Basic edition: routes from border routers to cloud services (100.64.0.0/10) through a VPC of the service's region.

Deleting lies, as the help page warns: with key values that match nothing it answers success all the same.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from gatespan.emulator.call import Call
from gatespan.emulator.services.cbn import rules
from gatespan.emulator.services.cbn.errors import refusal
from gatespan.emulator.services.cbn.models import Cen, ChildInstance, RouteService, TransitRouter
from gatespan.emulator.services.cbn.service import service

CLOUD_SERVICES = ipaddress.IPv4Network("100.64.0.0/10")
ACCESS_REGIONS = 32


@service.action(
    "ResolveAndRouteServiceInCen",
    required=("CenId", "Host", "HostRegionId", "HostVpcId", "AccessRegionIds"),
    token="ClientToken",
)
def resolve_and_route_service_in_cen(call: Call) -> dict[str, Any]:
    params = call.params
    cen = rules.cen_exists(call, params.text("CenId"))
    host, region, vpc_id = params.text("Host"), params.text("HostRegionId"), params.text("HostVpcId")
    block = _block(host)
    router = call.world.first(TransitRouter, cen_id=cen.id, region=region)
    if router and router.type != "Basic":
        raise refusal("OperationUnsupported.TransitRouterType", router.id)
    child = call.world.get(ChildInstance, f"{cen.id}:{vpc_id}")
    if child is None or child.type != "VPC" or child.region != region or child.status != "Attached":
        raise refusal("CloudRoute.VpcNotAttached", vpc_id)
    description = rules.names(call, "-", "Description").get("description", "")
    access = params.texts("AccessRegionIds")
    if len(access) > ACCESS_REGIONS:
        raise refusal("ParameterIllegal.AccessRegionId", f"{len(access)} of at most {ACCESS_REGIONS}")
    for there in access:
        _require_access(call, cen, region, there, block)
    if rules.in_motion(call.world, cen.id):
        raise refusal("Operation.Blocking", cen.id)
    for there in access:
        route = RouteService(
            id=f"{cen.id}:{host}:{region}:{there}",
            account=call.account,
            region=region,
            created=call.now,
            cen_id=cen.id,
            host=host,
            host_region=region,
            host_vpc_id=vpc_id,
            access_region=there,
            description=description,
        )
        call.begin(route, rules.SERVICE_CREATE)
    return {}


@service.action("DeleteRouteServiceInCen", required=("CenId", "Host", "HostRegionId", "AccessRegionId"))
def delete_route_service_in_cen(call: Call) -> dict[str, Any]:
    params = call.params
    key = ":".join(params.text(name) for name in ("CenId", "Host", "HostRegionId", "AccessRegionId"))
    route = call.mine(RouteService, key)
    if route is None or params.optional("HostVpcId") not in (None, route.host_vpc_id):
        return {}
    rules.settled(route, "InvalidOperation.CloudRouteStatusNotAllow")
    cen = call.world.get(Cen, route.cen_id)
    assert cen, "a CEN cannot go before its route services"
    rules.cen_settled(call, cen)
    call.begin(route, rules.SERVICE_DELETE)
    return {}


@service.action("DescribeRouteServicesInCen", required=("CenId",))
def describe_route_services_in_cen(call: Call) -> dict[str, Any]:
    """One row per host and access region."""
    params = call.params
    cen = rules.cen_exists(call, params.text("CenId"))
    wanted = {
        "host": params.optional("Host"),
        "host_region": params.optional("HostRegionId"),
        "host_vpc_id": params.optional("HostVpcId"),
        "access_region": params.optional("AccessRegionId"),
    }
    given = {"cen_id": cen.id} | {field: value for field, value in wanted.items() if value}
    rows, page = call.page(call.listed(RouteService, lambda r: all(getattr(r, k) == v for k, v in given.items())))
    entries = [
        {
            "CenId": route.cen_id,
            "Host": route.host,
            "HostRegionId": route.host_region,
            "HostVpcId": route.host_vpc_id,
            "AccessRegionId": route.access_region,
            "Status": route.status,
            "Description": route.description,
            "Cidrs": {"Cidr": [str(ipaddress.IPv4Network(route.host))]},
        }
        for route in rows
    ]
    return {"RouteServiceEntries": {"RouteServiceEntry": entries}, **page}


def _block(host: str) -> ipaddress.IPv4Network:
    """The host as a block: an address or CIDR inside the services' range, no name in spite of the action's name."""
    try:
        block = ipaddress.ip_network(host)
    except ValueError:
        named = any(letter.isalpha() for letter in host)
        raise refusal("ParameterIllegal.Host" if named else "ParameterIllegal.CloudRouteHost", host) from None
    if isinstance(block, ipaddress.IPv6Network):
        raise refusal("ParameterIllegal.ClouteRouteNotSupportIpv6", host)
    if not block.subnet_of(CLOUD_SERVICES):
        raise refusal("ParameterIllegal.ClouteRouteCidrNotAllow", host)
    return block


def _require_access(call: Call, cen: Cen, region: str, there: str, block: ipaddress.IPv4Network) -> None:
    """The accessing side: a border router in the service's own region, and no other route service for the block."""
    if there != region:
        raise refusal("ParameterIllegal.AccessRegionIdNoCCN", there)
    if not call.world.find(ChildInstance, cen_id=cen.id, type="VBR", region=there, status="Attached"):
        raise refusal("ParameterIllegal.AccessRegionId", there)
    for route in call.world.find(RouteService, cen_id=cen.id, access_region=there):
        held = ipaddress.IPv4Network(route.host)
        if held == block:
            raise refusal("CloudRoute.Exist", route.host)
        if held.overlaps(block):
            raise refusal("CloudRoute.Conflict", route.host)

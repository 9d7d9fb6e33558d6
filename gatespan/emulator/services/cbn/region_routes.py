"""The routes of a CEN in one region, as its Basic edition shows them: those of the region's router, whatever edition,
and the route services of the region (``local_service``)."""

from __future__ import annotations

from typing import Any

from gatespan.emulator import routes
from gatespan.emulator.call import Call
from gatespan.emulator.routes.model import TrRoute
from gatespan.emulator.services.cbn import attaching, rules
from gatespan.emulator.services.cbn.models import (
    Cen,
    ChildInstance,
    RouteService,
    TransitRouter,
    TransitRouterRouteTable,
    VbrAttachment,
    VpcAttachment,
)
from gatespan.emulator.services.cbn.service import service
from gatespan.emulator.world import World

LOCAL_SERVICE = "local_service"


@service.action("DescribeCenRegionDomainRouteEntries", required=("CenId", "CenRegionId"))
def describe_cen_region_domain_route_entries(call: Call) -> dict[str, Any]:
    """Active ones unless another status, or ``All``, is asked for. A region without a router has none (choice)."""
    cen, region = rules.cen_exists(call, call.params.text("CenId")), call.params.text("CenRegionId")
    status = call.params.text("Status", "Active")
    services = call.world.find(RouteService, cen_id=cen.id, access_region=region, status="Active")
    hosts = {route.host if "/" in route.host else f"{route.host}/32": route for route in services}
    found = [_learned(call.world, cen, route) for route in _table(call.world, cen, region)]
    rows = [row for row in found if row["DestinationCidrBlock"] not in hosts]
    rows += [
        _row(block, LOCAL_SERVICE, route.host_vpc_id, route.host_region, "CEN", "Active")
        for block, route in hosts.items()
    ]
    shown, page = call.page([row for row in rows if status in ("All", row["Status"])], most=500)
    return {"CenRouteEntries": {"CenRouteEntry": list(shown)}, **page}


def _table(world: World, cen: Cen, region: str) -> tuple[TrRoute, ...]:
    """The system table of the CEN's router in the region."""
    router = world.first(TransitRouter, cen_id=cen.id, region=region)
    table = world.first(TransitRouterRouteTable, transit_router_id=router.id, type="System") if router else None
    return routes.tr_table(world, table.id) if table else ()


def _learned(world: World, cen: Cen, route: TrRoute) -> dict[str, Any]:
    """The next hop is the instance that the route comes from, wherever that is."""
    kind, id = route.origin_type or route.next_hop_type, route.origin_id or route.next_hop_id
    tie = attaching.tie(world, cen.id, id)
    home = tie.region if isinstance(tie, (ChildInstance, VpcAttachment, VbrAttachment)) else ""
    return _row(route.destination, kind, id, home, route.origin_route_type, route.status)


def _row(block: str, kind: str, id: str, region: str, origin: str, status: str) -> dict[str, Any]:
    return {
        "DestinationCidrBlock": block,
        "NextHopType": kind,
        "NextHopInstanceId": id,
        "NextHopRegionId": region,
        "Type": origin,
        "Status": status,
        "Preference": 50,
        "ToOtherRegionStatus": "Active",
        "AsPaths": {"AsPath": []},
        "Communities": {"Community": []},
        "CenRouteMapRecords": {"CenRouteMapRecord": []},
        "CenOutRouteMapRecords": {"CenOutRouteMapRecord": []},
    }

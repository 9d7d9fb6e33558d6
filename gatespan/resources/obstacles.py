"""What stands in the way of a removal: the cloud refuses it with a code alone, so the object is found by looking.

For each kind, what may hang on it and blocks its removal (conditions of the help pages). What is ours, and what is on
its way out already, is left out: that goes by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gatespan.cloud import NotFound
from gatespan.resources.base import LEAVING, Blocked, Found, Resource, Scope
from gatespan.resources.ownership import owner

Row = Mapping[str, Any]

LISTS = (
    *("DescribeVSwitches", "DescribeRouteTableList", "DescribeRouteEntryList", "DescribeRouterInterfaces"),
    *("DescribeBgpGroups", "DescribeBgpPeers", "DescribeInstances", "DescribeApiGroups", "DescribeApis"),
    *("ListTransitRouterVpcAttachments", "ListTransitRouterVbrAttachments", "ListTransitRouterPeerAttachments"),
    *("ListTransitRouters", "ListTransitRouterRouteTables", "ListTransitRouterRouteEntries"),
    *("ListTransitRouterRouteTableAssociations", "ListTransitRouterRouteTablePropagations"),
    *("DescribeCenAttachedChildInstances", "DescribeCenInterRegionBandwidthLimits", "DescribeRouteServicesInCen"),
    *("DescribeCenBandwidthPackages", "DescribeCenVbrHealthCheck", "ListTriggers"),
)
"""The lists that are read here: to be forgotten before looking anew."""
ATTACHMENTS = (
    ("ListTransitRouterVpcAttachments", "VPC attachment", "VpcId", "DeleteTransitRouterVpcAttachment"),
    ("ListTransitRouterVbrAttachments", "border router attachment", "VbrId", "DeleteTransitRouterVbrAttachment"),
)
ENTRY = "TransitRouterRouteEntry"


@dataclass(frozen=True)
class Obstacle:
    """``what``: the kind of thing, for people. ``words``: what it is like. ``todo``: what takes it away."""

    what: str
    id: str
    region: str
    words: str
    todo: str

    def __str__(self) -> str:
        like = f" ({self.words})" if self.words else ""
        return f"{self.what} {self.id}{like} in {self.region}: {self.todo}"

    def to_json(self) -> dict[str, str]:
        return {"what": self.what, "id": self.id, "region": self.region, "words": self.words, "todo": self.todo}


class InTheWay(Blocked):
    """A removal that the cloud refused, with the things of others that are in its way."""

    def __init__(self, resource: Resource, found: Found, obstacles: tuple[Obstacle, ...], refusal: str) -> None:
        self.obstacles = obstacles
        each = "; ".join(str(o) for o in obstacles)
        super().__init__(
            f"{resource.label} ({found.id}) cannot be removed, because something that this topology did not make hangs "
            f"on it. {each}. Then run the removal again. (The cloud says: {refusal})"
        )


def obstacles(resource: Resource, found: Found, scope: Scope) -> tuple[Obstacle, ...]:
    """What is in the way of removing it, seen with fresh eyes; nothing for kinds on which nothing foreign can hang.
    Raises CloudError when it cannot look."""
    look = LOOK.get(resource.KIND)
    if look is None:
        return ()
    scope.inventory.forget(*LISTS)
    try:
        return tuple(look(resource, found, scope))
    except NotFound:  # it went away meanwhile, and so does what hangs on it
        return ()


def _others(rows: Iterable[Row], scope: Scope, status: str = "Status", description: str = "Description") -> list[Row]:
    """Rows that are neither ours nor leaving."""
    return [r for r in rows if owner(r, description) != scope.topology and r.get(status) not in LEAVING]


def _named(row: Row, name: str, *more: Any) -> str:
    return ", ".join(str(x) for x in (row.get(name), *more) if x)


# --- VPC ----------------------------------------------------------------------------------------------------------


def _vpc(resource: Resource, found: Found, scope: Scope) -> Iterator[Obstacle]:
    region, here = resource.region, {"RegionId": resource.region, "VpcId": found.id}
    for row in _others(scope.inventory.rows("DescribeVSwitches", region=region, **here), scope):
        words = _named(row, "VSwitchName", row["CidrBlock"])
        yield Obstacle("vSwitch", row["VSwitchId"], region, words, "delete it (DeleteVSwitch)")
    for action, what, of, delete in ATTACHMENTS[:1]:
        rows = scope.inventory.rows(action, region=region, RegionId=region)
        for row in _others((r for r in rows if r[of] == found.id), scope):
            words = _named(row, "TransitRouterAttachmentName", f"to {row['TransitRouterId']} of {row['CenId']}")
            yield Obstacle(what, row["TransitRouterAttachmentId"], region, words, f"detach it ({delete})")
    yield from _interfaces(scope, region, found.row.get("VRouterId"))
    tables = scope.inventory.rows("DescribeRouteTableList", region=region, **here)
    for table in tables:
        yield from _vpc_routes(scope, region, table["RouteTableId"], None)
        if table.get("RouteTableType") == "Custom":
            words = _named(table, "RouteTableName")
            todo = "take it off its vSwitches and delete it (DeleteRouteTable)"
            yield Obstacle("custom route table", table["RouteTableId"], region, words, todo)


def _vswitch(resource: Resource, found: Found, scope: Scope) -> Iterator[Obstacle]:
    region = resource.region
    rows = scope.inventory.rows("ListTransitRouterVpcAttachments", region=region, RegionId=region)
    for row in _others(rows, scope):
        if any(z["VSwitchId"] == found.id for z in row.get("ZoneMappings") or ()):
            words = _named(row, "TransitRouterAttachmentName", "has an interface in it")
            todo = "detach it (DeleteTransitRouterVpcAttachment) or move it to another vSwitch"
            yield Obstacle("VPC attachment", row["TransitRouterAttachmentId"], region, words, todo)
    for row in scope.inventory.rows("DescribeInstances", region=region):
        if row.get("UserVswitchId") == found.id:
            todo = "unbind it, or bind it to another vSwitch"
            yield Obstacle("gateway instance", row["InstanceId"], region, _named(row, "InstanceName"), todo)


def _vpc_routes(scope: Scope, region: str, table: str, hop: str | None) -> Iterator[Obstacle]:
    """Routes that somebody wrote into a table of a VPC or border router: to ``hop``, or (None) anywhere."""
    rows = scope.inventory.rows("DescribeRouteEntryList", region=region, RegionId=region, RouteTableId=table)
    for row in _others(rows, scope):
        if row.get("Type") != "Custom" or row.get("Origin") == "RoutePropagation":
            continue
        hops = [h.get("NextHopId") for h in (row.get("NextHops") or {}).get("NextHop") or ()]
        if hop is None or hop in hops:
            words = _named(row, "RouteEntryName", f"{row['DestinationCidrBlock']} via {hops[0] if hops else '-'}")
            todo = f"take it out of {table} (DeleteRouteEntry)"
            yield Obstacle("route", str(row["RouteEntryId"]), region, words, todo)


def _interfaces(scope: Scope, region: str, router: Any) -> Iterator[Obstacle]:
    rows = scope.inventory.rows("DescribeRouterInterfaces", region=region, RegionId=region)
    for row in _others((r for r in rows if r["RouterId"] == router), scope):
        words = _named(row, "Name", f"to {row['OppositeRouterId']}")
        todo = "take its routes out, deactivate and delete it (DeleteRouterInterface), and its opposite end"
        yield Obstacle("router interface", row["RouterInterfaceId"], region, words, todo)


# --- transit routers ------------------------------------------------------------------------------------------------


def _attachment(resource: Any, found: Found, scope: Scope) -> Iterator[Obstacle]:
    """VPC routes to it; static routes, associations and route learning of the routers at its ends."""
    region = resource.region
    network = scope.found(resource.vpc) if resource.KIND == "vpc_attachment" else None
    if network:
        params = {"RegionId": region, "VpcId": network.id}
        for table in scope.inventory.rows("DescribeRouteTableList", region=region, **params):
            yield from _vpc_routes(scope, region, table["RouteTableId"], found.id)
    if resource.KIND == "vbr_attachment":
        yield from _health_checks(scope, region, scope.id_of(resource.cen), scope.id_of(resource.vbr))
    ends = [(region, resource.router)]
    if resource.KIND == "peer_attachment":
        ends.append((resource.peer_region, resource.peer_router))
    for where, router in ends:
        yield from _in_tables(scope, where, str(scope.id_of(router)), found.id)


def _in_tables(scope: Scope, region: str, router: str, attachment: str) -> Iterator[Obstacle]:
    for table in scope.inventory.rows("ListTransitRouterRouteTables", region=region, TransitRouterId=router):
        id = table["TransitRouterRouteTableId"]
        yield from _static(scope, region, id, attachment)
        if table["TransitRouterRouteTableType"] == "System":
            continue  # what links it with the system table is ours
        for what, action, todo in LINKS:
            rows = scope.inventory.rows(action, region=region, TransitRouterRouteTableId=id)
            if any(r["TransitRouterAttachmentId"] == attachment and r["Status"] not in LEAVING for r in rows):
                words = _named(table, "TransitRouterRouteTableName", f"of {attachment}")
                yield Obstacle(what, id, region, words, todo)


LINKS = (
    (
        *("association with the custom route table", "ListTransitRouterRouteTableAssociations"),
        "dissolve it (DissociateTransitRouterAttachmentFromRouteTable)",
    ),
    (
        *("route learning of the custom route table", "ListTransitRouterRouteTablePropagations"),
        "switch it off (DisableTransitRouterRouteTablePropagation)",
    ),
)


def _static(scope: Scope, region: str, table: str, hop: str | None) -> Iterator[Obstacle]:
    """Static routes of a router's table: to ``hop``, or (None) anywhere."""
    rows = scope.inventory.rows(
        "ListTransitRouterRouteEntries",
        region=region,
        TransitRouterRouteTableId=table,
        TransitRouterRouteEntryType="Static",
        TransitRouterRouteEntryStatus="All",
    )
    for row in _others(rows, scope, f"{ENTRY}Status", f"{ENTRY}Description"):
        to = row.get(f"{ENTRY}NextHopId") or "nowhere"
        if hop in (None, to):
            words = _named(row, f"{ENTRY}Name", f"{row[f'{ENTRY}DestinationCidrBlock']} via {to}")
            todo = f"take it out of {table} (DeleteTransitRouterRouteEntry)"
            yield Obstacle("static route", row[f"{ENTRY}Id"], region, words, todo)


def _router(resource: Any, found: Found, scope: Scope) -> Iterator[Obstacle]:
    region, cen = resource.region, scope.id_of(resource.cen)
    for action, what, of, delete in ATTACHMENTS:
        rows = scope.inventory.rows(action, region=region, CenId=cen)
        for row in _others((r for r in rows if r["TransitRouterId"] == found.id), scope):
            words = _named(row, "TransitRouterAttachmentName", f"of {row[of]}")
            yield Obstacle(what, row["TransitRouterAttachmentId"], region, words, f"detach it ({delete})")
    yield from _peers(scope, region, cen, lambda r: found.id in (r["TransitRouterId"], r["PeerTransitRouterId"]))
    for table in scope.inventory.rows("ListTransitRouterRouteTables", region=region, TransitRouterId=found.id):
        id = table["TransitRouterRouteTableId"]
        yield from _static(scope, region, id, None)
        if table["TransitRouterRouteTableType"] != "System":
            words = _named(table, "TransitRouterRouteTableName")
            yield Obstacle("custom route table", id, region, words, "delete it (DeleteTransitRouterRouteTable)")


def _peers(scope: Scope, region: str, cen: str, which: Callable[[Row], bool]) -> Iterator[Obstacle]:
    rows = scope.inventory.rows("ListTransitRouterPeerAttachments", region=region, CenId=cen)
    for row in _others((r for r in rows if which(r)), scope):
        ends = f"{row['TransitRouterId']} - {row['PeerTransitRouterId']} in {row['PeerTransitRouterRegionId']}"
        words = _named(row, "TransitRouterAttachmentName", ends)
        todo = "remove it (DeleteTransitRouterPeerAttachment)"
        yield Obstacle("inter-region connection", row["TransitRouterAttachmentId"], region, words, todo)


# --- the CEN --------------------------------------------------------------------------------------------------------


def _cen(resource: Resource, found: Found, scope: Scope) -> Iterator[Obstacle]:
    region = resource.region
    for router in scope.inventory.rows("ListTransitRouters", region=region, CenId=found.id):
        if owner(router) != scope.topology and router.get("Type") != "Basic" and router["Status"] not in LEAVING:
            id, where = router["TransitRouterId"], router["RegionId"]
            words = _named(router, "TransitRouterName")
            yield Obstacle("transit router", id, where, words, "empty and delete it (DeleteTransitRouter)")
    for row in _others(scope.inventory.rows("DescribeCenAttachedChildInstances", region=region, CenId=found.id), scope):
        what, where = f"attached {row['ChildInstanceType']}", row["ChildInstanceRegionId"]
        yield Obstacle(what, row["ChildInstanceId"], where, "", f"take it out of {found.id}")
    for row in _others(scope.inventory.rows("DescribeCenBandwidthPackages", region=region), scope):
        if found.id in ((row.get("CenIds") or {}).get("CenId") or ()):
            todo = f"take it out of {found.id} (UnassociateCenBandwidthPackage)"
            yield Obstacle("bandwidth plan", row["CenBandwidthPackageId"], region, _named(row, "Name"), todo)
    yield from _peers(scope, region, found.id, lambda _: True)


def _plan_in_cen(resource: Any, found: Found, scope: Scope) -> Iterator[Obstacle]:
    """Bandwidth that others took out of the plan."""
    cen, plan = scope.id_of(resource.cen), scope.id_of(resource.plan)
    yield from _peers(scope, resource.region, cen, lambda r: r.get("CenBandwidthPackageId") == plan)
    for row in scope.inventory.rows("DescribeCenInterRegionBandwidthLimits", region=resource.region, CenId=cen):
        if row.get("BandwidthPackageId", plan) == plan:
            id = f"{row['LocalRegionId']}-{row['OppositeRegionId']}"
            todo = f"set it to 0 in {cen} (SetCenInterRegionBandwidthLimit)"
            yield Obstacle("bandwidth limit", id, resource.region, f"{row['BandwidthLimit']} Mbit/s", todo)


def _plan(resource: Resource, found: Found, scope: Scope) -> Iterator[Obstacle]:
    for cen in (found.row.get("CenIds") or {}).get("CenId") or ():
        yield Obstacle(
            "CEN", cen, resource.region, "uses the plan", "take the plan out (UnassociateCenBandwidthPackage)"
        )


def _child(resource: Any, found: Found, scope: Scope) -> Iterator[Obstacle]:
    cen, instance, region = scope.id_of(resource.cen), scope.id_of(resource.instance), resource.region
    for row in scope.inventory.rows("DescribeRouteServicesInCen", region=region, CenId=cen):
        if owner(row) != scope.topology and region in (row["AccessRegionId"], row["HostRegionId"]):
            todo = f"take it out of {cen} (DeleteRouteServiceInCen)"
            words = f"from {row['AccessRegionId']} through {row['HostVpcId']}"
            yield Obstacle("route service", row["Host"], region, words, todo)
    yield from _health_checks(scope, region, cen, instance)


def _health_checks(scope: Scope, region: str, cen: Any, vbr: Any) -> Iterator[Obstacle]:
    where = {"VbrInstanceRegionId": region, "CenId": cen}
    for row in _others(scope.inventory.rows("DescribeCenVbrHealthCheck", region=region, **where), scope):
        if row["VbrInstanceId"] == vbr:
            words = f"from {row.get('HealthCheckSourceIp')} to {row.get('HealthCheckTargetIp')}"
            todo = "switch it off (DisableCenVbrHealthCheck)"
            yield Obstacle("health check of", str(vbr), region, words, todo)


# --- circuits -------------------------------------------------------------------------------------------------------


def _vbr(resource: Resource, found: Found, scope: Scope) -> Iterator[Obstacle]:
    region, here = resource.region, {"RegionId": resource.region, "RouterId": found.id}
    for row in _others(scope.inventory.rows("DescribeBgpGroups", region=region, **here), scope):
        todo = "delete its peers and then it (DeleteBgpGroup)"
        yield Obstacle("BGP group", row["BgpGroupId"], region, _named(row, "Name"), todo)
    rows = scope.inventory.rows("ListTransitRouterVbrAttachments", region=region, RegionId=region)
    for row in _others((r for r in rows if r["VbrId"] == found.id), scope):
        words = _named(row, "TransitRouterAttachmentName", f"to {row['TransitRouterId']} of {row['CenId']}")
        todo = "detach it (DeleteTransitRouterVbrAttachment)"
        yield Obstacle("border router attachment", row["TransitRouterAttachmentId"], region, words, todo)
    yield from _interfaces(scope, region, found.id)
    yield from _vpc_routes(scope, region, found.row["RouteTableId"], None)
    more = (found.row.get("AssociatedPhysicalConnections") or {}).get("AssociatedPhysicalConnection") or ()
    for row in more:
        if row["PhysicalConnectionId"] != found.row["PhysicalConnectionId"]:
            todo = f"take it off {found.id} (UnassociatePhysicalConnectionFromVirtualBorderRouter)"
            yield Obstacle("circuit", row["PhysicalConnectionId"], region, f"VLAN {row['VlanId']}", todo)


def _bgp_group(resource: Resource, found: Found, scope: Scope) -> Iterator[Obstacle]:
    region, here = resource.region, {"RegionId": resource.region, "BgpGroupId": found.id}
    for row in _others(scope.inventory.rows("DescribeBgpPeers", region=region, **here), scope):
        todo = "delete it (DeleteBgpPeer)"
        yield Obstacle("BGP peer", row["BgpPeerId"], region, str(row["PeerIpAddress"]), todo)


def _interface(resource: Any, found: Found, scope: Scope) -> Iterator[Obstacle]:
    """Routes to either end."""
    vbr, hub = scope.found(resource.vbr), scope.found(resource.hub)
    if vbr:
        yield from _vpc_routes(scope, resource.region, vbr.row["RouteTableId"], found.row["vbr_end"])
    if hub:
        where = resource.hub_region
        tables = scope.inventory.rows("DescribeRouteTableList", region=where, RegionId=where, VpcId=hub.id)
        for table in tables:
            yield from _vpc_routes(scope, where, table["RouteTableId"], found.row["vpc_end"])


# --- the gateway, functions ---------------------------------------------------------------------------------------


def _group(resource: Resource, found: Found, scope: Scope) -> Iterator[Obstacle]:
    for row in _others(scope.inventory.rows("DescribeApis", region=resource.region, GroupId=found.id), scope):
        live = ", ".join(_live(row))
        words = _named(row, "ApiName", f"published in {live}" if live else "")
        todo = "unpublish and delete it (AbolishApi, DeleteApi), or move it to another group"
        yield Obstacle("API", row["ApiId"], resource.region, words, todo)


def _api(resource: Any, found: Found, scope: Scope) -> Iterator[Obstacle]:
    group = scope.id_of(resource.group)
    for row in scope.inventory.rows("DescribeApis", region=resource.region, GroupId=group):
        for stage in _live(row) if row["ApiId"] == found.id else ():
            todo = f"unpublish it in {stage} (AbolishApi)"
            yield Obstacle("publication of API", found.id, resource.region, f"in {stage}", todo)


def _live(row: Row) -> list[str]:
    infos = (row.get("DeployedInfos") or {}).get("DeployedInfo") or ()
    return sorted(i["StageName"] for i in infos if i.get("DeployedStatus") == "DEPLOYED")


def _gateway(resource: Resource, found: Found, scope: Scope) -> Iterator[Obstacle]:
    for row in _others(scope.inventory.rows("DescribeApiGroups", region=resource.region), scope):
        if row.get("InstanceId") == found.id:
            todo = "delete it, or move it to another instance"
            yield Obstacle("API group", row["GroupId"], resource.region, _named(row, "GroupName"), todo)


def _function(resource: Resource, found: Found, scope: Scope) -> Iterator[Obstacle]:
    for row in scope.inventory.rows("ListTriggers", region=resource.region, functionName=resource.name):
        if owner(row, "description") != scope.topology:
            what = f"{row.get('triggerType')} trigger"
            yield Obstacle(what, row["triggerName"], resource.region, "", "delete it (DeleteTrigger)")


LOOK: Mapping[str, Callable[[Any, Found, Scope], Iterator[Obstacle]]] = {
    "vpc": _vpc,
    "vswitch": _vswitch,
    "vpc_attachment": _attachment,
    "vbr_attachment": _attachment,
    "peer_attachment": _attachment,
    "transit_router": _router,
    "cen": _cen,
    "bandwidth_plan": _plan,
    "plan_association": _plan_in_cen,
    "child_instance": _child,
    "vbr": _vbr,
    "bgp_group": _bgp_group,
    "router_interface": _interface,
    "group": _group,
    "api": _api,
    "gateway": _gateway,
    "function": _function,
}

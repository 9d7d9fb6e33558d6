"""Orphans: things that carry this topology's mark although the file has no such thing any more.

Found in whole lists by their mark (tags, or the description), in the regions that the topology uses and those where
its CEN has routers. Removed only by name: a small table says how each kind is deleted, and what hangs on it first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from gatespan.cloud import BUDGETS, CloudError, NotFound, Wait
from gatespan.planning import unhanging
from gatespan.planning.engine import Engine
from gatespan.planning.model import Did, Outcome
from gatespan.resources.base import Blocked
from gatespan.resources.ownership import RESOURCE, TOPOLOGY, read_mark, read_tags

Row = Mapping[str, Any]

TAGS: Mapping[str, tuple[str, str]] = {
    "cen": ("cbn", "Cen"),
    "bandwidth_plan": ("cbn", "BandwidthPackage"),
    "transit_router": ("cbn", "TransitRouter"),
    "vpc_attachment": ("cbn", "TransitRouterVpcAttachment"),
    "vbr_attachment": ("cbn", "TransitRouterVbrAttachment"),
    "peer_attachment": ("cbn", "TransitRouterPeerAttachment"),
    "vpc": ("vpc", "VPC"),
    "vswitch": ("vpc", "VSWITCH"),
    "group": ("cloudapi", "apiGroup"),
    "app": ("cloudapi", "app"),
}
"""Kinds whose tags can be set again: product, and the type that TagResources calls them (API metadata)."""


@dataclass(frozen=True)
class Orphan:
    """``key``: what its mark says it was made for."""

    kind: str
    key: str
    id: str
    region: str
    label: str
    since: str = ""
    row: Row = field(default_factory=dict)


def belongs(description: Any, topology: str) -> bool:
    """True when a description carries the topology's mark."""
    return read_mark(str(description or "")).get(TOPOLOGY) == topology


# --- finding ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """A list in which things of a kind are found, with the field of their id, which is also the parameter of the
    deleting action. ``everywhere``: one list per region, else one for the account or the gateway's region.
    ``by_key``: a resource has several of them, so its key alone tells whether they are in use."""

    kind: str
    action: str
    id: str
    delete: str
    everywhere: bool = True
    region_id: bool = False
    description: str = "Description"
    by_key: bool = False


ATTACHMENT = "TransitRouterAttachmentId"
PLACES = (
    Place("cen", "DescribeCens", "CenId", "cbn.DeleteCen", everywhere=False),
    Place(
        *("bandwidth_plan", "DescribeCenBandwidthPackages", "CenBandwidthPackageId", "cbn.DeleteCenBandwidthPackage"),
        everywhere=False,
    ),
    Place(
        *("vpc_attachment", "ListTransitRouterVpcAttachments", ATTACHMENT, "cbn.DeleteTransitRouterVpcAttachment"),
        region_id=True,
    ),
    Place(
        *("vbr_attachment", "ListTransitRouterVbrAttachments", ATTACHMENT, "cbn.DeleteTransitRouterVbrAttachment"),
        region_id=True,
    ),
    Place(
        *("peer_attachment", "ListTransitRouterPeerAttachments", ATTACHMENT, "cbn.DeleteTransitRouterPeerAttachment"),
        region_id=True,
    ),
    Place("vpc", "DescribeVpcs", "VpcId", "vpc.DeleteVpc", region_id=True),
    Place("vswitch", "DescribeVSwitches", "VSwitchId", "vpc.DeleteVSwitch", region_id=True),
    Place("vbr", "DescribeVirtualBorderRouters", "VbrId", "vpc.DeleteVirtualBorderRouter", region_id=True),
    Place("group", "DescribeApiGroups", "GroupId", "cloudapi.DeleteApiGroup", everywhere=False),
    Place("app", "DescribeAppAttributes", "AppId", "cloudapi.DeleteApp", everywhere=False),
    Place("grant", "DescribeVpcAccesses", "VpcAccessId", "cloudapi.RemoveVpcAccess", everywhere=False),
    Place("function", "ListFunctions", "functionName", "fc.DeleteFunction", description="description"),
)
ROUTER = Place("transit_router", "ListTransitRouters", "TransitRouterId", "cbn.DeleteTransitRouter")
ROUTE = Place(
    *("cloud_service_routes", "ListTransitRouterRouteEntries", "TransitRouterRouteEntryId"),
    delete="cbn.DeleteTransitRouterRouteEntry",
    description="TransitRouterRouteEntryDescription",
    by_key=True,
)
VPC_ROUTE = Place("vpc_routes", "DescribeRouteEntryList", "RouteEntryId", "vpc.DeleteRouteEntry", by_key=True)
API = Place("api", "DescribeApis", "ApiId", "cloudapi.DeleteApi")
BY_KIND: Mapping[str, Place] = {p.kind: p for p in (*PLACES, ROUTE, ROUTER, VPC_ROUTE, API)}

ORDER = (
    *("authorization", "deployment", "api", "app", "group", "grant", "function"),
    *("vpc_routes", "cloud_service_routes", "vpc_attachment", "vbr_attachment", "peer_attachment"),
    *("transit_router", "bandwidth_plan", "cen", "vbr", "vswitch", "vpc"),
)
"""The order of removal: users before what they use."""


def orphans(engine: Engine) -> Iterator[Orphan]:
    """Everything of ours that the file does not have, in the order of removal."""
    once = {(o.kind, o.id): o for o in _all(engine)}  # a connection is listed in both of its regions
    yield from sorted(once.values(), key=lambda o: (ORDER.index(o.kind), o.key, o.id))


def _all(engine: Engine) -> Iterator[Orphan]:
    home, regions = engine.design.region, _regions(engine)
    for place in PLACES:
        for region in regions if place.everywhere else (home,):
            params = {"RegionId": region} if place.region_id else {}
            rows = engine.inventory.rows(place.action, region=region, **params)
            yield from _marked(engine, place, region, rows)
    yield from _in_routers(engine)
    yield from _in_vpcs(engine)
    yield from _in_groups(engine)


def _marked(engine: Engine, place: Place, region: str, rows: Iterable[Row]) -> Iterator[Orphan]:
    for row in rows:
        marks = read_tags(row) | read_mark(row.get(place.description))
        if marks.get(TOPOLOGY) != engine.topology:
            continue
        key = marks.get(RESOURCE, f"{place.kind}.?")
        kind, _, name = key.partition(".")
        if kind != place.kind or _in_use(engine, place, key, str(row[place.id])):
            continue
        since = str(row.get("CreationTime") or row.get("CreatedTime") or row.get("createdTime") or "")
        yield Orphan(kind, key, str(row[place.id]), region, f"{kind.replace('_', ' ')} {name}", since, row)


def _in_use(engine: Engine, place: Place, key: str, id: str) -> bool:
    """True for what the file has, whatever its mark says; and for what the file has but could not be told apart."""
    if key in engine.graph.nodes:
        found = engine.known(key)
        if place.by_key or found is None or found.id == id:
            return True
    others = (engine.known(k) for k in engine.graph.keys(kind=place.kind))
    return any(found.id == id for found in others if found)


def _regions(engine: Engine) -> tuple[str, ...]:
    """Those of the file, and those where its CEN has routers."""
    regions = {engine.design.region, *engine.design.regions, *(r.region for r in engine.graph.nodes.values())}
    return tuple(sorted(regions | {r["RegionId"] for r in _routers(engine)}))


def _routers(engine: Engine) -> tuple[Row, ...]:
    cen = engine.known("cen.cen")
    if cen is None:
        return ()
    return engine.inventory.rows("ListTransitRouters", region=engine.design.region, CenId=cen.id)


def _in_routers(engine: Engine) -> Iterator[Orphan]:
    """Routers of the CEN, and static routes of ours in the system tables of the topology's routers."""
    rows = _routers(engine)
    for row in rows:
        yield from _marked(engine, ROUTER, row["RegionId"], [row])
    for key in engine.graph.keys(kind="transit_router"):
        router = engine.known(key)
        if router is None or router.row.get("Type") == "Basic":
            continue
        region = engine.graph[key].region
        tables = engine.inventory.rows("ListTransitRouterRouteTables", region=region, TransitRouterId=router.id)
        for table in tables:
            if table["TransitRouterRouteTableType"] != "System":
                continue
            entries = engine.inventory.rows(
                ROUTE.action,
                region=region,
                TransitRouterRouteTableId=table["TransitRouterRouteTableId"],
                TransitRouterRouteEntryType="Static",
                TransitRouterRouteEntryStatus="All",
            )
            yield from _marked(engine, ROUTE, region, entries)


def _in_vpcs(engine: Engine) -> Iterator[Orphan]:
    """Routes of ours in the tables of the topology's VPCs."""
    for key in engine.graph.keys(kind="vpc"):
        vpc, region = engine.known(key), engine.graph[key].region
        if vpc is None or not engine.graph.keys(kind="cen"):
            continue
        tables = engine.inventory.rows("DescribeRouteTableList", region=region, RegionId=region, VpcId=vpc.id)
        for table in sorted(t["RouteTableId"] for t in tables):
            rows = engine.inventory.rows(VPC_ROUTE.action, region=region, RegionId=region, RouteTableId=table)
            yield from _marked(engine, VPC_ROUTE, region, rows)


def _in_groups(engine: Engine) -> Iterator[Orphan]:
    """APIs, publications and authorisations of ours in the topology's groups."""
    for key in engine.graph.keys(kind="group"):
        group, region = engine.known(key), engine.graph[key].region
        if group is None:
            continue
        told = {a.name: a for a in engine.design.group(engine.graph[key].name).apis}
        for row in engine.inventory.rows(API.action, region=region, GroupId=group.id):
            name = f"{engine.graph[key].name}/{row['ApiName']}"
            if row["ApiName"] not in told:
                yield from _marked(engine, API, region, [row])
                continue
            infos = (row.get("DeployedInfos") or {}).get("DeployedInfo") or ()
            live = {i["StageName"] for i in infos if i.get("DeployedStatus") == "DEPLOYED"}
            mine = engine.known(f"api.{name}")
            if mine is None or mine.adopted:
                continue
            for stage in sorted(live - set(told[row["ApiName"]].stages)):
                what = {"GroupId": group.id, "ApiId": row["ApiId"], "StageName": stage}
                made = f"{name}@{stage}"
                id = f"{row['ApiId']}@{stage}"
                yield Orphan("deployment", f"deployment.{made}", id, region, f"deployment {made}", "", what)
            yield from _authorised(engine, name, group.id, row["ApiId"], told[row["ApiName"]], region)


def _authorised(engine: Engine, name: str, group: str, api: str, told: Any, region: str) -> Iterator[Orphan]:
    if told.auth == "anonymous":
        return
    for stage in told.stages:
        if engine.known(f"deployment.{name}@{stage}") is None:
            continue
        rows = engine.inventory.rows("DescribeAuthorizedApps", region=region, GroupId=group, ApiId=api, StageName=stage)
        for row in rows:
            if row["AppName"] in told.apps or row.get("Description") != f"gatespan {engine.topology}":
                continue
            made = f"{name}@{stage}:{row['AppName']}"
            what = {"GroupId": group, "ApiId": api, "StageName": stage, "AppIds": str(row["AppId"])}
            id = f"{api}:{row['AppId']}@{stage}"
            since = str(row.get("AuthorizedTime") or "")
            yield Orphan("authorization", f"authorization.{made}", id, region, f"authorisation {made}", since, what)


# --- removing --------------------------------------------------------------------------------------------------


def remove(engine: Engine, ids: Sequence[str]) -> tuple[Outcome, ...]:
    """Remove the orphans with these ids, users first, each until it is gone. Looks again before: an id that is no
    orphan (any more) is left. Raises CloudError when the cloud refuses; what was removed before stays removed."""
    engine.forget()
    for key in engine.graph.order:
        with suppress(Blocked):
            engine.found(key)
    known = list(orphans(engine))
    strange = set(ids) - {o.id for o in known}
    out = [Outcome("", id, Did.ABSENT, id, why="no orphan of this topology has this id") for id in sorted(strange)]
    for one in known:
        if one.id in ids:
            start = engine.now()
            _delete(engine, one)
            _until_gone(engine, one)
            out.append(Outcome(one.key, one.label, Did.REMOVED, one.id, engine.now() - start))
    return tuple(out)


def _delete(engine: Engine, one: Orphan) -> None:
    _unhang(engine, one)
    product, action, params = _call_of(one)
    with suppress(NotFound):
        engine.cloud.call(product, action, params, region=one.region, subject=one.id)


def _call_of(one: Orphan) -> tuple[str, str, dict[str, Any]]:
    if one.kind == "deployment":
        return "cloudapi", "AbolishApi", dict(one.row)
    if one.kind == "authorization":
        return "cloudapi", "RemoveAppsAuthorities", dict(one.row)
    if one.kind == "grant":
        return "cloudapi", "RemoveVpcAccess", {n: one.row[n] for n in ("VpcId", "InstanceId", "Port")}
    place = BY_KIND[one.kind]
    product, _, action = place.delete.partition(".")
    params: dict[str, Any] = {place.id: int(one.id) if one.kind == "app" else one.id}
    if one.kind == "api":
        params["GroupId"] = one.row["GroupId"]
    return product, action, {**params, **({"RegionId": one.region} if product == "vpc" else {})}


def _unhang(engine: Engine, one: Orphan) -> None:
    """Take off what hangs on it and has no mark of its own."""
    if one.kind.endswith("_attachment"):
        ends = {str(one.row["TransitRouterId"]): str(one.row.get("RegionId") or one.region)}
        if "PeerTransitRouterId" in one.row:
            ends[str(one.row["PeerTransitRouterId"])] = str(one.row["PeerTransitRouterRegionId"])
        if one.kind == "vbr_attachment":
            unhanging.health_check(engine, one.row, one.region)
        for router, region in ends.items():
            _unlink(engine, region, router, one.id)
    if one.kind == "vbr":
        unhanging.border_router(engine, one.row, one.region)
    if one.kind == "bandwidth_plan":
        for cen in (one.row.get("CenIds") or {}).get("CenId") or ():
            params = {"CenId": cen, "CenBandwidthPackageId": one.id}
            _call(engine, "cbn", "UnassociateCenBandwidthPackage", params, one)
    if one.kind == "api":
        infos = (one.row.get("DeployedInfos") or {}).get("DeployedInfo") or ()
        for stage in (i["StageName"] for i in infos if i.get("DeployedStatus") == "DEPLOYED"):
            params = {"GroupId": one.row["GroupId"], "ApiId": one.id, "StageName": stage}
            _call(engine, "cloudapi", "AbolishApi", params, one)
    if one.kind == "function":
        for row in engine.inventory.rows("ListTriggers", region=one.region, functionName=one.id):
            params = {"functionName": one.id, "triggerName": row["triggerName"]}
            _call(engine, "fc", "DeleteTrigger", params, one)


LINKS = {
    "ListTransitRouterRouteTableAssociations": "DissociateTransitRouterAttachmentFromRouteTable",
    "ListTransitRouterRouteTablePropagations": "DisableTransitRouterRouteTablePropagation",
}


def _unlink(engine: Engine, region: str, router: str, id: str) -> None:
    """Take an attachment out of every table of a router."""
    tables = engine.inventory.rows("ListTransitRouterRouteTables", region=region, TransitRouterId=router)

    def linked(listing: str) -> Iterator[str]:
        engine.inventory.forget(listing)
        for table in (t["TransitRouterRouteTableId"] for t in tables):
            rows = engine.inventory.rows(listing, region=region, TransitRouterRouteTableId=table)
            yield from (table for r in rows if r["TransitRouterAttachmentId"] == id)

    for listing, action in LINKS.items():
        for table in linked(listing):
            params = {"TransitRouterAttachmentId": id, "TransitRouterRouteTableId": table}
            with suppress(NotFound):
                engine.cloud.call("cbn", action, params, region=region, subject=id)

    def busy() -> str | None:
        return next((table for listing in LINKS for table in linked(listing)), None)

    engine.until(busy, Wait(good=frozenset(), gone=True, budget=BUDGETS["association"][1]), f"{id} in route tables")


def _call(engine: Engine, product: str, action: str, params: Mapping[str, Any], one: Orphan) -> None:
    with suppress(NotFound):
        engine.cloud.call(product, action, params, region=one.region, subject=one.id)


def _until_gone(engine: Engine, one: Orphan) -> None:
    place = BY_KIND.get(one.kind)

    def there() -> str | None:
        engine.inventory.forget(*({place.action} if place else {"DescribeApis", "DescribeAuthorizedApps"}))
        try:
            return next(("there" for o in orphans(engine) if o.id == one.id), None)
        except CloudError:
            return "unreadable"

    budget = BUDGETS[{"group": "group", "function": "function", "app": "app"}.get(one.kind, "vpc_attachment")][1]
    engine.until(there, Wait(good=frozenset(), gone=True, budget=budget), one.label)

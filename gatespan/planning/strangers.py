"""Things of somebody else in places where they matter: they win over ours, or open what the file does not open.

Reported, never touched. What stands exactly in our place is found by the resources themselves (``Foreign``); here is
what stands beside it. Reads the lists that comparing reads, and the routing tables.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gatespan.planning.engine import Engine
from gatespan.planning.orphans import belongs
from gatespan.resources.base import Found, Resource
from gatespan.resources.cen.transit_router import system_table
from gatespan.resources.express_connect.routes import next_hop
from gatespan.resources.gateway.api import Api
from gatespan.resources.gateway.group import Group
from gatespan.resources.ownership import owner

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Stranger:
    """``what``: its row among the ``strangers`` of the table of ranks. ``resource``: of ours, that it stands beside."""

    what: str
    resource: Resource
    id: str
    words: Mapping[str, str] = field(default_factory=dict)
    since: str = ""


def strangers(engine: Engine) -> Iterator[Stranger]:
    """Everything foreign that matters to the topology. Looks only beside what was found."""
    for key in engine.graph.order:
        resource = engine.graph[key]
        look = LOOK.get(resource.KIND)
        found = engine.known(key)
        if look and found:
            yield from look(engine, resource, found)


# --- routes ----------------------------------------------------------------------------------------------------


def _router_routes(engine: Engine, router: Resource, found: Found) -> Iterator[Stranger]:
    """Static routes of the system table that are for a network of ours and lead elsewhere."""
    table = system_table(engine, found, router.region)
    if table is None or found.row.get("Type") == "Basic":
        return
    rows = engine.inventory.rows(
        "ListTransitRouterRouteEntries",
        region=router.region,
        TransitRouterRouteTableId=table,
        TransitRouterRouteEntryType="Static",
        TransitRouterRouteEntryStatus="All",
    )
    key = "TransitRouterRouteEntry"
    for row in rows:
        cidr, via = row[f"{key}DestinationCidrBlock"], row.get(f"{key}NextHopId") or "nowhere"
        ours = belongs(row.get(f"{key}Description"), engine.topology)
        if ours or row[f"{key}Status"] not in ("Active", "Creating"):
            continue
        for network, instead in _ways(engine, router.region):
            if _inside(cidr, network) and via != instead:
                words = {"destination": cidr, "via": via, "instead": instead}
                yield Stranger("router_route", router, row[f"{key}Id"], words, str(row.get("CreateTime") or ""))
                break


def _ways(engine: Engine, region: str) -> Iterator[tuple[str, str]]:
    """Where the router of a region sends the networks of the topology: CIDR and attachment."""
    design = engine.design
    places = [(design.hub.cidr, design.region, f"vpc_attachment.{design.hub.name}")]
    places += [(n.cidr, n.region, f"vpc_attachment.{n.name}") for n in design.networks]
    for site in design.cen_sites:
        lines = [f"vbr_attachment.{site.name}/{c.circuit}" for c in site.circuits]
        places += [(prefix, site.region, lines[0]) for prefix in site.prefixes if len(lines) == 1]
    for cidr, where, here in places:
        key = here if where == region else _connection(engine, region, where)
        found = engine.known(key) if key in engine.graph.nodes else None
        if found:
            yield cidr, found.id


def _connection(engine: Engine, one: str, other: str) -> str:
    ends = (f"peer_attachment.{one}-{other}", f"peer_attachment.{other}-{one}")
    return next((key for key in ends if key in engine.graph.nodes), "")


def _vpc_routes(engine: Engine, attachment: Resource, found: Found) -> Iterator[Stranger]:
    """Routes that somebody made in a VPC's tables, more exact than ours or in the way of the published ones."""
    vpc = engine.known(getattr(attachment, "vpc", ""))
    if vpc is None:
        return
    region, name = attachment.region, attachment.name
    tables = engine.inventory.rows("DescribeRouteTableList", region=region, RegionId=region, VpcId=vpc.id)
    explicit = {engine.graph[k].destination for k in engine.graph.keys(kind="vpc_routes")}  # type: ignore[attr-defined]
    others = {engine.design.hub.cidr, *(n.cidr for n in engine.design.networks)} - {vpc.fields["cidr"]}
    others |= {prefix for site in engine.design.sites for prefix in site.prefixes}
    for table in sorted(t["RouteTableId"] for t in tables):
        rows = engine.inventory.rows("DescribeRouteEntryList", region=region, RegionId=region, RouteTableId=table)
        for row in rows:
            cidr = row["DestinationCidrBlock"]
            via = next_hop(row) or "nowhere"
            foreign = row.get("Type") == "Custom" and row.get("Origin") != "RoutePropagation" and via != found.id
            if not foreign or owner(row) == engine.topology or cidr in explicit:
                continue
            if any(_inside(cidr, network) for network in others):
                words = {"destination": cidr, "via": via, "table": table, "name": name}
                yield Stranger("vpc_route", attachment, row["RouteEntryId"], words, str(row.get("GmtModified") or ""))


def _inside(cidr: str, network: str) -> bool:
    """True when a route to ``cidr`` takes traffic from a route to ``network``."""
    try:
        one, other = ipaddress.ip_network(cidr), ipaddress.ip_network(network)
    except ValueError:
        return False  # a prefix list
    return one.version == other.version and one.subnet_of(other)  # type: ignore[arg-type]


# --- attachments --------------------------------------------------------------------------------------------


def _attachments(engine: Engine, attachment: Resource, found: Found) -> Iterator[Stranger]:
    """Another CEN that publishes its routes into the VPC; and routes that somebody made there."""
    region = attachment.region
    rows = engine.inventory.rows("ListTransitRouterVpcAttachments", region=region, RegionId=region)
    for row in rows:
        id = row["TransitRouterAttachmentId"]
        if id == found.id or row["VpcId"] != found.row["VpcId"]:
            continue
        if row.get("AutoPublishRouteEnabled"):
            words = {"router": row["TransitRouterId"], "cen": row["CenId"]}
            yield Stranger("other_cen", attachment, id, words, str(row.get("CreationTime") or ""))
    yield from _vpc_routes(engine, attachment, found)


# --- the gateway -----------------------------------------------------------------------------------------------


def _apis(engine: Engine, group: Resource, found: Found) -> Iterator[Stranger]:
    """APIs of others in a group of ours. In an adopted group they are nobody's business here."""
    if not isinstance(group, Group) or found.adopted:
        return
    known = {a.name for a in engine.design.group(group.name).apis}
    for row in engine.inventory.rows("DescribeApis", region=group.region, GroupId=found.id):
        if row["ApiName"] in known or owner(row) == engine.topology:
            continue
        live = live_stages(row)
        words = {"group": group.name, "api": row["ApiName"], "stages": ", ".join(live)}
        since = str(row.get("ModifiedTime") or "")
        yield Stranger("api" if live else "api_draft", group, row["ApiId"], words, since)


def live_stages(row: Row) -> tuple[str, ...]:
    """The stages in which an API is published. ``row``: of DescribeApis."""
    infos = (row.get("DeployedInfos") or {}).get("DeployedInfo") or ()
    return tuple(sorted(i["StageName"] for i in infos if i.get("DeployedStatus") == "DEPLOYED"))


def _domains(engine: Engine, domain: Resource, found: Found) -> Iterator[Stranger]:
    if found.adopted:
        return
    for one in (found.row.get("CustomDomains") or {}).get("DomainItem") or ():
        yield Stranger("domain", domain, str(one.get("DomainName")), {"group": domain.name})


def _authorizations(engine: Engine, api: Resource, found: Found) -> Iterator[Stranger]:
    """Apps that may call an API of ours, which the file does not say. Of ours they are orphans."""
    if not isinstance(api, Api) or found.adopted or api.definition.api.auth == "anonymous":
        return
    told = api.definition.api
    for stage in told.stages:
        if engine.known(f"deployment.{api.name}@{stage}") is None:
            continue
        group = found.row["GroupId"]
        rows = engine.inventory.rows(
            "DescribeAuthorizedApps", region=api.region, GroupId=group, ApiId=found.id, StageName=stage
        )
        for row in rows:
            if row["AppName"] not in told.apps and not belongs_to_us(engine, row):
                words = {"app": row["AppName"], "api": api.name, "stages": stage}
                since = str(row.get("AuthorizedTime") or "")
                yield Stranger("authorization", api, str(row["AppId"]), words, since)


def belongs_to_us(engine: Engine, row: Row) -> bool:
    """An authorisation of ours: its app carries our mark, and we wrote its description."""
    return row.get("Description") == f"gatespan {engine.topology}"


LOOK = {
    "transit_router": _router_routes,
    "vpc_attachment": _attachments,
    "group": _apis,
    "vpc_domain": _domains,
    "api": _authorizations,
}

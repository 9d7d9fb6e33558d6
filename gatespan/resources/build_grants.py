"""From the grants of a topology to their resources: the authorisations, and the way back to the gateway."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from gatespan import topology as t
from gatespan.resources.base import Ref, Resource, Step
from gatespan.resources.cen.service_routes import CloudServiceRoutes, RouteService
from gatespan.resources.gateway.grant import Grant
from gatespan.topology import Topology

CEN = Ref("cen.cen")
GATEWAY = Ref("gateway.gateway")


def grants(topology: Topology) -> Iterator[Resource]:
    """The grants, and what answers of back ends in CEN sites need to find the gateway."""
    yield from (grant(topology, one) for one in topology.grants)
    if any(answers_grants(topology, site) for site in topology.cen_sites):
        yield _way_back(topology)


def grant(topology: Topology, one: t.Grant) -> Grant:
    """The binding comes first as in the vendor's procedure; the grant itself does not need it."""
    hub = topology.hub.name
    return Grant(
        name=one.name,
        region=topology.region,
        step=Step.GRANT_ACCESS,
        vpc=Ref(f"vpc.{hub}"),
        target=one.address or one.instance or "",
        port=one.port,
        host=one.host or "",
        description=one.description,
        adopt=one.adopt,
        after=(Ref(f"binding.{hub}"),),
    )


def answers_grants(topology: Topology, site: t.Site) -> bool:
    """A back end of the site answers the gateway, so the way back to its egress blocks is needed."""
    prefixes = [ipaddress.ip_network(p) for p in site.prefixes]
    addresses = [ipaddress.ip_address(g.address) for g in topology.grants if g.address]
    return any(address in prefix for address in addresses for prefix in prefixes)


def _way_back(topology: Topology) -> Resource:
    region, hub = topology.region, topology.hub.name
    if topology.cen.edition == "basic":
        lines = [f"{site.name}/{c.circuit}" for site in topology.cen_sites for c in site.circuits]
        return RouteService(
            name=region,
            region=region,
            step=Step.ROUTE_SERVICES,
            gateway=GATEWAY,
            cen=CEN,
            vpc=Ref(f"vpc.{hub}"),
            after=(Ref(f"child_instance.{hub}"), *(Ref(f"child_instance.{line}") for line in lines)),
        )
    return CloudServiceRoutes(
        name=region,
        region=region,
        step=Step.ROUTE_SERVICES,
        gateway=GATEWAY,
        router=Ref(f"transit_router.{region}"),
        attachment=Ref(f"vpc_attachment.{hub}"),
        after=(Ref(f"association.{hub}"),),
    )

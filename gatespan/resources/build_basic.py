"""From a topology to its CEN of the Basic edition: the CEN, what is attached to it, bandwidth between its regions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from gatespan.resources.base import Ref, Resource, Step
from gatespan.resources.cen.basic import BasicCen, ChildInstance, RegionBandwidth
from gatespan.topology import Topology

CEN = Ref("cen.cen")


def network(topology: Topology) -> Iterator[Resource]:
    """The VPCs, border routers and bandwidth plans that it joins are made elsewhere, as with the other edition."""
    cen = topology.cen
    yield BasicCen(
        name="cen",
        cen_name=cen.name,
        region=topology.region,
        step=Step.BUILD_CEN,
        id=cen.id,
        adopt=cen.adopt,
        regions=topology.regions,
    )
    children = list(_children(topology))
    yield from children
    for one, other in combinations(topology.regions, 2):
        entry = topology.between(one, other)
        if entry is None or entry.plan is None:  # a rule of the file: here bandwidth comes from plans only
            continue
        ends = tuple(child.key for child in children if child.region in (one, other))
        yield RegionBandwidth(
            name=f"{one}-{other}",
            region=one,
            step=Step.ASSIGN_BANDWIDTH,
            cen=CEN,
            peer_region=other,
            mbps=entry.mbps,
            after=(Ref(f"plan_association.{plan_name(entry.areas)}"), *ends),
        )


def plan_name(areas: tuple[str, str]) -> str:
    """What the plan of two areas is called in keys."""
    return "-".join(sorted(areas)).lower()


def _children(topology: Topology) -> Iterator[ChildInstance]:
    for vpc, region in ((topology.hub, topology.region), *((n, n.region) for n in topology.networks)):
        yield ChildInstance(
            name=vpc.name, region=region, step=Step.BUILD_CEN, cen=CEN, instance=Ref(f"vpc.{vpc.name}"), type="VPC"
        )
    for site in topology.cen_sites:
        for circuit in site.circuits:
            line = f"{site.name}/{circuit.circuit}"
            yield ChildInstance(
                name=line,
                region=site.region,
                step=Step.CONNECT_SITE,
                cen=CEN,
                instance=Ref(f"vbr.{line}"),
                type="VBR",
            )

"""From the sites of a topology to their resources: circuits, border routers, routing, and the way into the hub."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatespan import topology as t
from gatespan.resources.base import Ref, Resource, Step
from gatespan.resources.build_grants import answers_grants
from gatespan.resources.cen.health_check import HealthCheck
from gatespan.resources.cen.routing import Association, Propagation
from gatespan.resources.cen.vbr_attachment import VbrAttachment, VbrRouteSync
from gatespan.resources.express_connect.bgp import BgpGroup, BgpNetwork, BgpPeer
from gatespan.resources.express_connect.circuit import Circuit
from gatespan.resources.express_connect.router_interface import Check, RouterInterface
from gatespan.resources.express_connect.routes import VbrRoute, VbrUplink
from gatespan.resources.express_connect.vbr import Vbr
from gatespan.resources.vpc.routes import VpcRoutes
from gatespan.topology import Topology

CEN = Ref("cen.cen")
GATEWAY = Ref("gateway.gateway")
STEP = Step.CONNECT_SITE


def sites(topology: Topology) -> Iterator[Resource]:
    """Every resource of every site. What all share (CEN, transit routers, the hub's attachment) is made elsewhere."""
    for site in topology.sites:
        for circuit in site.circuits:
            yield from _border_router(site, circuit)
            yield from _static(site, circuit) if site.routing == "static" else _bgp(site, circuit)
            if site.connect == "router-interface":
                yield from _interface(topology, site, circuit)
                continue
            if topology.cen.edition == "enterprise":
                yield from _attachment(site, circuit)
            yield from _health_check(topology, site, circuit)
        yield from _hub_routes(topology, site)


def line(site: t.Site, circuit: t.Circuit) -> str:
    """The name of everything on one circuit of a site."""
    return f"{site.name}/{circuit.circuit}"


def _border_router(site: t.Site, circuit: t.Circuit) -> Iterator[Resource]:
    name, region = line(site, circuit), site.region
    physical = Circuit(name=name, region=region, step=STEP, circuit=circuit.circuit, vbr=circuit.vbr)
    yield physical
    yield Vbr(
        name=name,
        region=region,
        step=STEP,
        circuit=physical.key,
        existing=circuit.vbr,
        vlan=circuit.vlan,
        cloud_ip=circuit.cloud_ip,
        site_ip=circuit.site_ip,
        netmask=circuit.netmask,
        mbps=circuit.bandwidth_mbps,
        bfd=circuit.bfd,
    )


def _static(site: t.Site, circuit: t.Circuit) -> Iterator[Resource]:
    name = line(site, circuit)
    for prefix in site.prefixes:
        yield VbrRoute(
            name=f"{name}/{prefix}", region=site.region, step=STEP, vbr=Ref(f"vbr.{name}"), destination=prefix
        )


def _bgp(site: t.Site, circuit: t.Circuit) -> Iterator[Resource]:
    bgp, name = site.bgp, line(site, circuit)
    assert bgp is not None  # a rule of the file
    group = BgpGroup(
        name=name,
        region=site.region,
        step=STEP,
        vbr=Ref(f"vbr.{name}"),
        asn=bgp.asn,
        site_ip=circuit.site_ip,
        key_env=bgp.key_env,
    )
    yield group
    yield BgpPeer(
        name=name,
        region=site.region,
        step=STEP,
        group=group.key,
        site_ip=circuit.site_ip,
        cloud_ip=circuit.cloud_ip,
        vlan=circuit.vlan,
        mask=circuit.mask,
        asn=bgp.asn,
        key_env=bgp.key_env,
        bfd=circuit.bfd,
    )


def _attachment(site: t.Site, circuit: t.Circuit) -> Iterator[Resource]:
    name, region, router = line(site, circuit), site.region, Ref(f"transit_router.{site.region}")
    attachment = VbrAttachment(name=name, region=region, step=STEP, cen=CEN, router=router, vbr=Ref(f"vbr.{name}"))
    yield attachment
    association = Association(name=name, region=region, step=STEP, attachment=attachment.key, router=router)
    yield association
    yield Propagation(name=name, region=region, step=STEP, attachment=attachment.key, router=router)
    yield VbrRouteSync(
        name=name, region=region, step=STEP, cen=CEN, attachment=attachment.key, after=(association.key,)
    )


def _health_check(topology: Topology, site: t.Site, circuit: t.Circuit) -> Iterator[Resource]:
    """In both editions; what ties the border router to the CEN is another thing in each."""
    if site.health_check is None:
        return
    check, name = site.health_check, line(site, circuit)
    tie = "vbr_attachment" if topology.cen.edition == "enterprise" else "child_instance"
    yield HealthCheck(
        name=name,
        region=site.region,
        step=STEP,
        cen=CEN,
        vbr=Ref(f"vbr.{name}"),
        tie=Ref(f"{tie}.{name}"),
        target_ip=circuit.site_ip,
        source_ip=check.source_ip,
        interval_s=check.interval_s,
        threshold=check.threshold,
        only=check.only,
    )


def _interface(topology: Topology, site: t.Site, circuit: t.Circuit) -> Iterator[Resource]:
    name, region, check = line(site, circuit), site.region, site.health_check
    vbr, hub = Ref(f"vbr.{name}"), Ref(f"vpc.{topology.hub.name}")
    interface = RouterInterface(
        name=name,
        region=region,
        step=STEP,
        vbr=vbr,
        hub=hub,
        hub_region=topology.region,
        mbps=circuit.bandwidth_mbps,
        check=Check(check.source_ip, circuit.site_ip, check.interval_s, check.threshold) if check else None,
    )
    yield interface
    uplink = VbrUplink(
        name=name,
        region=region,
        step=STEP,
        vbr=vbr,
        interface=interface.key,
        cidr=topology.hub.cidr,
        gateway=GATEWAY if answers_grants(topology, site) else None,
    )
    yield uplink
    if site.bgp:
        announced: dict[str, dict[str, Any]] = {c: {"cidr": c} for c in site.bgp.announce or (topology.hub.cidr,)}
        if uplink.gateway:
            announced["egress"] = {"gateway": uplink.gateway}
        for which, of in announced.items():
            yield BgpNetwork(
                name=f"{name}/{which}",
                region=region,
                step=STEP,
                vbr=vbr,
                interface=interface.key,
                vpc=hub,
                after=(uplink.key,),
                **of,
            )


def _hub_routes(topology: Topology, site: t.Site) -> Iterator[Resource]:
    """A router publishes the routes into the hub where the hub lets it; a router interface never does. Of several
    circuits without a CEN the first carries the traffic: a route has one next hop here."""
    hub = topology.hub
    by_hand = site.connect == "router-interface"
    if not by_hand and (hub.routes == "auto-publish" or topology.cen.edition == "basic"):
        return
    for prefix in site.prefixes:
        yield VpcRoutes(
            name=f"{hub.name}/{site.name}/{prefix}",
            region=topology.region,
            step=STEP,
            vpc=Ref(f"vpc.{hub.name}"),
            hop=Ref(f"router_interface.{line(site, site.circuits[0])}" if by_hand else f"vpc_attachment.{hub.name}"),
            hop_type="RouterInterface" if by_hand else "Attachment",
            destination=prefix,
        )

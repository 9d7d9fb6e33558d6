"""From a topology to its resources: what must exist for what the file says, and what each thing refers to."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from gatespan import topology as t
from gatespan.resources import build_basic
from gatespan.resources.base import Ref, Resource, Step
from gatespan.resources.build_basic import plan_name
from gatespan.resources.build_grants import grant, grants
from gatespan.resources.build_sites import sites
from gatespan.resources.cen.bandwidth import BandwidthPlan, PeerAttachment, PlanAssociation
from gatespan.resources.cen.cen import Cen, TransitRouterService
from gatespan.resources.cen.routing import Association, Propagation
from gatespan.resources.cen.transit_router import TransitRouter
from gatespan.resources.cen.vpc_attachment import RouteSync, VpcAttachment
from gatespan.resources.fc.function import Function, Trigger
from gatespan.resources.gateway.api import Api, Deployment
from gatespan.resources.gateway.app import App, Authorization
from gatespan.resources.gateway.definition import Definition
from gatespan.resources.gateway.group import Group, VpcDomain
from gatespan.resources.gateway.instance import Binding, Gateway
from gatespan.resources.vpc.routes import VpcRoutes
from gatespan.resources.vpc.vpc import Vpc, VSwitch
from gatespan.topology import Topology

CEN = Ref("cen.cen")
GATEWAY = Ref("gateway.gateway")
SERVICE = Ref("transit_router_service.account")


def build(topology: Topology, base: Path) -> Iterator[Resource]:
    """Every resource of the topology. ``base``: the folder that relative function sources start from."""
    yield from _gateway(topology)
    yield from _functions(topology, base)
    yield from _groups(topology)
    if topology.regions:
        yield from _network(topology)
    else:
        yield from _vpc(topology.hub, topology.region)
    yield from sites(topology)
    yield from grants(topology)


def _gateway(topology: Topology) -> Iterator[Resource]:
    instance, region, hub = topology.gateway.instance, topology.region, topology.hub
    create = instance.create
    yield Gateway(
        name="gateway",
        instance_name=instance.name or (create.name if create else None),
        region=region,
        step=Step.BIND_VPC,
        id=instance.id,
        spec=create.spec if create else None,
        zone=create.zone if create else None,
        charge_type=create.charge_type if create else "PostPaid",
        https_policy=create.https_policy if create else "HTTPS2_TLS1_2",
    )
    entry = hub.entry_vswitch
    yield Binding(
        name=hub.name,
        region=region,
        step=Step.BIND_VPC,
        gateway=GATEWAY,
        vpc=_vpc_ref(hub),
        vswitch=_vswitch_ref(hub, entry) if entry else None,
        rebind=topology.gateway.rebind,
        keep=not topology.gateway.release,
    )


def _functions(topology: Topology, base: Path) -> Iterator[Resource]:
    for f in topology.functions:
        region = f.region or topology.region
        function = Function(
            name=f.name,
            region=region,
            step=Step.CREATE_API,
            existing=f.existing,
            source=base / f.source if f.source else None,
            runtime=f.runtime,
            command=f.command,
            port=f.port,
            memory_mb=f.memory_mb,
            timeout_s=f.timeout_s,
            environment=f.environment,
        )
        yield function
        yield Trigger(
            name=f"{f.name}/{f.trigger}",
            region=region,
            step=Step.CREATE_API,
            function=function.key,
            function_name=f.name,
            trigger=f.trigger,
            existing=f.existing,
            public=region != topology.region,
        )


def _groups(topology: Topology) -> Iterator[Resource]:
    region = topology.region
    for app in topology.apps:
        yield App(name=app.name, region=region, step=Step.CREATE_API, existing=app.existing)
    for group in topology.groups:
        ref = Ref(f"group.{group.name}")
        yield Group(
            name=group.name,
            region=region,
            step=Step.CREATE_API,
            gateway=GATEWAY,
            base_path=group.base_path,
            description=group.description,
            adopt=group.adopt,
        )
        yield VpcDomain(
            name=group.name,
            region=region,
            step=Step.ENABLE_DOMAIN,
            group=ref,
            after=(Ref(f"binding.{topology.hub.name}"),),
        )
        for api in group.apis:
            yield from _api(topology, ref, group, api)


def _api(topology: Topology, group: Ref, g: t.Group, api: t.Api) -> Iterator[Resource]:
    name, region = f"{g.name}/{api.name}", topology.region
    definition = Definition(api)
    if api.backend.function:
        function = topology.function(api.backend.function)
        where = function.region or region
        trigger = Ref(f"trigger.{function.name}/{function.trigger}")
        definition = Definition(api, trigger, where, where == region)
    if api.backend.grant:
        definition = Definition(api, grant=grant(topology, topology.grant(api.backend.grant.name)))
    behind = definition.trigger or (definition.grant.key if definition.grant else None)
    after = (behind,) if behind else ()
    draft = Api(name=name, region=region, step=Step.CREATE_API, group=group, definition=definition, after=after)
    yield draft
    for stage in api.stages:
        deployment = Deployment(
            name=f"{name}@{stage}",
            region=region,
            step=Step.CREATE_API,
            group=group,
            api=draft.key,
            stage=stage,
            definition=definition,
        )
        yield deployment
        for app in api.apps:
            yield Authorization(
                name=f"{name}@{stage}:{app}",
                region=region,
                step=Step.CREATE_API,
                group=group,
                api=draft.key,
                app=Ref(f"app.{app}"),
                stage=stage,
                after=(deployment.key,),
            )


def _network(topology: Topology) -> Iterator[Resource]:
    region, cen = topology.region, topology.cen
    build_cen = Step.BUILD_CEN
    if cen.edition == "basic":
        for vpc, where in _vpcs(topology):
            yield from _vpc(vpc, where)
        yield from _plans(topology)
        yield from build_basic.network(topology)
        return
    yield TransitRouterService(name="account", region=region, step=build_cen)
    yield Cen(name="cen", cen_name=cen.name, region=region, step=build_cen, id=cen.id, adopt=cen.adopt)
    for r in topology.regions:
        yield TransitRouter(name=r, region=r, step=build_cen, cen=CEN, after=(SERVICE,))
    for vpc, where in _vpcs(topology):
        yield from _vpc(vpc, where)
        yield from _attach(topology, vpc, where)
    yield from _plans(topology)
    yield from _connections(topology)


def _vpcs(topology: Topology) -> Iterator[tuple[t.Vpc, str]]:
    yield topology.hub, topology.region
    for network in topology.networks:
        yield network, network.region


def _vpc(vpc: t.Vpc, region: str) -> Iterator[Resource]:
    yield Vpc(
        name=vpc.name,
        region=region,
        step=Step.BUILD_CEN,
        cidr=vpc.cidr,
        id=vpc.id,
        existing=vpc.existing,
        adopt=vpc.adopt,
    )
    for vswitch in vpc.vswitches:
        yield VSwitch(
            name=f"{vpc.name}/{vswitch.label}",
            region=region,
            step=Step.BUILD_CEN,
            vpc=_vpc_ref(vpc),
            vswitch_name=vswitch.name,
            id=vswitch.id,
            existing=not vpc.made and vswitch.id is None,
            zone=vswitch.zone,
            cidr=vswitch.cidr,
        )


def _attach(topology: Topology, vpc: t.Vpc, region: str) -> Iterator[Resource]:
    step, router = Step.BUILD_CEN, Ref(f"transit_router.{region}")
    attachment = VpcAttachment(
        name=vpc.name,
        region=region,
        step=step,
        cen=CEN,
        router=router,
        vpc=_vpc_ref(vpc),
        vswitches=tuple(_vswitch_ref(vpc, v) for v in vpc.vswitches),
    )
    yield attachment
    association = Association(name=vpc.name, region=region, step=step, attachment=attachment.key, router=router)
    yield association
    yield Propagation(name=vpc.name, region=region, step=step, attachment=attachment.key, router=router)
    if vpc.routes == "auto-publish":
        yield RouteSync(
            name=vpc.name,
            region=region,
            step=step,
            cen=CEN,
            vpc=_vpc_ref(vpc),
            attachment=attachment.key,
            after=(association.key,),
        )
        return
    others = topology.networks if vpc is topology.hub else (topology.hub,)
    for other in others:
        yield VpcRoutes(
            name=f"{vpc.name}/{other.name}",
            region=region,
            step=step,
            vpc=_vpc_ref(vpc),
            hop=attachment.key,
            destination=other.cidr,
        )


def _plans(topology: Topology) -> Iterator[Resource]:
    step = Step.ASSIGN_BANDWIDTH
    for areas, plan in topology.plans.items():
        period, cycle = plan.term
        made = BandwidthPlan(
            name=plan_name(areas),
            region=topology.region,
            step=step,
            mbps=plan.mbps,
            areas=areas,
            period=period,
            cycle=cycle,
            id=plan.id,
        )
        yield made
        yield PlanAssociation(name=made.name, region=topology.region, step=step, cen=CEN, plan=made.key)


def _connections(topology: Topology) -> Iterator[Resource]:
    step = Step.ASSIGN_BANDWIDTH
    for one, other in combinations(topology.regions, 2):
        entry = topology.between(one, other)
        if entry is None:
            continue
        here, there = Ref(f"transit_router.{one}"), Ref(f"transit_router.{other}")
        plan = plan_name(entry.areas) if entry.plan else None
        peer = PeerAttachment(
            name=f"{one}-{other}",
            region=one,
            step=step,
            cen=CEN,
            router=here,
            peer_router=there,
            peer_region=other,
            mbps=entry.mbps,
            plan=Ref(f"bandwidth_plan.{plan}") if plan else None,
            after=(Ref(f"plan_association.{plan}"),) if plan else (),
        )
        yield peer
        for region, router in ((one, here), (other, there)):
            name = f"{one}-{other}@{region}"
            yield Association(name=name, region=region, step=step, attachment=peer.key, router=router)
            yield Propagation(name=name, region=region, step=step, attachment=peer.key, router=router)


def _vpc_ref(vpc: t.Vpc) -> Ref:
    return Ref(f"vpc.{vpc.name}")


def _vswitch_ref(vpc: t.Vpc, vswitch: t.VSwitch) -> Ref:
    return Ref(f"vswitch.{vpc.name}/{vswitch.label}")

"""What connecting a VPC and connecting a border router have in common: the router, the owner's grant, other CENs,
finding what is connected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from gatespan.emulator.call import Call, tagged
from gatespan.emulator.lifecycle import Transition
from gatespan.emulator.services.cbn import rules
from gatespan.emulator.services.cbn.errors import refusal
from gatespan.emulator.services.cbn.models import (
    ChildInstance,
    PeerAttachment,
    PublishedRoute,
    TransitRouter,
    TransitRouterGrant,
    TransitRouterService,
    VbrAttachment,
    VpcAttachment,
)
from gatespan.emulator.services.vpc.models import RouteEntry, VirtualBorderRouter, Vpc
from gatespan.emulator.world import Thing, World

Tie = VpcAttachment | VbrAttachment | ChildInstance
"""What ties a VPC or border router to a CEN, in either edition."""
A = TypeVar("A", VpcAttachment, VbrAttachment, PeerAttachment)


def named(call: Call, kind: type[A]) -> A:
    """The attachment that the call names."""
    id = call.params.text("TransitRouterAttachmentId")
    attachment = call.mine(kind, id)
    if attachment is None:
        raise refusal("InvalidTransitRouterAttachmentId.NotFound", id)
    return attachment


def listed(call: Call, kind: type[A], **more: str | None) -> tuple[Sequence[A], dict[str, Any]]:
    """One page of the attachments that the call asks for, and its page keys. ``more``: fields besides those that
    every list filters by; None matches all."""
    params = call.params
    region, id = params.optional("RegionId"), params.optional("TransitRouterAttachmentId")
    one = call.world.get(kind, id)
    if one and one.account == call.account and region not in (None, one.region):
        raise refusal("IllegalParam.Region", region)
    wanted = {
        "cen_id": params.optional("CenId"),
        "transit_router_id": params.optional("TransitRouterId"),
        "id": id,
        "region": region,
        **more,
    }
    given = {field: value for field, value in wanted.items() if value}
    found = call.listed(kind, lambda a: all(getattr(a, k) == v for k, v in given.items()))
    return call.token_page(tagged(found, params.tags()))


def router_for(call: Call, home: str, elsewhere: str) -> tuple[TransitRouter, Transition]:
    """The router that is named, or the one of the CEN in the region, made on the way if there is none.

    ``home``: the region of what is to be attached; ``elsewhere``: the code for a router of another region.
    """
    params = call.params
    region = params.optional("RegionId")
    if region and region != home:
        raise refusal("IllegalParam.RegionId", region)
    if "TransitRouterId" in params:
        router = call.mine(TransitRouter, params.text("TransitRouterId"))
        if router is None or params.optional("CenId") not in (None, router.cen_id):
            raise refusal("InvalidTransitRouterId.NotFound", params.text("TransitRouterId"))
        if router.region != home:
            raise refusal(elsewhere, home)
    elif region and "CenId" in params:
        cen = rules.cen_exists(call, params.text("CenId"), "InvalidCenId.NotFound")
        router = call.world.first(TransitRouter, cen_id=cen.id, region=region)
        if router is None:
            return rules.make_router(call, cen, region), rules.ATTACH_WITH_ROUTER
    else:
        raise refusal("MissingParam.CenIdOrRegionId")
    rules.cen_alive(rules.cen_exists(call, router.cen_id, "InvalidCenId.NotFound"))
    if router.type != "Enterprise":
        raise refusal("OperationUnsupported.TransitRouterType", router.id)
    rules.settled(router)
    return router, rules.ATTACH


def require_grant(call: Call, instance: Thing, cen_id: str) -> None:
    """An instance of another account needs its owner's grant, and that owner the transit router service."""
    if instance.account == call.account:
        return
    grant = call.world.get(TransitRouterGrant, f"{instance.id}:{cen_id}")
    if grant is None or grant.cen_owner != call.account:
        raise refusal("Forbbiden.AttachChildInstanceAcrossBid", instance.id)
    service = call.world.get(TransitRouterService, instance.account)
    if service is None or not service.enabled:
        raise refusal("Forbidden.ResourceOwnerTransitRouterServiceNotOpen", instance.account)


def order_type(world: World, instance_id: str, cen_id: str) -> str:
    """Who pays for the connection: the CEN's owner unless the grant says otherwise."""
    grant = world.get(TransitRouterGrant, f"{instance_id}:{cen_id}")
    return grant.order_type if grant else "PayByCenOwner"


def ties(world: World, instance_id: str) -> list[Tie]:
    """Everything that ties the VPC or border router to a CEN."""
    return [
        *world.find(VpcAttachment, vpc_id=instance_id),
        *world.find(VbrAttachment, vbr_id=instance_id),
        *world.find(ChildInstance, instance_id=instance_id),
    ]


def tie(world: World, cen_id: str, instance_id: str) -> Tie | None:
    """What ties the instance to this CEN."""
    return next((t for t in ties(world, instance_id) if t.cen_id == cen_id), None)


def border_router(call: Call, id: str, owner: str) -> VirtualBorderRouter:
    """The account's border router, active and at rest."""
    vbr = call.world.get(VirtualBorderRouter, id)
    if vbr is None or vbr.account != owner:
        raise refusal("InvalidVbr.NotFound", id)
    quiet(call.world, vbr)
    if vbr.status != "active":
        raise refusal("IncorrectStatus.VbrResource", f"{vbr.id} ({vbr.status})")
    return vbr


def quiet(world: World, vbr: VirtualBorderRouter | None) -> None:
    """While the border router or a route of its table is in motion, it is neither attached nor detached."""
    if vbr:
        rules.settled(vbr, "InstanceStatus.NotSupport")
        for entry in world.find(RouteEntry, table_id=vbr.route_table_id):
            rules.settled(entry, "InstanceStatus.NotSupport")


def withdraw_all(world: World, cen_id: str, instance_id: str) -> None:
    """What was published or withdrawn by hand is forgotten when the instance leaves the CEN."""
    for route in world.find(PublishedRoute, cen_id=cen_id, instance_id=instance_id):
        world.remove(route)


def instance_of(world: World, tie: Tie) -> Vpc | VirtualBorderRouter | None:
    """The VPC or border router that is tied."""
    if isinstance(tie, VpcAttachment):
        return world.get(Vpc, tie.vpc_id)
    if isinstance(tie, VbrAttachment):
        return world.get(VirtualBorderRouter, tie.vbr_id)
    return world.get(Vpc, tie.instance_id) or world.get(VirtualBorderRouter, tie.instance_id)

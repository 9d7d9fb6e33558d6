"""Health checks of border routers: probes from an address in the cloud to the far end of the circuit.

Configuration only, as the service shows it: whether the probes come through is the data plane's to know.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from gatespan.emulator.call import Call
from gatespan.emulator.services.cbn import attaching, rules
from gatespan.emulator.services.cbn.errors import refusal
from gatespan.emulator.services.cbn.models import Cen, ChildInstance, VbrAttachment, VbrHealthCheck, VpcAttachment
from gatespan.emulator.services.cbn.service import service
from gatespan.emulator.services.vpc.models import VirtualBorderRouter, Vpc
from gatespan.emulator.world import World

PLACE = ("CenId", "VbrInstanceId", "VbrInstanceRegionId")
SYSTEM_SOURCES = ipaddress.IPv4Network("100.96.0.0/16")
PRIVATE = tuple(ipaddress.IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))


@service.action("EnableCenVbrHealthCheck", required=(*PLACE, "HealthCheckTargetIp"))
def enable_cen_vbr_health_check(call: Call) -> dict[str, Any]:
    """Makes or changes the check. Without a source address the check keeps its own, or gets one from the system."""
    params = call.params
    cen, vbr = _attached(call)
    held = call.world.get(VbrHealthCheck, f"{cen.id}:{vbr.id}")
    if held:
        rules.settled(held, "InvalidStatus.HealthCheck")
    target = params.text("HealthCheckTargetIp")
    if target not in {circuit.peer_gateway_ip for circuit in vbr.circuits}:
        raise refusal("Illegal.SourceIpOrTargetIp", f"{target} is not the far end of a circuit")
    check = VbrHealthCheck(
        id=f"{cen.id}:{vbr.id}",
        account=call.account,
        region=vbr.region,
        created=held.created if held else call.now,
        cen_id=cen.id,
        vbr_id=vbr.id,
        source_ip=_source(call, cen, held),
        target_ip=target,
        interval=params.integer("HealthCheckInterval", held.interval if held else 2, least=1, most=3),
        threshold=params.integer("HealthyThreshold", held.threshold if held else 8, least=3, most=8),
        only=params.boolean("HealthCheckOnly", held.only if held else False),
        description=params.text("Description", held.description if held else ""),
    )
    call.begin(check, rules.CHECK_ENABLE)
    return {}


@service.action("DisableCenVbrHealthCheck", required=PLACE)
def disable_cen_vbr_health_check(call: Call) -> dict[str, Any]:
    """Where there is no check, there is nothing to do and no error (choice)."""
    cen, vbr = _attached(call)
    check = call.world.get(VbrHealthCheck, f"{cen.id}:{vbr.id}")
    if check:
        rules.settled(check, "InstanceStatus.NotSupport")
        call.begin(check, rules.CHECK_DISABLE)
    return {}


@service.action("DescribeCenVbrHealthCheck", required=("VbrInstanceRegionId",))
def describe_cen_vbr_health_check(call: Call) -> dict[str, Any]:
    """A check is shown once it is configured, and until it is gone."""
    params = call.params
    wanted = {
        "region": params.text("VbrInstanceRegionId"),
        "cen_id": params.optional("CenId"),
        "vbr_id": params.optional("VbrInstanceId"),
    }
    given = {field: value for field, value in wanted.items() if value}
    found = call.listed(VbrHealthCheck, lambda c: all(getattr(c, k) == v for k, v in given.items()))
    rows, page = call.page([c for c in found if c.status != rules.CHECK_ENABLE.busy])
    checks = [
        {
            "CenId": check.cen_id,
            "VbrInstanceId": check.vbr_id,
            "VbrInstanceRegionId": check.region,
            "HealthCheckSourceIp": check.source_ip,
            "HealthCheckTargetIp": check.target_ip,
            "HealthCheckInterval": check.interval,
            "HealthyThreshold": check.threshold,
            "HealthCheckOnly": check.only,
            "Description": check.description,
        }
        for check in rows
    ]
    return {"VbrHealthChecks": {"VbrHealthCheck": checks}, **page}


def _attached(call: Call) -> tuple[Cen, VirtualBorderRouter]:
    """The CEN and the border router that is attached to it, in either edition."""
    cen_id, id, region = (call.params.text(name) for name in PLACE)
    cen, vbr = rules.cen_exists(call, cen_id), call.world.get(VirtualBorderRouter, id)
    tie = attaching.tie(call.world, cen.id, id)
    if vbr is None or tie is None or tie.region != region or tie.status == rules.ATTACH.busy:
        raise refusal("InvalidOperation.VbrNotAttachedToCen", id)
    rules.settled(vbr, "InstanceStatus.NotSupport")
    rules.settled(tie, "InstanceStatus.NotSupport")
    return cen, vbr


def _source(call: Call, cen: Cen, held: VbrHealthCheck | None) -> str:
    """The source address: idle, private, in no network of the CEN; or one that the system picks."""
    used = {c.source_ip for c in call.world.all(VbrHealthCheck) if held is None or c.id != held.id}
    given = call.params.optional("HealthCheckSourceIp")
    if given is None:
        return held.source_ip if held else next(str(ip) for ip in SYSTEM_SOURCES.hosts() if str(ip) not in used)
    try:
        address = ipaddress.IPv4Address(given)
    except ValueError:
        raise refusal("Illegal.SourceIpOrTargetIp", given) from None
    if not any(address in block for block in (*PRIVATE, SYSTEM_SOURCES)):
        raise refusal("Illegal.SourceIpOrTargetIp", given)
    if given in used:
        raise refusal("OperationFailed.SourceIpUnSupported", given)
    if any(address in network for network in _networks(call.world, cen)):
        raise refusal("RouteConflict", given)
    return given


def _networks(world: World, cen: Cen) -> list[ipaddress.IPv4Network]:
    """The blocks of the VPCs in the CEN, and the interconnects of its border routers."""
    ties: list[attaching.Tie] = [
        *world.find(VpcAttachment, cen_id=cen.id),
        *world.find(VbrAttachment, cen_id=cen.id),
        *world.find(ChildInstance, cen_id=cen.id),
    ]
    blocks: list[str] = []
    for instance in (attaching.instance_of(world, tie) for tie in ties):
        if isinstance(instance, Vpc):
            blocks += [instance.cidr, *instance.secondary_cidrs]
        elif instance:
            ends = [c for c in instance.circuits if c.local_gateway_ip]
            blocks += [f"{c.local_gateway_ip}/{c.peering_subnet_mask}" for c in ends]
    return [ipaddress.IPv4Network(block, strict=False) for block in blocks]

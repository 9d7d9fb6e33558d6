"""ValidateVpcConnectivity: the one management call that tries the data path.

What it answers is the data plane's word: the walk from the gateway's egress block to the address and back, and
whether a process listens there.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from gatespan.emulator.call import Call
from gatespan.emulator.models import Machine
from gatespan.emulator.services.cloudapi import rules
from gatespan.emulator.services.cloudapi.errors import not_found
from gatespan.emulator.services.cloudapi.models import VpcAccess
from gatespan.emulator.services.cloudapi.service import service


@service.action("ValidateVpcConnectivity", required=("InstanceId", "VpcAccessId"))
def validate_vpc_connectivity(call: Call) -> dict[str, Any]:
    """Whether that gateway instance reaches the target of the authorisation now. The shared instance is not found
    here (choice: no page says). ``IpType`` is left out for a target that is named by its id (SDK)."""
    from gatespan.emulator.dataplane.reach import from_gateway  # imported here: the data plane imports the services

    instance = rules.instance(call)
    access = rules.own(call, VpcAccess, call.params.text("VpcAccessId"))
    if access is None:
        raise not_found("VpcAccess", call.params.text("VpcAccessId"))
    machine = call.world.get(Machine, access.instance_id)
    address = machine.ip if machine else access.instance_id
    if not _is_address(address):
        return {"Connected": False}
    connected, _ = from_gateway(call.world, instance, access.vpc_id, address, access.port)
    kind = {"IpType": _ip_type(call, access)} if machine is None else {}
    return {"Connected": connected, **kind}


def _is_address(text: str) -> bool:
    """False for an instance that was there when the authorisation was made, and is gone."""
    try:
        return bool(ipaddress.IPv4Address(text))
    except ValueError:
        return False


def _ip_type(call: Call, access: VpcAccess) -> str:
    """What the address belongs to: ECS, or INVALID for one that is no instance of the VPC, as on premises. (No
    balancer exists in this cloud, so SLB is never the answer.)"""
    return "ECS" if call.world.first(Machine, vpc_id=access.vpc_id, ip=access.instance_id) else "INVALID"

"""The client VPC of an instance: the one VPC that may call its VPC second-level domains.

Binding puts one interface into the vSwitch: its address is the entry that the domains resolve to, and it keeps the
vSwitch from being deleted. (That an entry address comes from the chosen vSwitch: help page. That it is one
interface, taken at the call and given back when the change ends: choice.)
"""

from __future__ import annotations

import dataclasses

from gatespan.emulator.call import Call
from gatespan.emulator.services.cloudapi import rules
from gatespan.emulator.services.cloudapi.errors import invalid, not_found
from gatespan.emulator.services.cloudapi.models import GatewayInstance
from gatespan.emulator.services.cloudapi.service import service
from gatespan.emulator.services.vpc.models import NetworkInterface, Vpc, VSwitch
from gatespan.emulator.services.vpc.rules import add_interface, free_ip_count
from gatespan.emulator.world import Thing, World

UNBOUND = {"user_vpc_id": "", "user_vswitch_id": "", "vpc_owner": "", "entry_ip": ""}


@service.action("ModifyInstanceVpcAttributeForConsole", required=("InstanceId", "VpcId"), token="Token")
def modify_instance_vpc_attribute_for_console(call: Call) -> None:
    """Bind a VPC, put another in its place, or (DeleteVpcAccess) unbind. What is already so stays as it is."""
    instance = rules.instance(call)
    if call.params.boolean("DeleteVpcAccess", False):
        _unbind(call, instance)
    else:
        _bind(call, instance)


def _bind(call: Call, instance: GatewayInstance) -> None:
    vpc = _vpc(call)
    vswitch = _vswitch(call, vpc)
    aim = instance.planned or {"user_vpc_id": instance.user_vpc_id, "user_vswitch_id": instance.user_vswitch_id}
    if (aim.get("user_vpc_id"), aim.get("user_vswitch_id")) == (vpc.id, vswitch.id):
        return
    instance = rules.idle_instance(call)
    if not free_ip_count(call.world, vswitch):
        raise invalid("VswitchId", vswitch.id, "It has no free address.")
    planned = {
        "user_vpc_id": vpc.id,
        "user_vswitch_id": vswitch.id,
        "vpc_owner": vpc.account,
        "entry_ip": add_interface(call, vswitch, GatewayInstance.KIND, instance.id).ip,
    }
    call.begin(call.world.change(instance, planned=planned), rules.BIND)


def _unbind(call: Call, instance: GatewayInstance) -> None:
    if instance.planned == UNBOUND or not (instance.user_vpc_id or instance.planned):
        return
    instance = rules.idle_instance(call)
    vpc_id = call.params.text("VpcId")
    if vpc_id != instance.user_vpc_id:
        raise invalid("VpcId", vpc_id, f"{instance.id} is bound to {instance.user_vpc_id}.")
    call.begin(call.world.change(instance, planned=UNBOUND), rules.BIND)


def _vpc(call: Call) -> Vpc:
    """The VPC: of the caller or of VpcOwnerId, in the instance's region (consent of another owner is not modelled)."""
    owner = call.params.optional("VpcOwnerId") or call.account
    vpc = call.world.get(Vpc, call.params.text("VpcId"))
    if vpc is None or vpc.account != owner or vpc.region != call.region:
        raise not_found("Vpc", call.params.text("VpcId"))
    return vpc


def _vswitch(call: Call, vpc: Vpc) -> VSwitch:
    """The vSwitch named, or the first of the VPC (choice: the parameter is optional)."""
    id = call.params.optional("VswitchId")
    if id is None:
        first = call.world.first(VSwitch, vpc_id=vpc.id)
        if first is None:
            raise not_found("Vswitch", f"of {vpc.id}")
        return first
    vswitch = call.world.get(VSwitch, id)
    if vswitch is None:
        raise not_found("Vswitch", id)
    if vswitch.vpc_id != vpc.id:
        raise invalid("VswitchId", id, f"It is not a vSwitch of {vpc.id}.")
    return vswitch


@service.on_end(GatewayInstance, "RUNNING")
def settled(world: World, thing: Thing) -> None:
    """Let what was planned take effect, and give back the interfaces that are no longer the entry."""
    if not isinstance(thing, GatewayInstance) or not thing.planned:
        return
    instance = world.put(dataclasses.replace(thing, **{**thing.planned, "planned": {}}))
    for interface in world.find(NetworkInterface, owner_kind=GatewayInstance.KIND, owner_id=instance.id):
        if (interface.vswitch_id, interface.ip) != (instance.user_vswitch_id, instance.entry_ip):
            world.remove(interface)

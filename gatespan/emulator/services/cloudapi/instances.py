"""Dedicated instances: buying, describing, changing, deleting. The bound client VPC is in ``client_vpc``."""

from __future__ import annotations

import ipaddress
import json
import re
from datetime import UTC, datetime
from typing import Any

from gatespan.emulator import regions
from gatespan.emulator.call import Call, tagged
from gatespan.emulator.lifecycle import GONE
from gatespan.emulator.services.cloudapi import rules
from gatespan.emulator.services.cloudapi.errors import ALREADY_OPEN, forbidden, in_use, invalid, missing
from gatespan.emulator.services.cloudapi.models import ApiGroup, GatewayAccount, GatewayInstance
from gatespan.emulator.services.cloudapi.service import service
from gatespan.emulator.services.vpc.models import Vpc, VSwitch
from gatespan.emulator.services.vpc.rules import add_interface, remove_interfaces
from gatespan.emulator.world import Pending, Thing, World

PREPAID = ("PrePaid", "PREPAY")
CHARGE_TYPES = ("PostPaid", "PayAsYouGo", *PREPAID)
"""The SDK and the Terraform provider disagree on the texts: all are taken."""
ID_PREFIXES = {"cn-hangzhou": "hz", "cn-beijing": "bj", "cn-shanghai": "sh", "cn-shenzhen": "sz", "cn-qingdao": "qd"}
INSTANCE_CIDRS = ("192.168.0.0/16", "172.16.0.0/12")
BACKEND_SIDE = "gateway_backend"
"""Owner kind of the interfaces that a vpc_connect instance has in the VPC it sends into."""


@service.action("OpenApiGatewayService")
def open_api_gateway_service(call: Call) -> dict[str, Any]:
    """Activate the product for the account. Nothing else depends on it here: worlds start with it usable (choice)."""
    account = call.world.get(GatewayAccount, call.account)
    if account and account.opened:
        raise ALREADY_OPEN
    call.world.put(
        GatewayAccount(
            id=call.account,
            account=call.account,
            created=call.now,
            sales_end=bool(account and account.sales_end),
        )
    )
    return {"OrderId": call.ids.digits(15)}


@service.action("DescribeRegions")
def describe_regions(call: Call) -> dict[str, Any]:
    rows = [
        {"RegionId": r, "LocalName": r, "RegionEndpoint": f"apigateway.{r}.aliyuncs.com"}
        for r in regions.regions(call.world)
    ]
    return {"Regions": {"Region": rows}}


@service.action("DescribeZones")
def describe_zones(call: Call) -> dict[str, Any]:
    return {"Zones": {"Zone": [{"ZoneId": z, "LocalName": z} for z in rules.zones(call.world, call.region)]}}


# --- create -----------------------------------------------------------------------------------------------


@service.action("CreateInstance", required=("InstanceName", "InstanceSpec", "ChargeType", "Token"), token="Token")
def create_instance(call: Call) -> dict[str, Any]:
    """Buy a dedicated instance. A subscription counts as paid at once whatever AutoPay says (choice: no billing)."""
    rules.sales_open(call)
    params = call.params
    type = params.choice("InstanceType", ("normal", "vpc_connect"), "normal")
    charge = params.choice("ChargeType", CHARGE_TYPES)
    prefix = f"apigateway-{ID_PREFIXES.get(call.region, 'cn')}"
    made = GatewayInstance(
        id=call.ids.plain(prefix, 12),
        account=call.account,
        region=call.region,
        created=call.now,
        tags=rules.tags(call),
        name=rules.name(call, "InstanceName"),
        spec=params.choice("InstanceSpec", tuple(rules.SPECS)),
        type=type,
        charge_type="PrePaid" if charge in PREPAID else "PayAsYouGo",
        expires=_expiry(call) if charge in PREPAID else 0.0,
        zone=params.choice("ZoneId", rules.zones(call.world, call.region)) if type == "normal" else "",
        https_policy=params.choice("HttpsPolicy", rules.HTTPS_POLICIES, rules.HTTPS_POLICIES[0]),
    )
    if type == "normal":
        values: dict[str, Any] = {
            "vpc_egress": rules.egress_block(call.world, made.id),
            "internet_egress": rules.internet_egress(made.id),
        }
    else:
        values = _connected(call, made.id)
    made = call.begin(call.world.change(made, **values), rules.INSTANCE_CREATE)
    return {"InstanceId": made.id, "TagStatus": bool(made.tags)}


def _expiry(call: Call) -> float:
    """End of a subscription: month 1-9 or year 1-3 (the cycle in any case)."""
    cycle = call.params.text("PricingCycle").lower()
    if cycle not in ("month", "year"):
        raise invalid("PricingCycle", cycle)
    count = call.params.integer("Duration", least=1, most=9 if cycle == "month" else 3)
    start = datetime.fromtimestamp(int(call.now), UTC)
    months = start.month - 1 + count * (1 if cycle == "month" else 12)
    return start.replace(year=start.year + months // 12, month=months % 12 + 1, day=min(start.day, 28)).timestamp()


def _connected(call: Call, id: str) -> dict[str, Any]:
    """The fields of a vpc_connect instance; its interfaces are put into the vSwitches named."""
    cidr = call.params.choice("InstanceCidr", INSTANCE_CIDRS)
    vpc = call.world.get(Vpc, call.params.text("UserVpcId"))
    if vpc is None or vpc.region != call.region or vpc.account != call.account:
        raise invalid("UserVpcId", call.params.text("UserVpcId"), "It must be a VPC of this account and region.")
    rows = call.params.structs("ZoneVSwitchSecurityGroup")
    if not rows:
        raise missing("ZoneVSwitchSecurityGroup")
    interfaces = []
    for row in rows:
        vswitch = call.world.get(VSwitch, row.get("VSwitchId"))
        if vswitch is None or vswitch.vpc_id != vpc.id:
            raise invalid("VSwitchId", row.get("VSwitchId", ""), f"It must be a vSwitch of {vpc.id}.")
        if ipaddress.ip_network(vswitch.cidr).overlaps(ipaddress.ip_network(cidr)):
            raise invalid("InstanceCidr", cidr, f"It overlaps with {vswitch.id} ({vswitch.cidr}).")
        add_interface(call, vswitch, BACKEND_SIDE, id)
        interfaces.append(
            {
                "CidrBlock": row.get("CidrBlock") or vswitch.cidr,
                "SecurityGroupId": row.get("SecurityGroupId", ""),
                "VswitchId": vswitch.id,
                "ZoneId": row.get("ZoneId") or vswitch.zone,
            }
        )
    return {
        "instance_cidr": cidr,
        "connect_vpc_id": vpc.id,
        "connect_cidrs": (vpc.cidr, *vpc.secondary_cidrs),
        "interfaces": tuple(interfaces),
    }


# --- describe ---------------------------------------------------------------------------------------------


@service.action("DescribeInstances")
def describe_instances(call: Call) -> dict[str, Any]:
    """The account's dedicated instances. The shared one is shown when asked for by id or type (choice)."""
    id, type = call.params.optional("InstanceId"), call.params.optional("InstanceType")
    found = call.listed(
        GatewayInstance,
        lambda i: i.region == call.region and i.id == (id or i.id) and type in (None, "VPC_DEDICATED", i.type),
    )
    rows = [_row(i) for i in tagged(found, call.params.tags())]
    if id == rules.SHARED_INSTANCE or (type == "VPC_SHARED" and not id):
        rows = [_shared_row(call.region)]
    page, counts = call.page(rows, most=500)
    return {"Instances": {"InstanceAttribute": list(page)}, **counts}


def _row(i: GatewayInstance) -> dict[str, Any]:
    spec = rules.SPECS.get(i.spec)
    row: dict[str, Any] = {
        "InstanceId": i.id,
        "InstanceName": i.name,
        "RegionId": i.region,
        "ZoneId": i.zone,
        "ZoneLocalName": i.zone,
        "InstanceType": "VPC_DEDICATED",
        "DedicatedInstanceType": i.type,
        "Status": i.status,
        "InstanceSpec": i.spec,
        "InstanceSpecAttributes": {
            "SpecAttribute": [{"LocalName": k, "Value": v} for k, v in (spec.rows if spec else {}).items()]
        },
        "InstanceRpsLimit": spec.rps if spec else 0,
        "InstanceChargeType": i.charge_type,
        "CreatedTime": rules.local_time(i.created),
        "ExpiredTime": str(int(i.expires * 1000)) if i.expires else "",
        "HttpsPolicies": i.https_policy,
        "InternetEgressAddress": i.internet_egress,
        "VpcEgressAddress": i.vpc_egress,
        "NewVpcEgressAddress": i.new_vpc_egress,
        "ClassicEgressAddress": "",
        "UserVpcId": i.user_vpc_id,
        "UserVswitchId": i.user_vswitch_id,
        "VpcIntranetEnable": bool(i.user_vpc_id),
        "VpcSlbIntranetEnable": i.attributes.get("VpcSlbIntranetEnable") == "true",
        "IntranetSegments": i.attributes.get("IntranetSegments", "[]"),
        "SupportIpv6": i.attributes.get("IPV6Enabled") == "true",
        "EgressIpv6Enable": i.attributes.get("EgressIpv6Enable") == "true",
        "MaintainStartTime": i.attributes.get("MaintainStartTime", "18:00Z"),
        "MaintainEndTime": i.attributes.get("MaintainEndTime", "22:00Z"),
        "PrivateDnsList": {"PrivateDns": []},
        "NetworkInterfaceAttributes": {"NetworkInterfaceAttribute": [dict(n) for n in i.interfaces]},
        "Tags": {"TagInfo": [{"Key": k, "Value": v} for k, v in i.tags.items()]},
    }
    if i.vpc_owner:
        row["VpcOwnerId"] = int(i.vpc_owner)
    if i.type == "vpc_connect":
        row["InstanceCidrBlock"] = i.instance_cidr
        row["ConnectVpcId"] = i.connect_vpc_id
        row["ConnectCidrBlocks"] = json.dumps(i.connect_cidrs)
    return row


def _shared_row(region: str) -> dict[str, Any]:
    return {
        "InstanceId": rules.SHARED_INSTANCE,
        "InstanceName": "Shared Instance (VPC)",
        "RegionId": region,
        "InstanceType": "VPC_SHARED",
        "Status": "RUNNING",
        "HttpsPolicies": rules.HTTPS_POLICIES[0],
    }


# --- change -----------------------------------------------------------------------------------------------

SWITCHES = ("EgressIpv6Enable", "IPV6Enabled", "VpcSlbIntranetEnable")
TIMES = ("MaintainStartTime", "MaintainEndTime")


@service.action("ModifyInstanceAttribute", required=("InstanceId",), token="Token")
def modify_instance_attribute(call: Call) -> None:
    instance = rules.idle_instance(call)
    attributes = dict(instance.attributes)
    for name in SWITCHES:
        if name in call.params:
            attributes[name] = str(call.params.boolean(name)).lower()
    for name in TIMES:
        if (text := call.params.optional(name)) is not None:
            if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\dZ", text):
                raise invalid(name, text)
            attributes[name] = text
    if call.params.given("IntranetSegments"):
        attributes["IntranetSegments"] = call.params.flat["IntranetSegments"]
    call.begin(
        call.world.change(
            instance,
            name=rules.name(call, "InstanceName", instance.name),
            https_policy=call.params.choice("HttpsPolicy", rules.HTTPS_POLICIES, instance.https_policy),
            connect_cidrs=_connect_cidrs(call, instance),
            attributes=attributes,
        ),
        rules.INSTANCE_MODIFY,
    )


def _connect_cidrs(call: Call, instance: GatewayInstance) -> tuple[str, ...]:
    """What a vpc_connect instance reaches, after ToConnectVpcIpBlock (JSON) and DeleteVpcIpBlock (a CIDR)."""
    block, gone = call.params.document("ToConnectVpcIpBlock"), call.params.optional("DeleteVpcIpBlock")
    if instance.type != "vpc_connect" and (block or gone):
        raise invalid("InstanceType", instance.type, "Only vpc_connect instances have reachable blocks.")
    cidrs = list(instance.connect_cidrs)
    if gone is not None:
        if gone not in cidrs:
            raise invalid("DeleteVpcIpBlock", gone)
        cidrs.remove(gone)
    if block is not None:
        cidr = _block_to_connect(call, instance, block)
        cidrs += [] if cidr in cidrs else [cidr]
    return tuple(cidrs)


def _block_to_connect(call: Call, instance: GatewayInstance, block: object) -> str:
    """The CIDR of a ToConnectVpcIpBlock. It may lie anywhere, as on premises, but not in the gateway's own range, and
    a vSwitch that is named (in either spelling) is one of the connected VPC (choices, after the rules of creation)."""
    if not isinstance(block, dict):
        raise invalid("ToConnectVpcIpBlock", str(block), "It must be a JSON object.")
    try:
        cidr = ipaddress.IPv4Network(block["CidrBlock"])
    except (ValueError, KeyError):
        raise invalid("ToConnectVpcIpBlock", str(block)) from None
    if cidr.overlaps(ipaddress.IPv4Network(instance.instance_cidr)):
        raise invalid("ToConnectVpcIpBlock", str(cidr), f"It overlaps with {instance.id} ({instance.instance_cidr}).")
    id = block.get("VswitchId") or block.get("VSwitchId")
    vswitch = call.world.get(VSwitch, id) if id else None
    if id and (vswitch is None or vswitch.vpc_id != instance.connect_vpc_id):
        raise invalid("VSwitchId", str(id), f"It must be a vSwitch of {instance.connect_vpc_id}.")
    return str(cidr)


@service.action("ModifyInstanceSpec", required=("InstanceId", "InstanceSpec", "Token"), token="Token")
def modify_instance_spec(call: Call) -> None:
    """Change the size. Between the s1 and s2 families the egress block changes (choice): without SkipWaitSwitch the
    instance then stops at WAIT_SWITCH until the same call comes with SkipWaitSwitch (choice: the confirming action is
    not published), or 24 hours are over."""
    spec = call.params.choice("InstanceSpec", tuple(rules.SPECS))
    skip = call.params.boolean("SkipWaitSwitch", False)
    waiting = rules.instance(call)
    if waiting.status == "WAIT_SWITCH" and skip and waiting.offered.get("spec") == spec:
        call.begin(call.world.change(waiting, planned=_confirmed(waiting), offered={}), rules.SPEC_SWITCH)
        return
    instance = rules.idle_instance(call)
    action = call.params.choice("ModifyAction", ("UPGRADE", "DOWNGRADE"), "UPGRADE")
    growth = rules.SPECS[spec].rps - rules.SPECS[instance.spec].rps
    if growth == 0 or (growth > 0) != (action == "UPGRADE"):
        raise invalid("InstanceSpec", spec, f"It is no {action} of {instance.spec}.")
    planned: dict[str, Any] = {"spec": spec}
    if instance.type == "vpc_connect" or spec[:6] == instance.spec[:6]:
        call.begin(call.world.change(instance, planned=planned), rules.SPEC_CHANGE)
        return
    planned["vpc_egress"] = rules.egress_block(call.world, f"{instance.id}:{spec}")
    if skip:
        call.begin(call.world.change(instance, planned=planned), rules.SPEC_CHANGE)
        return
    deadline = call.now + call.life.latency.lasts(rules.SPEC_OFFER.seconds) + rules.OFFER_LASTS
    call.begin(call.world.change(instance, offered={**planned, "deadline": deadline}), rules.SPEC_OFFER)


def _confirmed(instance: GatewayInstance) -> dict[str, Any]:
    return {**{k: v for k, v in instance.offered.items() if k != "deadline"}, "new_vpc_egress": ""}


@service.on_end(GatewayInstance, "WAIT_SWITCH")
def wait_for_switch(world: World, thing: Thing) -> None:
    """Show the block that is offered; if nobody confirms it in time, the change is dropped."""
    if isinstance(thing, GatewayInstance) and thing.offered:
        world.change(
            thing,
            new_vpc_egress=thing.offered["vpc_egress"],
            planned={"new_vpc_egress": "", "offered": {}},
            pending=Pending("RUNNING", thing.offered["deadline"]),
        )


# --- delete -----------------------------------------------------------------------------------------------


@service.action("DeleteInstance", required=("InstanceId",))
def delete_instance(call: Call) -> None:
    """Refused while groups live on it, and before the end of a subscription. A bound VPC is released with it."""
    instance = rules.idle_instance(call)
    if call.world.first(ApiGroup, instance_id=instance.id):
        raise in_use("Instance", "ApiGroup")
    if call.now < instance.expires:
        raise forbidden("DeleteInstance", f"The subscription of {instance.id} has not expired.")
    call.begin(instance, rules.INSTANCE_DELETE)


@service.on_end(GatewayInstance, GONE)
def instance_gone(world: World, thing: Thing) -> None:
    remove_interfaces(world, GatewayInstance.KIND, thing.id)
    remove_interfaces(world, BACKEND_SIDE, thing.id)

"""VPCs: create, read, change, delete."""

from __future__ import annotations

from typing import Any

from gatespan.emulator.call import Call, iso, tagged
from gatespan.emulator.lifecycle import GONE
from gatespan.emulator.models import Machine
from gatespan.emulator.services.cbn.models import ChildInstance, VpcAttachment
from gatespan.emulator.services.vpc import checks, rules
from gatespan.emulator.services.vpc.errors import invalid, refusal
from gatespan.emulator.services.vpc.models import CenGrant, RouterInterface, RouteTable, Vpc
from gatespan.emulator.services.vpc.service import service
from gatespan.emulator.world import Thing, World

IPV6 = ("EnableIpv6", "EnableIPv6", "Ipv6CidrBlock", "Ipv6IpamPoolId", "Ipv4IpamPoolId")


@service.action("CreateVpc", required=("RegionId",), token="ClientToken", dry_run="error")
def create_vpc(call: Call) -> dict[str, Any]:
    """Make the VPC with its vRouter and its System route table."""
    region, params = checks.region_of(call), call.params
    checks.no_ipv6(call, *IPV6)
    if len(call.world.find(Vpc, account=call.account, region=region)) >= rules.VPCS_PER_REGION:
        raise refusal("QuotaExceeded.Vpc", f"{rules.VPCS_PER_REGION} in {region}")
    vpc = Vpc(
        id=call.ids.regional("vpc", region),
        account=call.account,
        region=region,
        created=call.now,
        cidr=_block(params.text("CidrBlock", "172.16.0.0/12")),
        name=checks.words(call, "VpcName", 128, "InvalidVpcName.Malformed"),
        description=checks.words(call, "Description", 256, "InvalidVpcDiscription.Malformed"),
        user_cidrs=_user_cidrs(params.text("UserCidr", "")),
        vrouter_id=call.ids.regional("vrt", region),
        route_table_id=call.ids.regional("vtb", region),
        resource_group_id=params.text("ResourceGroupId", rules.DEFAULT_RESOURCE_GROUP),
        dns_hostname=params.boolean("EnableDnsHostname", False),
        tags=checks.new_tags(call),
    )
    table = RouteTable(
        id=vpc.route_table_id,
        account=call.account,
        region=region,
        created=call.now,
        status="Available",
        vpc_id=vpc.id,
        router_id=vpc.vrouter_id,
    )
    call.world.put(table)
    call.begin(vpc, rules.VPC_CREATE)
    return {
        "VpcId": vpc.id,
        "VRouterId": vpc.vrouter_id,
        "RouteTableId": vpc.route_table_id,
        "ResourceGroupId": vpc.resource_group_id,
    }


@service.action("DescribeVpcs", required=("RegionId",), dry_run="error")
def describe_vpcs(call: Call) -> dict[str, Any]:
    region, params = checks.region_of(call), call.params
    ids = set(filter(None, params.text("VpcId", "").split(",")))
    if len(ids) > 20:
        raise invalid("VpcId", params.text("VpcId"))
    if params.boolean("EnableIpv6", False) or params.text("VpcOwnerId", call.account) != call.account:
        return {"Vpcs": {"Vpc": []}, **call.page([])[1]}
    default = params.boolean("IsDefault") if "IsDefault" in params else None
    wanted = checks.matching(
        {
            "name": params.optional("VpcName"),
            "resource_group_id": params.optional("ResourceGroupId"),
            "is_default": default,
        }
    )
    among = checks.in_region(call.world, Vpc, region)
    if ids:
        among = [vpc for vpc in among if vpc.id in ids]
    rows, page = call.page(tagged(call.listed(Vpc, wanted, among=among), params.tags()))
    made: dict[str, dict[str, Any]] = call.world.derived("vpc.rows", lambda _: {})
    return {"Vpcs": {"Vpc": [made.get(v.id) or made.setdefault(v.id, _row(call.world, v)) for v in rows]}, **page}


@service.action("DescribeVpcAttribute", required=("RegionId", "VpcId"), dry_run="error")
def describe_vpc_attribute(call: Call) -> dict[str, Any]:
    vpc = checks.need_vpc(call)
    attachments = checks.attachments_of(call.world, vpc.id)
    tables, vswitches = checks.tables_of(call.world, vpc.id), checks.vswitches_of(call.world, vpc.id)
    counts = (("VSwitch", len(vswitches)), ("VRouter", 1), ("RouteTable", len(tables)))
    answer = {
        **_common(call.world, vpc),
        "ClassicLinkEnabled": False,
        "Ipv4GatewayId": "",
        "SupportIpv4Gateway": False,
        "CloudResources": {
            "CloudResourceSetType": [{"ResourceType": kind, "ResourceCount": count} for kind, count in counts if count]
        },
        "AssociatedPropagationSources": {"AssociatedPropagationSources": [_source(a) for a in attachments]},
    }
    cens = {a.cen_id: a.account for a in attachments if a.status in ("Attached", "Modifying")}
    if cens:
        answer["AssociatedCens"] = {
            "AssociatedCen": [
                {"CenId": cen, "CenOwnerId": int(owner), "CenStatus": "Attached"} for cen, owner in cens.items()
            ]
        }
    return answer


@service.action("ModifyVpcAttribute", required=("VpcId",))
def modify_vpc_attribute(call: Call) -> None:
    vpc, params = checks.need_vpc(call), call.params
    checks.no_ipv6(call, *IPV6)
    checks.require_available(vpc)
    changes: dict[str, Any] = {}
    if params.given("VpcName"):
        changes["name"] = checks.words(call, "VpcName", 128, "InvalidVpcName.Malformed")
    if params.given("Description"):
        changes["description"] = checks.words(call, "Description", 256, "InvalidVpcDiscription.Malformed")
    if "EnableDnsHostname" in params:
        changes["dns_hostname"] = params.boolean("EnableDnsHostname")
    if "CidrBlock" in params:
        changes["cidr"] = _resized(call.world, vpc, params.text("CidrBlock"))
    call.world.change(vpc, **changes)


@service.action("DeleteVpc", required=("VpcId",), token="ClientToken", dry_run="error")
def delete_vpc(call: Call) -> None:
    """ForceDelete is accepted and changes nothing: it concerns IPv4 and IPv6 gateways only (help page)."""
    vpc, world = checks.need_vpc(call), call.world
    call.params.boolean("ForceDelete", False)
    checks.require_available(vpc)
    if checks.vswitches_of(world, vpc.id) or world.first(rules.VSwitchTrace, vpc_id=vpc.id):
        raise refusal("DependencyViolation.VSwitch", vpc.id)
    if world.first(Machine, vpc_id=vpc.id):
        raise refusal("DependencyViolation.Instance", vpc.id)
    for entry in checks.entries_of(world, vpc.id):
        raise refusal("DependencyViolation.RouteEntry" if entry.pending else "Forbbiden", f"{entry.id} in {vpc.id}")
    if any(table.type == "Custom" for table in checks.tables_of(world, vpc.id)):
        raise refusal("DependencyViolation.RouteTable", vpc.id)
    for attachment in checks.attachments_of(world, vpc.id):
        raise refusal("OperationDenied", f"{vpc.id} is attached to a transit router by {attachment.id}", 403)
    for child in world.find(ChildInstance, instance_id=vpc.id):
        raise refusal("OperationDenied", f"{vpc.id} is attached to {child.cen_id}", 403)
    for interface in world.find(RouterInterface, vpc_id=vpc.id):
        raise refusal("DependencyViolation.RouterInterface", f"{interface.id} on {vpc.id}")
    call.begin(vpc, rules.VPC_DELETE)


@service.on_end(Vpc, GONE)
def vpc_gone(world: World, vpc: Thing) -> None:
    for left in (*world.find(RouteTable, vpc_id=vpc.id), *world.find(CenGrant, instance_id=vpc.id)):
        world.remove(left)


# --- blocks ---------------------------------------------------------------------------------------------------


def _block(value: str) -> str:
    """The primary block: mask 8 to 28, none of the ranges that are the cloud's or nobody's (help page)."""
    block = checks.network(value)
    if block is None or not 8 <= block.prefixlen <= 28 or block.network_address.packed[0] == 0:
        raise invalid("CidrBlock", value)
    if any(block.overlaps(range_) for range_ in rules.NOT_FOR_VPCS):
        raise invalid("CidrBlock", value)
    return str(block)


def _resized(world: World, vpc: Vpc, value: str) -> str:
    """The block may grow or shrink as long as every vSwitch stays inside (details are a choice)."""
    block = checks.network(_block(value))
    others = [checks.network(cidr) for cidr in vpc.secondary_cidrs]
    for vswitch in checks.vswitches_of(world, vpc.id):
        inside = checks.network(vswitch.cidr)
        if inside and not any(b and inside.subnet_of(b) for b in (block, *others)):
            raise invalid("CidrBlock", value)
    return str(block)


def _user_cidrs(value: str) -> tuple[str, ...]:
    """Up to three blocks that the VPC forwards privately too; never in the cloud's own range."""
    texts = [text.strip() for text in value.split(",") if text.strip()]
    if len(texts) > rules.USER_CIDRS_PER_VPC:
        raise refusal("InvalidUserCidr.Quota", value)
    blocks = [checks.network(text) for text in texts]
    for text, block in zip(texts, blocks, strict=True):
        if block is None or block.overlaps(rules.CLOUD_RANGE):
            raise refusal("InvalidUserCidr.Malformed", text)
    return tuple(map(str, blocks))


# --- answers --------------------------------------------------------------------------------------------------


def _common(world: World, vpc: Vpc) -> dict[str, Any]:
    """What both reads answer alike."""
    return {
        "VpcId": vpc.id,
        "VpcName": vpc.name,
        "Description": vpc.description,
        "CidrBlock": vpc.cidr,
        "Status": vpc.status,
        "RegionId": vpc.region,
        "OwnerId": int(vpc.account),
        "CreationTime": iso(vpc.created),
        "IsDefault": vpc.is_default,
        "VRouterId": vpc.vrouter_id,
        "ResourceGroupId": vpc.resource_group_id,
        "EnabledIpv6": False,
        "Ipv6CidrBlock": "",
        "Ipv6CidrBlocks": {"Ipv6CidrBlock": []},
        "SecondaryCidrBlocks": {"SecondaryCidrBlock": list(vpc.secondary_cidrs)},
        "UserCidrs": {"UserCidr": list(vpc.user_cidrs)},
        "VSwitchIds": {"VSwitchId": [vswitch.id for vswitch in checks.vswitches_of(world, vpc.id)]},
        "DhcpOptionsSetId": "",
        "DhcpOptionsSetStatus": "",
        "DnsHostnameStatus": "ENABLED" if vpc.dns_hostname else "DISABLED",
        "Tags": checks.tag_list(vpc),
    }


def _row(world: World, vpc: Vpc) -> dict[str, Any]:
    """A row of DescribeVpcs."""
    attached = any(a.status in ("Attached", "Modifying") for a in checks.attachments_of(world, vpc.id))
    return {
        **_common(world, vpc),
        "CenStatus": "Attached" if attached else "",
        "RouterTableIds": {"RouterTableIds": [table.id for table in checks.tables_of(world, vpc.id)]},
        "NatGatewayIds": {"NatGatewayIds": []},
    }


def _source(attachment: VpcAttachment) -> dict[str, Any]:
    """The transit router as a source of routes. The VPC product knows three states of it (SDK)."""
    states = {"Attaching": "Attaching", "Detaching": "Detaching"}
    return {
        "SourceInstanceId": attachment.transit_router_id,
        "SourceType": "TR",
        "SourceOwnerId": int(attachment.account),
        "Status": states.get(attachment.status, "Attached"),
        "RoutePropagated": attachment.auto_publish,
    }

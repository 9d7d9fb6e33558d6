"""API groups: their domains, their network switches, which VPCs may call them."""

from __future__ import annotations

from typing import Any

from gatespan.emulator.call import Call, iso, tagged
from gatespan.emulator.services.cloudapi import rules
from gatespan.emulator.services.cloudapi.errors import in_use, invalid, missing, not_found, repeated, too_many
from gatespan.emulator.services.cloudapi.models import Api, ApiGroup, GatewayInstance
from gatespan.emulator.services.cloudapi.service import WRITE_RATE, service
from gatespan.emulator.world import Thing, World

PASSED_ON = (
    "CompatibleFlags",
    "CustomAppCodeConfig",
    "CustomTraceConfig",
    "CustomerConfigs",
    "DefaultDomain",
    "PassthroughHeaders",
    "UserLogConfig",
)
"""Settings that are kept and shown, without an effect here."""


@service.action("CreateApiGroup", required=("GroupName",))
def create_api_group(call: Call) -> dict[str, Any]:
    name = rules.name(call, "GroupName")
    _unused(call, name)
    if len(call.world.find(ApiGroup, account=call.account, region=call.region)) >= rules.GROUPS_PER_REGION:
        raise too_many("ApiGroup", rules.GROUPS_PER_REGION)
    instance_id = call.params.text("InstanceId", rules.SHARED_INSTANCE)
    if instance_id != rules.SHARED_INSTANCE:
        instance = rules.instance(call)
        if instance.status == "DELETING":
            raise not_found("Instance", instance_id)
    id = call.ids.hexadecimal(32)
    group = call.world.put(
        ApiGroup(
            id=id,
            account=call.account,
            region=call.region,
            created=call.now,
            modified=call.now,
            tags=rules.tags(call),
            name=name,
            description=rules.description(call),
            base_path=_base_path(call, "/"),
            instance_id=instance_id,
            sub_domain=rules.sub_domain(id, call.region),
        )
    )
    more = {"InstanceId": instance_id, "InstanceType": _instance_type(group), "TagStatus": bool(group.tags)}
    return {**_summary(group), **more}


@service.action("ModifyApiGroup", required=("GroupId",), rate=WRITE_RATE)
def modify_api_group(call: Call) -> dict[str, Any]:
    """Only what is given changes. Tag.N is for authorisation by tag and changes nothing (choice)."""
    group = rules.group(call)
    name = rules.name(call, "GroupName", group.name)
    if name != group.name:
        _unused(call, name)
    given = {k: call.params.flat[k] for k in PASSED_ON if call.params.given(k)}
    if "RpsLimitForServerless" in call.params:
        given["RpsLimitForServerless"] = str(call.params.integer("RpsLimitForServerless", least=1))
    group = call.world.change(
        group,
        name=name,
        description=rules.description(call, group.description),
        base_path=_base_path(call, group.base_path),
        attributes={**group.attributes, **given},
        modified=call.now,
    )
    return _summary(group)


@service.action("DeleteApiGroup", required=("GroupId",), rate=WRITE_RATE)
def delete_api_group(call: Call) -> None:
    """Refused while it has APIs; a group that is not there is deleted with success (help page)."""
    group = rules.own(call, ApiGroup, call.params.text("GroupId"))
    if group is None:
        return
    if call.world.first(Api, group_id=group.id):
        raise in_use("ApiGroup", "Api")
    call.world.remove(group)


def _unused(call: Call, name: str) -> None:
    if call.world.first(ApiGroup, account=call.account, region=call.region, name=name):
        raise repeated("ApiGroup")


def _base_path(call: Call, default: str) -> str:
    path = call.params.text("BasePath", default)
    if not path.startswith("/") or "?" in path or " " in path:
        raise invalid("BasePath", path)
    return path


# --- describe ---------------------------------------------------------------------------------------------


@service.action("DescribeApiGroup", required=("GroupId",))
def describe_api_group(call: Call) -> dict[str, Any]:
    group = rules.group(call)
    instance = call.world.get(GatewayInstance, group.instance_id)
    return {
        **_facts(group, instance),
        **{name: group.attributes.get(name, "") for name in PASSED_ON},
        "Status": "NORMAL",
        "VpcDomain": group.vpc_domain,
        "VpcSlbIntranetDomain": group.slb_domain,
        "DisableInnerDomain": not group.inner_domain_enabled,
        "DedicatedInstanceType": instance.type if instance else "",
        "Ipv6Status": "BIND" if group.attributes.get("InternetIPV6Enable") == "true" else "UNBIND",
        "CloudMarketCommodity": False,
        "StageItems": {
            "StageInfo": [{"StageId": s.lower(), "StageName": s, "Description": ""} for s in rules.STAGES],
        },
        "CustomDomains": {"DomainItem": []},
    }


@service.action("DescribeApiGroups")
def describe_api_groups(call: Call) -> dict[str, Any]:
    """Newest first unless ``Sort`` is asc (choice). The VPC domain is shown by DescribeApiGroup alone."""
    params = call.params
    exact = {"id": "GroupId", "instance_id": "InstanceId", "base_path": "BasePath"}
    wanted = {k: params.flat[v] for k, v in exact.items() if v in params}
    keyword = params.text("GroupName", "")
    found = [
        g
        for g in tagged(rules.listed(call, ApiGroup), params.tags())
        if keyword in g.name and all(getattr(g, k) == v for k, v in wanted.items())
    ]
    if params.choice("Sort", ("asc", "desc"), "desc") == "desc":
        found.reverse()
    page, counts = call.page(found)
    rows = [
        {
            **_facts(g, call.world.get(GatewayInstance, g.instance_id)),
            "Tags": {"TagInfo": [{"Key": k, "Value": v} for k, v in g.tags.items()]},
        }
        for g in page
    ]
    return {"ApiGroupAttributes": {"ApiGroupAttribute": rows}, **counts}


def _summary(group: ApiGroup) -> dict[str, Any]:
    return {
        "GroupId": group.id,
        "GroupName": group.name,
        "SubDomain": group.sub_domain,
        "Description": group.description,
        "BasePath": group.base_path,
    }


def _facts(group: ApiGroup, instance: GatewayInstance | None) -> dict[str, Any]:
    spec = rules.SPECS.get(instance.spec) if instance else None
    limit = int(group.attributes.get("RpsLimitForServerless", "500"))
    return {
        **_summary(group),
        "RegionId": group.region,
        "CreatedTime": iso(group.created),
        "ModifiedTime": iso(group.modified or group.created),
        "BillingStatus": "NORMAL",
        "IllegalStatus": "NORMAL",
        "InstanceId": group.instance_id,
        "InstanceType": _instance_type(group),
        "HttpsPolicy": group.https_policy or (instance.https_policy if instance else rules.HTTPS_POLICIES[0]),
        "TrafficLimit": spec.rps if spec else limit,
    }


def _instance_type(group: ApiGroup) -> str:
    return "VPC_SHARED" if group.instance_id in ("", rules.SHARED_INSTANCE) else "VPC_DEDICATED"


# --- network ----------------------------------------------------------------------------------------------


@service.action("ModifyApiGroupNetworkPolicy", required=("GroupId",))
def modify_api_group_network_policy(call: Call) -> None:
    """Set the switches that are given. Where the texts disagree the Chinese one is followed: InnerDomainEnable true
    allows the public second-level domain, InternetEnable true allows public calls."""
    params, group = call.params, rules.group(call)
    attributes = dict(group.attributes)
    if "InternetIPV6Enable" in params:
        attributes["InternetIPV6Enable"] = str(params.boolean("InternetIPV6Enable")).lower()
    slb_domain = group.slb_domain
    if "VpcSlbIntranetEnable" in params:
        on = params.boolean("VpcSlbIntranetEnable")
        slb_domain = _slb_domain(call, group) if on else ""
    group = call.world.change(
        group,
        https_policy=params.choice("HttpsPolicy", ("", *rules.HTTPS_POLICIES), group.https_policy),
        inner_domain_enabled=params.boolean("InnerDomainEnable", group.inner_domain_enabled),
        internet_enabled=params.boolean("InternetEnable", group.internet_enabled),
        slb_domain=slb_domain,
        attributes=attributes,
        modified=call.now,
    )
    if "VpcIntranetEnable" in params:
        _switch_vpc_domain(call, group, params.boolean("VpcIntranetEnable"))


@service.action("ModifyIntranetDomainPolicy", required=("GroupId", "VpcIntranetEnable"))
def modify_intranet_domain_policy(call: Call) -> None:
    _switch_vpc_domain(call, rules.group(call), call.params.boolean("VpcIntranetEnable"))


@service.action("CreateIntranetDomain", required=("GroupId",))
def create_intranet_domain(call: Call) -> dict[str, Any]:
    group = rules.group(call)
    _switch_vpc_domain(call, group, True)
    return {"DomainName": rules.vpc_domain(group.id, group.region)}


def _switch_vpc_domain(call: Call, group: ApiGroup, on: bool) -> None:
    """On: the domain appears after a moment. Off: it is gone at once."""
    if not on:
        call.world.change(group, vpc_domain="", pending=None)
    elif not group.vpc_domain and group.pending is None:
        call.begin(group, rules.DOMAIN_ENABLE)


def _slb_domain(call: Call, group: ApiGroup) -> str:
    instance = call.world.get(GatewayInstance, group.instance_id)
    if instance is None or instance.attributes.get("VpcSlbIntranetEnable") != "true":
        raise invalid("VpcSlbIntranetEnable", "true", "The instance must have it enabled first.")
    return rules.slb_domain(group.id, group.region)


@service.on_end(ApiGroup, "NORMAL")
def vpc_domain_ready(world: World, thing: Thing) -> None:
    world.change(thing, vpc_domain=rules.vpc_domain(thing.id, thing.region))


@service.action("DescribeApiGroupVpcWhitelist", required=("GroupId",))
def describe_api_group_vpc_whitelist(call: Call) -> dict[str, Any]:
    return {"VpcIds": ",".join(rules.group(call).vpc_whitelist)}


@service.action("ModifyApiGroupVpcWhitelist", required=("GroupId",))
def modify_api_group_vpc_whitelist(call: Call) -> None:
    """``VpcIds`` is comma-joined text; empty text lifts the restriction (choice). Ids are not looked up: a caller's
    VPC may be another account's."""
    if not call.params.given("VpcIds"):
        raise missing("VpcIds")
    ids = [id.strip() for id in call.params.flat["VpcIds"].split(",") if id.strip()]
    if bad := next((id for id in ids if not id.startswith("vpc-")), ""):
        raise invalid("VpcIds", bad)
    call.world.change(rules.group(call), vpc_whitelist=tuple(dict.fromkeys(ids)), modified=call.now)

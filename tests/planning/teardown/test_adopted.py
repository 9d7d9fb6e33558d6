"""What was made on things that were there before is taken away again, and nothing else of them: notes tell it."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from gatespan.emulator.services.cloudapi.models import GatewayInstance
from gatespan.planning import Did
from gatespan.planning.teardown import proof
from gatespan.resources.cen.transit_router import system_table
from tests.emulator.conftest import TestCloud, cloud, embedded_cloud
from tests.planning.grants.conftest import Backends, behind_grants
from tests.planning.lab import Lab, edited
from tests.planning.teardown.scenes import Scene, scene
from tests.planning.teardown.test_partly_built import Cuts

__all__ = ["cloud", "embedded_cloud"]

REGION = "cn-hangzhou"
LINKS = ("association.vpc-1", "propagation.vpc-1", "route_sync.vpc-1")


def with_an_old_network(lab: Lab, *, linked: bool) -> Scene:
    """Somebody's CEN with a router and the hub in it: attached only, or with all that makes the attachment work; and
    somebody's API group."""
    one = scene(
        lab,
        "cross-region",
        {
            "  name: gatespan-cross-region ": "  adopt: true\n  name: gatespan-cross-region ",
            "  - name: hello_group\n": "  - name: hello_group\n    adopt: true\n",
        },
    )
    hand = lab.cloud()

    def call(product: str, action: str, **params: Any) -> Any:
        return hand.call(product, action, params, region=REGION)

    call("cbn", "OpenTransitRouterService")
    cen = call("cbn", "CreateCen", Name="gatespan-cross-region")["CenId"]
    router = call("cbn", "CreateTransitRouter", CenId=cen, RegionId=REGION)["TransitRouterId"]
    vpc = next(v["id"] for v in lab.things("vpc") if v["name"] == "vpc-1")
    zones = [
        {"ZoneId": v["zone"], "VSwitchId": v["id"]}
        for v in lab.things("vswitch")
        if v["name"] in ("vsw-1-h", "vsw-1-i")
    ]
    attachment = call(
        *("cbn", "CreateTransitRouterVpcAttachment"),
        CenId=cen,
        RegionId=REGION,
        TransitRouterId=router,
        VpcId=vpc,
        ZoneMappings=zones,
    )["TransitRouterAttachmentId"]
    if linked:
        engine = lab.engine(one.topology)
        found = engine.found(f"transit_router.{REGION}")
        assert found is not None
        table = system_table(engine, found, REGION)
        pair = {"TransitRouterAttachmentId": attachment, "TransitRouterRouteTableId": table}
        call("cbn", "AssociateTransitRouterAttachmentWithRouteTable", **pair)
        call("cbn", "EnableTransitRouterRouteTablePropagation", **pair)
        on = {"TransitRouterAttachmentId": attachment, "AutoPublishRouteEnabled": True}
        call("cbn", "UpdateTransitRouterVpcAttachmentAttribute", **on)
    gateway = next(g["id"] for g in lab.things("gateway_instance") if g["name"] == "gateway-1")
    group = call("cloudapi", "CreateApiGroup", GroupName="hello_group", InstanceId=gateway)["GroupId"]
    if linked:
        call("cloudapi", "ModifyApiGroupNetworkPolicy", GroupId=group, VpcIntranetEnable=True)
    return one


def notes(lab: Lab) -> list[str]:
    """Every tag of ours on the attachment and the group that were there before."""
    things = lab.things("vpc_attachment") + lab.things("api_group")
    return sorted(k for t in things if "gatespan:topology" not in t["tags"] for k in t["tags"])


@pytest.mark.parametrize("linked", [False, True], ids=["bare", "linked"])
def test_what_was_made_on_it_goes_and_what_was_there_stays(lab: Lab, linked: bool) -> None:
    one = with_an_old_network(lab, linked=linked)
    before = one.state()
    lab.engine(one.topology).converge()
    assert lab.engine(one.topology).plan().changing == ()
    every = ["association-cn-hangzhou", "propagation-cn-hangzhou", "route_sync", "vpc_domain"]
    assert notes(lab) == ([] if linked else [f"gatespan:{n}" for n in every])
    done = {o.key: o.did for o in lab.engine(one.topology).destroy()}
    assert {done[key] for key in (*LINKS, "vpc_domain.hello_group")} == {Did.LEFT if linked else Did.REMOVED}
    assert one.state() == before
    assert proof(lab.engine(one.topology)).ok


def test_a_removal_cut_off_before_any_change_goes_on(lab: Lab) -> None:
    one = with_an_old_network(lab, linked=False)
    before = one.state()
    cuts = Cuts(lab, every=1)
    lab.engine(one.topology, before_call=cuts, workers=1).converge()
    built = len(cuts.names)
    lab.engine(one.topology, before_call=cuts, workers=1).destroy()
    about = (
        "TagResources",
        "UntagResources",
        "Associate",
        "Enable",
        "Update",
        "Dissociate",
        "Disable",
        "NetworkPolicy",
    )
    chosen = [n for n in cuts.names if any(word in n for word in about)]
    wrong = []
    for cut in chosen:
        lab.control("restore", {"name": cut})
        lab.engine(one.topology).destroy()
        if one.state() != before:
            wrong.append(cut)
    assert wrong == []
    assert 10 < len(chosen) < len(cuts.names) and built < len(cuts.names)


def test_a_plan_that_was_there_leaves_our_cen(lab: Lab) -> None:
    """A plan that was bought long ago works in our CEN: it is taken out, so that the CEN can go."""
    lab.world()
    bought = lab.cloud().call(
        *("cbn", "CreateCenBandwidthPackage"),
        {
            "Bandwidth": 2,
            "GeographicRegionAId": "China",
            "GeographicRegionBId": "China",
            "BandwidthPackageChargeType": "PREPAY",
            "Period": 1,
            "PricingCycle": "Month",
            "AutoPay": True,
        },
        region=REGION,
    )["CenBandwidthPackageId"]
    topology = edited("cross-region", {"plan: {mbps: 2, months: 1}": f"plan: {{id: {bought}, mbps: 2}}"})
    before = lab.state()
    lab.engine(topology).converge()
    lab.engine(topology).destroy()
    assert lab.state() == before
    told = proof(lab.engine(topology))
    assert told.ok
    assert [(b.id, "there before" in b.why) for b in told.bills if b.id == bought] == [(bought, True)]


@pytest.mark.parametrize("used", [False, True], ids=["unused", "used by others"])
def test_a_basic_router_that_came_with_us_goes_unless_others_use_it(lab: Lab, used: bool) -> None:
    """Attaching the first network of a region brings the region's router into being, in a CEN that is somebody's."""
    one = scene(lab, "basic")
    cen = lab.things("cen")[0]
    before = {r["region"] for r in lab.things("transit_router")}
    lab.engine(one.topology).converge()
    assert {r["region"] for r in lab.things("transit_router")} == before | {"cn-beijing"}
    if used:
        params = {"RegionId": "cn-beijing", "CidrBlock": "172.20.0.0/16", "VpcName": "theirs"}
        vpc = lab.cloud().call("vpc", "CreateVpc", params, region="cn-beijing")["VpcId"]
        child = {"ChildInstanceId": vpc, "ChildInstanceType": "VPC", "ChildInstanceRegionId": "cn-beijing"}
        lab.cloud().call("cbn", "AttachCenChildInstance", {"CenId": cen["id"], **child}, region="cn-beijing")
    lab.engine(one.topology).destroy()
    left = {r["region"] for r in lab.things("transit_router")}
    assert left == (before | {"cn-beijing"} if used else before)
    assert lab.things("cen")[0]["tags"] == cen["tags"]


def test_routes_of_a_gateway_that_became_vpc_integrated_go(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its egress blocks are no longer asked for: what was written for them is removed all the same, in no time."""
    backends = Backends(cloud)
    monkeypatch.setenv("DC1_BGP_KEY", "s3cret")
    backends.world()
    topology = behind_grants()
    backends.engine(topology).converge()
    gateway = backends.inner.world.first(GatewayInstance, name="gateway-1")
    assert gateway is not None
    backends.inner.put(dataclasses.replace(gateway, type="vpc_connect"))
    engine = backends.engine(topology)
    start = engine.now()
    done = engine.remove("cloud_service_routes.cn-hangzhou")
    assert done.did is Did.REMOVED
    assert engine.now() - start < 30
    assert json.loads(backends.state()).get("transit_router_route_entry", []) == []

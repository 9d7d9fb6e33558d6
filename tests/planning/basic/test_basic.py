"""A CEN of the Basic edition: built, found again, removed; its own or somebody's old one; never mistaken."""

from __future__ import annotations

import dataclasses

import pytest

from gatespan.cloud import TimedOut
from gatespan.emulator.services.cbn.models import InterRegionBandwidthLimit, RouteService, TransitRouterService
from gatespan.emulator.services.cloudapi.models import GatewayInstance
from gatespan.planning import Action, Did, Failed
from gatespan.resources.base import Scope
from gatespan.resources.cen import service_routes
from gatespan.topology import Loaded
from tests.planning.basic.conftest import REGION, SCENES, Basic, basic

MONTH = 32 * 86_400
ADOPT = {"name: old-cen, edition": "name: old-cen, adopt: true, edition"}


def finish(lab: Basic, topology: Loaded) -> None:
    """Remove everything, the plan too once its term is over."""
    lab.engine(topology).destroy()
    lab.inner.advance(MONTH)
    lab.engine(topology).destroy()


@pytest.mark.parametrize("latency", ["none", "fast", "realistic"])
@pytest.mark.parametrize("scene", SCENES)
def test_built_once_and_removed_without_a_trace(lab: Basic, scene: str, latency: str) -> None:
    lab.world(latency=latency)
    before, topology = lab.state(), basic(scene)
    plan = lab.engine(topology).plan()
    assert not plan.blocked
    made = lab.engine(topology).converge()
    assert {o.key for o in made if o.did is Did.CREATED} == {c.key for c in plan.of(Action.CREATE)}
    kinds = {o.key.partition(".")[0] for o in made}
    assert kinds.isdisjoint({"transit_router", "vpc_attachment", "vbr_attachment", "association", "peer_attachment"})
    lab.control("log", method="DELETE")
    assert lab.engine(topology).plan().changing == ()
    assert {o.did for o in lab.engine(topology).converge()} == {Did.KEPT}
    assert lab.changes() == []
    finish(lab, topology)
    assert lab.state() == before


def test_bandwidth_comes_out_of_the_plan_and_is_changed_in_place(lab: Basic) -> None:
    lab.engine(basic("clients")).converge()
    (limit,) = lab.inner.world.all(InterRegionBandwidthLimit)
    assert limit.bandwidth == 4
    lab.control("log", method="DELETE")
    more = basic("clients", {"share: 4": "share: 6"})
    (change,) = lab.engine(more).plan().changing
    assert change.key == "region_bandwidth.cn-hangzhou-cn-beijing"
    lab.engine(more).converge()
    assert lab.changes() == ["SetCenInterRegionBandwidthLimit"]
    assert [x.bandwidth for x in lab.inner.world.all(InterRegionBandwidthLimit)] == [6]


@pytest.mark.parametrize("scene", SCENES)
def test_an_old_cen_is_as_before_when_we_leave(lab: Basic, scene: str) -> None:
    lab.old_cen()
    before, topology = lab.state(), basic(scene, ADOPT)
    lab.engine(topology).converge()
    assert lab.engine(topology).plan().changing == ()
    assert lab.state() != before
    finish(lab, topology)
    assert lab.state() == before


def test_what_somebody_else_attached_is_used_and_left(lab: Basic) -> None:
    cen = lab.old_cen()
    lab.attach(cen, lab.vpc("vpc-1"), REGION)
    topology = basic("clients", ADOPT)
    lab.engine(topology).converge()
    assert {lab.vpc("vpc-1"), lab.vpc("vpc-3")} <= lab.children()
    leaving = {c.key for c in lab.engine(topology).plan_removal().of(Action.LEAVE)}
    assert "child_instance.vpc-1" in leaving
    finish(lab, topology)
    assert lab.vpc("vpc-1") in lab.children()
    assert lab.vpc("vpc-3") not in lab.children()


def test_the_block_of_the_gateway_is_routed_for_the_site(lab: Basic) -> None:
    lab.engine(basic("site")).converge()
    gateway = lab.inner.world.first(GatewayInstance, name="gateway-1")
    assert gateway is not None
    (route,) = lab.inner.world.all(RouteService)
    assert (route.host, route.host_vpc_id, route.access_region) == (gateway.vpc_egress, lab.vpc("vpc-1"), REGION)


def test_a_removal_that_only_says_so_is_no_removal(lab: Basic, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service answers success to a removal that fits nothing; here ours is made to fit nothing."""
    lab.engine(basic("site")).converge()
    key = "route_service.cn-hangzhou"
    take_out = service_routes.RouteService.take_out

    def beside(self: service_routes.RouteService, scope: Scope, entry: service_routes.Entry) -> None:
        take_out(self, scope, dataclasses.replace(entry, block="100.64.0.0/26"))

    with monkeypatch.context() as patched:
        patched.setattr(service_routes.RouteService, "take_out", beside)
        with pytest.raises(TimedOut):
            lab.engine(basic("site")).remove(key)
    assert [c["code"] for c in lab.log() if c["action"] == "DeleteRouteServiceInCen"] == [""], "and it said success"
    assert lab.engine(basic("site")).remove(key).did is Did.REMOVED
    assert not lab.inner.world.all(RouteService)


def test_basic_in_the_file_and_enterprise_in_the_cloud(lab: Basic) -> None:
    cen = str(lab.cen("CreateCen", Name="old-cen")["CenId"])
    lab.cen("OpenTransitRouterService")
    lab.cen("CreateTransitRouter", CenId=cen, RegionId=REGION)
    refused(lab, basic("clients", ADOPT), "edition: enterprise")


def test_enterprise_in_the_file_and_basic_in_the_cloud(lab: Basic) -> None:
    lab.old_cen()
    refused(lab, basic("clients", {"name: old-cen, edition: basic": "name: old-cen, adopt: true"}), "Basic edition")


def refused(lab: Basic, topology: Loaded, why: str) -> None:
    """The plan says why, and a build of the network changes nothing in the CEN."""
    before = {kind: lab.things(kind) for kind in ("cen", "transit_router", "child_instance", "vpc_attachment")}
    plan = lab.engine(topology).plan()
    assert any(why in c.why for c in plan.blocked)
    assert not {c.key for c in plan.of(Action.CREATE)} & {"child_instance.vpc-1", "vpc_attachment.vpc-1"}
    with pytest.raises(Failed):
        lab.engine(topology).converge()
    assert {kind: lab.things(kind) for kind in before} == before


def test_a_cloud_that_makes_no_basic_routers_any_more_is_told_plainly(lab: Basic) -> None:
    lab.cen("OpenTransitRouterService")
    (account,) = lab.inner.world.all(TransitRouterService)
    lab.inner.put(dataclasses.replace(account, basic=False))
    with pytest.raises(Failed, match="makes none any more"):
        lab.engine(basic("clients")).converge()

"""The way back to the gateway in the hub's transit router: the union of its egress blocks, and nobody else's routes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest

from gatespan.emulator.services.cbn.models import TransitRouterRouteEntry
from gatespan.emulator.services.cloudapi.models import GatewayInstance
from gatespan.planning import Action, Did, Failed
from tests.planning.grants.conftest import REGION, Backends, behind_grants

KEY = "cloud_service_routes.cn-hangzhou"
SITE = "    prefixes: [10.200.0.0/16]\n"


def routes(backends: Backends) -> dict[str, str]:
    """Static routes of all transit routers: their next hops."""
    return {e.destination: e.next_hop_id for e in backends.inner.world.all(TransitRouterRouteEntry)}


def gateway(backends: Backends) -> GatewayInstance:
    found = backends.inner.world.first(GatewayInstance, name="gateway-1")
    assert found is not None
    return found


def grow(backends: Backends, token: str, **more: Any) -> None:
    """Ask for a bigger spec, which has another egress block."""
    params = {"InstanceId": gateway(backends).id, "InstanceSpec": "api.s2.large", **more}
    backends.cloud().call("cloudapi", "ModifyInstanceSpec", params, region=REGION, token=token)


def table_and_hop(backends: Backends) -> Mapping[str, str]:
    hop = next(a["id"] for a in backends.things("vpc_attachment"))
    table = next(t["id"] for t in backends.things("transit_router_route_table"))
    return {"TransitRouterRouteTableId": table, "TransitRouterRouteEntryNextHopId": hop}


def route_by_hand(backends: Backends, block: str, **params: Any) -> str:
    asked = {"TransitRouterRouteEntryDestinationCidrBlock": block, **params}
    answer = backends.cloud().call("cbn", "CreateTransitRouterRouteEntry", asked, region=REGION)
    return str(answer["TransitRouterRouteEntryId"])


def test_one_static_route_to_the_hub(backends: Backends) -> None:
    backends.engine(behind_grants()).converge()
    (hub,) = backends.things("vpc_attachment")
    assert routes(backends) == {gateway(backends).vpc_egress: hub["id"]}


@pytest.mark.parametrize("latency", ["none", "realistic"])
def test_both_blocks_while_a_change_of_spec_waits_then_the_new_one_only(backends: Backends, latency: str) -> None:
    backends.engine(behind_grants()).converge()
    old = gateway(backends).vpc_egress
    backends.control("latency", {"mode": "realistic"})
    grow(backends, "t-1")
    backends.inner.advance(420)
    assert gateway(backends).status == "WAIT_SWITCH"
    backends.control("latency", {"mode": latency})
    new = gateway(backends).new_vpc_egress
    (change,) = backends.engine(behind_grants()).plan().changing
    assert (change.key, change.fields[0].new) == (KEY, sorted([old, new]))
    backends.control("log", method="DELETE")
    backends.engine(behind_grants()).converge()
    assert backends.changes() == ["CreateTransitRouterRouteEntry"]
    assert set(routes(backends)) == {old, new}
    grow(backends, "t-2", SkipWaitSwitch=True)
    backends.inner.advance(120)
    assert (gateway(backends).vpc_egress, gateway(backends).new_vpc_egress) == (new, "")
    backends.engine(behind_grants()).converge()
    assert set(routes(backends)) == {new}
    assert backends.engine(behind_grants()).plan().changing == ()


def test_an_instance_with_vpc_integration_needs_none(backends: Backends) -> None:
    held = gateway(backends)
    backends.inner.put(dataclasses.replace(held, type="vpc_connect", vpc_egress=""))
    before = backends.state()
    assert {o.key: o.did for o in backends.engine(behind_grants()).converge()}[KEY] is Did.KEPT
    assert routes(backends) == {}
    assert backends.engine(behind_grants()).plan().changing == ()
    backends.engine(behind_grants()).destroy()
    assert backends.state() == before


def test_a_foreign_route_that_leads_elsewhere_is_named(backends: Backends) -> None:
    backends.engine(behind_grants()).converge([k for k in backends.engine(behind_grants()).graph.order if k != KEY])
    block = gateway(backends).vpc_egress
    table = {"TransitRouterRouteTableId": table_and_hop(backends)["TransitRouterRouteTableId"]}
    id = route_by_hand(backends, block, TransitRouterRouteEntryNextHopType="BlackHole", **table)
    before = backends.state()
    (change,) = backends.engine(behind_grants()).plan().of(Action.BLOCKED)
    assert change.key == KEY
    assert id in change.why
    with pytest.raises(Failed):
        backends.engine(behind_grants()).converge()
    assert backends.state() == before


def test_a_route_of_somebody_else_that_leads_right_is_used_and_left(backends: Backends) -> None:
    backends.engine(behind_grants()).converge([k for k in backends.engine(behind_grants()).graph.order if k != KEY])
    block = gateway(backends).vpc_egress
    id = route_by_hand(backends, block, TransitRouterRouteEntryNextHopType="Attachment", **table_and_hop(backends))
    engine = backends.engine(behind_grants())
    assert engine.plan().changing == ()
    engine.converge()
    assert backends.engine(behind_grants()).remove(KEY).did is Did.LEFT
    assert [e.id for e in backends.inner.world.all(TransitRouterRouteEntry)] == [id]


@pytest.mark.parametrize(
    ("edits", "there"),
    [
        pytest.param({}, True, id="a grant into the site"),
        pytest.param({"address: 10.200.1.10": "address: 10.1.7.7"}, False, id="a grant elsewhere"),
        pytest.param({SITE: SITE + "    connect: router-interface\n"}, False, id="a site without a CEN"),
    ],
)
def test_only_for_back_ends_in_a_site_of_the_cen(backends: Backends, edits: Mapping[str, str], there: bool) -> None:
    assert (KEY in backends.engine(behind_grants(edits)).graph.order) is there

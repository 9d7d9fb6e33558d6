"""Grants and the APIs behind them: made once, pointed elsewhere under live APIs, never taken from somebody else."""

from __future__ import annotations

import json

import pytest

from gatespan.cloud import Fatal
from gatespan.emulator.faults import Rule
from gatespan.emulator.services.cloudapi.models import DeployedApi, VpcAccess
from gatespan.planning import Action, Did, Failed
from tests.planning.grants.conftest import Backends, behind_grants

HERE, THERE = "10.200.1.10:8080", "10.200.1.11:9090"
MOVED = {"address: 10.200.1.10, port: 8080": "address: 10.200.1.11, port: 9090"}


@pytest.mark.parametrize("latency", ["none", "fast", "realistic"])
def test_made_once_and_removed_without_a_trace(backends: Backends, latency: str) -> None:
    backends.world(latency=latency)
    before = backends.state()
    plan = backends.engine(behind_grants()).plan()
    assert not plan.blocked
    made = backends.engine(behind_grants()).converge()
    assert {o.key for o in made if o.did is Did.CREATED} == {c.key for c in plan.of(Action.CREATE)}
    assert {"grant.orders_backend", "cloud_service_routes.cn-hangzhou"} <= {o.key for o in made}
    assert backends.live() == backends.everywhere(HERE)
    backends.control("log", method="DELETE")
    assert backends.engine(behind_grants()).plan().changing == ()
    assert {o.did for o in backends.engine(behind_grants()).converge()} == {Did.KEPT}
    assert backends.changes() == []
    backends.engine(behind_grants()).destroy()
    assert backends.state() == before


def test_what_the_gateway_holds(backends: Backends) -> None:
    backends.engine(behind_grants()).converge()
    grant = backends.grant()
    assert (grant.instance_id, grant.port, grant.host) == ("10.200.1.10", 8080, "orders.corp.example")
    assert grant.tags["gatespan:topology"] == "orders"
    services = {d.name: d.definition["ServiceConfig"] for d in backends.inner.world.all(DeployedApi)}
    assert services["stock"]["ServicePath"] == "/v1/stock"
    assert services["stock"]["VpcConfig"]["VpcScheme"] == "HTTPS"
    assert (services["orders"]["ServicePath"], services["orders"]["VpcConfig"]["VpcScheme"]) == ("/orders", "HTTP")


@pytest.mark.parametrize("latency", ["none", "realistic"])
def test_a_grant_is_pointed_elsewhere_under_live_apis(backends: Backends, latency: str) -> None:
    backends.engine(behind_grants()).converge()
    backends.control("latency", {"mode": latency})
    id = backends.grant().id
    backends.control("log", method="DELETE")
    changing = {c.key for c in backends.engine(behind_grants(MOVED)).plan().changing}
    assert changing == {
        "grant.orders_backend",
        "deployment.orders_group/orders@RELEASE",
        "deployment.orders_group/stock@RELEASE",
        "deployment.orders_group/stock@TEST",
    }
    backends.engine(behind_grants(MOVED)).converge()
    assert backends.live() == backends.everywhere(THERE)
    assert backends.grant().id == id
    assert backends.changes() == ["ModifyVpcAccessAndUpdateApis"]
    assert "DescribeUpdateVpcInfoTask" in {c["action"] for c in backends.log()}
    assert backends.engine(behind_grants(MOVED)).plan().changing == ()


def test_a_host_name_is_changed_and_taken_away(backends: Backends) -> None:
    backends.engine(behind_grants()).converge()
    for edit, host in (({"orders.corp.example": "new.corp.example"}, "new.corp.example"), (NO_HOST, "")):
        backends.engine(behind_grants(edit)).converge()
        assert backends.grant().host == host
        assert backends.engine(behind_grants(edit)).plan().changing == ()


NO_HOST = {", host: orders.corp.example": ""}


def test_an_api_that_does_not_follow_is_named(backends: Backends) -> None:
    """OVER is not success: one of them is unpublished while the task is under way. The next run repairs the rest."""
    backends.engine(behind_grants()).converge()
    backends.control("latency", {"mode": "realistic"})
    stock = next(d for d in backends.inner.world.all(DeployedApi) if (d.name, d.stage) == ("stock", "TEST"))
    done: list[str] = []

    def unpublish(product: str, action: str) -> None:
        if action == "DescribeUpdateVpcInfoTask" and not done:
            done.append(action)
            backends.gateway("AbolishApi", GroupId=stock.group_id, ApiId=stock.api_id, StageName="TEST")

    with pytest.raises(Failed) as failed:
        backends.engine(behind_grants(MOVED), before_call=unpublish).converge()
    error = failed.value.errors["grant.orders_backend"]
    assert isinstance(error, Fatal)
    assert error.code == "ApisDidNotFollow"
    assert "orders_group/stock@TEST: NotFoundStage" in str(error)
    backends.engine(behind_grants(MOVED)).converge()
    assert backends.live() == backends.everywhere(THERE)


def test_a_stale_published_copy_shows_and_is_published_anew(backends: Backends) -> None:
    """Somebody removes the grant under live APIs; made again for another address, they still call the old one."""
    backends.engine(behind_grants()).converge()
    grant = backends.grant()
    backends.gateway("RemoveVpcAccess", VpcId=grant.vpc_id, InstanceId=grant.instance_id, Port=grant.port)
    backends.engine(behind_grants(MOVED)).converge(["gateway.gateway", "vpc.vpc-1", "grant.orders_backend"])
    assert backends.live() == backends.everywhere(HERE)
    plan = backends.engine(behind_grants(MOVED)).plan()
    assert {c.key.partition(".")[0] for c in plan.changing} == {"deployment"}
    (field,) = plan.changing[0].fields
    assert (field.name, field.old.partition(" ")[0], field.new.partition(" ")[0]) == ("calls", HERE, THERE)
    backends.control("log", method="DELETE")
    backends.engine(behind_grants(MOVED)).converge()
    assert backends.changes() == ["DeployApi"] * 3
    assert backends.live() == backends.everywhere(THERE)


def test_a_grant_that_somebody_changed_shows_with_its_apis(backends: Backends) -> None:
    backends.engine(behind_grants()).converge()
    backends.gateway(
        "ModifyVpcAccessAndUpdateApis", Name="orders_backend", InstanceId="10.200.7.7", NeedBatchWork=False
    )
    changing = [c.key.partition(".")[0] for c in backends.engine(behind_grants()).plan().changing]
    assert sorted(changing) == ["deployment", "deployment", "deployment", "grant"]
    backends.engine(behind_grants()).converge()
    assert backends.live() == backends.everywhere(HERE)
    assert backends.engine(behind_grants()).plan().changing == ()


def test_a_strangers_grant_is_refused_and_left_alone(backends: Backends) -> None:
    backends.foreign()
    before = backends.state()
    (change,) = [c for c in backends.engine(behind_grants()).plan().blocked if c.key == "grant.orders_backend"]
    assert "adopt: true" in change.why
    assert "10.200.9.9:80" in change.why
    with pytest.raises(Failed):
        backends.engine(behind_grants()).converge(["vpc.vpc-1", "grant.orders_backend"])
    assert backends.state() == before


def test_a_strangers_grant_is_taken_over_and_never_removed(backends: Backends) -> None:
    backends.foreign()
    topology = behind_grants({"port: 8080,": "port: 8080, adopt: true,"})
    backends.engine(topology).converge()
    assert backends.live() == backends.everywhere(HERE)
    backends.engine(topology).destroy()
    assert (backends.grant().instance_id, backends.grant().tags) == ("10.200.1.10", {})


def test_an_address_that_another_grant_stands_for_is_refused(backends: Backends) -> None:
    backends.foreign(name="theirs", server="10.200.1.10", port=8080)
    (change,) = [c for c in backends.engine(behind_grants()).plan().blocked if c.key == "grant.orders_backend"]
    assert "theirs" in change.why


def test_a_grant_that_others_published_apis_use_stays(backends: Backends) -> None:
    backends.engine(behind_grants()).converge()
    group = backends.gateway("CreateApiGroup", GroupName="others")["GroupId"]
    service = {
        "ServiceProtocol": "HTTP",
        "ServiceTimeout": 1000,
        "ServiceVpcEnable": "TRUE",
        "VpcConfig": {"Name": "orders_backend"},
    }
    request = {"RequestProtocol": "HTTP", "RequestHttpMethod": "GET", "RequestPath": "/x", "RequestMode": "PASSTHROUGH"}
    api = backends.gateway(
        "CreateApi",
        GroupId=group,
        ApiName="other_api",
        Visibility="PRIVATE",
        AuthType="ANONYMOUS",
        RequestConfig=json.dumps(request),
        ServiceConfig=json.dumps(service),
        ResultType="PASSTHROUGH",
    )["ApiId"]
    backends.gateway("DeployApi", GroupId=group, ApiId=api, StageName="RELEASE", Description="theirs")
    with pytest.raises(Failed, match="others/other_api@RELEASE"):
        backends.engine(behind_grants()).destroy()
    assert len(backends.inner.world.all(VpcAccess)) == 1


def test_a_lost_answer_to_a_change_is_followed_all_the_same(backends: Backends) -> None:
    backends.engine(behind_grants()).converge()
    backends.inner.faults.add(
        Rule(product="cloudapi", action="ModifyVpcAccessAndUpdateApis", when="after", kind="drop", count=1)
    )
    backends.engine(behind_grants(MOVED)).converge()
    assert backends.live() == backends.everywhere(THERE)
    assert "DescribeUpdateVpcInfoTask" in {c["action"] for c in backends.log()}

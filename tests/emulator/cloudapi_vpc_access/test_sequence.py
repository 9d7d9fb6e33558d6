"""Scenario 3 at the gateway, as a client runs it: a grant, an API on it, its repair, and the way back."""

from __future__ import annotations

import re
from pathlib import Path

from gatespan.emulator.services.cloudapi import connectivity, service, vpc_access_tasks, vpc_accesses
from gatespan.emulator.services.cloudapi.models import VpcAccess, VpcAccessTask
from gatespan.emulator.storage import decode, encode

from .conftest import STAGE, Grants, behind


def test_build_repair_and_tear_down(grants: Grants) -> None:
    before = grants.state()
    gateway = grants.buy()
    assert grants.instance(gateway)["VpcEgressAddress"].startswith("100.104.")
    assert grants.grants(Name="idc", AccurateQuery=True) == []
    grants.grant()
    group = grants.group(InstanceId=gateway)
    api = grants.api(group, service=behind())
    where = {"ApiId": api, **STAGE, "GroupId": group}
    grants("DeployApi", **where, Description="first")
    assert grants.live(api) == {"Name": "idc", **grants.target()}

    task = grants.update(Name="idc", InstanceId="10.200.0.11")
    assert {row["UpdateStatus"] for row in grants.updated(task)} == {"success"}
    assert grants.live(api) == {"Name": "idc", **grants.target("10.200.0.11")}

    grants("AbolishApi", **where)
    grants("DeleteApi", ApiId=api, GroupId=group)
    assert grants("DescribeApisByVpcAccess", VpcName="idc")["TotalCount"] == 0
    assert grants("RemoveVpcAccess", **grants.target("10.200.0.11")) == {"Apis": {"Api": []}}
    grants("DeleteApiGroup", GroupId=group)
    grants("DeleteInstance", InstanceId=gateway)
    assert grants.state() == before


def test_every_action_is_called_by_a_test() -> None:
    written = "".join(path.read_text() for path in Path(__file__).parent.glob("*.py"))
    called = set(re.findall(r'"([A-Z][A-Za-z]+)"', written))
    modules = {module.__name__ for module in (vpc_accesses, vpc_access_tasks, connectivity)}
    ours = {name for name, action in service.actions.items() if action.handler.__module__ in modules}
    assert len(ours) == 9
    assert ours <= called


def test_grants_and_tasks_survive_being_stored(grants: Grants) -> None:
    """Also a task on its way, and one that noted a failure."""
    grants.grant(Tag=[{"Key": "k", "Value": "v"}])
    api = grants.published(grants.group())
    with grants.slow():
        grants.update(Name="idc", Port=81)
        grants("AbolishApi", ApiId=api, **STAGE)
        grants.cloud.advance(10)
        grants.update(Name="idc", Port=82)
    things = [thing for thing in grants.cloud.world if isinstance(thing, VpcAccess | VpcAccessTask)]
    assert len(things) == 3
    assert any(thing.failures for thing in things if isinstance(thing, VpcAccessTask))
    for thing in things:
        assert decode(encode(thing)) == thing

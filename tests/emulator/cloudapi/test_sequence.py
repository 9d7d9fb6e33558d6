"""The whole procedure, as a client runs it: a function behind the gateway, called from the bound VPC by the VPC
second-level domain; then the reverse, which ends in the world from before."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from alibabacloud_tea_openapi.exceptions import ClientException

from gatespan.emulator.services.cloudapi import models, service
from gatespan.emulator.storage import decode, encode

from .conftest import FUNCTION, ZONE, Console, Network, definition


def wait(console: Console, ready: Callable[[], bool], most: float = 600.0) -> float:
    """Turn the clock second by second until it is so; how long it took."""
    for second in range(int(most)):
        if ready():
            return float(second)
        console.cloud.advance(1)
    raise AssertionError("it never came")


def absent(console: Console, action: str, code: str, **parameters: str) -> bool:
    try:
        console(action, **parameters)
    except ClientException as refused:
        assert refused.code == code
        return True
    return False


def test_build_and_tear_down(console: Console, network: Network) -> None:
    before = console.state()
    with console.slow():
        order = {"InstanceName": "gateway-1", "InstanceSpec": "api.s1.small", "ChargeType": "PayAsYouGo"}
        instance = console("CreateInstance", **order, ZoneId=ZONE, HttpsPolicy="HTTPS2_TLS1_2", Token="t")["InstanceId"]
        assert wait(console, lambda: console.instance(instance)["Status"] == "RUNNING") == 120
        bind = {"InstanceId": instance, "VpcId": network.vpc, "VswitchId": network.vswitches[0]}
        console("ModifyInstanceVpcAttributeForConsole", **bind, Token="b")
        assert wait(console, lambda: console.instance(instance)["UserVpcId"] == network.vpc) == 10
        group = console("CreateApiGroup", GroupName="demo_group", InstanceId=instance, BasePath="/")["GroupId"]
        console("ModifyApiGroupNetworkPolicy", GroupId=group, VpcIntranetEnable=True)
        assert wait(console, lambda: console("DescribeApiGroup", GroupId=group)["VpcDomain"] != "") == 5
        api = console("CreateApi", GroupId=group, **definition("hello_api", service=FUNCTION))["ApiId"]
        stage = {"ApiId": api, "StageName": "RELEASE", "GroupId": group}
        console("DeployApi", **stage, Description="first")
        draft, live = console("DescribeApi", ApiId=api), console("DescribeDeployedApi", **stage)
        assert live["RequestConfig"] == draft["RequestConfig"]
        app = str(console("CreateApp", AppName="caller_1")["AppId"])
        console("SetAppsAuthorities", **stage, AppIds=app)
        assert console("DescribeAuthorizedApps", **stage)["TotalCount"] == 1
        assert console("DescribeAppSecurity", AppId=int(app))["AppCode"]

        console("RemoveAppsAuthorities", **stage, AppIds=app)
        console("AbolishApi", **stage)
        wait(console, lambda: absent(console, "DescribeDeployedApi", "NotFoundStage", **stage))
        console("DeleteApi", ApiId=api, GroupId=group)
        wait(console, lambda: absent(console, "DescribeApi", "NotFoundApi", ApiId=api))
        console("DeleteApp", AppId=int(app))
        console("ModifyIntranetDomainPolicy", GroupId=group, VpcIntranetEnable=False)
        console("DeleteApiGroup", GroupId=group)
        wait(console, lambda: absent(console, "DescribeApiGroup", "NotFoundApiGroup", GroupId=group))
        unbind = {"InstanceId": instance, "VpcId": network.vpc, "DeleteVpcAccess": True}
        console("ModifyInstanceVpcAttributeForConsole", **unbind)
        wait(console, lambda: console.instance(instance)["UserVpcId"] == "")
        console("DeleteInstance", InstanceId=instance)
        wait(console, lambda: console("DescribeInstances", InstanceId=instance)["TotalCount"] == 0)
    assert console.state() == before


def test_every_action_is_called_by_a_test() -> None:
    """Those of VPC access authorisations are in the folder beside this one."""
    here = Path(__file__).parent
    written = "".join(path.read_text() for path in (*here.glob("*.py"), *here.parent.glob("cloudapi_*/*.py")))
    called = set(re.findall(r'"([A-Z][A-Za-z]+)"', written))
    assert set(service.actions) <= called


def test_every_kind_of_object_survives_being_stored(console: Console, network: Network) -> None:
    """Also in the midst of a change: what is planned or offered is kept."""
    waiting, binding = console.buy("t-1"), console.buy("t-2")
    console("ModifyInstanceSpec", InstanceId=waiting, InstanceSpec="api.s2.large", Token="s")
    group = console.group(InstanceId=binding)
    api = console.api(group, service=FUNCTION, Tag=[{"Key": "k", "Value": "v"}])
    console("DeployApi", ApiId=api, StageName="RELEASE", Description="d")
    console("SetAppsAuthorities", ApiId=api, AppIds=console.app(), StageName="RELEASE")
    console("OpenApiGatewayService")
    back = {"BackendId": console("CreateBackend", BackendName="back_end", BackendType="HTTP")["BackendId"]}
    model = {**back, "BackendType": "HTTP", "BackendModelData": '{"ServiceAddress":"http://b"}'}
    model_id = console("CreateBackendModel", **model, StageName="RELEASE")["BackendModelId"]
    console("ModifyBackendModel", **model, BackendModelId=model_id)
    console("ModifyApiGroupVpcWhitelist", GroupId=group, VpcIds="vpc-a")
    console("SetVpcAccess", Name="idc", VpcId=network.vpc, InstanceId="10.200.0.10", Port=8080)
    console("ModifyVpcAccessAndUpdateApis", Name="idc", Port=8081)
    with console.slow():
        console("ModifyInstanceVpcAttributeForConsole", InstanceId=binding, VpcId=network.vpc)
        console("ModifyIntranetDomainPolicy", GroupId=group, VpcIntranetEnable=True)
    things = list(console.cloud.world)
    kinds = {thing.KIND for thing in things}
    ours = {cls.KIND for cls in vars(models).values() if isinstance(cls, type) and cls.__module__ == models.__name__}
    assert ours <= kinds
    for thing in things:
        assert decode(encode(thing)) == thing

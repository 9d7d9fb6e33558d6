"""What the wire and the kernel do to every call: accounts, tokens, dry runs, rates, regions, what does not exist."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_cloudapi20160714 import models as api
from alibabacloud_fc20230330 import models as fc
from alibabacloud_location20150612 import models as loc
from alibabacloud_tea_openapi.models import OpenApiRequest, Params
from alibabacloud_tea_util.models import RuntimeOptions
from alibabacloud_vpc20160428 import models as vpc
from Tea.exceptions import TeaException

from gatespan.emulator.call import Call
from gatespan.emulator.models import AccessKey, Account
from gatespan.emulator.services.vpc.models import Vpc
from tests.emulator.conftest import TestCloud
from tests.wire.by_hand import send


def create(cloud: TestCloud, **extra: Any) -> str:
    values = {"region_id": "cn-hangzhou", "cidr_block": "10.0.0.0/8", **extra}
    return str(cloud.vpc().create_vpc(vpc.CreateVpcRequest(**values)).body.vpc_id)


def test_accounts_do_not_see_each_other(cloud: TestCloud) -> None:
    other = "2000000000000002"
    cloud.put(Account(id=other, account=other), AccessKey(id="other", account=other, secret="other-secret"))
    mine = create(cloud)
    client = cloud.vpc(key=("other", "other-secret"))
    assert client.describe_vpcs(vpc.DescribeVpcsRequest(region_id="cn-hangzhou")).body.total_count == 0
    with pytest.raises(TeaException) as caught:
        client.delete_vpc(vpc.DeleteVpcRequest(region_id="cn-hangzhou", vpc_id=mine))
    assert "NotFound" in caught.value.code
    assert cloud.world.get(Vpc, mine) is not None


def test_a_token_replays_the_first_answer(cloud: TestCloud) -> None:
    first = create(cloud, client_token="t-1")
    assert create(cloud, client_token="t-1") == first
    assert create(cloud, client_token="t-2") != first
    assert len(cloud.world.find(Vpc)) == 2


def test_a_token_with_other_parameters_is_refused(cloud: TestCloud) -> None:
    create(cloud, client_token="t-1")
    with pytest.raises(TeaException) as caught:
        create(cloud, client_token="t-1", vpc_name="another")
    assert (caught.value.code, caught.value.statusCode) == ("IdempotentParameterMismatch", 400)
    assert len(cloud.world.find(Vpc)) == 1


def test_a_dry_run_changes_nothing(cloud: TestCloud) -> None:
    with pytest.raises(TeaException) as caught:
        create(cloud, dry_run=True)
    assert caught.value.code == "DryRunOperation"
    assert cloud.world.find(Vpc) == []


def test_published_rates_are_kept_when_asked_for(cloud: TestCloud) -> None:
    cloud.kernel.keep_rates = True
    service = cloud.kernel.services["2016-04-28"]
    calls, seconds = service.actions["DescribeVpcs"].rate or (0, 0.0)
    client, asked = cloud.vpc(), vpc.DescribeVpcsRequest(region_id="cn-hangzhou")
    for _ in range(calls):
        client.describe_vpcs(asked)
    with pytest.raises(TeaException) as caught:
        client.describe_vpcs(asked)
    assert (caught.value.code, caught.value.statusCode) == ("Throttling.User", 400)
    cloud.advance(seconds)
    assert client.describe_vpcs(asked).body.total_count == 0


def test_the_listener_gives_the_region_to_products_that_do_not_send_it(cloud: TestCloud) -> None:
    for region in ("cn-hangzhou", "cn-beijing"):
        cloud.cloudapi(region).create_api_group(api.CreateApiGroupRequest(group_name="group_one"))
    rows = [(e.action, e.region) for e in cloud.kernel.log.calls]
    assert rows == [("CreateApiGroup", "cn-hangzhou"), ("CreateApiGroup", "cn-beijing")]
    groups = cloud.cloudapi("cn-beijing").describe_api_groups(api.DescribeApiGroupsRequest()).body
    assert groups.total_count == 1


def test_the_central_listener_serves_regional_products_by_their_region_parameter(cloud: TestCloud) -> None:
    from alibabacloud_cloudapi20160714.client import Client

    client = Client(cloud.config(cloud.kernel.endpoints.central, "cn-beijing"))
    params = Params(
        action="CreateApiGroup",
        version="2016-07-14",
        protocol="HTTPS",
        pathname="/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="json",
        body_type="json",
    )
    client.call_api(params, OpenApiRequest(query={"GroupName": "g_one", "RegionId": "cn-beijing"}), RuntimeOptions())
    client.call_api(params, OpenApiRequest(query={"GroupName": "g_two"}), RuntimeOptions())
    assert [e.region for e in cloud.kernel.log.calls] == ["cn-beijing", "cn-hangzhou"]


def test_a_missing_action_is_counted(cloud: TestCloud) -> None:
    for _ in range(2):
        with pytest.raises(TeaException) as caught:
            cloud.vpc().describe_global_acceleration_instances(
                vpc.DescribeGlobalAccelerationInstancesRequest(region_id="cn-hangzhou")
            )
    assert (caught.value.code, caught.value.statusCode) == ("InvalidApi.NotFound", 404)
    with pytest.raises(TeaException) as caught:
        cloud.fc().list_layers(fc.ListLayersRequest())
    assert caught.value.code == "InvalidApi.NotFound"
    product = cloud.kernel.services["2016-04-28"].product
    assert cloud.kernel.missing[f"{product}.DescribeGlobalAccelerationInstances"] == 2
    assert len(cloud.kernel.missing) == 2


def test_a_bug_of_ours_is_an_internal_error_with_a_traceback(
    cloud: TestCloud, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from dataclasses import replace

    def broken(call: Call) -> dict[str, Any]:
        raise ZeroDivisionError("a bug")

    service = cloud.kernel.services["2016-04-28"]
    monkeypatch.setitem(service.actions, "DescribeVpcs", replace(service.actions["DescribeVpcs"], handler=broken))
    with pytest.raises(TeaException) as caught:
        cloud.vpc().describe_vpcs(vpc.DescribeVpcsRequest(region_id="cn-hangzhou"))
    assert (caught.value.code, caught.value.statusCode) == ("InternalError", 500)
    assert "ZeroDivisionError: a bug" in caplog.text


@pytest.mark.parametrize(
    ("code", "regional"), [("vpc", False), ("cbn", False), ("sts", False), ("apigateway", True), ("fc", True)]
)
def test_the_location_service_knows_this_clouds_addresses(cloud: TestCloud, code: str, regional: bool) -> None:
    asked = loc.DescribeEndpointsRequest(id="cn-beijing", service_code=code, type="openAPI")
    body = cloud.location().describe_endpoints(asked).body
    endpoints = cloud.kernel.endpoints
    row = body.endpoints.endpoint[0]
    assert (row.endpoint, row.type) == (endpoints.regions["cn-beijing"] if regional else endpoints.central, "openAPI")
    assert body.success is True


def test_the_location_service_has_nothing_for_other_products(cloud: TestCloud) -> None:
    asked = loc.DescribeEndpointsRequest(id="cn-beijing", service_code="oss")
    assert cloud.location().describe_endpoints(asked).body.endpoints.endpoint == []
    with pytest.raises(TeaException) as caught:
        cloud.location().describe_endpoints(loc.DescribeEndpointsRequest(id="cn-nowhere", service_code="vpc"))
    assert caught.value.code == "Illegal Parameter"


def test_terraforms_first_question(cloud: TestCloud) -> None:
    from tests.wire.by_hand import query, v1

    params = v1("GET", {"Action": "QueryAvailableInstances", "ProductCode": "vpc"}, Version="2017-12-14")
    answer = send(cloud.kernel.endpoints.central, "GET", query(params)).json
    assert (answer["Code"], answer["Success"], answer["Data"]["InstanceList"]) == ("Success", True, [])
    assert answer["Data"]["TotalCount"] == 0

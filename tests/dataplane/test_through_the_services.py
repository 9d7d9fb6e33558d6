"""The whole way with everything made through the official SDKs: function, trigger, group, API, deployment, binding."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from alibabacloud_cloudapi20160714 import models

from gatespan.emulator.services.cloudapi.models import GatewayInstance
from tests.dataplane.conftest import SERVER
from tests.emulator.conftest import cloud, embedded_cloud
from tests.emulator.fc.conftest import Console, archive
from tests.routes.scenes import HERE, H, scenario_1

__all__ = ["cloud", "embedded_cloud"]


def build(cloud: Any) -> str:
    """Scenario 1 but for its network, which is there. Returns the VPC domain."""
    cloud.put(*scenario_1(), GatewayInstance(id="apigateway-1", region=H, name="gateway-1", status="RUNNING", **HERE))
    fc = Console(cloud.fc())
    fc.create(
        "hello",
        code={"zipFile": archive({"s.py": SERVER})},
        customRuntimeConfig={"command": ["python3", "s.py"]},
    )
    url = fc.trigger("hello", "web")["httpTrigger"]["urlIntranet"]
    gateway = cloud.cloudapi()
    gateway.modify_instance_vpc_attribute_for_console(
        models.ModifyInstanceVpcAttributeForConsoleRequest(
            instance_id="apigateway-1", vpc_id="vpc-1", vswitch_id="vsw-1", token="t"
        )
    )
    group = gateway.create_api_group(
        models.CreateApiGroupRequest(group_name="hello_group", instance_id="apigateway-1")
    ).body.group_id
    gateway.modify_api_group_network_policy(
        models.ModifyApiGroupNetworkPolicyRequest(group_id=group, vpc_intranet_enable=True)
    )
    function = {
        "FcVersion": "3.0",
        "FcType": "HttpTrigger",
        "FcRegionId": H,
        "FcBaseUrl": url,
        "Path": "/hello",
        "Method": "GET",
        "OnlyBusinessPath": False,
    }
    api = gateway.create_api(
        models.CreateApiRequest(
            group_id=group,
            api_name="hello",
            visibility="PRIVATE",
            auth_type="ANONYMOUS",
            request_config=json.dumps(
                {
                    "RequestProtocol": "HTTP",
                    "RequestHttpMethod": "GET",
                    "RequestPath": "/hello",
                    "RequestMode": "PASSTHROUGH",
                }
            ),
            service_config=json.dumps(
                {
                    "ServiceProtocol": "FunctionCompute",
                    "ServiceTimeout": 10000,
                    "FunctionComputeConfig": function,
                }
            ),
        )
    ).body.api_id
    gateway.deploy_api(models.DeployApiRequest(group_id=group, api_id=api, stage_name="RELEASE", description="first"))
    domain = gateway.describe_api_group(models.DescribeApiGroupRequest(group_id=group)).body.vpc_domain
    assert domain
    return str(domain)


@pytest.mark.parametrize("seat", ["ecs-1", "ecs-3"])
def test_a_machine_calls_what_the_sdks_made(cloud: Any, seat: str) -> None:
    domain = build(cloud)
    with httpx.Client(proxy=cloud.proxy.replace("//", f"//{seat}:x@"), trust_env=False) as client:
        answer = client.get(f"http://{domain}/hello?who={seat}")
    assert answer.status_code == 200 and answer.json()["path"] == f"/hello?who={seat}"
    walk = cloud.kernel.log.walks[-1]
    assert walk["there"]["arrived"] and walk["back"]["arrived"] and walk["seat"] == seat

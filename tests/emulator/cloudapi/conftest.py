"""A console on the embedded cloud's API Gateway: the official SDK, driven by action names as the API spells them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from alibabacloud_cloudapi20160714 import models
from alibabacloud_vpc20160428 import models as vpc_models

from ..console import ActionConsole

ACCOUNT = "1000000000000001"
REGION = "cn-hangzhou"
ZONE = "cn-hangzhou-MAZ6(i,j,k)"
FUNCTION_URL = "https://hello-abcdefghij.cn-hangzhou-vpc.fcapp.run"

Row = dict[str, Any]

REQUEST: Row = {
    "RequestProtocol": "HTTP,HTTPS",
    "RequestHttpMethod": "GET",
    "RequestPath": "/hello",
    "RequestMode": "PASSTHROUGH",
}
FUNCTION: Row = {
    "ServiceProtocol": "FunctionCompute",
    "ServiceTimeout": 10000,
    "FunctionComputeConfig": {
        "FcVersion": "3.0",
        "FcType": "HttpTrigger",
        "FcRegionId": REGION,
        "FcBaseUrl": FUNCTION_URL,
        "Path": "/hello",
        "Method": "GET",
        "OnlyBusinessPath": False,
    },
}
HTTP: Row = {
    "ServiceProtocol": "HTTP",
    "ServiceAddress": "http://192.0.2.10:8080",
    "ServicePath": "/back",
    "ServiceHttpMethod": "GET",
    "ServiceTimeout": "5000",
    "ServiceVpcEnable": "FALSE",
}


class Console(ActionConsole):
    """Answers without their RequestId; of a refusal the code, its status is proven on the way."""

    def __init__(self, cloud: Any, region: str = REGION) -> None:
        super().__init__(cloud, cloud.cloudapi(region=region), models)
        self.region = region

    def __call__(self, action: str, **parameters: Any) -> Row:
        answer = super().__call__(action, **parameters)
        assert answer.pop("RequestId")
        return answer

    def refused(self, action: str, **parameters: Any) -> str:
        error = super().refused(action, **parameters)
        assert error.status_code == (403 if error.code.startswith("Forbidden") else 400)
        return str(error.code)

    def state(self) -> dict[tuple[str, str], Any]:
        """Every object of the world that counts as state."""
        return {(thing.KIND, thing.id): thing for thing in self.cloud.world if not thing.KIND.startswith("_")}

    def instance(self, id: str) -> Row:
        (row,) = self("DescribeInstances", InstanceId=id)["Instances"]["InstanceAttribute"]
        return dict(row)

    def buy(self, token: str = "t-1", **parameters: Any) -> str:
        order = {"InstanceName": "gateway-1", "InstanceSpec": "api.s1.small", "ChargeType": "PostPaid", "ZoneId": ZONE}
        return str(self("CreateInstance", **{**order, "Token": token, **parameters})["InstanceId"])

    def group(self, name: str = "demo_group", **parameters: Any) -> str:
        return str(self("CreateApiGroup", GroupName=name, **parameters)["GroupId"])

    def api(
        self,
        group: str,
        name: str = "hello_api",
        *,
        request: Row | None = None,
        service: Row | None = None,
        **parameters: Any,
    ) -> str:
        return str(self("CreateApi", GroupId=group, **definition(name, request, service, **parameters))["ApiId"])

    def app(self, name: str = "caller_1", **parameters: Any) -> str:
        return str(self("CreateApp", AppName=name, **parameters)["AppId"])


def definition(name: str, request: Row | None = None, service: Row | None = None, **parameters: Any) -> Row:
    """The parameters of CreateApi and ModifyApi."""
    return {
        "ApiName": name,
        "Visibility": "PRIVATE",
        "RequestConfig": json.dumps({**REQUEST, "RequestPath": f"/{name}", **(request or {})}),
        "ServiceConfig": json.dumps(service or HTTP),
        **parameters,
    }


@pytest.fixture
def console(cloud: Any) -> Console:
    return Console(cloud)


class Network:
    """A VPC with two vSwitches in the region of the gateway, made through the VPC product."""

    def __init__(self, cloud: Any, cidr: str = "10.1.0.0/16", region: str = REGION, zones: str = "hi") -> None:
        self.client = cloud.vpc()
        self.region = region
        made = self.client.create_vpc(vpc_models.CreateVpcRequest(region_id=region, cidr_block=cidr))
        self.vpc: str = made.body.vpc_id
        base = cidr.split(".0.0/")[0]
        self.vswitches = tuple(self.vswitch(f"{base}.{n}.0/24", f"{region}-{z}") for n, z in enumerate(zones))

    def vswitch(self, cidr: str, zone: str) -> str:
        request = vpc_models.CreateVSwitchRequest(region_id=self.region, vpc_id=self.vpc, zone_id=zone, cidr_block=cidr)
        return str(self.client.create_vswitch(request).body.v_switch_id)

    def delete_vswitch(self, id: str) -> str:
        """The code of the refusal, or an empty text."""
        request = vpc_models.DeleteVSwitchRequest(region_id=self.region, v_switch_id=id)
        try:
            self.client.delete_vswitch(request)
        except Exception as error:
            if not hasattr(error, "status_code"):
                raise
            return str(error.code)
        return ""


@pytest.fixture
def network(cloud: Any) -> Network:
    return Network(cloud)

"""VPC access authorisations with everything made through the official SDK: probe, publish, call, re-point, remove."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from alibabacloud_cloudapi20160714 import models

from gatespan.emulator.models import FirewallRule, SiteHost
from gatespan.emulator.services.cloudapi.models import GatewayInstance
from tests.dataplane.conftest import code
from tests.dataplane.hybrid import COMMANDS, PORT, data_center, write_programs
from tests.emulator.conftest import cloud, embedded_cloud
from tests.routes.site_scenes import EGRESS, ORDERS_IP, hub, line, scenario_3, to_site

__all__ = ["cloud", "embedded_cloud"]

GATEWAY, OTHER_IP = "apigateway-1", "10.200.1.30"


class Desk:
    """The SDK's client with the words of these tests."""

    def __init__(self, cloud: Any, folder: Path) -> None:
        self.cloud, self.folder = cloud, folder
        self.client = cloud.cloudapi()
        cloud.put(*scenario_3(), self.data_center())

    def data_center(self, *hosts: str, **more: Any) -> Any:
        """The site with a server at each of the addresses."""
        made = tuple(
            SiteHost(f"orders-{n}", ip, COMMANDS, folder=str(self.folder))
            for n, ip in enumerate(hosts or (ORDERS_IP, OTHER_IP), 1)
        )
        return data_center(self.folder, **{"hosts": made, "firewall": (FirewallRule(EGRESS),), **more})

    def grant(self, server: str = ORDERS_IP, name: str = "orders") -> str:
        request = models.SetVpcAccessRequest(name=name, vpc_id="vpc-1", instance_id=server, port=PORT)
        return str(self.client.set_vpc_access(request).body.vpc_access_id)

    def remove(self, server: str = ORDERS_IP) -> None:
        request = models.RemoveVpcAccessRequest(vpc_id="vpc-1", instance_id=server, port=PORT)
        self.client.remove_vpc_access(request)

    def connected(self, access: str) -> tuple[bool, str]:
        request = models.ValidateVpcConnectivityRequest(instance_id=GATEWAY, vpc_access_id=access)
        body = self.client.validate_vpc_connectivity(request).body
        return body.connected, body.ip_type

    def publish(self) -> None:
        """An API over the authorisation ``orders``, open on the group's VPC domain."""
        group = self.client.create_api_group(
            models.CreateApiGroupRequest(group_name="orders_group", instance_id=GATEWAY)
        ).body.group_id
        self.client.modify_api_group_network_policy(
            models.ModifyApiGroupNetworkPolicyRequest(group_id=group, vpc_intranet_enable=True)
        )
        front = {"RequestProtocol": "HTTP", "RequestHttpMethod": "GET", "RequestPath": "/orders"}
        back = {
            "ServiceProtocol": "HTTP",
            "ServiceVpcEnable": "TRUE",
            "VpcConfig": {"Name": "orders", "VpcScheme": "HTTP"},
            "ServicePath": "/all",
            "ServiceHttpMethod": "GET",
            "ServiceTimeout": 5000,
        }
        api = self.client.create_api(
            models.CreateApiRequest(
                group_id=group,
                api_name="orders",
                visibility="PRIVATE",
                auth_type="ANONYMOUS",
                request_config=json.dumps({**front, "RequestMode": "PASSTHROUGH"}),
                service_config=json.dumps(back),
            )
        ).body.api_id
        deploy = models.DeployApiRequest(group_id=group, api_id=api, stage_name="RELEASE", description="first")
        self.client.deploy_api(deploy)
        described = self.client.describe_api_group(models.DescribeApiGroupRequest(group_id=group)).body
        self.domain = described.vpc_domain

    def call(self) -> httpx.Response:
        with httpx.Client(proxy=self.cloud.proxy.replace("//", "//ecs-1:x@"), trust_env=False, timeout=20) as client:
            return client.get(f"http://{self.domain}/orders")


@pytest.fixture
def desk(cloud: Any, tmp_path: Path) -> Desk:
    return Desk(cloud, write_programs(tmp_path))


def test_a_client_calls_a_server_on_site_through_what_the_sdk_made(desk: Desk) -> None:
    desk.grant()
    desk.publish()
    answer = desk.call()
    assert answer.status_code == 200 and answer.json()["path"] == "/all"
    assert answer.json()["headers"]["Host"] == f"{ORDERS_IP}:{PORT}"


def test_a_removed_grant_breaks_live_apis(desk: Desk) -> None:
    desk.grant()
    desk.publish()
    desk.remove()
    assert code(desk.call()) == (504, "X504VE")


def test_a_grant_given_to_another_address_is_stale_until_live_apis_are_updated(desk: Desk) -> None:
    desk.grant()
    desk.publish()
    desk.remove()
    access = desk.grant(OTHER_IP)
    assert desk.connected(access) == (True, "INVALID")
    assert desk.call().json()["headers"]["Host"] == f"{ORDERS_IP}:{PORT}", "the address it was published with"
    moved = SiteHost("orders-2", OTHER_IP, COMMANDS, folder=str(desk.folder))
    desk.cloud.put(desk.data_center(hosts=(SiteHost("orders-1", ORDERS_IP), moved)))
    assert code(desk.call()) == (504, "D504CO")
    request = models.ModifyVpcAccessAndUpdateApisRequest(name="orders", refresh=True)
    desk.client.modify_vpc_access_and_update_apis(request)
    desk.cloud.advance(60)
    assert desk.call().json()["headers"]["Host"] == f"{OTHER_IP}:{PORT}"


def gateway_sends_from(block: str) -> Any:
    instance = next(thing for thing in hub() if isinstance(thing, GatewayInstance))
    return GatewayInstance(**{**vars(instance), "vpc_egress": block})


PROBES: list[tuple[str, Any]] = [
    ("firewall", lambda d: d.cloud.put(d.data_center(firewall=()))),
    ("no return route on site", lambda d: d.cloud.put(d.data_center(routes=()))),
    ("no return route for a new block", lambda d: d.cloud.put(gateway_sends_from("100.104.9.0/26"))),
    ("nothing listens", lambda d: d.cloud.put(d.data_center(hosts=(SiteHost("orders-1", ORDERS_IP),)))),
    ("dark circuit", lambda d: d.cloud.put(*line(1, status="Interrupted"), to_site(1))),
]


@pytest.mark.parametrize("spoil", [p[1] for p in PROBES], ids=[p[0] for p in PROBES])
def test_the_probe_sees_what_a_call_would_meet(desk: Desk, spoil: Any) -> None:
    access = desk.grant()
    assert desk.connected(access) == (True, "INVALID")
    spoil(desk)
    assert desk.connected(access) == (False, "INVALID")

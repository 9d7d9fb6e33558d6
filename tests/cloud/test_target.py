"""Targets: which cloud, where its products answer, and that no key ever goes to a cloud elsewhere by mistake."""

from __future__ import annotations

from typing import Any

import pytest

from gatespan.cloud import Credentials, Target, TargetError, alibaba_target, emulator_target
from gatespan.cloud.credentials import default_credentials
from gatespan.cloud.sdk import PACKAGES, new_client
from gatespan.cloud.target import Endpoint
from tests.cloud.conftest import Handler, Server, raw

HEALTH = {
    "name": "gatespan-embedded-cloud",
    "endpoints": {"central": "127.0.0.1:8750", "regions": {"cn-hangzhou": "127.0.0.1:8751"}},
    "proxy": "127.0.0.1:8749",
}


def edited(**more: Any) -> dict[str, Any]:
    return {**HEALTH, **more}


def asked(server: Server, health: Any) -> Target:
    server.answers = [(200, health)]
    return emulator_target(server.address)


def test_an_embedded_cloud_says_where_everything_is(server: Server) -> None:
    target = asked(server, HEALTH)
    assert server.asked[0]["(path)"] == "/_cloud/health"
    assert target.kind == "url"
    assert target.name == f"embedded cloud at http://{server.address}"
    assert target.seats_proxy == "http://127.0.0.1:8749"
    assert target.control == f"http://{server.address}"
    for product in ("vpc", "cbn", "sts", "location"):
        assert target.endpoint(product, "cn-beijing") == Endpoint("127.0.0.1:8750", "http")
    for product in ("cloudapi", "fc"):
        assert target.endpoint(product, "cn-hangzhou") == Endpoint("127.0.0.1:8751", "http")
        with pytest.raises(TargetError, match="no region cn-beijing"):
            target.endpoint(product, "cn-beijing")


def test_a_cloud_that_listens_everywhere_is_reached_where_it_was_found(server: Server) -> None:
    everywhere = {"central": "0.0.0.0:8750", "regions": {"cn-hangzhou": "[::]:8751"}}
    target = asked(server, edited(endpoints=everywhere, proxy="0.0.0.0:8749"))
    assert target.endpoint("vpc", "cn-hangzhou").host == "127.0.0.1:8750"
    assert target.endpoint("fc", "cn-hangzhou").host == "127.0.0.1:8751"
    assert target.seats_proxy == "http://127.0.0.1:8749"


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1:8750", "https://127.0.0.1:8750", "vpc.aliyuncs.com", "http://[bad", "ftp://127.0.0.1", ""]
)
def test_only_loopback_addresses_are_asked(url: str) -> None:
    with pytest.raises(TargetError, match="loopback"):
        emulator_target(url)


@pytest.mark.parametrize(
    "endpoints",
    [
        {"central": "vpc.aliyuncs.com", "regions": {}},
        {"central": "127.0.0.1:8750", "regions": {"cn-hangzhou": "10.0.0.1:8751"}},
    ],
)
def test_an_embedded_cloud_that_points_elsewhere_is_refused(server: Server, endpoints: dict[str, Any]) -> None:
    """Whoever answers must not be able to lead real keys away from this machine."""
    with pytest.raises(TargetError, match="no loopback address"):
        asked(server, edited(endpoints=endpoints))


def test_no_embedded_target_can_be_made_by_hand_elsewhere() -> None:
    with pytest.raises(TargetError, match=r"10\.0\.0\.1:80 is no loopback address"):
        Target("embedded", "embedded cloud", central="10.0.0.1:80")


def test_nothing_there() -> None:
    with pytest.raises(TargetError, match=r"No embedded cloud answers at http://127.0.0.1:9.*gatespan cloud start"):
        emulator_target("127.0.0.1:9")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, {"name": "something else"}), "is no embedded cloud"),
        ((200, ["no", "object"]), "is no embedded cloud"),
        ((200, b"<html>"), "No embedded cloud answers"),
        ((404, {}), "No embedded cloud answers"),
        ((200, {"name": "gatespan-embedded-cloud"}), "another version"),
        ((200, {"name": "gatespan-embedded-cloud", "endpoints": {"central": "127.0.0.1:1", "regions": []}}), "another"),
    ],
)
def test_something_else_there(server: Server, answer: Any, said: str) -> None:
    server.answers = [answer]
    with pytest.raises(TargetError, match=said):
        emulator_target(f"http://{server.address}/")


def test_something_there_that_does_not_speak_http(server: Server) -> None:
    @raw
    def greet(handler: Handler) -> None:
        handler.wfile.write(b"220 mail.example ready\r\n")
        handler.hang_up()

    server.answers = [greet]
    with pytest.raises(TargetError, match="No embedded cloud answers"):
        emulator_target(server.address)


REAL = [
    ("vpc", "cn-hangzhou", "vpc.aliyuncs.com"),
    ("vpc", "cn-beijing", "vpc.cn-beijing.aliyuncs.com"),
    ("cbn", "cn-beijing", "cbn.aliyuncs.com"),
    ("cloudapi", "cn-hangzhou", "apigateway.cn-hangzhou.aliyuncs.com"),
    ("fc", "cn-hangzhou", "fcv3.cn-hangzhou.aliyuncs.com"),
    ("fc", "ap-southeast-5", "fcv3.ap-southeast-5.aliyuncs.com"),
]


@pytest.mark.parametrize(("product", "region", "host"), REAL)
def test_the_real_cloud_is_where_the_sdks_say(product: str, region: str, host: str) -> None:
    endpoint = alibaba_target().endpoint(product, region)
    assert endpoint.protocol == "https"
    assert new_client(product, region, endpoint, Credentials("a", "b"))._endpoint == host


def test_every_product_has_a_place_on_the_real_cloud() -> None:
    assert {product for product, _, _ in REAL} == set(PACKAGES) - {"sts", "bss"}


def test_secrets_are_not_shown() -> None:
    keys = Credentials("LTAI-1", "very-secret", "session-token")
    assert "LTAI-1" in repr(keys)
    assert not [secret for secret in ("very-secret", "session-token") if secret in repr(keys)]


def test_the_default_chain_is_the_vendors() -> None:
    assert type(default_credentials().provider).__module__ == "alibabacloud_credentials.client"

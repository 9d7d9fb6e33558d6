"""Clients and servers in data centres: names and ways of a seat on site, back ends on site, and how each thing that can
go wrong there looks to the client."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gatespan.emulator.dataplane.processes import Processes
from gatespan.emulator.dataplane.reach import from_gateway
from gatespan.emulator.models import FirewallRule, Machine, Site, SiteHost, SiteRoute
from gatespan.emulator.services.cbn.models import TransitRouterRouteEntry
from gatespan.emulator.services.cloudapi.instances import BACKEND_SIDE
from gatespan.emulator.services.cloudapi.models import (
    ApiGroup,
    Backend,
    BackendModel,
    GatewayInstance,
    VpcAccess,
)
from gatespan.emulator.services.vpc.models import (
    NetworkInterface,
    PhysicalConnection,
    RouteEntry,
    VirtualBorderRouter,
)
from tests.dataplane.conftest import DOMAIN, PUBLIC, Plane, api, code
from tests.dataplane.hybrid import (
    BROKEN,
    CLOSING,
    COMMANDS,
    PORT,
    SILENT,
    data_center,
    granted,
    hybrid,
    orders,
    write_programs,
)
from tests.routes.scenes import HERE, H
from tests.routes.site_scenes import DESK_IP, ECS_IP, EGRESS, ORDERS_IP
from tests.timing import took, within

SITE, GATEWAY = "site-dc-1", "apigateway-1"
SERVER = f"http://{ORDERS_IP}:{PORT}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_programs(tmp_path_factory.mktemp("programs"))


@pytest.fixture(scope="module")
def brisk(loop: asyncio.AbstractEventLoop) -> Iterator[Processes]:
    """Processes that are given up soon when they do not listen."""
    processes = Processes(start_budget=2.0)
    yield processes
    asyncio.run_coroutine_threadsafe(processes.aclose(), loop).result(20)


@pytest.fixture
def plane(loop: asyncio.AbstractEventLoop, brisk: Processes, folder: Path) -> Iterator[Plane]:
    plane = hybrid(loop, brisk, folder)
    yield plane
    plane.close()


def message(answer: httpx.Response) -> str:
    return str(answer.headers.get("X-Ca-Error-Message", ""))


# --- seats on site ----------------------------------------------------------------------------------------


def test_a_host_on_site_calls_through_the_entry(plane: Plane) -> None:
    answer = plane.get("desk", "/hello")
    assert answer.status_code == 200 and answer.json()["headers"]["X-Forwarded-For"] == DESK_IP
    entry = plane.log[-1]
    assert entry["there"]["arrived"] and entry["back"]["hops"][-1] == f"address {DESK_IP}: desk in site dc-1"


def test_what_the_sites_dns_does_not_forward_is_no_name_there(plane: Plane) -> None:
    plane.change(Site, SITE, resolves=False)
    assert plane.get("desk", "/hello").headers["X-Gatespan-Error"] == "dns"
    plane.change(Site, SITE, hosts=(SiteHost("desk", DESK_IP, hosts={DOMAIN: "10.1.1.100"}),))
    assert plane.get("desk", "/hello").status_code == 200
    plane.change(Site, SITE, hosts=(SiteHost("desk", DESK_IP),))
    assert plane.get("desk", "http://10.1.1.100/hello", headers={"Host": DOMAIN}).status_code == 200


def test_another_accounts_site_does_not_know_the_name(plane: Plane) -> None:
    plane.change(Site, SITE, account="2000000000000002")
    assert plane.get("desk", "/hello").headers["X-Gatespan-Error"] == "dns"


def test_the_hosts_of_a_site_are_named_among_the_seats(plane: Plane) -> None:
    assert "desk, ecs-1, orders-1, internet" in plane.get("ecs-77", "/hello").text


LOST: list[tuple[str, Any, str]] = [
    ("router without the way", lambda p: p.change(Site, SITE, routes=()), "site.no_route"),
    ("dark circuit", lambda p: p.change(PhysicalConnection, "pc-1", status="Interrupted"), "circuit.not_enabled"),
    ("no way back", lambda p: p.remove(RouteEntry, "rte-site-1"), "return: vpc.no_route"),
]


@pytest.mark.parametrize(("spoil", "reason"), [row[1:] for row in LOST], ids=[row[0] for row in LOST])
def test_packets_from_a_site_are_lost_in_silence(plane: Plane, spoil: Any, reason: str) -> None:
    spoil(plane)
    answer = plane.get("desk", "/hello")
    assert (answer.status_code, answer.content) == (504, b"")
    assert plane.log[-1]["reason"] == reason


def test_a_site_counts_as_the_vpc_that_it_comes_in_by(plane: Plane) -> None:
    plane.put(api("hello", "/hello", DisableInternet=True))
    plane.change(ApiGroup, "group-1", vpc_whitelist=("vpc-1",))
    assert plane.get("desk", "/hello").status_code == 200
    plane.change(ApiGroup, "group-1", vpc_whitelist=("vpc-9",))
    assert code(plane.get("desk", "/hello")) == (403, "A403VN")


# --- back ends on site ------------------------------------------------------------------------------------


def test_the_gateway_calls_a_server_on_site(plane: Plane) -> None:
    said = plane.call("ecs-1", "POST", "/orders/7?a=1", content=b"one").json()
    assert (said["path"], said["method"], said["body"]) == ("/in/7?a=1", "POST", "one")
    assert (said["headers"]["Host"], said["headers"]["X-Forwarded-For"]) == (f"{ORDERS_IP}:{PORT}", ECS_IP)
    told = plane.log[-1]["backend"]
    assert told["address"] == f"{ORDERS_IP}:{PORT}" and told["there"]["arrived"] and told["back"]["arrived"]
    assert told["there"]["hops"][0].startswith("source 100.104.5.65:")
    assert plane.get("desk", "/orders/7").status_code == 200


def test_the_host_that_the_grant_names_is_the_host_header(plane: Plane) -> None:
    plane.put(orders(config={"VpcTargetHostName": "orders.example.com"}, ServiceHttpMethod="PUT"))
    said = plane.get("ecs-1", "/orders/7").json()
    assert (said["headers"]["Host"], said["method"]) == ("orders.example.com", "PUT")


def test_what_the_server_answers_is_passed_on(plane: Plane) -> None:
    answer = plane.get("ecs-1", "/orders/7?status=418")
    assert answer.status_code == 418 and answer.headers["X-Backend"] == "hello" and not code(answer)[1]
    assert plane.get("ecs-1", "/orders/7?chunked=1&size=30000").content == b"x" * 30000
    assert plane.call("ecs-1", "HEAD", "/orders/7").content == b""


def to_site(plane: Plane, **more: Any) -> None:
    plane.change(Site, SITE, **more)


TIMEOUT, REFUSED = f"Timeout connecting to {ORDERS_IP}:{PORT}", "Connection refused"
ON_THE_WAY: list[tuple[str, Any, str, str]] = [
    ("no way there", lambda p: p.remove(RouteEntry, "rte-site-1"), TIMEOUT, "vpc.no_route"),
    ("dark circuit", lambda p: p.change(PhysicalConnection, "pc-1", status="Interrupted"), TIMEOUT,
     "vpc.no_route"),
    ("no return route in the cloud", lambda p: p.remove(TransitRouterRouteEntry, "rte-egress"), TIMEOUT,
     "return: vbr.no_route_to_cloud"),
    ("no return route on site", lambda p: to_site(p, routes=(SiteRoute("10.1.0.0/16", "pc-1"),)), TIMEOUT,
     "return: site.no_route"),
    ("firewall", lambda p: to_site(p, firewall=()), TIMEOUT, "site.firewall_denies"),
    ("firewall, other port", lambda p: to_site(p, firewall=(FirewallRule(EGRESS, f"{ORDERS_IP}/32", 80),)), TIMEOUT,
     "site.firewall_denies"),
    ("new egress block", lambda p: p.change(GatewayInstance, GATEWAY, vpc_egress="100.104.9.0/26"), TIMEOUT,
     "site.firewall_denies"),
    ("no such host", lambda p: to_site(p, hosts=()), TIMEOUT, "site.no_such_address"),
    ("nothing declared", lambda p: to_site(p, hosts=(SiteHost("orders-1", ORDERS_IP),)), REFUSED,
     f"{ORDERS_IP}:{PORT}: nothing listens there"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "text", "reason"), [r[1:] for r in ON_THE_WAY], ids=[r[0] for r in ON_THE_WAY])
def test_every_failure_on_the_way_to_a_back_end(plane: Plane, spoil: Any, text: str, reason: str) -> None:
    spoil(plane)
    answer = plane.get("ecs-1", "/orders/7")
    assert (code(answer), message(answer)) == ((504, "D504CO"), f"Backend service connect failed `{text}`")
    assert plane.log[-1]["reason"] == reason
    instance = plane.world.get(GatewayInstance, GATEWAY)
    assert instance is not None
    connected, why = plane.do(lambda: from_gateway(plane.world, instance, "vpc-1", ORDERS_IP, PORT))
    assert not connected and reason.endswith(why), "the probe says the same"


def test_the_probe_of_a_way_that_works(plane: Plane) -> None:
    instance = plane.world.get(GatewayInstance, GATEWAY)
    assert instance is not None
    assert plane.do(lambda: from_gateway(plane.world, instance, "vpc-1", ORDERS_IP, PORT)) == (True, "")
    connected, why = plane.do(lambda: from_gateway(plane.world, instance, "vpc-2", ORDERS_IP, PORT))
    assert not connected and why == "gateway.not_bound: apigateway-1 is bound to vpc-1, not to vpc-2"


SERVERS: list[tuple[str, int, str, str, str]] = [
    ("does not listen", SILENT, "D504CO", REFUSED, "accepts no connection on port PORT"),
    ("does not run", BROKEN, "D504CO", REFUSED, "no licence"),
    ("closes", CLOSING, "D504CO", "Connection is closed", f"{ORDERS_IP}:{CLOSING}"),
]


@pytest.mark.parametrize(("port", "family", "text", "reason"), [s[1:] for s in SERVERS], ids=[s[0] for s in SERVERS])
def test_every_failure_of_the_server(plane: Plane, port: int, family: str, text: str, reason: str) -> None:
    plane.put(orders(port=port))
    answer = plane.get("ecs-1", "/orders/7")
    assert code(answer) == (504, family) and text in message(answer)
    assert reason in plane.log[-1]["reason"]


def test_too_slow_a_server(plane: Plane) -> None:
    plane.get("ecs-1", "/orders/7")
    plane.put(orders(ServiceTimeout=100))
    assert code(plane.get("ecs-1", "/orders/7?sleep=0.3")) == (504, "D504TO")


def test_a_scheme_that_the_server_does_not_speak(plane: Plane) -> None:
    plane.put(orders(config={"VpcScheme": "HTTPS"}))
    assert code(plane.get("ecs-1", "/orders/7")) == (504, "D504CS")


MAPPINGS: list[tuple[str, Any, str]] = [
    ("grant removed", lambda p: p.remove(VpcAccess, "va-1"), "vpc_access.missing: orders"),
    ("another account's grant", lambda p: p.change(VpcAccess, "va-1", account="2"), "vpc_access.missing: orders"),
    ("no address", lambda p: p.put(orders(VpcConfig=None)), "vpc_access.missing: none named"),
    ("instance gone", lambda p: p.put(orders("i-gone")), "vpc_access.instance_gone: i-gone"),
    ("other VPC", lambda p: p.put(orders(config={"VpcId": "vpc-2"})),
     "gateway.not_bound: apigateway-1 is bound to vpc-1, not to vpc-2"),
    ("not bound", lambda p: p.change(GatewayInstance, GATEWAY, user_vpc_id="", user_vswitch_id="", entry_ip=""),
     "gateway.not_bound: apigateway-1 is bound to no VPC, not to vpc-1"),
    ("shared instance", lambda p: p.change(ApiGroup, "group-1", instance_id=""),
     "gateway.not_bound: hello_group is on an instance that has no VPC"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "reason"), [m[1:] for m in MAPPINGS], ids=[m[0] for m in MAPPINGS])
def test_a_mapping_that_does_not_exist(plane: Plane, spoil: Any, reason: str) -> None:
    spoil(plane)
    answer = plane.get("internet", f"http://{PUBLIC}/orders/7")
    assert (code(answer), message(answer)) == ((504, "X504VE"), "VPC mapping does not exist")
    assert plane.log[-1]["reason"] == reason


def test_a_live_api_keeps_the_address_that_it_was_published_with(plane: Plane) -> None:
    """Its name was removed and given to another address meanwhile."""
    plane.put(granted("10.200.1.99", 81))
    assert plane.get("ecs-1", "/orders/7").status_code == 200
    to_site(plane, hosts=(SiteHost("orders-2", "10.200.1.99", {"81": COMMANDS[str(PORT)]}),))
    answer = plane.get("ecs-1", "/orders/7")
    assert code(answer) == (504, "D504CO") and TIMEOUT in message(answer)
    assert plane.log[-1]["reason"] == "site.no_such_address"


def test_an_ecs_instance_is_named_by_its_id_or_its_address(plane: Plane, folder: Path) -> None:
    plane.change(Machine, "i-ecs-1", processes={"80": COMMANDS[str(PORT)]}, folder=str(folder))
    for server in ("i-ecs-1", ECS_IP):
        plane.put(granted(server, 80), orders(server, 80))
        assert plane.get("desk", "/orders/7").json()["headers"]["Host"] == f"{ECS_IP}:80"
    plane.put(orders("i-ecs-1", 81))
    assert code(plane.get("desk", "/orders/7")) == (504, "D504CO")


def test_a_reusable_back_end_goes_the_same_way(plane: Plane) -> None:
    config = orders().definition["ServiceConfig"]["VpcConfig"]
    live = api("orders", "/orders/[id]", service={"ServiceVpcEnable": "FALSE"}, BackendEnable=True, BackendId="b-1")
    model = BackendModel(id="m", backend_id="b-1", stage="RELEASE", type="VPC", data={"VpcConfig": config}, **HERE)
    plane.put(live, Backend(id="b-1", name="back", type="VPC", **HERE), model)
    assert plane.get("ecs-1", "/orders/7").json()["path"] == "/orders/7"


def integrated(plane: Plane, *, connected: tuple[str, ...]) -> None:
    """Make the gateway one with VPC integration: its own address in the VPC, no egress block."""
    plane.remove(TransitRouterRouteEntry, "rte-egress")
    interface = NetworkInterface(
        id="eni-1", region=H, vpc_id="vpc-1", vswitch_id="vsw-1", ip="10.1.1.30", owner_kind=BACKEND_SIDE,
        owner_id=GATEWAY, **HERE,
    )  # fmt: skip
    plane.put(interface)
    values = {"type": "vpc_connect", "vpc_egress": "", "connect_vpc_id": "vpc-1", "connect_cidrs": connected}
    plane.change(GatewayInstance, GATEWAY, **values)
    to_site(plane, firewall=(FirewallRule("10.1.1.0/24", f"{ORDERS_IP}/32"),))


def test_with_vpc_integration_nothing_is_needed_for_the_way_back(plane: Plane) -> None:
    integrated(plane, connected=("10.1.0.0/16", "10.200.0.0/16"))
    assert plane.get("ecs-1", "/orders/7").status_code == 200
    assert plane.log[-1]["backend"]["there"]["hops"][0].startswith("source 10.1.1.30:")
    plane.put(orders(ServiceVpcEnable="FALSE", ServiceAddress=SERVER))
    assert plane.get("ecs-1", "/orders/7").json()["headers"]["Host"] == f"{ORDERS_IP}:{PORT}", "no grant is needed"


def test_vpc_integration_reaches_its_connected_blocks_only(plane: Plane) -> None:
    integrated(plane, connected=("10.1.0.0/16",))
    assert code(plane.get("ecs-1", "/orders/7")) == (504, "D504CO")
    assert plane.log[-1]["reason"].startswith("gateway.not_connected")


def test_a_border_routers_bandwidth_paces_the_answer(plane: Plane) -> None:
    assert plane.get("ecs-1", "/orders/7").status_code == 200
    plane.change(VirtualBorderRouter, "vbr-1", bandwidth=2)

    def fetch(path: str) -> None:
        assert len(plane.get("ecs-1", f"{path}?size=100000").content) == 100_000

    within(0.35, 1.0, lambda: took(lambda: fetch("/orders/7")))
    within(0, 0.35, lambda: took(lambda: fetch("/hello")))


def test_waiting_for_the_switch_of_the_egress_block_stops_nothing(plane: Plane) -> None:
    plane.change(GatewayInstance, GATEWAY, status="WAIT_SWITCH", new_vpc_egress="100.104.9.0/26")
    assert plane.get("ecs-1", "/orders/7").status_code == 200


# --- processes that die -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/orders/7", "/hello"])
def test_a_process_that_dies_between_two_calls_is_replaced(plane: Plane, path: str) -> None:
    assert plane.get("ecs-1", path).status_code == 200
    running = plane.kernel.processes._running
    id = next(key for key in running if key.endswith("/hello" if path == "/hello" else f"orders-1:{PORT}"))
    first = running[id].process
    first.kill()
    assert [plane.get("ecs-1", path).status_code for _ in range(3)] == [200, 200, 200]
    assert running[id].process.pid != first.pid


# --- direct calls -----------------------------------------------------------------------------------------


def test_a_client_calls_a_server_without_the_gateway(plane: Plane, folder: Path) -> None:
    plane.change(Machine, "i-ecs-1", processes={"80": COMMANDS[str(PORT)]}, folder=str(folder))
    assert plane.get("desk", f"{SERVER}/direct").json()["path"] == "/direct"
    assert plane.get("desk", f"http://{ECS_IP}/direct").json()["headers"]["Host"] == ECS_IP
    assert plane.get("ecs-1", f"{SERVER}/direct").status_code == 504
    assert plane.log[-1]["reason"] == "site.firewall_denies"
    to_site(plane, firewall=(FirewallRule("10.1.0.0/16", f"{ORDERS_IP}/32", PORT),))
    assert plane.get("ecs-1", f"{SERVER}/direct").status_code == 200


@pytest.mark.parametrize(
    ("port", "error"), [(81, "refused"), (SILENT, "refused"), (BROKEN, "refused"), (CLOSING, "closed")]
)
def test_direct_calls_that_fail(plane: Plane, port: int, error: str) -> None:
    answer = plane.get("desk", f"http://{ORDERS_IP}:{port}/")
    assert (answer.status_code, answer.headers["X-Gatespan-Error"]) == (502, error)


def test_a_folder_that_is_not_there_is_named_in_the_log(plane: Plane, tmp_path: Path) -> None:
    plane.put(data_center(tmp_path / "gone"))
    assert plane.get("desk", SERVER).headers["X-Gatespan-Error"] == "refused"
    assert plane.log[-1]["reason"] == f"port {PORT} of orders-1: its folder {tmp_path / 'gone'} is not there"


def test_no_address_of_a_site_is_ever_dialled(plane: Plane, monkeypatch: pytest.MonkeyPatch) -> None:
    dialled, real = [], asyncio.open_connection

    async def dial(host: Any, *rest: Any, **more: Any) -> Any:
        dialled.append(host)
        return await real(host, *rest, **more)

    monkeypatch.setattr(asyncio, "open_connection", dial)
    assert plane.get("ecs-1", "/orders/7").status_code == 200
    assert plane.get("desk", SERVER).status_code == 200
    assert set(dialled) == {"127.0.0.1"}

"""Data centres in world files, and what people do outside the cloud by the control API: on site, at the carrier."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from alibabacloud_cbn20170912 import models as cbn
from alibabacloud_cloudapi20160714 import models as api
from alibabacloud_vpc20160428 import models as vpc

from gatespan.emulator.models import Machine, Site
from gatespan.emulator.seed import SeedError, load_world, read_world
from gatespan.emulator.services.vpc.models import PhysicalConnection, VirtualBorderRouter
from tests.emulator.conftest import TestCloud
from tests.emulator_controls.helpers import control, process

KEY = ("embedded", "embedded-secret")
HEAD = """
name: lines
accounts:
  - {id: 1000000000000001, keys: [{id: embedded, secret: embedded-secret}]}
  - {id: 2000000000000002, name: partner}
"""
SITE = "sites: [{name: dc, prefixes: [10.200.0.0/16]}]\n"
LINE = "circuits: [{name: pc, region: cn-hangzhou, site: dc}]\n"


def ask(cloud: TestCloud, method: str, path: str, body: Any = None) -> Any:
    said = control(cloud.base, method, path, body)
    assert said.status == 200, said
    return said.value


def get(cloud: TestCloud, seat: str, url: str) -> httpx.Response:
    proxy = httpx.Proxy(cloud.proxy, auth=(seat, "x"))
    with httpx.Client(proxy=proxy, timeout=10, trust_env=False) as client:
        return client.get(url)


def describe_lines(cloud: TestCloud, region: str = "cn-hangzhou") -> dict[str, str]:
    request = vpc.DescribePhysicalConnectionsRequest(region_id=region)
    rows = cloud.vpc(key=KEY).describe_physical_connections(request).body.physical_connection_set
    return {row.name: row.status for row in rows.physical_connection_type or ()}


# --- the packaged worlds ------------------------------------------------------------------------------------


def test_the_circuit_is_enabled_and_leads_to_the_site(cloud: TestCloud) -> None:
    cloud.seed(load_world("on-premises-clients"))
    assert describe_lines(cloud) == {"pc-dc1": "Enabled"}
    (shown,) = ask(cloud, "GET", "circuits")["circuits"]
    assert (shown["site"], shown["status"], shown["loa_status"]) == ("dc-1", "Enabled", "Complete")


@pytest.mark.parametrize("world", ["on-premises-backend", "hub", "basic"])
def test_the_site_lets_in_the_block_that_its_gateway_calls_from(cloud: TestCloud, world: str) -> None:
    cloud.seed(load_world(world))
    found = cloud.cloudapi(key=KEY).describe_instances(api.DescribeInstancesRequest()).body.instances
    block = found.instance_attribute[0].vpc_egress_address
    for site in ask(cloud, "GET", "sites")["sites"]:
        assert [rule["source"] for rule in site["firewall"]] == [block]
        assert site["asn"] or block in [route["destination"] for route in site["routes"]]


def test_the_back_ends_are_real(cloud: TestCloud) -> None:
    """Neighbours reach them without anything built; a machine in the cloud does not."""
    cloud.seed(load_world("hub"))
    orders = get(cloud, "dc1-desk", "http://10.200.1.10:8080/orders/latest").json()
    assert (orders["served_by"], orders["order"]["item"]) == ("orders-1", "lungo")
    assert get(cloud, "dc2-desk", "http://10.201.1.10:8080/stock/espresso").json()["stock"] == 840
    machine = cloud.world.first(Machine, name="ecs-1")
    assert machine is not None
    assert get(cloud, "ecs-1", f"http://{machine.ip}:8080/prices").json()["prices"]["espresso"] == "2.10"
    assert get(cloud, "dc1-desk", "http://10.200.1.10:8081/").status_code == 502


def test_the_backbone_is_of_the_basic_edition(cloud: TestCloud) -> None:
    cloud.seed(load_world("basic"))
    client, cen = cloud.cbn(key=KEY), "cen-basic0000000000001"
    routers = client.list_transit_routers(cbn.ListTransitRoutersRequest(cen_id=cen)).body.transit_routers
    assert [(r.region_id, r.type) for r in routers] == [("cn-hangzhou", "Basic")]
    request = cbn.DescribeCenAttachedChildInstancesRequest(cen_id=cen)
    (child,) = client.describe_cen_attached_child_instances(request).body.child_instances.child_instance
    assert (child.child_instance_type, child.status) == ("VPC", "Attached")


def test_sites_survive_a_restart_with_what_was_changed(tmp_path: Path) -> None:
    arguments = ("--data", str(tmp_path / "cloud.sqlite"), "--world", "on-premises-backend")
    with process(tmp_path, *arguments) as first:
        said = control(first.base, "PATCH", "sites/dc-1", {"firewall": []})
        assert said.status == 200, said
        before = control(first.base, "GET", "sites")
        first.stop()
    with process(tmp_path, *arguments) as second:
        assert control(second.base, "GET", "sites").raw == before.raw
        assert before.value["sites"][0]["firewall"] == []
        control(second.base, "POST", "reset")
        assert control(second.base, "GET", "sites").value["sites"][0]["firewall"] != []


# --- lines of every kind ------------------------------------------------------------------------------------


def test_circuits_in_every_state_and_border_routers_of_a_partner(cloud: TestCloud) -> None:
    mine, ends = "account: 1000000000000001", "cloud_ip: 10.255.0.1, site_ip: 10.255.0.2"
    text = f"""{HEAD}{SITE}
circuits:
  - {{name: asked, id: pc-given, region: cn-hangzhou, site: dc, bandwidth: 200, state: allocated}}
  - {{name: built, region: cn-shanghai, site: dc, state: confirmed}}
  - {{name: over, region: cn-hangzhou, site: dc, state: terminated}}
  - {{name: trunk, region: cn-hangzhou, site: dc, account: 2000000000000002, access_point: ap-cn-hangzhou-main-B}}
  - {{name: offered, region: cn-hangzhou, part_of: trunk, vlan: 7, bandwidth: 100, state: allocated}}
  - {{name: slice, region: cn-hangzhou, part_of: trunk, vlan: 8, bandwidth: 1024}}
vbrs:
  - {{name: waiting, circuit: trunk, vlan: 20, state: unconfirmed, {mine}}}
  - {{name: given, circuit: trunk, vlan: 21, {ends}, {mine}}}
  - {{name: own, id: vbr-given, circuit: slice, vlan: 8, {ends}}}
  - {{name: ended, circuit: trunk, vlan: 22, {ends}, state: terminated}}
"""
    cloud.seed(read_world(text, "lines"))
    assert describe_lines(cloud) == {
        "asked": "Allocated",
        "over": "Terminated",
        "offered": "Allocated",
        "slice": "Enabled",
    }
    assert describe_lines(cloud, "cn-shanghai") == {"built": "Confirmed"}
    lines = {line.name: line for line in cloud.world.all(PhysicalConnection)}
    assert (lines["asked"].id, lines["asked"].bandwidth) == ("pc-given", 200)
    assert (lines["slice"].site, lines["slice"].spec, lines["slice"].bandwidth) == ("dc", "1G", 1024)
    assert (lines["offered"].vpconn_status, lines["slice"].vpconn_status) == ("UnConfirmed", "Confirmed")
    vbrs = {v.name: (v.status, v.account[0]) for v in cloud.world.all(VirtualBorderRouter)}
    assert vbrs == {
        "waiting": ("unconfirmed", "1"),
        "given": ("active", "1"),
        "own": ("active", "1"),
        "ended": ("terminated", "2"),
    }
    assert cloud.world.get(VirtualBorderRouter, "vbr-given") is not None


HOST = "{name: h, ip: 10.200.0.9}"
BAD: dict[str, tuple[str, str]] = {
    "site twice": (SITE.replace("}]", "}, {name: dc, prefixes: [10.201.0.0/16]}]"), "sites[1] (dc): name: another"),
    "no prefix": ("sites: [{name: dc, prefixes: []}]", "sites[0] (dc): prefixes: a site needs one network at least"),
    "prefix with host bits": ("sites: [{name: dc, prefixes: [10.200.0.1/16]}]", "prefixes[0]: 10.200.0.1/16 has host"),
    "route over nothing": (
        SITE.replace("}]", ", routes: [{destination: 10.1.0.0/16, via: pc-2}]}]") + LINE,
        "sites[0] (dc): routes[0].via: no circuit 'pc-2' leads to dc; those that do: pc, pc-",
    ),
    "announces without BGP": (SITE.replace("}]", ", announces: [10.200.0.0/16]}]"), "give its asn"),
    "asn": (SITE.replace("}]", ", asn: -1}]"), "asn: a number from 1 to 4294967295"),
    "firewall port": (SITE.replace("}]", ", firewall: [{source: 0.0.0.0/0, port: 70000}]}]"), "firewall[0].port: a p"),
    "firewall source": (SITE.replace("}]", ", firewall: [{source: all}]}]"), "firewall[0].source: "),
    "host elsewhere": (SITE.replace("}]", ", hosts: [{name: h, ip: 10.9.0.1}]}]"), "lies in none of the site's"),
    "host without address": (SITE.replace("}]", ", hosts: [{name: h, ip: h}]}]"), "hosts[0].ip: 'h' is not an IPv4"),
    "two hosts of one address": (
        SITE.replace("}]", f", hosts: [{HOST}, {HOST.replace('name: h', 'name: i')}]}}]"),
        "10.200.0.9 is the address of two hosts",
    ),
    "seat twice": (SITE.replace("}]", ", hosts: [{name: internet, ip: 10.200.0.9}]}]"), "'internet' cannot be used"),
    "port of a process": (
        SITE.replace("}]", ", hosts: [{name: h, ip: 10.200.0.9, processes: {web: [x]}}]}]"),
        "hosts[0].processes: 'web' is not a port",
    ),
    "empty command": (
        SITE.replace("}]", ", hosts: [{name: h, ip: 10.200.0.9, processes: {80: []}}]}]"),
        "processes.80: the command is empty",
    ),
    "no such source": (
        SITE.replace("}]", ", hosts: [{name: h, ip: 10.200.0.9, source: nowhere}]}]"),
        "nowhere is not a folder",
    ),
    "circuit to nowhere": (LINE, "circuits[0] (pc): site: there is no site 'dc'"),
    "state of a circuit": (SITE + LINE.replace("}]", ", state: up}]"), "state: one of allocated, confirmed, enabled"),
    "full access point": (
        SITE + LINE.replace("}]", ", access_point: ap-cn-hangzhou-main-C}]"),
        "circuits[0] (pc): ",
    ),
    "slice of nothing": (
        SITE + "circuits: [{name: a, region: cn-hangzhou, part_of: b, bandwidth: 100}]",
        "physical_connection: no objects are named 'b'",
    ),
    "odd slice": (
        SITE + LINE.replace("}]", "}, {name: a, region: cn-hangzhou, part_of: pc, bandwidth: 70}]"),
        "circuits[1] (a): bandwidth: a part of a circuit has one of 50, 100",
    ),
    "own VBR unconfirmed": (
        SITE + LINE + "vbrs: [{name: v, circuit: pc, vlan: 1, state: unconfirmed}]",
        "vbrs[0] (v): state: only a border router for another account",
    ),
    "VBR without addresses": (
        SITE + LINE + "vbrs: [{name: v, circuit: pc, vlan: 1}]",
        "vbrs[0] (v): MissingParam",
    ),
    "port of a machine": (
        "vpcs: [{name: v, region: cn-hangzhou, cidr: 10.0.0.0/16,"
        " vswitches: [{name: s, zone: cn-hangzhou-h, cidr: 10.0.1.0/24}]}]\n"
        "machines: [{name: m, vpc: v, vswitch: s, processes: {0: [x]}}]",
        "machines[0] (m): processes: '0' is not a port",
    ),
    "edition": ("cens: [{name: c, edition: old}]", "cens[0] (c): edition: one of enterprise, basic"),
}


@pytest.mark.parametrize(("text", "error"), BAD.values(), ids=BAD)
def test_a_site_that_makes_no_sense_is_refused_with_its_place(cloud: TestCloud, text: str, error: str) -> None:
    with pytest.raises(SeedError) as caught:
        cloud.seed(read_world(HEAD + text, "bad.yaml"))
    assert error in str(caught.value)
    assert str(caught.value).startswith("bad.yaml: ")


# --- on site --------------------------------------------------------------------------------------------------


def test_every_key_can_be_changed_and_sent_back(cloud: TestCloud) -> None:
    cloud.seed(load_world("on-premises-backend"))
    (before,) = ask(cloud, "GET", "sites")["sites"]
    values = {
        "prefixes": ["10.200.0.0/16", "10.210.0.0/16"],
        "routes": [{"destination": "0.0.0.0/0", "via": "pc-dc1"}],
        "asn": 65010,
        "bgp_key": "secret",
        "announces": ["10.200.0.0/16"],
        "firewall": [{"source": "0.0.0.0/0", "destination": "10.200.1.10/32", "port": 443}],
        "hosts": [{"name": "x", "ip": "10.210.0.1", "processes": {}, "hosts": {"a.test": "10.1.1.1"}, "folder": ""}],
        "answers_health_checks": False,
        "resolves": False,
    }
    assert set(values) | {"name"} == set(before)
    for key, value in values.items():
        assert ask(cloud, "PATCH", "sites/dc-1", {key: value})[key] == value
    (after,) = ask(cloud, "GET", "sites")["sites"]
    assert after == {"name": "dc-1", **values}
    del before["name"]
    for key in ("routes", "announces", "asn", *before):  # what announces needs a speaker
        ask(cloud, "PATCH", "sites/dc-1", {key: before[key]})
    (again,) = ask(cloud, "GET", "sites")["sites"]
    assert again == {"name": "dc-1", **before}
    assert ask(cloud, "PATCH", "sites/dc-1", again) == again


def test_a_server_on_site_is_stopped_and_started(cloud: TestCloud) -> None:
    cloud.seed(load_world("on-premises-backend"))
    hosts = ask(cloud, "GET", "sites")["sites"][0]["hosts"]
    url = "http://10.200.1.10:8080/orders"
    assert get(cloud, "dc1-desk", url).status_code == 200
    ask(cloud, "PATCH", "sites/dc-1", {"hosts": [{**hosts[0], "processes": {}}, *hosts[1:]]})
    assert "Connection refused" in get(cloud, "dc1-desk", url).text
    renamed = {"8080": ["python3", "server.py", "orders-2"]}
    ask(cloud, "PATCH", "sites/dc-1", {"hosts": [{**hosts[0], "processes": renamed}, *hosts[1:]]})
    assert get(cloud, "dc1-desk", url).json()["served_by"] == "orders-2"


REFUSED: dict[str, tuple[str, Any, int, str]] = {
    "no such site": ("sites/dc-9", {}, 404, "there is no site 'dc-9'; known: dc-1, dc-2"),
    "the list itself": ("sites", {}, 405, "/_cloud/sites takes GET, not PATCH"),
    "unknown key": ("sites/dc-1", {"colour": "x"}, 400, "unknown key 'colour'; known: name, prefixes"),
    "another name": ("sites/dc-1", {"name": "dc-9"}, 400, "a site cannot be renamed"),
    "no object": ("sites/dc-1", [], 400, "the body must be a JSON object"),
    "wrong type": ("sites/dc-1", {"resolves": "no"}, 400, "resolves: expected true or false, found 'no'"),
    "key of a route": (
        "sites/dc-1",
        {"routes": [{"to": "10.1.0.0/16", "via": "pc-dc1"}]},
        400,
        "routes[0].to: unknown key; known here: destination, via",
    ),
    "the other site's circuit": (
        "sites/dc-1",
        {"routes": [{"destination": "10.1.0.0/16", "via": "pc-dc2"}]},
        400,
        "routes[0].via: no circuit 'pc-dc2' leads to dc-1; those that do: pc-",
    ),
    "a seat's name": ("sites/dc-1", {"hosts": [{"name": "dc2-desk", "ip": "10.200.0.1"}]}, 400, "hosts[0].name: "),
    "a folder": (
        "sites/dc-1",
        {"hosts": [{"name": "h", "ip": "10.200.0.1", "folder": "/nowhere"}]},
        400,
        "hosts[0].folder: /nowhere is not a folder",
    ),
    "no such circuit": ("circuits/pc-9", {"status": "Enabled"}, 404, "there is no circuit 'pc-9'; known: pc-dc1"),
    "state": ("circuits/pc-dc1", {"status": "Up"}, 400, "status: 'Up' is none of Initial, Approved"),
    "business state": ("circuits/pc-dc1", {"business_status": "x"}, 400, "business_status: 'x' is none of Normal"),
}


@pytest.mark.parametrize(("path", "body", "code", "text"), REFUSED.values(), ids=REFUSED)
def test_refusals_change_nothing(cloud: TestCloud, path: str, body: Any, code: int, text: str) -> None:
    cloud.seed(load_world("hub"))
    before = control(cloud.base, "GET", "state").raw
    said = control(cloud.base, "PATCH", path, body)
    assert (said.status, text in said.value["error"]) == (code, True), said
    assert control(cloud.base, "GET", "state").raw == before


# --- at the carrier -------------------------------------------------------------------------------------------


def test_the_carrier_finishes_a_line_and_a_bill_stays_unpaid(cloud: TestCloud) -> None:
    cloud.seed(read_world(HEAD + SITE + LINE.replace("}]", ", state: allocated}]"), "lines"))
    cloud.clock.freeze()
    enabled = ask(cloud, "PATCH", "circuits/pc", {"status": "Enabled"})
    assert describe_lines(cloud) == {"pc": "Enabled"}
    ask(cloud, "PATCH", f"circuits/{enabled['id']}", {"business_status": "FinancialLocked"})
    (line,) = cloud.world.all(PhysicalConnection)
    assert (line.business_status, line.enabled > 0, line.expires > line.enabled) == ("FinancialLocked", True, True)
    ask(cloud, "PATCH", "circuits/pc", {"status": "Terminated", "business_status": "Normal"})
    assert describe_lines(cloud) == {"pc": "Terminated"}


def test_sites_of_a_world_have_the_same_ids_each_time(cloud: TestCloud) -> None:
    def ids() -> list[str]:
        return sorted(f"{thing.KIND}/{thing.id}" for thing in cloud.world)

    for world in ("on-premises-clients", "on-premises-backend", "hub", "basic"):
        cloud.seed(load_world(world))
        first = ids()
        cloud.seed(load_world(world))
        assert ids() == first
        assert cloud.world.get(Site, "site-dc-1") is not None

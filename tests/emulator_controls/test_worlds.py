"""World files: what they make, that they repeat, and how their errors read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alibabacloud_cloudapi20160714 import models as api
from alibabacloud_fc20230330 import models as fc
from alibabacloud_vpc20160428 import models

from gatespan.emulator.models import Machine
from gatespan.emulator.regions import REGIONS
from gatespan.emulator.seed import SeedError, load_world, packaged_worlds, read_world
from gatespan.emulator.services.vpc.models import Vpc, VSwitch
from tests.emulator.conftest import TestCloud

EXAMPLES = Path(__file__).parents[2] / "examples" / "worlds"
KEY = ("embedded", "embedded-secret")


def test_the_packaged_worlds_equal_the_documented_ones() -> None:
    packaged = Path(__file__).parents[2] / "gatespan" / "emulator" / "worlds"
    assert packaged_worlds() == sorted(f.stem for f in EXAMPLES.glob("*.yaml"))
    assert tree(packaged) == tree(EXAMPLES)


def tree(folder: Path) -> dict[str, bytes]:
    """All files by path, back ends included."""
    files = (f for f in folder.rglob("*") if f.is_file() and "__pycache__" not in f.parts)
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in files}


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda f: f.stem)
def test_every_example_can_be_planted(cloud: TestCloud, file: Path) -> None:
    cloud.seed(load_world(file))
    assert cloud.inner.origin.name == file.stem


def test_the_default_world(cloud: TestCloud) -> None:
    cloud.seed(load_world("cross-region"))
    vpcs = {v.name: (v.region, v.cidr) for v in cloud.world.all(Vpc)}
    assert vpcs == {"vpc-1": ("cn-hangzhou", "10.1.0.0/16"), "vpc-3": ("cn-beijing", "10.3.0.0/16")}
    vswitches = {v.name: (v.zone, v.cidr) for v in cloud.world.all(VSwitch)}
    assert vswitches == {
        "vsw-1-h": ("cn-hangzhou-h", "10.1.1.0/24"),
        "vsw-1-i": ("cn-hangzhou-i", "10.1.2.0/24"),
        "vsw-3-h": ("cn-beijing-h", "10.3.1.0/24"),
        "vsw-3-g": ("cn-beijing-g", "10.3.2.0/24"),
    }
    seats = {m.name: (m.region, m.ip.rpartition(".")[0]) for m in cloud.world.all(Machine)}
    assert seats == {"ecs-1": ("cn-hangzhou", "10.1.1"), "ecs-3": ("cn-beijing", "10.3.1")}
    found = cloud.cloudapi(key=KEY).describe_instances(api.DescribeInstancesRequest()).body.instances.instance_attribute
    assert [(i.instance_name, i.instance_spec, i.status, i.user_vpc_id or "") for i in found] == [
        ("gateway-1", "api.s1.small", "RUNNING", "")
    ]


def test_the_same_file_makes_the_same_ids(cloud: TestCloud) -> None:
    def ids() -> list[str]:
        return sorted(thing.id for thing in cloud.world)

    cloud.seed(load_world("cross-region"))
    first = ids()
    cloud.seed(load_world("empty"))
    cloud.seed(load_world("cross-region"))
    assert ids() == first
    text = (EXAMPLES / "cross-region.yaml").read_text().replace("seed: 1", "seed: 2")
    cloud.seed(read_world(text, "other"))
    assert ids() != first


def test_given_ids_bound_gateways_functions_and_cens(cloud: TestCloud, tmp_path: Path) -> None:
    (tmp_path / "hello").mkdir()
    (tmp_path / "hello" / "server.py").write_text("print('hello')\n")
    (tmp_path / "world.yaml").write_text(
        """
        accounts:
          - {id: 1000000000000001, keys: [{id: embedded, secret: embedded-secret}], transit_router_service: true}
        vpcs:
          - {name: hub, id: vpc-given, region: cn-hangzhou, cidr: 10.1.0.0/16,
             vswitches: [{name: a, id: vsw-given, zone: cn-hangzhou-h, cidr: 10.1.1.0/24}]}
        gateways: [{name: gw_1, id: apigateway-hz-given, region: cn-hangzhou, vpc: hub, vswitch: a}]
        functions: [{name: hello, region: cn-hangzhou, source: hello, command: [python3, server.py]}]
        cens: [{name: backbone, id: cen-given}]
        machines: [{name: seat, vpc: hub, vswitch: a, ip: 10.1.1.77, hosts: {x.test: 10.1.1.9}, resolves: false}]
        """
    )
    cloud.seed(load_world(tmp_path / "world.yaml"))
    gateway = cloud.cloudapi(key=KEY).describe_instances(api.DescribeInstancesRequest()).body.instances
    row = gateway.instance_attribute[0]
    assert (row.instance_id, row.user_vpc_id, row.user_vswitch_id) == ("apigateway-hz-given", "vpc-given", "vsw-given")
    function = cloud.fc(key=KEY).get_function("hello", fc.GetFunctionRequest()).body
    assert function.custom_runtime_config.command == ["python3", "server.py"]
    seat = cloud.world.first(Machine, name="seat")
    assert seat is not None
    assert (seat.ip, dict(seat.hosts), seat.resolves) == ("10.1.1.77", {"x.test": "10.1.1.9"}, False)
    kinds = {t.KIND for t in cloud.world}
    assert {"cen", "transit_router_service"} <= kinds
    assert any(t.id == "cen-given" for t in cloud.world)


def test_every_region_has_zones_named_after_it() -> None:
    assert {r: len(z) for r, z in REGIONS.items()} == {
        "cn-hangzhou": 5,
        "cn-beijing": 8,
        "cn-shanghai": 7,
        "cn-shenzhen": 5,
    }
    assert all(zone.startswith(f"{region}-") for region, zones in REGIONS.items() for zone in zones)


ACCOUNTS = "accounts: [{id: 1000000000000001}]\n"
VPC = ACCOUNTS + "vpcs: [{name: v, region: cn-hangzhou, cidr: 10.0.0.0/16}]\n"
BAD: dict[str, tuple[str, str]] = {
    "not YAML": ("a: [", "bad.yaml is not valid YAML"),
    "a list": ("- a", "bad.yaml must hold keys and values"),
    "unknown key": ("vpc: []", "bad.yaml: vpc: unknown key; known here: name, seed"),
    "unknown inner key": (
        ACCOUNTS + "vpcs: [{name: v, region: cn-hangzhou, cidr: 10.0.0.0/16, zone: x}]",
        "bad.yaml: vpcs[0].zone: unknown key",
    ),
    "missing key": (ACCOUNTS + "vpcs: [{name: v}]", "bad.yaml: vpcs[0]: the key 'region' is missing"),
    "wrong type": (ACCOUNTS + "vpcs: {}", "bad.yaml: vpcs: expected a list, found {}"),
    "text for number": ("seed: one", "bad.yaml: seed: expected a whole number, found 'one'"),
    "account id": ("accounts: [{id: abc}]", "bad.yaml: accounts[0] (abc): an account id has 16 digits"),
    "key id twice": (
        "accounts: [{id: 1000000000000001, keys: [{id: k, secret: a}, {id: k, secret: b}]}]",
        "the key id 'k' is taken",
    ),
    "no account": ("vpcs: [{name: v, region: cn-hangzhou, cidr: 10.0.0.0/16}]", "needs an account"),
    "no such account": (VPC.replace("name: v", "name: v, account: 5"), "there is no account 5"),
    "no such region": (VPC.replace("cn-hangzhou", "cn-nowhere"), "'cn-nowhere' is unknown; known: cn-hangzhou"),
    "what the cloud refuses": (VPC.replace("10.0.0.0/16", "127.0.0.0/16"), "bad.yaml: vpcs[0] (v): "),
    "an id of another kind": (VPC.replace("name: v", "name: v, id: cen-1"), "'cen-1' is not an id of this kind"),
    "no such VPC": (VPC + "machines: [{name: m, vpc: w, vswitch: x}]", "no objects are named 'w'"),
    "no such vSwitch": (VPC + "machines: [{name: m, vpc: v, vswitch: x}]", "no objects are named 'x'"),
    "no such folder": (
        VPC + "functions: [{name: f, region: cn-hangzhou, source: nowhere, command: [x]}]",
        "nowhere is not a folder",
    ),
    "its own key": ("file: x", "file: unknown key"),
    "its own folder": ("folder: /", "folder: unknown key"),
}


@pytest.mark.parametrize(("text", "error"), BAD.values(), ids=BAD)
def test_errors_name_the_file_and_the_place(cloud: TestCloud, text: str, error: str) -> None:
    def plant() -> Any:
        cloud.seed(read_world(text, "bad.yaml"))

    with pytest.raises(SeedError) as caught:
        plant()
    assert error in str(caught.value)
    assert str(caught.value).startswith("bad.yaml")


def test_a_world_that_is_not_there() -> None:
    with pytest.raises(SeedError, match=r"cannot be read: No such file.*Packaged worlds: basic, cross-region, empty"):
        load_world("atlantis")


def test_what_is_made_after_a_restore_never_has_the_id_of_what_was_restored(cloud: TestCloud) -> None:
    def vpc() -> str:
        params = {"RegionId": "cn-hangzhou", "CidrBlock": "10.0.0.0/16"}
        made: str = cloud.vpc().create_vpc(models.CreateVpcRequest().from_map(params)).body.vpc_id
        return made

    first = vpc()
    kept = cloud.running.do(lambda: tuple(cloud.world))
    cloud.running.do(cloud.inner.reset)
    cloud.running.do(lambda: cloud.inner.replace(kept))
    assert vpc() != first
    assert len(list(cloud.world.all(Vpc))) == 2

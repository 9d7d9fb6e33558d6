"""The data file: it outlives the process, even a killed one, and says clearly when it cannot be used."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428 import models as vpc
from alibabacloud_vpc20160428.client import Client
from darabonba.exceptions import UnretryableException

from gatespan.emulator.cloud import Cloud
from gatespan.emulator.kernel import TOKEN_RETENTION, TokenRecord
from gatespan.emulator.lifecycle import GONE, Latency
from gatespan.emulator.seed import load_world
from gatespan.emulator.services.cbn.models import VpcAttachment, ZoneMapping
from gatespan.emulator.services.vpc.models import Vpc
from gatespan.emulator.storage import Storage, StorageError, decode, encode
from gatespan.emulator.world import KINDS, Pending, Thing
from tests.emulator.conftest import ACCOUNT
from tests.emulator_controls.helpers import control, process


def client(base: str) -> Any:
    return Client(
        Config(
            access_key_id="embedded",
            access_key_secret="embedded-secret",
            endpoint=base.removeprefix("http://"),
            protocol="http",
            region_id="cn-shanghai",
        )
    )


def names(base: str) -> set[str]:
    found = client(base).describe_vpcs(vpc.DescribeVpcsRequest(region_id="cn-shanghai", page_size=50)).body
    return {v.vpc_name for v in found.vpcs.vpc}


def create(base: str, name: str) -> str:
    request = vpc.CreateVpcRequest(region_id="cn-shanghai", cidr_block="10.0.0.0/8", vpc_name=name)
    return str(client(base).create_vpc(request).body.vpc_id)


def delete(base: str, id: str) -> None:
    client(base).delete_vpc(vpc.DeleteVpcRequest(region_id="cn-shanghai", vpc_id=id))


@pytest.mark.parametrize(
    "thing",
    [
        Vpc(id="v", account=ACCOUNT, cidr="10.0.0.0/8", secondary_cidrs=("10.1.0.0/16",), tags={"a": "b"}),
        Vpc(id="v", account=ACCOUNT, cidr="x", status="Pending", pending=Pending(GONE, 12.5, 0)),
        Vpc(id="v", account=ACCOUNT, cidr="x", pending=Pending("Available", float("inf"), 2)),
        VpcAttachment(
            id="tr-attach-1",
            account=ACCOUNT,
            cen_id="c",
            transit_router_id="t",
            vpc_id="v",
            zones=(ZoneMapping("z", "s", "e"), ZoneMapping("y", "r")),
        ),
        TokenRecord(id="t", account=ACCOUNT, fingerprint="f", body={"A": [1, {"B": None}], "C": True, "D": "ü"}),
    ],
    ids=["tuples and tags", "pending", "stuck", "nested dataclasses", "mappings"],
)
def test_objects_come_back_as_they_were(thing: Thing) -> None:
    assert decode(encode(thing)) == thing


def test_a_world_comes_back_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "cloud.sqlite"
    storage = Storage(file)
    cloud = Cloud(load_world("cross-region"), storage=storage, latency=Latency("realistic"))
    cloud.kernel.list_lag = 3.0
    cloud.clock.freeze(5000.0)
    cloud.advance(10)
    with cloud.world.transaction():  # removed and made anew: the order of creation changes
        first = next(iter(cloud.world.all(Vpc)))
        cloud.world.remove(first)
        cloud.world.put(first)
        cloud.world.change(next(iter(cloud.world.all(Vpc))), name="renamed")
    before = list(cloud.world)
    minted = cloud.ids.plain("x")
    storage.close()

    again = Storage(file)
    resumed = Cloud(load_world("empty"), storage=again)
    kinds = {thing.KIND for thing in before}
    assert {k: list(resumed.world.all(KINDS[k])) for k in kinds} == {k: _of_kind(before, k) for k in kinds}
    assert (resumed.clock.now(), resumed.clock.frozen, resumed.kernel.list_lag) == (5010.0, True, 3.0)
    assert (resumed.origin.name, resumed.starts) == ("cross-region", 2)
    assert resumed.ids.plain("x") != minted, "ids minted before a restart must not come again"
    resumed.reset()
    assert "renamed" not in {v.name for v in resumed.world.all(Vpc)}
    again.close()


def _of_kind(things: list[Thing], kind: str) -> list[Thing]:
    return [thing for thing in things if isinstance(thing, KINDS[kind])]


def test_tokens_are_forgotten_after_their_time(tmp_path: Path) -> None:
    storage = Storage(tmp_path / "cloud.sqlite")
    cloud = Cloud(load_world("empty"), storage=storage)
    cloud.clock.freeze(1000.0)
    with cloud.world.transaction():
        for id, age in (("old", TOKEN_RETENTION + 1), ("young", TOKEN_RETENTION - 1)):
            cloud.world.put(TokenRecord(id=id, account=ACCOUNT, created=1000.0 - age, fingerprint=""))
    cloud.tidy()
    assert [t.id for t in cloud.world.all(TokenRecord)] == ["young"]
    storage.close()
    kept = Storage(tmp_path / "cloud.sqlite").load()
    assert kept is not None
    assert [t.id for t in kept.things if isinstance(t, TokenRecord)] == ["young"]


@pytest.mark.timeout(60)
def test_a_killed_cloud_loses_at_most_the_call_in_flight(tmp_path: Path) -> None:
    """Killed at odd moments in a loop of creates and deletes: what was answered is there, nothing else is."""
    data = ("--data", str(tmp_path / "cloud.sqlite"))
    expected: set[str] = set()
    in_flight: set[str] = set()
    for round_ in range(4):
        with process(tmp_path, *data) as cloud:
            found = names(cloud.base)
            assert expected <= found | in_flight
            assert found <= expected | in_flight
            expected, in_flight = found, set()
            count = 0
            made: dict[str, str] = {}
            try:
                while True:
                    count += 1
                    if count == 6:  # the loop is under way
                        threading.Timer(0.023 + 0.037 * round_, cloud.popen.kill).start()
                    name = f"r{round_}-{count}"
                    in_flight = {name}
                    made[name] = create(cloud.base, name)
                    expected = expected | {name}
                    if len(made) > 3:
                        victim = next(iter(made))
                        in_flight = {victim}
                        expected = expected - {victim}
                        delete(cloud.base, made.pop(victim))
            except UnretryableException:
                pass
        # the quota is 10 VPCs a region: the next round starts with what is left of this one
        with process(tmp_path, *data) as cloud:
            left = names(cloud.base)
            assert left <= expected | in_flight
            assert expected - in_flight <= left
            request = vpc.DescribeVpcsRequest(region_id="cn-shanghai", page_size=50)
            for row in client(cloud.base).describe_vpcs(request).body.vpcs.vpc:
                delete(cloud.base, row.vpc_id)
            expected, in_flight = set(), set()
            cloud.kill()


def test_a_stop_and_a_start_keep_everything(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path / "cloud.sqlite"))
    with process(tmp_path, *data, "--latency", "realistic") as cloud:
        control(cloud.base, "POST", "clock", {"freeze": True})
        create(cloud.base, "kept")
        before = control(cloud.base, "GET", "state").raw
        code, _, _ = cloud.stop()
        assert code == 0
    with process(tmp_path, *data, "--world", "empty") as cloud:
        assert control(cloud.base, "GET", "state").raw == before
        assert create(cloud.base, "second").startswith("vpc-")
        _, out, _ = cloud.stop()
        assert "holds a world already (cross-region); --world is not used" in out


# --- files that cannot be used ----------------------------------------------------------------------------


def _other_format(file: Path) -> None:
    storage = Storage(file)
    storage.note(format=999, origin={})
    storage.close()


def _cut(file: Path) -> None:
    storage = Storage(file)
    Cloud(load_world("cross-region"), storage=storage)
    storage.close()
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 3])


def _foreign(file: Path) -> None:
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE songs (name TEXT)")
    db.close()


def _unknown_kind(file: Path) -> None:
    storage = Storage(file)
    Cloud(load_world("empty"), storage=storage)
    storage.close()
    with sqlite3.connect(file) as db:
        db.execute("UPDATE thing SET kind = 'spoon' WHERE kind = 'account'")
    db.close()


UNUSABLE = {
    "garbage": (lambda f: f.write_bytes(b"no database " * 200), "is not a readable data file"),
    "another format": (_other_format, "has format 999, this cloud writes 1. Remove it, or move it away"),
    "cut short": (_cut, "Remove it, or move it away"),
    "another program's": (_foreign, "is some other program's database"),
    "unknown objects": (_unknown_kind, "is damaged or of another version"),
    "a folder": (lambda f: f.mkdir(), "cannot be opened"),
}


@pytest.mark.parametrize(("spoil", "text"), UNUSABLE.values(), ids=UNUSABLE)
def test_an_unusable_file_is_refused_with_a_remedy(tmp_path: Path, spoil: Any, text: str) -> None:
    file = tmp_path / "cloud.sqlite"
    spoil(file)
    with pytest.raises(StorageError) as caught:
        Cloud(load_world("empty"), storage=Storage(file))
    assert str(file) in str(caught.value)
    assert text in str(caught.value)


def test_two_clouds_cannot_share_a_file(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path / "cloud.sqlite"))
    with process(tmp_path, *data), process(tmp_path, *data) as second:
        code, _, err = second.end()
        assert code == 1
        assert "cloud.sqlite is in use by another embedded cloud. Stop that one, or give another file" in err

"""Drift of many topologies of one account in one run: how many calls, how many seconds.

    python -m benchmarks.drift [how many topologies: 200]

Every topology has an API group of its own with one API, an app and its authorisation, on the one gateway; its clients
are in one of eight client VPCs in cn-beijing (an account has ten VPCs of a region by default). Hub, gateway, CEN,
routers and client VPCs are there before and are adopted; the attachments are made by whoever comes first.
All run on one embedded cloud on this machine, over HTTP, with the official SDKs and one door: seconds are of this
machine, without the cloud's rate limits; calls are what any cloud would see. Measured with a shared inventory (one
run) and, for comparison, each topology by itself.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from gatespan.cloud import Cloud, Inventory
from gatespan.planning import Engine
from gatespan.planning.drift import drift, drift_many
from gatespan.topology import Loaded, loads
from tests.planning.lab import KEYS, Lab, LabClock, running

CLIENTS = 8


def topology(number: int, cen: str) -> Loaded:
    text = f"""
name: tenant-{number}
gateway: {{region: cn-hangzhou, instance: {{name: gateway-1}}}}
hub:
  name: vpc-1
  existing: true
  cidr: 10.1.0.0/16
  vswitches: [{{name: vsw-1-h}}, {{name: vsw-1-i}}]
networks:
  - name: clients-{number % CLIENTS}
    region: cn-beijing
    existing: true
    cidr: 10.{number % CLIENTS + 20}.0.0/16
    vswitches: [{{name: clients-h}}, {{name: clients-g}}]
cen: {{id: {cen}}}
bandwidth:
  - {{between: [cn-hangzhou, cn-beijing], traffic: {{cap_mbps: 100}}}}
apps: [{{name: caller_{number}}}]
groups:
  - name: tenant_{number}
    apis: [{{name: ping, path: /ping, auth: app_code, apps: [caller_{number}], backend: {{mock: {{body: pong}}}}}}]
"""
    return loads(text, name=f"tenant {number}")


def shared_ground(lab: Lab) -> str:
    """The CEN that all topologies adopt, as people would have made it once; its id."""
    cloud = lab.cloud()

    def call(action: str, region: str = "cn-hangzhou", **params: Any) -> Any:
        return cloud.call("cbn", action, params, region=region)

    call("OpenTransitRouterService")
    cen = call("CreateCen", Name="shared")["CenId"]
    routers = {r: call("CreateTransitRouter", r, CenId=cen, RegionId=r)["TransitRouterId"] for r in REGIONS}
    call(
        "CreateTransitRouterPeerAttachment",
        CenId=cen,
        RegionId=REGIONS[0],
        TransitRouterId=routers[REGIONS[0]],
        PeerTransitRouterId=routers[REGIONS[1]],
        PeerTransitRouterRegionId=REGIONS[1],
        AutoPublishRouteEnabled=True,
        BandwidthType="DataTransfer",
        Bandwidth=100,
    )
    for number in range(CLIENTS):
        made = {"RegionId": REGIONS[1], "CidrBlock": f"10.{number + 20}.0.0/16", "VpcName": f"clients-{number}"}
        vpc = cloud.call("vpc", "CreateVpc", made, region=REGIONS[1])["VpcId"]
        for at, zone in enumerate("hg"):
            block = f"10.{number + 20}.{at}.0/24"
            part = {"VpcId": vpc, "ZoneId": f"cn-beijing-{zone}", "CidrBlock": block, "VSwitchName": f"clients-{zone}"}
            cloud.call("vpc", "CreateVSwitch", {"RegionId": REGIONS[1], **part}, region=REGIONS[1])
    return str(cen)


REGIONS = ("cn-hangzhou", "cn-beijing")


def measure(lab: Lab, name: str, engines: list[Engine], work: Any) -> None:
    lab.control("log", method="DELETE")
    start = time.monotonic()
    reports = work(engines)
    seconds = time.monotonic() - start
    calls = lab.log()
    dirty = [f.text for r in reports for f in r.findings] + [u for r in reports for u in r.unread]
    by_action = Counter(c["action"] for c in calls)
    each = len(calls) / len(engines)
    print(f"{name}: {len(engines)} topologies, {len(calls)} calls ({each:.1f} each), {seconds:.1f} s")
    print(f"  {', '.join(f'{action} {n}' for action, n in by_action.most_common(12))}")
    if dirty:
        print(f"  NOT CLEAN: {len(dirty)} findings, e.g. {dirty[0]}")


def main(many: int) -> None:
    with tempfile.TemporaryDirectory() as home, running(Path(home)) as lab:
        lab.world()
        cen = shared_ground(lab)
        clock = LabClock(lab.url)
        door = Cloud(lab.target, KEYS, clock=clock, random=Random(1))

        def engine(loaded: Loaded, inventory: Inventory | None = None) -> Engine:
            return Engine(loaded.topology, door, base=loaded.base, clock=clock, random=Random(1), inventory=inventory)

        files = [topology(n, cen) for n in range(many)]
        start = time.monotonic()
        for at, loaded in enumerate(files):
            engine(loaded).converge()
            if at % 50 == 49:
                print(f"built {at + 1} in {time.monotonic() - start:.0f} s", flush=True)
        for size in sorted({1, many // 4, many // 2, many} - {0}):
            inventory = Inventory(door)
            measure(lab, "shared", [engine(one, inventory) for one in files[:size]], drift_many)
        few = files[: min(10, many)]
        measure(lab, "each by itself", [engine(one) for one in few], lambda engines: [drift(e) for e in engines])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)

"""How many signed calls a second the embedded cloud answers, and how much memory it takes.

    python benchmarks/emulator_calls.py [--vpcs 1000] [--seconds 5]

One official SDK client, one thread, the server in a process of its own. Goal on two cores: at least 800 DescribeVpcs
a second, and less than 100 MB resident with 1,000 VPCs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import Request, urlopen

os.environ["ALIBABA_CLOUD_ECS_METADATA_DISABLED"] = "true"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vpcs", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--kept", action="store_true", help="keep the world in a data file")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        command = [sys.executable, "-m", "gatespan.emulator", "serve", "--port", "0", "--ready-file", str(ready)]
        command += ["--data", str(Path(folder) / "cloud.sqlite")] if asked.kept else []
        began = time.perf_counter()
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            while not ready.exists():
                if server.poll() is not None:
                    raise SystemExit("the server ended at once")
                time.sleep(0.005)
            started = time.perf_counter() - began
            print(f"start to ready        {started:8.2f} s")
            print(f"resident, at start    {resident(server.pid):8.1f} MB")
            measure(json.loads(ready.read_text())["url"], server.pid, asked.vpcs, asked.seconds)
        finally:
            server.terminate()
            server.wait()


def measure(base: str, pid: int, vpcs: int, seconds: float) -> None:
    from alibabacloud_tea_openapi.models import Config
    from alibabacloud_vpc20160428 import models
    from alibabacloud_vpc20160428.client import Client

    client = Client(
        Config(
            access_key_id="embedded",
            access_key_secret="embedded-secret",
            endpoint=base.removeprefix("http://"),
            protocol="http",
            region_id="cn-hangzhou",
        )
    )

    def rate(name: str, call: Callable[[], object]) -> None:
        call()
        times, server, count = os.times(), used(pid), 0
        began = time.perf_counter()
        while (elapsed := time.perf_counter() - began) < seconds:
            call()
            count += 1
        spent = os.times()
        own = (spent.user + spent.system - times.user - times.system) / count * 1e3
        theirs = (used(pid) - server) / count * 1e3
        print(f"{name:<22}{count / elapsed:8.0f} a second (processor: client {own:.2f} ms, server {theirs:.2f} ms)")

    asked = models.DescribeVpcsRequest(region_id="cn-hangzhou")
    rate("DescribeVpcs, 1 VPC", lambda: client.describe_vpcs(asked))
    fill(base, vpcs)
    assert client.describe_vpcs(asked).body.total_count == vpcs + 1
    rate(f"DescribeVpcs, {vpcs + 1}", lambda: client.describe_vpcs(asked))
    made = models.CreateVpcRequest(region_id="cn-shanghai", cidr_block="10.0.0.0/8")

    def create_and_delete() -> None:
        body = client.create_vpc(made).body
        client.delete_vpc(models.DeleteVpcRequest(region_id="cn-shanghai", vpc_id=body.vpc_id))

    rate("Create and delete", create_and_delete)
    print(f"resident, {vpcs} VPCs   {resident(pid):8.1f} MB")


def fill(base: str, vpcs: int) -> None:
    """Copy the first VPC and its table under new ids (the quota of 10 VPCs a region does not hold for a restore)."""
    world = ask(base, "snapshot", {})
    vpc = next(t for t in world["things"] if t["kind"] == "vpc" and t["region"] == "cn-hangzhou")
    table = next(t for t in world["things"] if t["kind"] == "route_table" and t["vpc_id"] == vpc["id"])
    for i in range(vpcs):
        ids = {"id": f"vpc-bench{i:08}", "route_table_id": f"vtb-bench{i:08}"}
        world["things"].append({**vpc, **ids})
        world["things"].append({**table, "id": ids["route_table_id"], "vpc_id": ids["id"]})
    ask(base, "restore", world)


def ask(base: str, path: str, body: object) -> dict[str, list[dict[str, str]]]:
    with urlopen(Request(f"{base}/_cloud/{path}", json.dumps(body).encode(), method="POST")) as answer:
        value = json.loads(answer.read())
    assert isinstance(value, dict)
    return value


def used(pid: int) -> float:
    """Processor seconds that the process has used (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """Resident memory of the process in MB (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("this system has no /proc: cannot measure memory")


if __name__ == "__main__":
    main()

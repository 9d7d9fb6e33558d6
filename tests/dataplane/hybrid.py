"""Scenario 3 as a served data plane: a data centre with a real server process, and an API whose back end it is."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from gatespan.emulator.dataplane.processes import Processes
from gatespan.emulator.models import FirewallRule, SiteHost
from gatespan.emulator.services.cloudapi.models import DeployedApi, GatewayInstance, VpcAccess
from gatespan.emulator.world import Thing
from tests.dataplane.conftest import SERVER, Plane, api, behind
from tests.routes.scenes import HERE, H
from tests.routes.site_scenes import DESK_IP, EGRESS, ORDERS_IP, scenario_3, site

PORT, SILENT, BROKEN, CLOSING = 8080, 8081, 8082, 8083
COMMANDS = {
    str(PORT): ("python3", "server.py"),
    str(SILENT): ("python3", "-c", "import time; time.sleep(60)"),
    str(BROKEN): ("python3", "-c", "raise SystemExit('no licence')"),
    str(CLOSING): ("python3", "closing.py"),
}
CLOSES = """
import os, socket
listening = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
while True:
    listening.accept()[0].close()
"""


def write_programs(folder: Path) -> Path:
    (folder / "server.py").write_text(SERVER.replace("FC_SERVER_PORT", "PORT"))
    (folder / "closing.py").write_text(CLOSES)
    return folder


def data_center(folder: Path, **more: Any) -> Thing:
    """The site with a server on orders-1, open to the gateway's egress block on every port."""
    fields: dict[str, Any] = {
        "firewall": (FirewallRule(EGRESS, f"{ORDERS_IP}/32"),),
        "hosts": (
            SiteHost("orders-1", ORDERS_IP, processes=COMMANDS, folder=str(folder)),
            SiteHost("desk", DESK_IP),
        ),
        **more,
    }
    return site(**fields)


def granted(server: str = ORDERS_IP, port: int = PORT, **more: Any) -> VpcAccess:
    fields: dict[str, Any] = {"vpc_id": "vpc-1", **HERE, **more}
    return VpcAccess(id="va-1", region=H, name="orders", instance_id=server, port=port, **fields)


def orders(server: str = ORDERS_IP, port: int = PORT, *, config: dict[str, Any] | None = None, **service: Any) -> Any:
    """A live API whose back end was published with that address."""
    where = {"Name": "orders", "VpcScheme": "HTTP", "VpcId": "vpc-1", "InstanceId": server, "Port": port}
    fields = {
        "ServiceProtocol": "HTTP",
        "ServiceVpcEnable": "TRUE",
        "ServicePath": "/in/[id]",
        "VpcConfig": {**where, "VpcTargetHostName": "", **(config or {})},
        **service,
    }
    live: DeployedApi = api("orders", "/orders/[id]", method="ANY", service=fields)
    return live


def hybrid(loop: asyncio.AbstractEventLoop, processes: Processes, folder: Path) -> Plane:
    """``ecs-1`` sits in the hub VPC, ``desk`` in the data centre; the API is ``/orders/[id]``."""
    others = [thing for thing in behind() if not isinstance(thing, GatewayInstance)]
    return Plane(loop, processes, [*scenario_3(), data_center(folder), *others, granted(), orders()])

"""What a VPC access authorisation stands for in a live API: one address and port behind a VPC.

Choice where the help pages are silent: an authorisation or a target that is gone is X504VE.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatespan.emulator.dataplane.refusal import RefusedError
from gatespan.emulator.models import Machine
from gatespan.emulator.services.cloudapi import vpc_access_use
from gatespan.emulator.services.cloudapi.models import DeployedApi
from gatespan.emulator.world import World

Config = Mapping[str, Any]


@dataclass(frozen=True)
class Target:
    """A server in a network behind a VPC. ``host`` is what the Host header says."""

    vpc_id: str
    address: str
    port: int
    host: str
    scheme: str = "http"


def target(world: World, api: DeployedApi, service: Config) -> Target:
    """The address that the live copy was published with, while an authorisation of that name exists (it may have been
    given to another address since). Raises RefusedError."""
    config: Config = service.get("VpcConfig") or {}
    name, id, vpc_id = (str(config.get(key) or "") for key in ("Name", "InstanceId", "VpcId"))
    machine = world.get(Machine, id)
    address = machine.ip if machine else id
    if not vpc_id or vpc_access_use.by_name(world, api.account, api.region, name) is None:
        why = f"vpc_access.missing: {name or 'none named'}"
    elif not is_address(address):
        why = f"vpc_access.instance_gone: {id}"
    else:
        port = int(config["Port"])
        host = str(config.get("VpcTargetHostName") or "") or f"{address}:{port}"
        return Target(vpc_id, address, port, host, str(config.get("VpcScheme") or "http"))
    raise RefusedError("X504VE", "VPC mapping does not exist", why)


def is_address(text: str) -> bool:
    try:
        return bool(ipaddress.IPv4Address(text))
    except ValueError:
        return False

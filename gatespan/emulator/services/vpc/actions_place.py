"""Regions and zones."""

from __future__ import annotations

from typing import Any

from gatespan.emulator import regions
from gatespan.emulator.call import Call
from gatespan.emulator.services.vpc import checks
from gatespan.emulator.services.vpc.models import VSwitch
from gatespan.emulator.services.vpc.service import service

CITIES = {
    "cn-hangzhou": "China (Hangzhou)",
    "cn-beijing": "China (Beijing)",
    "cn-shanghai": "China (Shanghai)",
    "cn-shenzhen": "China (Shenzhen)",
}
"""Names in English whatever language is asked for; a region without one is called by its id."""


@service.action("DescribeRegions")
def describe_regions(call: Call) -> dict[str, Any]:
    rows = [
        {"RegionId": id, "LocalName": CITIES.get(id, id), "RegionEndpoint": f"vpc.{id}.aliyuncs.com"}
        for id in checks.known_regions(call.world)
    ]
    return {"Regions": {"Region": rows}}


@service.action("DescribeZones", required=("RegionId",))
def describe_zones(call: Call) -> dict[str, Any]:
    region = checks.region_of(call)
    offered = regions.zones(call.world, region)
    seen = {vswitch.zone for vswitch in call.world.find(VSwitch, region=region)}
    ids = (*offered, *sorted(seen.difference(offered)))
    city = CITIES.get(region, region)
    rows = [
        {"ZoneId": id, "LocalName": f"{city} Zone {id.rpartition('-')[2].upper()}", "ZoneType": "AvailabilityZone"}
        for id in ids
    ]
    return {"Zones": {"Zone": rows}}

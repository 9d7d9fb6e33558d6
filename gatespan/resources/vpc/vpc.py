"""A VPC and its vSwitches: adopted by id or name, or made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatespan.resources.base import Blocked, Found, Ref, Resource, Scope, gone, ready
from gatespan.resources.ownership import owner, pick, tags


@dataclass(frozen=True, kw_only=True)
class Vpc(Resource):
    """``existing``: it must be there. An adopted VPC's CIDR is an assertion: a difference blocks the plan."""

    KIND = "vpc"
    TITLE = "VPC"
    LISTS = ("DescribeVpcs",)
    READY = ready("vpc", "Available")
    GONE = gone("vpc")
    FIXED = frozenset({"cidr"})

    cidr: str
    id: str | None = None
    existing: bool = False
    adopt: bool = False

    @property
    def makes(self) -> bool:
        return self.id is None and not self.existing

    def find(self, scope: Scope) -> Found | None:
        got = pick(
            scope.inventory.rows("DescribeVpcs", region=self.region, RegionId=self.region),
            what=self.label,
            topology=scope.topology,
            key=self.key,
            id=self.id,
            id_field="VpcId",
            name=self.name,
            name_field="VpcName",
            existing=self.existing,
            adopt=self.adopt,
        )
        if got is None:
            return None
        row, adopted = got
        return Found(row["VpcId"], row["Status"], {"cidr": row["CidrBlock"]}, owner(row), adopted, row)

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        return {"cidr": self.cidr}

    def create(self, scope: Scope, token: str) -> str:
        params = {
            "RegionId": self.region,
            "VpcName": self.name,
            "CidrBlock": self.cidr,
            "Tag": tags(scope.topology, self.key),
        }
        return str(scope.cloud.call("vpc", "CreateVpc", params, region=self.region, token=token)["VpcId"])

    def delete(self, scope: Scope, found: Found) -> None:
        params = {"RegionId": self.region, "VpcId": found.id}
        scope.cloud.call("vpc", "DeleteVpc", params, region=self.region, subject=found.id)


@dataclass(frozen=True, kw_only=True)
class VSwitch(Resource):
    """A vSwitch. Of an existing one, zone and CIDR are assertions where the file gives them."""

    KIND = "vswitch"
    TITLE = "vSwitch"
    LISTS = ("DescribeVSwitches", "DescribeVpcs")
    READY = ready("vswitch", "Available")
    GONE = gone("vswitch")
    FIXED = frozenset({"cidr", "zone"})

    vpc: Ref
    vswitch_name: str | None = None
    id: str | None = None
    existing: bool = False
    zone: str | None = None
    cidr: str | None = None

    @property
    def makes(self) -> bool:
        return self.id is None and not self.existing

    def find(self, scope: Scope) -> Found | None:
        vpc = scope.found(self.vpc)
        assert vpc is not None
        got = pick(
            scope.inventory.rows("DescribeVSwitches", region=self.region, RegionId=self.region, VpcId=vpc.id),
            what=self.label,
            topology=scope.topology,
            key=self.key,
            id=self.id,
            id_field="VSwitchId",
            name=self.vswitch_name,
            name_field="VSwitchName",
            existing=self.existing,
        )
        if got is None:
            return None
        row, adopted = got
        fields = {"cidr": row["CidrBlock"], "zone": row["ZoneId"]}
        return Found(row["VSwitchId"], row["Status"], fields, owner(row), adopted, row)

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        return {k: v for k, v in (("cidr", self.cidr), ("zone", self.zone)) if v}

    def create(self, scope: Scope, token: str) -> str:
        if not (self.zone and self.cidr):
            raise Blocked(f"{self.label} is to be made: give it zone and cidr.")
        params = {
            "RegionId": self.region,
            "VpcId": scope.id_of(self.vpc),
            "ZoneId": self.zone,
            "CidrBlock": self.cidr,
            "VSwitchName": self.vswitch_name,
            "Tag": tags(scope.topology, self.key),
        }
        return str(scope.cloud.call("vpc", "CreateVSwitch", params, region=self.region, token=token)["VSwitchId"])

    def delete(self, scope: Scope, found: Found) -> None:
        params = {"RegionId": self.region, "VSwitchId": found.id}
        scope.cloud.call("vpc", "DeleteVSwitch", params, region=self.region, subject=found.id)

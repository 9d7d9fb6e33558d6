"""The dedicated gateway instance (adopted, or bought where asked) and its binding to the hub VPC.

The traditional API Gateway: no new instances since 2026-08-23, no renewals from 2027-03-21, shutdown 2027-09-21
(vendor's product page). So adopting is the normal path, and ``RETIREMENT`` is shown by preflight.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatespan.resources.base import Blocked, Foreign, Found, Ref, Resource, Scope, gone, ready
from gatespan.resources.ownership import owner, pick, tags

RETIREMENT = {"no new instances since": "2026-08-23", "no renewals from": "2027-03-21", "shutdown on": "2027-09-21"}


@dataclass(frozen=True, kw_only=True)
class Gateway(Resource):
    """A dedicated instance. With ``spec`` it is bought when it is not there."""

    KIND = "gateway"
    TITLE = "gateway instance"
    LISTS = ("DescribeInstances",)
    READY = ready("gateway", "RUNNING", "WAIT_SWITCH")
    GONE = gone("gateway")
    PAID = True

    instance_name: str | None = None
    id: str | None = None
    spec: str | None = None
    zone: str | None = None
    charge_type: str = "PostPaid"
    https_policy: str = "HTTPS2_TLS1_2"

    @property
    def label(self) -> str:
        return f"gateway instance {self.instance_name or self.id} ({self.region})"

    @property
    def makes(self) -> bool:
        return self.spec is not None

    def find(self, scope: Scope) -> Found | None:
        got = pick(
            scope.inventory.rows("DescribeInstances", region=self.region),
            what=self.label,
            topology=scope.topology,
            key=self.key,
            id=self.id,
            id_field="InstanceId",
            name=self.instance_name,
            name_field="InstanceName",
            existing=not self.makes,
        )
        if got is None:
            return None
        row, adopted = got
        if row.get("InstanceType") not in ("VPC_DEDICATED", "normal", "vpc_connect"):
            raise Blocked(f"{self.label} ({row['InstanceId']}) is no dedicated instance: only those bind a VPC.")
        fields = {} if adopted else {"spec": row.get("InstanceSpec")}
        return Found(row["InstanceId"], row["Status"], fields, owner(row), adopted, row)

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        return {"spec": self.spec} if self.spec else {}

    def create(self, scope: Scope, token: str) -> str:
        params = {
            "InstanceName": self.instance_name,
            "InstanceSpec": self.spec,
            "ChargeType": self.charge_type,
            "ZoneId": self.zone,
            "HttpsPolicy": self.https_policy,
            "InstanceType": "normal",
            "Tag": tags(scope.topology, self.key),
        }
        answer = scope.cloud.call("cloudapi", "CreateInstance", params, region=self.region, token=token)
        return str(answer["InstanceId"])

    def update(self, scope: Scope, found: Found, changes: Mapping[str, Any]) -> None:
        raise Blocked(
            f"{self.label}: its spec is {found.fields['spec']}, wanted {changes['spec']}. A change of spec can change "
            "the egress addresses and is done by a person in the console."
        )

    def delete(self, scope: Scope, found: Found) -> None:
        scope.cloud.call("cloudapi", "DeleteInstance", {"InstanceId": found.id}, region=self.region, subject=found.id)


@dataclass(frozen=True, kw_only=True)
class Binding(Resource):
    """The one VPC that may call the instance's VPC domains. Another VPC in its place is never replaced unasked."""

    KIND = "binding"
    TITLE = "VPC binding of"
    LISTS = ("DescribeInstances",)
    READY = ready("binding", "RUNNING", "WAIT_SWITCH")
    GONE = gone("binding")

    gateway: Ref
    vpc: Ref
    vswitch: Ref | None
    rebind: bool = False
    keep: bool = False

    def find(self, scope: Scope) -> Found | None:
        gateway, vpc = scope.found(self.gateway), scope.found(self.vpc)
        assert gateway and vpc
        rows = scope.inventory.rows("DescribeInstances", region=self.region)
        row = next((r for r in rows if r["InstanceId"] == gateway.id), None)
        bound = row and row.get("UserVpcId")
        if row is None or not bound:
            return None
        if bound != vpc.id:
            if self.rebind:
                return None
            raise Foreign(
                f"{gateway.id} is bound to {bound}. Binding {vpc.id} would cut off whoever calls through {bound}: "
                "set `gateway.rebind: true` if that is wanted.",
                str(bound),
            )
        fields = {"vswitch": row.get("UserVswitchId")} if self.vswitch else {}
        return Found(f"{gateway.id}:{bound}", row["Status"], fields, scope.topology, self.keep, row)

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        return {"vswitch": scope.id_of(self.vswitch)} if self.vswitch else {}

    def create(self, scope: Scope, token: str) -> str:
        gateway, vpc = scope.id_of(self.gateway), scope.id_of(self.vpc)
        params = {"InstanceId": gateway, "VpcId": vpc, "VswitchId": self._entry(scope, vpc)}
        self._call(scope, params, token)
        return f"{gateway}:{vpc}"

    def update(self, scope: Scope, found: Found, changes: Mapping[str, Any]) -> None:
        gateway, vpc = scope.id_of(self.gateway), scope.id_of(self.vpc)
        self._call(scope, {"InstanceId": gateway, "VpcId": vpc, "VswitchId": changes["vswitch"]}, None)

    def delete(self, scope: Scope, found: Found) -> None:
        gateway, _, vpc = found.id.partition(":")
        self._call(scope, {"InstanceId": gateway, "VpcId": vpc, "DeleteVpcAccess": True}, None)

    def _entry(self, scope: Scope, vpc: str) -> str:
        """The vSwitch of the entry address: the one named, else the one with the most free addresses."""
        if self.vswitch:
            return str(scope.id_of(self.vswitch))
        rows = scope.inventory.rows("DescribeVSwitches", region=self.region, RegionId=self.region, VpcId=vpc)
        if not rows:
            raise Blocked(f"{self.label}: {vpc} has no vSwitch that could hold the gateway's entry address.")
        return str(max(rows, key=lambda r: (r["AvailableIpAddressCount"], r["VSwitchId"]))["VSwitchId"])

    def _call(self, scope: Scope, params: Mapping[str, Any], token: str | None) -> None:
        scope.cloud.call(
            "cloudapi",
            "ModifyInstanceVpcAttributeForConsole",
            params,
            region=self.region,
            token=token,
            subject=params["InstanceId"],
        )


def egress_blocks(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The blocks that an instance opens its connections to back ends from: a conventional one from
    ``VpcEgressAddress``, and from ``NewVpcEgressAddress`` once a change of its spec is done, so both are wanted. One
    with VPC integration has none: it calls from its vSwitches. ``row``: of DescribeInstances."""
    if row.get("DedicatedInstanceType") == "vpc_connect":
        return ()
    names = ("VpcEgressAddress", "NewVpcEgressAddress")
    blocks = [block for name in names for block in re.split(r"[\s,;]+", str(row.get(name) or "")) if block]
    return tuple(sorted(set(blocks)))

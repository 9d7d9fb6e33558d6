"""The virtual border router (VBR): the cloud's end of a circuit. Made, or an existing one taken over.

One that a partner made for this account is ``unconfirmed`` until it gets its two addresses; one that was terminated
keeps its VLAN for seven days and can be recovered (help pages). Detection (BFD) cannot be set while making it (SDK).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gatespan.cloud import Conflict, Refused
from gatespan.resources.base import Blocked, Foreign, Found, Ref, Resource, Scope, Waiting, gone, ready
from gatespan.resources.express_connect.circuit import HOSTED
from gatespan.resources.ownership import owner, pick, tags

DETECTION = {"DetectMultiplier": 3, "MinTxInterval": 1000, "MinRxInterval": 1000}
"""BFD at its calmest: three packets of one per second (the API takes 3-10 and 200-1000 ms)."""
ENDS = {"cloud_ip": "LocalGatewayIp", "site_ip": "PeerGatewayIp", "netmask": "PeeringSubnetMask"}
STATES = ("unconfirmed", "terminating", "terminated")
"""What a border router can be in instead of at work."""


@dataclass(frozen=True, kw_only=True)
class Vbr(Resource):
    """``existing``: id or exact name of one that is there. Its addresses are then asserted, never changed, unless it is
    still unconfirmed. ``fields['state']`` is ``active`` unless somebody must act on it."""

    KIND = "vbr"
    TITLE = "border router"
    LISTS = ("DescribeVirtualBorderRouters", "DescribeRouteEntryList")
    READY = ready("vbr", "active")
    GONE = gone("vbr")
    FIXED = frozenset({"circuit", "vlan"})

    circuit: Ref
    existing: str | None
    vlan: int
    cloud_ip: str
    site_ip: str
    netmask: str
    mbps: int | None = None
    bfd: bool = False

    @property
    def makes(self) -> bool:
        return self.existing is None

    def find(self, scope: Scope) -> Found | None:
        rows = scope.inventory.rows("DescribeVirtualBorderRouters", region=self.region, RegionId=self.region)
        row = self._named(rows) if self.existing else self._ours(scope, rows)
        if row is None:
            return None
        status = "Deleting" if row["Status"] == "deleting" else row["Status"]
        return Found(row["VbrId"], status, _fields(row), owner(row), bool(self.existing), row)

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        wanted: dict[str, Any] = {"state": "active", "circuit": scope.id_of(self.circuit), "vlan": self.vlan}
        wanted |= {name: getattr(self, name) for name in ENDS}
        if self.mbps and not self._hosted(scope):
            wanted["mbps"] = self.mbps
        if self.bfd:
            wanted["bfd"] = _detection(DETECTION)
        found = scope.found(self.key)
        if found and found.adopted and found.fields["state"] != "unconfirmed":
            self._assert_ends(found, wanted)
        return wanted

    def create(self, scope: Scope, token: str) -> str:
        params = {
            "RegionId": self.region,
            "PhysicalConnectionId": scope.id_of(self.circuit),
            "VlanId": self.vlan,
            "Bandwidth": None if self._hosted(scope) else self.mbps,
            "Name": f"{scope.topology}-{self.name}".replace("/", "-")[:128],
            "Tags": tags(scope.topology, self.key),
            **self._ends(),
        }
        try:
            answer = scope.cloud.call("vpc", "CreateVirtualBorderRouter", params, region=self.region, token=token)
        except Conflict as error:
            scope.inventory.forget(*self.LISTS)
            if self.find(scope) is None:
                raise self._vlan_taken(error) from error
            raise  # ours, by a call whose answer was lost: it is found
        id = str(answer["VbrId"])
        if self.bfd:
            self._modify(scope, id, DETECTION)
        return id

    def update(self, scope: Scope, found: Found, changes: Mapping[str, Any]) -> None:
        state = found.fields["state"]
        if state == "terminating":
            raise Blocked(f"{self.label} ({found.id}) is being terminated. Run this again in some minutes.")
        if state == "terminated":
            self._recover(scope, found)
        if state == "unconfirmed" or set(changes) - {"state"}:
            values = {"Bandwidth": changes["mbps"]} if "mbps" in changes else {}
            self._modify(scope, found.id, values | (DETECTION if self.bfd else {}))

    def delete(self, scope: Scope, found: Found) -> None:
        params = {"RegionId": self.region, "VbrId": found.id}
        scope.cloud.call("vpc", "DeleteVirtualBorderRouter", params, region=self.region, subject=found.id)

    def _recover(self, scope: Scope, found: Found) -> None:
        params = {"RegionId": self.region, "VbrId": found.id}
        try:
            scope.cloud.call("vpc", "RecoverVirtualBorderRouter", params, region=self.region, subject=found.id)
        except Conflict as error:
            raise self._vlan_taken(error) from error
        except Refused as error:
            if error.code != "Forbidden.OperationNotAllowedByUser":
                raise
            lender = found.row.get("PhysicalConnectionOwnerUid") or "who owns the circuit"
            raise Waiting(
                f"{self.label} ({found.id}) is terminated and only the circuit's owner (account {lender}) can recover "
                "it (RecoverVirtualBorderRouter). Ask for that, then run this again."
            ) from error

    def _modify(self, scope: Scope, id: str, values: Mapping[str, Any]) -> None:
        params = {"RegionId": self.region, "VbrId": id, **self._ends(), **values}
        scope.cloud.call("vpc", "ModifyVirtualBorderRouterAttribute", params, region=self.region, subject=id)

    def _ends(self) -> dict[str, str]:
        return {parameter: getattr(self, name) for name, parameter in ENDS.items()}

    def _hosted(self, scope: Scope) -> bool:
        """A hosted circuit's bandwidth is its own: nothing is asked for."""
        circuit = scope.found(self.circuit)
        return bool(circuit) and circuit is not None and circuit.row.get("ProductType") == HOSTED

    def _named(self, rows: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        rows = list(rows)
        named = [r for r in rows if r["VbrId"] == self.existing]
        named = named or [r for r in rows if r.get("Name") == self.existing]
        if len(named) > 1:
            ids = ", ".join(r["VbrId"] for r in named)
            raise Blocked(f"{self.label}: {len(named)} border routers are named {self.existing} ({ids}): give the id.")
        return named[0] if named else None

    def _ours(self, scope: Scope, rows: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        rows = list(rows)
        got = pick(
            rows,
            what=self.label,
            topology=scope.topology,
            key=self.key,
            id=None,
            id_field="VbrId",
            name=None,
            name_field="Name",
        )
        if got:
            return got[0]
        place = (scope.id_of(self.circuit), self.vlan, "active", "unconfirmed")
        for row in rows:
            if (row["PhysicalConnectionId"], row["VlanId"]) == place[:2] and row["Status"] in place[2:]:
                raise Foreign(
                    f"{self.label}: {row['VbrId']} uses VLAN {self.vlan} on this circuit already and is not ours. "
                    f"Take it over with `vbr: {row['VbrId']}`, or choose another VLAN.",
                    row["VbrId"],
                )
        return None

    def _assert_ends(self, found: Found, wanted: Mapping[str, Any]) -> None:
        wrong = [f"{n} is {found.fields[n]}, wanted {wanted[n]}" for n in ENDS if found.fields[n] != wanted[n]]
        if wrong:
            raise Blocked(f"{self.label} ({found.id}) is not ours to change: {', '.join(wrong)}. Put the file right.")

    def _vlan_taken(self, error: Conflict) -> Blocked:
        return Blocked(
            f"{self.label}: VLAN {self.vlan} of the circuit is taken by another border router (one that was terminated "
            f"keeps its VLAN for seven days). Free it or choose another VLAN. The cloud says: {error}"
        )


def _fields(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "state": row["Status"] if row["Status"] in STATES else "active",
        "circuit": row.get("PhysicalConnectionId"),
        "vlan": int(row["VlanId"]),
        "mbps": int(row.get("Bandwidth") or 0),
        "bfd": _detection(row),
        **{name: row.get(parameter) or "" for name, parameter in ENDS.items()},
    }


def _detection(values: Mapping[str, Any]) -> str:
    multiplier, sent, received = (int(values.get(name) or 0) for name in DETECTION)
    return f"{multiplier} x {sent}/{received} ms" if multiplier else "off"

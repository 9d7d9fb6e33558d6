"""The circuit: a physical connection, or the part of one that a partner hosts. It is never made, changed or removed.

It comes to be by people's work over weeks (letter of authorisation, the carrier's line, payment: help pages on
Express Connect), so one that is not ready is a ``Waiting`` that says whose turn it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatespan.resources.base import Blocked, Found, Resource, Scope, Waiting, ready
from gatespan.resources.ownership import owner

HOSTED = "VirtualPhysicalConnection"
FINAL = frozenset({"Rejected", "Canceled", "Allocation Failed", "AllocationFailed", "Terminating", "Terminated"})
TURN = {
    "Initial": "pay its setup fee; then the cloud's staff look at the application.",
    "Approved": "the cloud's staff allocate a port. Wait.",
    "Allocating": "the cloud's staff allocate a port. Wait.",
    "Confirmed": "pay for the port (CreatePhysicalConnectionOccupancyOrder); that enables it.",
}
LETTER = {
    "": "apply for the letter of authorisation (ApplyPhysicalConnectionLOA).",
    "Applying": "the cloud's staff look at the application for the letter of authorisation. Wait.",
    "Rejected": "the letter of authorisation was refused: apply again (SecondApplyPhysicalConnectionLOA).",
    "Completing": "the cloud's staff check the finished line. Wait.",
    "Complete": "confirm it (ConfirmPhysicalConnection), then pay for the port.",
}
CARRIER = (
    "let the carrier build the line and patch the port, report that (CompletePhysicalConnectionLOA), then confirm."
)


@dataclass(frozen=True, kw_only=True)
class Circuit(Resource):
    """``circuit``: id, or exact name. ``vbr``: the border router that is taken over on it; a partner's circuit is not
    listed for its tenants, but such a border router tells its id and state."""

    KIND = "circuit"
    TITLE = "circuit"
    LISTS = ("DescribePhysicalConnections", "DescribeVirtualBorderRouters")
    READY = ready("circuit", "Enabled")

    circuit: str
    vbr: str | None = None

    @property
    def makes(self) -> bool:
        return False

    def find(self, scope: Scope) -> Found | None:
        rows = scope.inventory.rows("DescribePhysicalConnections", region=self.region, RegionId=self.region)
        named = [r for r in rows if r["PhysicalConnectionId"] == self.circuit]
        named = named or [r for r in rows if r.get("Name") == self.circuit]
        if len(named) > 1:
            ids = ", ".join(r["PhysicalConnectionId"] for r in named)
            raise Blocked(
                f"{self.label}: {len(named)} circuits have this name ({ids}): name the one you mean by its id."
            )
        if named:
            return Found(named[0]["PhysicalConnectionId"], named[0]["Status"], {}, owner(named[0]), True, named[0])
        return self._lent(scope) if self.vbr else None

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        """Nothing, but that it is in use: here and not in ``find``, so that what hangs on it can still be removed."""
        found = scope.found(self.key)
        if found:
            require_in_use(self.label, found)
        return {}

    def _lent(self, scope: Scope) -> Found | None:
        rows = scope.inventory.rows("DescribeVirtualBorderRouters", region=self.region, RegionId=self.region)
        on_it = (r for r in rows if r["PhysicalConnectionId"] == self.circuit and self.vbr in (r["VbrId"], r["Name"]))
        row = next(on_it, None)
        if row is None:
            return None
        shown = {"BusinessStatus": row.get("PhysicalConnectionBusinessStatus")}
        return Found(self.circuit, row.get("PhysicalConnectionStatus") or "Unknown", {}, None, True, shown)


def require_in_use(what: str, found: Found) -> None:
    """Raise Waiting with whose turn it is, or Blocked when nobody's turn would help."""
    state, business = found.status, found.row.get("BusinessStatus") or "Normal"
    here = f"{what} ({found.id})"
    if business != "Normal":
        raise Blocked(f"{here} is locked ({business}): settle the account's bills, or ask the vendor why, then go on.")
    if state in FINAL:
        raise Blocked(f"{here} is {state} and will not come up again: name another circuit in the file.")
    if state != "Enabled":
        raise Waiting(f"{here} is {state}, not Enabled: {_turn(state, found.row)} Then run this again.")


def _turn(state: str, row: Mapping[str, Any]) -> str:
    if row.get("ProductType") == HOSTED and row.get("VpconnStatus") == "UnConfirmed":
        return "accept what the partner offers (ConfirmPhysicalConnection), and pay where the order is yours."
    if state == "Allocated":
        return LETTER.get(row.get("LoaStatus") or "", CARRIER)
    return TURN.get(state, "see Express Connect in the console.")

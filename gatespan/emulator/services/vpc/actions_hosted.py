"""Hosted connections: slices that a partner cuts from its circuit for other accounts.

The tenant confirms one with ConfirmPhysicalConnection and pays like for a circuit, unless the partner does. The slice
leads where the partner's circuit leads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gatespan.emulator.call import Call, tagged
from gatespan.emulator.errors import CloudError
from gatespan.emulator.models import Account
from gatespan.emulator.services.vpc import checks, express_checks
from gatespan.emulator.services.vpc import express_rules as rules
from gatespan.emulator.services.vpc.actions_circuit import common_row
from gatespan.emulator.services.vpc.errors import invalid, refusal
from gatespan.emulator.services.vpc.models import PhysicalConnection
from gatespan.emulator.services.vpc.service import service

PAYERS = ("PayByPhysicalConnectionOwner", "PayByVirtualPhysicalConnectionOwner")
LISTS: Mapping[str, Callable[[PhysicalConnection], str]] = {
    "VirtualPhysicalConnectionIds": lambda c: c.id,
    "VirtualPhysicalConnectionStatuses": lambda c: c.vpconn_status.lower(),
    "VirtualPhysicalConnectionAliUids": lambda c: c.account,
    "VlanIds": lambda c: c.vlan_id,
}
"""The filters that take several values, and what they look at."""


@service.action(
    "CreateVirtualPhysicalConnection",
    required=("RegionId", "PhysicalConnectionId", "OrderMode", "Spec", "VlanId", "VpconnAliUid"),
    token="Token",
)
def create_virtual_physical_connection(call: Call) -> dict[str, Any]:
    """Its port is there at once: it is Allocated, and waits for the tenant to confirm it."""
    parent, params = express_checks.need_circuit(call), call.params
    vlan = express_checks.vlan(call)
    spec, tenant = params.choice("Spec", tuple(rules.HOSTED_SPECS)), params.text("VpconnAliUid")
    if tenant == call.account or call.world.get(Account, tenant) is None:
        raise invalid("VpconnAliUid", tenant)
    if parent.status != "Enabled" or parent.product_type == express_checks.HOSTED:
        raise refusal("InvalidPhysicalConnectionId.NotEnabled", f"{parent.id} is {parent.status}")
    express_checks.require_vlan(call, parent, vlan)
    hosted = PhysicalConnection(
        id=call.ids.regional("pc", parent.region),
        account=tenant,
        region=parent.region,
        created=call.now,
        status="Allocated",
        access_point_id=parent.access_point_id,
        line_operator=parent.line_operator,
        port_type=parent.port_type,
        peer_location=parent.peer_location,
        site=parent.site,
        bandwidth=rules.HOSTED_SPECS[spec],
        spec=spec,
        product_type=express_checks.HOSTED,
        parent_id=parent.id,
        parent_account=parent.account,
        vlan_id=str(vlan),
        order_mode=params.choice("OrderMode", PAYERS),
        vpconn_status="UnConfirmed",
        resource_group_id=params.text("ResourceGroupId", "rg-default"),
        tags=checks.new_tags(call),
        **express_checks.labels(call),
    )
    call.world.put(hosted)
    if params.boolean("DryRun", False):  # the refusal undoes all of it
        raise CloudError("DRYRUN.SUCCESS", "Request validation has been passed with DryRun flag set.")
    return {"VirtualPhysicalConnection": hosted.id}


@service.action("ListVirtualPhysicalConnections", required=("RegionId",))
def list_virtual_physical_connections(call: Call) -> dict[str, Any]:
    """What the account has cut for others, and what others have cut for it."""
    region, params = checks.region_of(call), call.params
    equal = {
        "parent_id": params.optional("PhysicalConnectionId"),
        "business_status": params.optional("VirtualPhysicalConnectionBusinessStatus"),
        "resource_group_id": params.optional("ResourceGroupId"),
        "region": region,
        "product_type": express_checks.HOSTED,
    }
    wanted = {name: {value.lower() for value in params.texts(name)} for name in LISTS}
    confirmed = params.boolean("IsConfirmed") if "IsConfirmed" in params else None
    matches = checks.matching(equal)
    found = [
        circuit
        for circuit in call.world.all(PhysicalConnection)
        if call.account in (circuit.account, circuit.parent_account)
        and (matches is None or matches(circuit))
        and all(not values or LISTS[name](circuit) in values for name, values in wanted.items())
        and confirmed in (None, circuit.vpconn_status == "Confirmed")
    ]
    rows, page = call.token_page(tagged(found, params.tags("Tags")))
    return {
        "VirtualPhysicalConnections": [_row(circuit) for circuit in rows],
        "Count": len(rows),
        "TotalCount": page["TotalCount"],
        "NextToken": page["NextToken"],
    }


def _row(circuit: PhysicalConnection) -> dict[str, Any]:
    return {
        **common_row(circuit),
        "ParentPhysicalConnectionAliUid": circuit.parent_account,
        "AliUid": circuit.account,
        "VirtualPhysicalConnectionStatus": circuit.vpconn_status,
        "Bandwidth": circuit.bandwidth,
        "Tags": express_checks.pairs(circuit),
    }

"""Scenario 3: the gateway calls a back end in a data center.

The steps and their order are the procedure's: connect the data center to VPC-1, read the gateway's egress addresses,
configure cloud-service routes, bind VPC-1, create the VPC grant, create the API on it, enable the VPC domain, verify.
Steps that need nothing of each other run at the same time.
"""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from blocks import GatespanTopology
from flows import steps
from flows.naming import named_after_topology
from tasks.lock import only_writer
from tasks.plan_changes import draw_topology, read_topology
from tasks.procedure import Procedure
from tasks.purchases import Approve
from tasks.remove import remove_rest
from tasks.verify_reachability import verify_reachability
from tasks.waiting import OnWaiting, list_what_people_do


@flow(name="on-premises-backend", flow_run_name=named_after_topology)
async def on_premises_backend(
    topology: str | GatespanTopology,
    cloud: str | None = None,
    credentials: str | None = None,
    approve: Approve = "auto",
    verify: bool = True,
    on_waiting: OnWaiting = "pause",
    lock_timeout: float = 600.0,
) -> State[Any]:
    """Put APIs in front of a data center's back ends. Running it again changes only what differs.

    Args:
        topology: Path of the file on the worker, its YAML text, or one kept as a block (gatespan-topology/NAME).
        cloud: embedded, alibaba, the URL of an embedded cloud, or gatespan-cloud/NAME (a block). Default: embedded.
        credentials: Credentials block, TYPE/NAME. Default: the block of the cloud, else the default chain.
        approve: Buying what costs money: ask in a form, yes, or no. auto: ask, but not on the embedded cloud.
        verify: Send the verifying calls at the end.
        on_waiting: Where people must act first (carrier, site): pause with the checklist in a form, or stop.
        lock_timeout: Seconds to wait while another run changes this topology.
    """
    run, parts = await read_topology(topology, cloud, credentials, flow="on-premises-backend")
    async with only_writer(run, lock_timeout), Procedure(run) as do:
        do.plan(approve)
        do.once(draw_topology)

        # Read the gateway's egress addresses
        gateway = steps.use_the_gateway(do, parts)

        # Connect the data center to VPC-1
        cen = steps.build_the_cen(do, parts)
        steps.assign_the_bandwidth(do, parts, cen)
        connected = steps.connect_the_data_centers(do, parts, cen, gateway)

        # Configure cloud-service routes
        steps.route_the_cloud_services(do, parts, gateway, cen, connected)

        # Bind VPC-1 to the gateway and create the VPC grant
        bound = steps.bind_the_vpc(do, parts, gateway, cen)
        grants = steps.grant_the_access(do, parts, gateway, cen, bound)

        # Create the API on it
        apis = steps.create_the_apis(do, parts, gateway, grants)

        # Enable the VPC domain
        steps.enable_the_vpc_domains(do, parts, apis, bound)

        # Remove what the file asks for no more, verify, and say what is left for people to do
        removed = do.at_the_end(remove_rest)
        if verify:
            do.once(verify_reachability, after=[removed], whole=True)
        do.at_the_end(list_what_people_do)

        return await do.end(on_waiting)

"""Scenario 1: clients in another region's VPC call the gateway's APIs over CEN.

The steps and their order are the procedure's: create the API, build the CEN, assign bandwidth, bind the VPC, enable
the VPC domain, verify. Steps that need nothing of each other run at the same time.
"""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from blocks import GatespanTopology
from flows.naming import named_after_topology
from tasks.assign_bandwidth import buy_bandwidth_plan, connect_regions
from tasks.bind_vpc import bind_vpc, enable_vpc_domain
from tasks.build_cen import attach_vpc, build_cen, create_transit_router, prepare_vpc, route_attachment
from tasks.create_api import create_api, create_app, create_function, create_group, use_gateway
from tasks.lock import only_writer
from tasks.plan_changes import draw_topology, read_topology
from tasks.procedure import Procedure
from tasks.purchases import Approve
from tasks.remove import remove_rest
from tasks.sensors import wait_for_deployment
from tasks.verify_reachability import verify_reachability


@flow(name="cross-region", flow_run_name=named_after_topology)
async def cross_region(
    topology: str | GatespanTopology,
    cloud: str | None = None,
    credentials: str | None = None,
    approve: Approve = "auto",
    verify: bool = True,
    lock_timeout: float = 600.0,
) -> State[Any]:
    """Build what a topology file describes, and prove it with real calls. Running it again changes only what differs.

    Args:
        topology: Path of the file on the worker, its YAML text, or one kept as a block (gatespan-topology/NAME).
        cloud: embedded, alibaba, the URL of an embedded cloud, or gatespan-cloud/NAME (a block). Default: embedded.
        credentials: Credentials block, TYPE/NAME. Default: the block of the cloud, else the default chain.
        approve: Buying what costs money: ask in a form, yes, or no. auto: ask, but not on the embedded cloud.
        verify: Send the verifying calls at the end.
        lock_timeout: Seconds to wait while another run changes this topology.
    """
    run, parts = await read_topology(topology, cloud, credentials, flow="cross-region")
    async with only_writer(run, lock_timeout), Procedure(run) as do:
        plan = do.plan(approve)
        do.once(draw_topology)

        # Create the API
        gateway = do.each(use_gateway, parts.gateway, after=[plan])
        gateway_ready = do.each(wait_for_deployment, parts.gateway, after=[gateway])
        functions = do.each(create_function, parts.functions, after=[plan])
        apps = do.each(create_app, parts.apps, after=[plan])
        groups = do.each(create_group, parts.groups, after=[gateway_ready])
        apis = do.each(create_api, parts.apis, after=[groups, functions, apps])

        # Build the CEN
        cen = do.each(build_cen, parts.cen, after=[plan])
        cen_ready = do.each(wait_for_deployment, parts.cen, after=[cen])
        routers = do.each(create_transit_router, parts.routers, after=[cen_ready])
        routers_ready = do.each(wait_for_deployment, parts.routers, after=[routers])
        vpcs = do.each(prepare_vpc, parts.vpcs, after=[plan])
        attached = do.each(attach_vpc, parts.attachments, after=[routers_ready, vpcs])
        attached_ready = do.each(wait_for_deployment, parts.attachments, after=[attached])
        routed = do.each(route_attachment, parts.routes, after=[attached_ready])

        # Assign bandwidth
        plans = do.each(buy_bandwidth_plan, parts.plans, after=[cen_ready])
        connected = do.each(connect_regions, parts.connections, after=[routers_ready, plans])
        connected_ready = do.each(wait_for_deployment, parts.connections, after=[connected])
        connection_routed = do.each(route_attachment, parts.connection_routes, after=[connected_ready])

        # Bind the VPC
        bound = do.each(bind_vpc, parts.bindings, after=[gateway_ready, vpcs])
        bound_ready = do.each(wait_for_deployment, parts.bindings, after=[bound])

        # Enable the VPC domain
        domains = do.each(enable_vpc_domain, parts.domains, after=[groups, bound_ready])

        # Remove what the file asks for no more, and verify
        removed = do.once(remove_rest, after=[apis, routed, connection_routed, domains])
        if verify:
            do.once(verify_reachability, after=[removed], whole=True)

        return await do.end()

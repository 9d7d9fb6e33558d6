"""The reverse: remove what the topology made, users before what they use, and prove that nothing is left.

What was there before stays: it is not ours. A prepaid bandwidth plan stays until its term ends, and is named; so is
all else that still bills, and what was left on purpose.
"""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from blocks import GatespanTopology
from flows.naming import named_after_topology
from tasks.lock import only_writer
from tasks.plan_changes import plan_removal, prove_that_nothing_is_left, read_topology
from tasks.procedure import Procedure
from tasks.remove import remove, remove_rest, remove_routes


@flow(name="teardown", flow_run_name=named_after_topology)
async def teardown(
    topology: str | GatespanTopology,
    cloud: str | None = None,
    credentials: str | None = None,
    lock_timeout: float = 600.0,
) -> State[Any]:
    """Remove everything that a topology file's runs have made; end when all of it is really gone.

    Args:
        topology: Path of the file on the worker, its YAML text, or one kept as a block (gatespan-topology/NAME).
        cloud: embedded, alibaba, the URL of an embedded cloud, or gatespan-cloud/NAME (a block). Default: embedded.
        credentials: Credentials block, TYPE/NAME. Default: the block of the cloud, else the default chain.
        lock_timeout: Seconds to wait while another run changes this topology.
    """
    run, parts = await read_topology(topology, cloud, credentials)
    async with only_writer(run, lock_timeout), Procedure(run, reverse=True) as do:
        planned = do.once(plan_removal)
        rest = do.once(remove_rest, after=[planned])  # what the file has no more stands in the way of what it has

        # The VPC domain, the API, the grant, the binding
        domains = do.each(remove, parts.domains, after=[rest])
        apis = do.each(remove, parts.apis, after=[rest])
        apps = do.each(remove, parts.apps, after=[apis])
        functions = do.each(remove, parts.functions, after=[apis])
        grants = do.each(remove, parts.grants, after=[apis])
        bound = do.each(remove, parts.bindings, after=[domains, grants])
        groups = do.each(remove, parts.groups, after=[domains, apis])
        services = do.each(remove, parts.services, after=[grants, apis])

        # The data centers
        sessions = do.each(remove, parts.sessions, after=[rest])
        checks = do.each(remove, parts.health_checks, after=[rest])
        vpc_routes = do.each(remove, parts.vpc_routes, after=[rest])
        interface_routes = do.each(remove_routes, parts.interface_routes, after=[vpc_routes])
        interfaces = do.each(remove, parts.interfaces, after=[vpc_routes, interface_routes])
        site_routes = do.each(remove_routes, parts.site_routes, after=[services, checks])
        site_attachments = do.each(remove, parts.site_attachments, after=[site_routes, services, checks])
        lines = do.each(remove, parts.lines, after=[sessions, site_attachments, interfaces, checks])
        sites = [*services, *vpc_routes, *interface_routes, *interfaces, *site_routes, *site_attachments, *lines]

        gateway = do.each(remove, parts.gateway, after=[groups, bound, grants, sites])

        # Bandwidth
        connection_routes = do.each(remove_routes, parts.connection_routes, after=[rest])
        connections = do.each(remove, parts.connections, after=[connection_routes])
        plans = do.each(remove, parts.plans, after=[connections])

        # The CEN
        routes = do.each(remove_routes, parts.routes, after=[services])
        attachments = do.each(remove, parts.attachments, after=[routes, services, connections, sites])
        vpcs = do.each(remove, parts.vpcs, after=[attachments, bound, grants, sites])
        routers = do.each(remove, parts.routers, after=[attachments, connections, routes, connection_routes, sites])
        cen = do.each(remove, parts.cen, after=[routers, plans, routes, attachments, connections, sites])

        do.once(prove_that_nothing_is_left, after=[apps, functions, gateway, vpcs, cen, lines, grants])
        return await do.end()

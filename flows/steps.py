"""The steps that the scenarios share, in the procedure's words. Each starts its task runs after those that it is given
and returns the runs that later steps may wait for; which of them a run really waits for, its part says."""

from __future__ import annotations

from tasks.assign_bandwidth import buy_bandwidth_plan, connect_regions
from tasks.bind_vpc import bind_vpc, enable_vpc_domain
from tasks.build_cen import attach_vpc, build_cen, create_transit_router, prepare_vpc, route_attachment
from tasks.connect_data_center import (
    attach_data_center,
    check_health,
    connect_data_center,
    join_vpc,
    open_bgp_session,
    route_data_center,
)
from tasks.create_api import create_api, create_app, create_function, create_group, use_gateway
from tasks.grant_vpc_access import grant_vpc_access
from tasks.parts import Parts
from tasks.procedure import Procedure, Runs
from tasks.route_cloud_services import route_cloud_services
from tasks.sensors import wait_for_deployment


def use_the_gateway(do: Procedure, parts: Parts) -> Runs:
    """The instance, with the egress addresses that it tells."""
    used = do.each(use_gateway, parts.gateway)
    return do.each(wait_for_deployment, parts.gateway, after=[used])


def create_the_apis(do: Procedure, parts: Parts, *after: Runs) -> Runs:
    functions = do.each(create_function, parts.functions)
    apps = do.each(create_app, parts.apps)
    groups = do.each(create_group, parts.groups, after=after)
    apis = do.each(create_api, parts.apis, after=[*after, groups, functions, apps])
    return [*groups, *apis]


def build_the_cen(do: Procedure, parts: Parts) -> Runs:
    """The CEN with its routers, and the VPCs in it."""
    cen = do.each(build_cen, parts.cen)
    cen_ready = do.each(wait_for_deployment, parts.cen, after=[cen])
    routers = do.each(create_transit_router, parts.routers, after=[cen_ready])
    routers_ready = do.each(wait_for_deployment, parts.routers, after=[routers])
    vpcs = do.each(prepare_vpc, parts.vpcs)
    attached = do.each(attach_vpc, parts.attachments, after=[cen_ready, routers_ready, vpcs])
    attached_ready = do.each(wait_for_deployment, parts.attachments, after=[attached])
    routed = do.each(route_attachment, parts.routes, after=[attached_ready])
    return [*cen_ready, *routers_ready, *vpcs, *attached_ready, *routed]


def assign_the_bandwidth(do: Procedure, parts: Parts, *after: Runs) -> Runs:
    plans = do.each(buy_bandwidth_plan, parts.plans, after=after)
    connected = do.each(connect_regions, parts.connections, after=[*after, plans])
    connected_ready = do.each(wait_for_deployment, parts.connections, after=[connected])
    return do.each(route_attachment, parts.connection_routes, after=[connected_ready])


def connect_the_data_centers(do: Procedure, parts: Parts, *after: Runs) -> Runs:
    """Each line of each site, through the transit router or by router interfaces, as its site says."""
    lines = do.each(connect_data_center, parts.lines)
    sessions = do.each(open_bgp_session, parts.sessions, after=[lines])
    do.each(wait_for_deployment, parts.sessions, after=[sessions])
    attached = do.each(attach_data_center, parts.site_attachments, after=[*after, lines])
    attached_ready = do.each(wait_for_deployment, parts.site_attachments, after=[attached])
    routed = do.each(route_data_center, parts.site_routes, after=[attached_ready])
    joined = do.each(join_vpc, parts.interfaces, after=[*after, lines])
    joined_ready = do.each(wait_for_deployment, parts.interfaces, after=[joined])
    joined_routed = do.each(route_data_center, parts.interface_routes, after=[*after, joined_ready])
    in_vpc = do.each(route_data_center, parts.vpc_routes, after=[*after, attached_ready, joined_ready])
    checked = do.each(check_health, parts.health_checks, after=[attached_ready])
    do.each(wait_for_deployment, parts.health_checks, after=[checked])
    return [*attached_ready, *joined_ready, *routed, *joined_routed, *in_vpc]


def route_the_cloud_services(do: Procedure, parts: Parts, *after: Runs) -> Runs:
    return do.each(route_cloud_services, parts.services, after=after)


def grant_the_access(do: Procedure, parts: Parts, *after: Runs) -> Runs:
    return do.each(grant_vpc_access, parts.grants, after=after)


def bind_the_vpc(do: Procedure, parts: Parts, *after: Runs) -> Runs:
    bound = do.each(bind_vpc, parts.bindings, after=after)
    return do.each(wait_for_deployment, parts.bindings, after=[bound])


def enable_the_vpc_domains(do: Procedure, parts: Parts, *after: Runs) -> Runs:
    return do.each(enable_vpc_domain, parts.domains, after=after)

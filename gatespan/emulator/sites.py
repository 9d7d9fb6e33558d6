"""What people do outside the cloud: on site, and at the carrier's. World files and the control API come here.

A site has no API in the real cloud either: its network people change routes, firewall and servers by hand. What they
write down must make sense on its own (addresses, names, circuits that lead there); whether it serves its purpose only
the data plane shows.
"""

from __future__ import annotations

import dataclasses
import ipaddress
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gatespan.emulator import codec
from gatespan.emulator.models import Machine, Site, SiteHost
from gatespan.emulator.services.vpc import express_checks, express_rules
from gatespan.emulator.services.vpc.models import PhysicalConnection, Vpc
from gatespan.emulator.world import World

FIELDS = ("prefixes", "routes", "asn", "bgp_key", "announces", "firewall", "hosts", "answers_health_checks", "resolves")
"""What can be changed on site."""
CIRCUIT_STATES = ("Initial", "Approved", "Rejected", "Allocated", "Confirmed", "Enabled", "Canceled", "Terminated")
BUSINESS_STATES = ("Normal", "FinancialLocked", "SecurityLocked")


class SiteError(Exception):
    """What is to be done outside the cloud makes no sense: path, what is wrong, what would be right."""


# --- sites ------------------------------------------------------------------------------------------------


def row(site: Site) -> dict[str, Any]:
    """A site as the control API shows it; each value can be sent back."""
    return {"name": site.name, **{name: getattr(site, name) for name in FIELDS}}


def changed(world: World, site: Site, values: Mapping[str, Any]) -> Site:
    """The site with the values of some FIELDS (a list replaces the whole list). Raises SiteError, codec.ShapeError."""
    whole = {"id": site.id, "account": site.account, "name": site.name, **values}
    read = codec.read(Site, whole)
    after = dataclasses.replace(site, **{name: getattr(read, name) for name in values})
    check(world, after)
    return after


def check(world: World, site: Site) -> None:
    """Raises SiteError for the first thing that makes no sense."""
    prefixes = [_block(prefix, f"prefixes[{i}]") for i, prefix in enumerate(site.prefixes)]
    if not prefixes:
        raise SiteError("prefixes: a site needs one network at least, such as 10.200.0.0/16")
    lines = {name for line in lines_to(world, site) for name in (line.id, line.name) if name}
    for i, route in enumerate(site.routes):
        _block(route.destination, f"routes[{i}].destination")
        if route.via not in lines:
            known = ", ".join(sorted(lines)) or "none"
            raise SiteError(f"routes[{i}].via: no circuit {route.via!r} leads to {site.name}; those that do: {known}")
    if not 0 <= site.asn < 2**32:
        raise SiteError(f"asn: a number from 1 to {2**32 - 1}, or 0 for a site without BGP, not {site.asn}")
    for i, announced in enumerate(site.announces):
        _block(announced, f"announces[{i}]")
    if site.announces and not site.asn:
        raise SiteError("announces: only a site with a BGP speaker announces; give its asn")
    for i, rule in enumerate(site.firewall):
        _block(rule.source, f"firewall[{i}].source")
        _block(rule.destination, f"firewall[{i}].destination")
        if not 0 <= rule.port <= 65535:
            raise SiteError(f"firewall[{i}].port: a port from 1 to 65535, or 0 for all, not {rule.port}")
    for i, host in enumerate(site.hosts):
        _check_host(world, site, host, prefixes, f"hosts[{i}]")


def lines_to(world: World, site: Site) -> Iterator[PhysicalConnection]:
    """The circuits that lead to the site, hosted ones included."""
    return (line for line in world.all(PhysicalConnection) if line.site == site.name)


def _check_host(world: World, site: Site, host: SiteHost, prefixes: list[ipaddress.IPv4Network], where: str) -> None:
    try:
        address = ipaddress.IPv4Address(host.ip)
    except ValueError:
        raise SiteError(f"{where}.ip: {host.ip!r} is not an IPv4 address") from None
    if not any(address in prefix for prefix in prefixes):
        raise SiteError(f"{where}.ip: {host.ip} lies in none of the site's prefixes ({', '.join(site.prefixes)})")
    if [h.ip for h in site.hosts].count(host.ip) > 1:
        raise SiteError(f"{where}.ip: {host.ip} is the address of two hosts of the site")
    taken = [m.name for m in world.all(Machine)] + [v.name for v in world.all(Vpc)] + ["internet"]
    taken += [h.name for other in world.all(Site) if other.id != site.id for h in other.hosts]
    if not host.name or host.name in taken or [h.name for h in site.hosts].count(host.name) > 1:
        raise SiteError(f"{where}.name: {host.name!r} cannot be used: a seat's name is unique in the world, not empty")
    check_processes(host.processes, host.folder, f"{where}.")


def check_processes(processes: Mapping[str, tuple[str, ...]], folder: str, where: str) -> None:
    """Ports and commands of what listens on a host, and the folder that it is started in; ``where`` goes before their
    names in errors. Raises SiteError."""
    for port, command in processes.items():
        if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            raise SiteError(f"{where}processes: {port!r} is not a port; write `8080: [python3, server.py]`")
        if not command:
            raise SiteError(f"{where}processes.{port}: the command is empty")
    if folder and not Path(folder).is_dir():
        raise SiteError(f"{where}folder: {folder} is not a folder of this machine")


def _block(text: str, where: str) -> ipaddress.IPv4Network:
    try:
        return ipaddress.IPv4Network(text)
    except ValueError as error:
        raise SiteError(f"{where}: {error}; write a CIDR such as 10.200.0.0/16") from None


# --- circuits -----------------------------------------------------------------------------------------------


def circuit_row(line: PhysicalConnection) -> dict[str, Any]:
    """A circuit as the control API shows it."""
    shown = ("id", "name", "account", "region", "site", "status", "business_status", "loa_status")
    return {name: getattr(line, name) for name in shown}


def circuit_changed(line: PhysicalConnection, values: Mapping[str, Any], now: float) -> PhysicalConnection:
    """The circuit as the carrier, the cloud's staff or an unpaid bill leave it: at once, whatever its state was.

    ``status``: one of CIRCUIT_STATES; ``business_status``: one of BUSINESS_STATES. Raises SiteError.
    """
    for name, known in (("status", CIRCUIT_STATES), ("business_status", BUSINESS_STATES)):
        if name in values and values[name] not in known:
            raise SiteError(f"{name}: {values[name]!r} is none of {', '.join(known)}")
    after = dataclasses.replace(line, pending=None if "status" in values else line.pending, **values)
    if values.get("status") != "Enabled":
        return after
    return dataclasses.replace(
        after,
        enabled=line.enabled or now,
        expires=line.expires or express_rules.term_end(now, 1),
        loa_status="Complete" if line.loa_status else "",
        vpconn_status="Confirmed" if line.product_type == express_checks.HOSTED else "",
    )

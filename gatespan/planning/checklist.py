"""What only people can do, as data: the carrier's circuit, the site's router, firewall and name server, and one real
call. Every value is exact where it is known; what is known only after a build says so.

Reads only. Nothing is claimed to be done that cannot be seen from the cloud.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from gatespan.planning.engine import Engine
from gatespan.planning.model import Change, Plan
from gatespan.resources.base import Blocked, Found, Waiting
from gatespan.resources.express_connect.bgp import CLOUD_ASN
from gatespan.resources.express_connect.circuit import require_in_use
from gatespan.resources.gateway.instance import egress_blocks
from gatespan.topology import Bgp, Circuit, Grant, Site

State = Literal["done", "to do", "cannot be seen from here"]
UNSEEN: State = "cannot be seen from here"
LATER = "(known after apply)"
PROBES = "100.96.0.0/16"
"""Where the cloud takes the source of its probes from when none is given (help page on health checks)."""


@dataclass(frozen=True)
class Item:
    """One thing to do: ``what``, ``where`` (a site, a line of it, or a client), the exact ``values`` and ``why``."""

    what: str
    where: str
    values: tuple[str, ...]
    why: str
    state: State

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "values": list(self.values)}


def checklist(engine: Engine) -> tuple[Item, ...]:
    """Everything that people do for this topology, site by site; empty when there is no site. Looks with fresh eyes."""
    sites = engine.design.sites
    if not sites:
        return ()
    with suppress(Blocked):  # a stranger's thing is the plan's to tell
        engine.addresses()
    names = ((g.name, _known(engine, f"vpc_domain.{g.name}")) for g in engine.design.groups)
    domains = {name: found.id for name, found in names if found}
    return (*(item for site in sites for item in _site(engine, site, domains)), *_calls(engine, domains))


def _site(engine: Engine, site: Site, domains: Mapping[str, str]) -> Iterator[Item]:
    blocks = _egress(engine) if _grants(engine, site) else ()
    for circuit in site.circuits:
        line = f"{site.name}/{circuit.circuit}"
        yield _circuit(engine, line)
        if site.bgp:
            yield _neighbour(engine, line, circuit, site.bgp)
        yield _routes(engine, site, line, circuit, blocks)
        if site.health_check and site.routing == "static":
            yield _probes(engine, site, line, circuit)
    yield from _firewall(engine, site, blocks)
    if engine.design.groups:
        yield _names(engine, site, domains)


def _circuit(engine: Engine, line: str) -> Item:
    what, found = "have the circuit in service", _known(engine, f"circuit.{line}")
    if found is None:
        return Item(
            what, line, (f"circuit {line.partition('/')[2]}",), "there is no such circuit: apply for it", "to do"
        )
    letter = found.row.get("LoaStatus")
    values = (f"{found.id}: {found.status}", *([f"letter of authorisation: {letter}"] if letter else []))
    try:
        require_in_use(line, found)
    except Blocked as why:
        return Item(what, line, values, str(why), "to do")
    return Item(what, line, values, "the border router needs it", "done")


def _neighbour(engine: Engine, line: str, circuit: Circuit, bgp: Bgp) -> Item:
    peer, group = _known(engine, f"bgp_peer.{line}"), _known(engine, f"bgp_group.{line}")
    cloud = (group and group.row.get("LocalAsn")) or (peer and peer.row.get("LocalAsn")) or CLOUD_ASN
    key = f"the MD5 key that {bgp.key_env} holds" if bgp.key_env else "no MD5 key"
    values = (
        f"VLAN {circuit.vlan}, own address {circuit.site_ip}/{circuit.mask}, own AS {bgp.asn}",
        f"neighbour {circuit.cloud_ip}, AS {cloud}, {key}",
    )
    session = f"the session is {peer.status}" if peer else f"the session is made by apply {LATER}"
    done = peer is not None and peer.status == "Established"
    return Item("configure BGP on the site's router", line, values, session, "done" if done else "to do")


def _routes(engine: Engine, site: Site, line: str, circuit: Circuit, blocks: Iterable[str]) -> Item:
    """By hand with static routing; with BGP the cloud announces them, and the site must let them in."""
    wanted = (engine.design.hub.cidr, *blocks)
    why = "the way back to the gateway's network" + (" and to the egress blocks that it calls from" if blocks else "")
    if site.bgp:
        values = tuple(f"{block} from neighbour {circuit.cloud_ip}" for block in wanted)
        return Item("accept the announced routes on the site's router", line, values, why, UNSEEN)
    values = tuple(f"{block} via {circuit.cloud_ip}" for block in wanted)
    return Item("add routes on the site's router", line, values, why, UNSEEN)


def _probes(engine: Engine, site: Site, line: str, circuit: Circuit) -> Item:
    check, pair = _known(engine, f"health_check.{line}"), _known(engine, f"router_interface.{line}")
    given = site.health_check
    source = (check.row.get("HealthCheckSourceIp") if check else None) or (given.source_ip if given else None)
    value = f"{source}/32" if source else f"one address of {PROBES} {LATER}"
    health = pair.row.get("health") if pair else None
    why = f"answers to the probes that go to {circuit.site_ip}; without them the cloud takes the circuit for dead"
    state: State = "done" if health == "Normal" else "to do" if health == "Abnormal" else UNSEEN
    return Item("add the route of the health check", line, (f"{value} via {circuit.cloud_ip}",), why, state)


def _firewall(engine: Engine, site: Site, blocks: tuple[str, ...]) -> Iterator[Item]:
    grants = _grants(engine, site)
    if grants:
        values = tuple(f"from {b} to {g.address}:{g.port} (TCP)" for g in grants for b in blocks)
        if not blocks:
            values = tuple(f"from the gateway's vSwitches to {g.address}:{g.port} (TCP)" for g in grants)
        yield Item("let the gateway in at the firewall", site.name, values, "its calls to the back ends", UNSEEN)
    values = tuple(f"from {prefix} to {_entry(engine)}, ports 80 and 443 (TCP)" for prefix in site.prefixes)
    why = "calls to the gateway, where the site has clients"
    yield Item("let the clients out at the firewall", site.name, values, why, UNSEEN)


def _names(engine: Engine, site: Site, domains: Mapping[str, str]) -> Item:
    why = (
        "clients call these names, and the cloud's name servers do not answer on site; no API tells the address: look "
        f"a name up on a machine in {engine.design.hub.name} (nslookup)"
    )
    names = (domains.get(g.name) or f"VPC domain of {g.name} {LATER}" for g in engine.design.groups)
    values = tuple(f"{name} → {_entry(engine)}" for name in names)
    return Item("add records on the site's name server", site.name, values, why, UNSEEN)


def _calls(engine: Engine, domains: Mapping[str, str]) -> Iterator[Item]:
    """The first of the topology's own calls, from where it comes: no emulation replaces the real one."""
    for call in engine.design.verify[:1]:
        group, api = engine.design.api(call.api)
        domain = domains.get(group.name) or f"(VPC domain {LATER.strip('()')})"
        method = call.method or ("GET" if api.method == "ANY" else api.method)
        path = group.base_path.rstrip("/") + (call.path or api.path)
        value = f"{method} http://{domain}{path} → {call.expect.status}"
        yield Item("send one real call from the real client", call.from_, (value,), call.name, UNSEEN)


def _entry(engine: Engine) -> str:
    """The gateway's entry address. No API tells it: it is a free address of a vSwitch, shown by a name look-up."""
    hub = engine.design.hub
    vswitch = hub.entry_vswitch
    found = _known(engine, f"vswitch.{hub.name}/{vswitch.label}") if vswitch else None
    block = (vswitch.cidr if vswitch else None) or (found.row.get("CidrBlock") if found else None) or hub.cidr
    return f"the gateway's entry, an address of {block} in {hub.name}"


def _egress(engine: Engine) -> tuple[str, ...]:
    gateway = _known(engine, "gateway.gateway")
    if gateway is None:
        return (f"the gateway's egress blocks {LATER}",)
    return egress_blocks(gateway.row)


def _grants(engine: Engine, site: Site) -> tuple[Grant, ...]:
    """Those that lead into the site."""
    prefixes = [ipaddress.ip_network(p) for p in site.prefixes]
    into = (g for g in engine.design.grants if g.address)
    return tuple(g for g in into if any(ipaddress.ip_address(g.address or "") in p for p in prefixes))


def _known(engine: Engine, key: str) -> Found | None:
    """What is there; None also for what the topology does not ask for and what cannot be told whose it is."""
    if key not in engine.graph.nodes:
        return None
    try:
        return engine.found(key)
    except Blocked:
        return None


# --- what a plan waits for ------------------------------------------------------------------------------------


def causes(plan: Plan) -> tuple[Change, ...]:
    """The blocked things themselves, without those that only wait for them."""
    return tuple(c for c in plan.blocked if not c.why.startswith("waits for "))


def waits_for(engine: Engine, plan: Plan) -> tuple[Change, ...]:
    """What people outside the cloud must do before the plan can be carried out; empty also where anything else blocks
    it, since then that comes first."""
    first = causes(plan)
    return first if first and all(_is_waiting(engine, c.key) for c in first) else ()


def _is_waiting(engine: Engine, key: str) -> bool:
    try:
        if engine.found(key):
            engine.graph[key].wants(engine)
    except Waiting:
        return True
    except Blocked:
        return False
    return False

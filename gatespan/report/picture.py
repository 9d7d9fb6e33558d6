"""A topology as a picture: text for the terminal, mermaid for the Prefect UI, SVG for files and READMEs.

All three show the same things in the same order: seats, client VPCs with their transit routers, data centers with their
back ends, circuits and border routers, what joins them to the hub, and on the hub's side transit router, VPC-1,
gateway, APIs and what answers them. The SVG is drawn in ``drawing``.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from gatespan.topology import Api, Grant, Hub, Network, Site, Topology

Place = Network | Site


def text(topology: Topology) -> str:
    """The picture in box characters, at most about 110 columns wide."""
    hub = _hub_box(topology)
    around = places(topology)
    if not around:
        return "\n".join(hub)
    left: list[str] = []
    wires: dict[int, str] = {}
    for place in around:
        box = _place_box(topology, place)
        wires[len(left) + len(box) - 2] = link(topology, place)
        left += [*box, ""]
    # The first place's last line stands level with the hub's; the others join the wire from below.
    lead = len(hub) - 2 - min(wires)
    left = [""] * max(lead, 0) + left[:-1]
    right = [""] * max(-lead, 0) + hub
    wires = {y + max(lead, 0): wire for y, wire in wires.items()}
    return "\n".join(_side_by_side(left, right, wires))


def _side_by_side(left: list[str], right: list[str], wires: dict[int, str]) -> list[str]:
    first, last = min(wires), max(wires)
    wide, gap = max(map(len, left)), max(map(len, wires.values())) + 6
    rows = []
    for y in range(max(len(left), len(right))):
        if y in wires:
            middle = f" {wires[y]} ".center(gap, "═")
            middle = middle if y == first else middle[:-1] + ("╝" if y == last else "╣")
            middle = middle[:-1] + "╦" if y == first and first != last else middle
        else:
            middle = (" " * (gap - 1) + "║") if first < y < last else " " * gap
        a, b = (side[y] if y < len(side) else "" for side in (left, right))
        rows.append(f"{a.ljust(wide)}{middle}{b}".rstrip())
    return rows


def places(topology: Topology) -> tuple[Place, ...]:
    """Where clients and back ends are, besides the hub."""
    return (*topology.networks, *topology.sites)


def _place_box(topology: Topology, place: Place) -> list[str]:
    names = ", ".join(seats(topology, place)) or "clients"
    if isinstance(place, Network):
        return _box(place.region, [names, "│", f"{place.name}  {place.cidr}", "│", "transit router"])
    lines = [] if grants_into(topology, place) and not seats(topology, place) else [names, "│"]
    lines += [f"{g.name}  {g.address}:{g.port}" for g in grants_into(topology, place)]
    lines += [f"{place.name}  {', '.join(place.prefixes)}", "│"]
    lines += [f"circuit {c.circuit}, VLAN {c.vlan}" for c in place.circuits]
    routers = "border routers" if len(place.circuits) > 1 else "border router"
    return _box(f"{place.name}, {place.region}", [*lines, "│", f"{routers} ({_routing(place)})"])


def _routing(site: Site) -> str:
    return f"BGP, AS {site.bgp.asn}" if site.bgp else "static routes"


def grants_into(topology: Topology, site: Site) -> list[Grant]:
    """The grants whose back ends are at the site."""
    blocks = [ip_network(p) for p in site.prefixes]
    return [g for g in topology.grants if g.address and any(ip_address(g.address) in b for b in blocks)]


def seats(topology: Topology, place: Place | Hub) -> list[str]:
    seats = dict.fromkeys(call.from_ for call in topology.verify)
    return [seat for seat in seats if _where(topology, seat) is place]


def _where(topology: Topology, seat: str) -> Place | Hub | None:
    """Where a seat sits is the cloud's knowledge: this goes by its name (dc1-desk sits in dc-1, ecs-3 in vpc-3), and by
    there being one place only."""
    around = places(topology)
    if len(around) == 1 and topology.networks:
        return around[0]
    for place in around:
        if seat.replace("-", "").startswith(place.name.replace("-", "")):
            return place
    if seat.startswith("ecs"):
        vpcs: tuple[Hub | Network, ...] = (topology.hub, *topology.networks)
        same = [vpc for vpc in vpcs if _digits(seat) and _digits(seat) == _digits(vpc.name)]
        return same[0] if len(same) == 1 else None
    return topology.sites[0] if len(topology.sites) == 1 else None


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def _hub_box(topology: Topology) -> list[str]:
    lines = [
        f"{api.method} {group.base_path.rstrip('/')}{api.path}  ──►  {backend(topology, api)}"
        for group, api in topology.apis
    ]
    vpc = "  ".join([topology.hub.name, topology.hub.cidr, *seats(topology, topology.hub)])
    lines += ["│", f"gateway {gateway(topology)}", "│ bound to", vpc]
    if topology.regions:
        lines += ["│", "transit router"]
    return _box(topology.region, lines)


def gateway(topology: Topology) -> str:
    instance = topology.gateway.instance
    return instance.name or instance.id or (instance.create.name if instance.create else "gateway")


def backend(topology: Topology, api: Api) -> str:
    """Its kind, a space, and which one."""
    backend = api.backend
    if backend.function:
        return f"function {backend.function}"
    if backend.http:
        return backend.http.url
    if backend.grant:
        grant = topology.grant(backend.grant.name)
        at = next((site.name for site in topology.sites if grant in grants_into(topology, site)), topology.hub.name)
        return f"{at} {grant.address or grant.instance}:{grant.port}"
    return "mock answer"


def link(topology: Topology, place: Place) -> str:
    if isinstance(place, Site) and place.connect == "router-interface":
        return f"router interfaces to {topology.hub.name}"
    if place.region == topology.region:
        return "same region"
    entry = topology.between(topology.region, place.region)
    if entry is None:
        return "no bandwidth"
    return f"{entry.mbps} Mbit/s " + ("plan" if entry.plan else "by traffic")


def _box(title: str, lines: list[str]) -> list[str]:
    wide = max([len(line) for line in lines] + [len(title) + 2]) + 2
    top = f"┌─ {title} " + "─" * (wide - len(title) - 3) + "┐"
    return [top, *(f"│ {line.ljust(wide - 1)}│" for line in lines), "└" + "─" * wide + "┘"]


def mermaid(topology: Topology) -> str:
    """A mermaid flowchart (the Prefect UI draws it)."""
    out = ["flowchart LR"]
    for i, network in enumerate(topology.networks):
        out += [
            f'  subgraph r{i}["{network.region}"]',
            f'    v{i}["{network.name}<br/>{network.cidr}"] --- t{i}(["transit router"])',
            "  end",
        ]
    for i, site in enumerate(topology.sites):
        out += [f'  subgraph s{i}["{site.name}, {site.region}"]', f'    d{i}["{"<br/>".join(site.prefixes)}"]']
        for j, c in enumerate(site.circuits):
            out.append(f'    d{i} ---|"{c.circuit}, VLAN {c.vlan}"| b{i}x{j}(["border router"])')
        out += [f'    d{i} --- h{i}x{j}["{g.address}:{g.port}"]' for j, g in enumerate(grants_into(topology, site))]
        out.append("  end")
    out.append(f'  subgraph hub["{topology.region}"]')
    if topology.regions:
        out.append('    t(["transit router"]) --- v')
    out.append(f'    v["{topology.hub.name}<br/>{topology.hub.cidr}"] --> g{{{{"API gateway"}}}}')
    for i, (group, api) in enumerate(topology.apis):
        path = f"{api.method} {group.base_path.rstrip('/')}{api.path}"
        out.append(f'    g --> a{i}["{path}<br/>{backend(topology, api)}"]')
    out.append("  end")
    for i, network in enumerate(topology.networks):
        out.append(f'  t{i} ---|"{link(topology, network)}"| t')
    for i, site in enumerate(topology.sites):
        end = "t" if site.connect == "cen" else "v"
        out += [f'  b{i}x{j} ---|"{link(topology, site)}"| {end}' for j in range(len(site.circuits))]
    for i, site in enumerate(topology.sites):
        for j, grant in enumerate(grants_into(topology, site)):
            for n, (_, api) in enumerate(topology.apis):
                if api.backend.grant and api.backend.grant.name == grant.name:
                    out.append(f"  a{n} -.-> h{i}x{j}")
    return "\n".join(out)

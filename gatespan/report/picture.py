"""A topology as a picture: text for the terminal, mermaid for the Prefect UI, SVG for files and READMEs.

All three show the same things in the same order: seats and client VPCs, their transit routers, the bandwidth between
regions, and on the hub's side transit router, VPC-1, gateway, APIs and what answers them.
"""

from __future__ import annotations

import html
from dataclasses import dataclass

from gatespan.topology import Api, Group, Network, Topology


def text(topology: Topology) -> str:
    """The picture in box characters, at most about 100 columns wide."""
    hub = _hub_box(topology)
    if not topology.networks:
        return "\n".join(hub)
    left: list[str] = []
    wires: dict[int, str] = {}
    for network in topology.networks:
        box = _client_box(topology, network)
        wires[len(left) + len(box) - 2] = _link(topology, network)
        left += [*box, ""]
    # The first client's router stands level with the hub's; the others join the wire from below.
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


def _client_box(topology: Topology, network: Network) -> list[str]:
    seats = [c.from_ for c in topology.verify if _sits_in(topology, c.from_, network)]
    names = ", ".join(dict.fromkeys(seats)) or "clients"
    return _box(network.region, [names, "│", f"{network.name}  {network.cidr}", "│", "transit router"])


def _sits_in(topology: Topology, seat: str, network: Network) -> bool:
    """Where a seat sits is the cloud's knowledge; with one client network there is no doubt."""
    digits = "".join(c for c in network.name if c.isdigit())
    return len(topology.networks) == 1 or bool(digits and seat.endswith(digits))


def _hub_box(topology: Topology) -> list[str]:
    lines = [
        f"{api.method} {group.base_path.rstrip('/')}{api.path}  ──►  {_backend(api)}" for group, api in topology.apis
    ]
    instance = topology.gateway.instance
    gateway = instance.name or instance.id or (instance.create.name if instance.create else "gateway")
    lines += ["│", f"gateway {gateway}", "│ bound to", f"{topology.hub.name}  {topology.hub.cidr}"]
    if topology.networks:
        lines += ["│", "transit router"]
    return _box(topology.region, lines)


def _backend(api: Api) -> str:
    backend = api.backend
    if backend.function:
        return f"function {backend.function}"
    if backend.http:
        return backend.http.url
    return "mock answer"


def _link(topology: Topology, network: Network) -> str:
    if network.region == topology.region:
        return "same region"
    entry = topology.between(topology.region, network.region)
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
    out.append(f'  subgraph hub["{topology.region}"]')
    if topology.networks:
        out.append('    t(["transit router"]) --- v')
    out.append(f'    v["{topology.hub.name}<br/>{topology.hub.cidr}"] --> g{{{{"API gateway"}}}}')
    for i, (group, api) in enumerate(topology.apis):
        out.append(f'    g --> a{i}["{api.method} {group.base_path.rstrip("/")}{api.path}<br/>{_backend(api)}"]')
    out.append("  end")
    for i, network in enumerate(topology.networks):
        out.append(f'  t{i} ---|"{_link(topology, network)}"| t')
    return "\n".join(out)


@dataclass(frozen=True)
class _Canvas:
    """SVG elements, collected."""

    parts: list[str]

    def box(self, x: float, y: float, w: float, h: float, kind: str) -> None:
        self.parts.append(f'<rect class="{kind}" x="{x}" y="{y}" width="{w}" height="{h}" rx="8"/>')

    def label(self, x: float, y: float, text: str, kind: str = "t", anchor: str = "middle") -> None:
        self.parts.append(f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{html.escape(text)}</text>')

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str = "l") -> None:
        self.parts.append(f'<line class="{kind}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>')

    def node(self, x: float, y: float, w: float, title: str, sub: str, kind: str) -> None:
        self.box(x, y, w, 52, kind)
        self.label(x + w / 2, y + (23 if sub else 31), title)
        if sub:
            self.label(x + w / 2, y + 41, sub, "s")


_STYLE = (
    "text{font-family:Inter,Segoe UI,Helvetica,Arial,sans-serif}.t{font-size:14px;fill:#1f2937;font-weight:600}"
    ".s{font-size:12px;fill:#4b5563}.r{font-size:13px;fill:#6b7280;font-weight:600}.region{fill:#f8fafc;stroke:#cbd5e1}"
    ".vpc{fill:#e0f2fe;stroke:#0284c7}.tr{fill:#ede9fe;stroke:#7c3aed}.gw{fill:#ffedd5;stroke:#ea580c}"
    ".api{fill:#fff;stroke:#ea580c}.be{fill:#dcfce7;stroke:#16a34a}.l{stroke:#64748b;stroke-width:1.5}"
    ".w{stroke:#7c3aed;stroke-width:3;stroke-linecap:round}.b{font-size:11px;fill:#7c3aed;font-weight:600}"
)


def svg(topology: Topology) -> str:
    """The picture as an SVG document with a white ground of its own."""
    apis = topology.apis
    rows = max(len(topology.networks), 1)
    height = max(40 + rows * 150, 60 + max(len(apis), 1) * 66 + 30)
    c = _Canvas([])
    left = 440 if topology.networks else 0
    middle = height / 2
    wide = left + 850
    c.box(left + 60, 20, 770, height - 40, "region")
    for i, network in enumerate(topology.networks):
        y = (height - rows * 150) / 2 + i * 150 + 3
        _svg_client(c, topology, network, y, middle)
    c.label(left + 76, 40, topology.region, "r", "start")
    x = left + 80
    if topology.networks:
        c.node(x, middle - 26, 120, "transit router", "", "tr")
        c.line(x + 120, middle, x + 150, middle)
    c.node(x + 150, middle - 26, 120, topology.hub.name, topology.hub.cidr, "vpc")
    c.line(x + 270, middle, x + 300, middle)
    instance = topology.gateway.instance
    c.node(x + 300, middle - 26, 120, "API gateway", instance.name or instance.id or "", "gw")
    for i, (group, api) in enumerate(apis):
        _svg_api(c, group, api, x + 420, middle, (height - len(apis) * 66) / 2 + i * 66 + 7)
    size = f'width="{wide}" height="{height}" viewBox="0 0 {wide} {height}"'
    ground = f'<rect width="{wide}" height="{height}" fill="#fff"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"><title>{html.escape(topology.name)}</title>'
    return f"{head}<style>{_STYLE}</style>{ground}{''.join(c.parts)}</svg>"


def _svg_client(c: _Canvas, topology: Topology, network: Network, y: float, middle: float) -> None:
    c.box(20, y, 320, 130, "region")
    c.label(36, y + 20, network.region, "r", "start")
    c.node(40, y + 46, 130, network.name, network.cidr, "vpc")
    c.line(170, y + 72, 200, y + 72)
    c.node(200, y + 46, 120, "transit router", "", "tr")
    c.line(320, y + 72, 480, y + 72, "w")
    c.line(480, y + 72, 480, middle, "w")
    c.line(480, middle, 520, middle, "w")
    c.label(410, y + 62, _link(topology, network), "b")


def _svg_api(c: _Canvas, group: Group, api: Api, x: float, middle: float, y: float) -> None:
    c.line(x, middle, x + 30, y + 26)
    c.node(x + 30, y, 140, f"{api.method} {group.base_path.rstrip('/')}{api.path}", api.auth, "api")
    c.line(x + 170, y + 26, x + 190, y + 26)
    kind, _, name = _backend(api).partition(" ")
    c.node(x + 190, y, 130, name or kind, kind if name else "", "be")

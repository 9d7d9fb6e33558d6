"""The picture as SVG. Rows of places on the left (client VPCs, data centers), the hub's region on the right."""

from __future__ import annotations

import html
from dataclasses import dataclass, field

from gatespan.report.picture import backend, gateway, grants_into, link, places, seats
from gatespan.topology import Api, Circuit, Group, Network, Site, Topology

ROW = 150
LINE = 60
"""Height of one more circuit."""
CHIP = 30
"""Height of one more back end."""
LEFT = 440
BUS = 480
"""Where the wires of the places meet; those of router interfaces keep to the left of it."""


LETTER = {"t": 8.0, "s": 6.8, "r": 7.4, "b": 6.3}
"""About how wide a letter is, by class of text."""


@dataclass(frozen=True)
class _Canvas:
    """SVG elements, collected."""

    parts: list[str] = field(default_factory=list)

    def box(self, x: float, y: float, w: float, h: float, kind: str) -> None:
        self.parts.append(f'<rect class="{kind}" x="{x}" y="{y}" width="{w}" height="{h}" rx="8"/>')

    def label(
        self, x: float, y: float, text: str, kind: str = "t", anchor: str = "middle", room: float | None = None
    ) -> None:
        """``room``: a text that is longer gets smaller letters."""
        long = len(text) * LETTER[kind] if room else 0
        small = f' style="font-size:{LETTER[kind] * 1.75 * room / long:.1f}px"' if room and long > room else ""
        place = f'class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}"'
        self.parts.append(f"<text {place}{small}>{html.escape(text)}</text>")

    def line(self, kind: str, *points: tuple[float, float]) -> None:
        path = " ".join(f"{x},{y}" for x, y in points)
        self.parts.append(f'<polyline class="{kind}" points="{path}"/>')

    def node(self, x: float, y: float, w: float, title: str, sub: str, kind: str) -> None:
        self.box(x, y, w, 52, kind)
        self.label(x + w / 2, y + (23 if sub else 31), title, room=w - 10)
        if sub:
            self.label(x + w / 2, y + 41, sub, "s", room=w - 10)


_STYLE = (
    "text{font-family:Inter,Segoe UI,Helvetica,Arial,sans-serif}.t{font-size:14px;fill:#1f2937;font-weight:600}"
    ".s{font-size:12px;fill:#4b5563}.r{font-size:13px;fill:#6b7280;font-weight:600}.region{fill:#f8fafc;stroke:#cbd5e1}"
    ".site{fill:#fefce8;stroke:#ca8a04}.dc{fill:#fef9c3;stroke:#ca8a04}"
    ".vpc{fill:#e0f2fe;stroke:#0284c7}.tr{fill:#ede9fe;stroke:#7c3aed}.gw{fill:#ffedd5;stroke:#ea580c}"
    ".api{fill:#fff;stroke:#ea580c}.be{fill:#dcfce7;stroke:#16a34a}polyline{fill:none}.l{stroke:#64748b;stroke-width:1.5}"
    ".w{stroke:#7c3aed;stroke-width:3;stroke-linecap:round}.c{stroke:#ca8a04;stroke-width:3}"
    ".i{stroke:#0284c7;stroke-width:2;stroke-dasharray:6 4}.b{font-size:11px;fill:#7c3aed;font-weight:600}"
)


def svg(topology: Topology) -> str:
    """The picture as an SVG document with a white ground of its own."""
    apis, rows = topology.apis, [(place, _height(topology, place)) for place in places(topology)]
    stacked = sum(height for _, height in rows)
    height = max(40 + stacked, 190, 60 + max(len(apis), 1) * 66 + 30)
    c = _Canvas()
    left = LEFT if rows else 0
    middle = height / 2
    wide = left + 850
    c.box(left + 60, 20, 770, height - 40, "region")
    y = (height - stacked) / 2 + 3
    for place, tall in rows:
        if isinstance(place, Network):
            _network(c, topology, place, y, middle)
        else:
            _site(c, topology, place, y, tall - 20, middle)
        y += tall
    c.label(left + 76, 40, topology.region, "r", "start")
    x = left + 80
    if topology.regions:
        c.node(x, middle - 26, 120, "transit router", "", "tr")
        c.line("l", (x + 120, middle), (x + 150, middle))
    c.node(x + 150, middle - 26, 120, topology.hub.name, topology.hub.cidr, "vpc")
    c.label(x + 210, middle - 36, ", ".join(seats(topology, topology.hub)), "s")
    c.line("l", (x + 270, middle), (x + 300, middle))
    c.node(x + 300, middle - 26, 120, "API gateway", gateway(topology), "gw")
    for i, (group, api) in enumerate(apis):
        _api(c, topology, group, api, x + 420, middle, (height - len(apis) * 66) / 2 + i * 66 + 7)
    size = f'width="{wide}" height="{height}" viewBox="0 0 {wide} {height}"'
    ground = f'<rect width="{wide}" height="{height}" fill="#fff"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"><title>{html.escape(topology.name)}</title>'
    return f"{head}<style>{_STYLE}</style>{ground}{''.join(c.parts)}</svg>"


def _height(topology: Topology, place: Network | Site) -> int:
    if isinstance(place, Network):
        return ROW
    return ROW + LINE * (len(place.circuits) - 1) + CHIP * len(grants_into(topology, place))


def _network(c: _Canvas, topology: Topology, network: Network, y: float, middle: float) -> None:
    c.box(20, y, 320, 130, "region")
    c.label(36, y + 20, network.region, "r", "start")
    c.label(324, y + 20, ", ".join(seats(topology, network)), "s", "end")
    c.node(40, y + 46, 130, network.name, network.cidr, "vpc")
    c.line("l", (170, y + 72), (200, y + 72))
    c.node(200, y + 46, 120, "transit router", "", "tr")
    _to_router(c, y + 72, middle, link(topology, network))


def _site(c: _Canvas, topology: Topology, site: Site, y: float, tall: float, middle: float) -> None:
    c.box(20, y, 320, tall, "site")
    c.label(36, y + 20, f"{site.name}, {site.region}", "r", "start")
    c.label(324, y + 20, ", ".join(seats(topology, site)), "s", "end")
    more = f" +{len(site.prefixes) - 1}" if len(site.prefixes) > 1 else ""
    c.node(40, y + 46, 110, site.name, site.prefixes[0] + more, "dc")
    for i, circuit in enumerate(site.circuits):
        _line(c, topology, site, circuit, y + 46, y + 46 + i * LINE, middle)
    for i, grant in enumerate(grants_into(topology, site)):
        top = y + tall - 10 - CHIP * (i + 1)
        c.box(40, top, 280, 24, "be")
        c.label(180, top + 16, f"{grant.name}  {grant.address}:{grant.port}", "s", room=270)


def _line(c: _Canvas, topology: Topology, site: Site, circuit: Circuit, first: float, y: float, middle: float) -> None:
    """A circuit and its border router. The first has the wire's label."""
    c.line("c", (150, first + 26), (165, first + 26), (165, y + 26), (180, y + 26))
    c.node(180, y, 140, "border router", f"{circuit.circuit}, VLAN {circuit.vlan}", "tr")
    label = link(topology, site).partition(" to ")[0] if y == first else ""
    if site.connect == "cen":
        _to_router(c, y + 26, middle, label)
    else:
        _to_vpc(c, y + 26, middle, label, past=bool(topology.regions))


def _to_router(c: _Canvas, y: float, middle: float, label: str) -> None:
    c.line("w", (320, y), (BUS, y), (BUS, middle), (LEFT + 80, middle))
    c.label(410, y - 10, label, "b")


def _to_vpc(c: _Canvas, y: float, middle: float, label: str, *, past: bool) -> None:
    """By router interfaces: into the hub VPC itself, past the transit router where there is one."""
    hub = LEFT + 80 + 150
    if past:
        c.line("i", (320, y), (BUS - 20, y), (BUS - 20, middle + 52), (hub + 60, middle + 52), (hub + 60, middle + 26))
    else:
        c.line("i", (320, y), (BUS - 20, y), (BUS - 20, middle), (hub, middle))
    c.label(400, y - 10, label, "b")


def _api(c: _Canvas, topology: Topology, group: Group, api: Api, x: float, middle: float, y: float) -> None:
    c.line("l", (x, middle), (x + 30, y + 26))
    c.node(x + 30, y, 140, f"{api.method} {group.base_path.rstrip('/')}{api.path}", api.auth, "api")
    c.line("l", (x + 170, y + 26), (x + 190, y + 26))
    kind, _, name = backend(topology, api).partition(" ")
    c.node(x + 190, y, 130, name or kind, kind if name else "", "be")

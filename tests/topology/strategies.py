"""Right topologies of many forms, for the property tests."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from gatespan.topology import Topology
from gatespan.topology.facts import VBR_MBPS

SPECIAL = st.sampled_from(
    ["\x85", "\u2028", "\ufeff", "a\nb", " a", "a ", "- a", "a: b", "#", "null", "1.0", "'\"", "\t", "\x7f"]
)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20) | SPECIAL
LINE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
ROUTES = st.sampled_from(["auto-publish", "explicit"])
REGIONS = {"cn-beijing": "hg", "cn-shanghai": "lm", "cn-shenzhen": "de", "cn-hangzhou": "hi"}


def _vpc(name: str, region: str, second: int, form: str) -> dict[str, Any]:
    """A VPC in one of its three forms: made, existing by name, existing by id."""
    block = f"10.{second}"
    zones = [f"{region}-{letter}" for letter in REGIONS[region]]
    vswitches: list[dict[str, Any]] = [{"name": f"{name}-{zone}", "zone": zone} for zone in zones]
    if form == "made":
        for index, vswitch in enumerate(vswitches):
            vswitch["cidr"] = f"{block}.{index}.0/24"
    forms: dict[str, dict[str, Any]] = {"made": {}, "existing": {"existing": True}, "id": {"id": f"vpc-{second}"}}
    return {"name": name, "cidr": f"{block}.0.0/16", "vswitches": vswitches, **forms[form]}


@st.composite
def _sites(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to three data centres, each joined and routed in one of the ways there are; no two alike in addresses."""
    made = []
    for number in range(draw(st.integers(0, 3))):
        link = f"10.255.{number}"
        connect, bgp = draw(st.sampled_from(["cen", "router-interface"])), draw(st.booleans())
        site: dict[str, Any] = {
            "name": f"dc-{number}",
            "region": "cn-hangzhou",
            "prefixes": [f"10.{200 + number}.{third}.0/24" for third in range(draw(st.integers(1, 4)))],
            "connect": connect,
            "circuits": [
                {
                    "circuit": f"pc-{number}-{line}",
                    "vlan": draw(st.integers(0, 2999)),
                    "cloud_ip": f"{link}.{line * 16 + 1}",
                    "site_ip": f"{link}.{line * 16 + 2}",
                    "mask": draw(st.integers(28, 30)),
                    "bandwidth_mbps": draw(st.sampled_from([None, *VBR_MBPS])),
                }
                for line in range(draw(st.integers(1, 3)) if connect == "cen" else 1)
            ],
        }
        if bgp:
            announced = [] if connect == "cen" else ["10.1.0.0/16"]
            site |= {"routing": "bgp", "bgp": {"asn": draw(st.integers(64512, 65534)), "announce": announced}}
        if draw(st.booleans()):
            site["health_check"] = {} if connect == "cen" else {"source_ip": f"10.1.200.{number}"}
        made.append(site)
    return made


def _grants(sites: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One back-end in the hub, and one in each site."""
    grants: list[dict[str, Any]] = [{"name": "grant_hub", "instance": "i-bp1", "port": 80}]
    for number, site in enumerate(sites):
        address = site["prefixes"][0].replace(".0/24", ".7")
        grants.append({"name": f"grant_{number}", "address": address, "port": 8080, "host": "orders.example"})
    return grants


@st.composite
def topologies(draw: st.DrawFn) -> Topology:
    forms = st.sampled_from(["made", "existing", "id"])
    hub = {**_vpc("hub", "cn-hangzhou", 1, draw(forms)), "routes": draw(ROUTES)}
    regions = draw(st.lists(st.sampled_from(list(REGIONS)), max_size=4))
    networks = [
        {**_vpc(f"client-{n}", region, n + 2, draw(forms)), "region": region, "routes": draw(ROUTES)}
        for n, region in enumerate(regions)
    ]
    others = sorted(set(regions) - {"cn-hangzhou"})
    whole = draw(st.integers(8, 10000))
    plan: dict[str, Any] = {"plan": {"mbps": whole, "months": 12}, "share": 2}
    pays = draw(st.sampled_from([plan, {"traffic": {"cap_mbps": whole}}]))
    text, sites = draw(TEXT), draw(_sites())
    grants = draw(st.sampled_from([[], _grants(sites)]))
    apis: list[dict[str, Any]] = [
        {"name": "open", "path": "/open", "auth": "anonymous", "backend": {"function": "hello"}, "description": text},
        {
            "name": "closed",
            "path": "/things/[id]",
            "method": draw(st.sampled_from(["ANY", "PUT"])),
            "auth": draw(st.sampled_from(["app_code", "signature"])),
            "apps": ["caller"],
            "backend": {"mock": {"body": draw(TEXT), "headers": {"X-One": draw(LINE)}}},
            "stages": draw(st.lists(st.sampled_from(["RELEASE", "PRE"]), unique=True, min_size=1)),
        },
    ]
    apis += [
        {
            "name": f"behind_{number}",
            "path": f"/behind/{number}",
            "auth": "anonymous",
            "backend": {"grant": draw(st.sampled_from([grant["name"], {"name": grant["name"], "path": "/v1"}]))},
        }
        for number, grant in enumerate(grants)
    ]
    call = {"name": "call", "api": "open", "from": "ecs-3", "query": {draw(TEXT): draw(TEXT)}, "body": draw(TEXT)}
    return Topology.model_validate(
        {
            "name": "drawn",
            "description": draw(TEXT),
            "gateway": {"region": "cn-hangzhou", "instance": {"name": "gateway-1"}},
            "hub": hub,
            "cen": draw(st.sampled_from([{"name": "drawn-cen", "adopt": True}, {"id": "cen-1"}])),
            "networks": networks,
            "sites": sites,
            "grants": grants,
            "bandwidth": [{"between": [region, "cn-hangzhou"], **pays} for region in others],
            "groups": [{"name": "drawn_group", "apis": apis, "base_path": draw(st.sampled_from(["/", "/v1"]))}],
            "functions": [{"name": "hello", "source": draw(TEXT), "environment": {"A": draw(TEXT)}}],
            "apps": [{"name": "caller"}],
            "verify": [{**call, "expect": {"json": draw(JSON), "contains": draw(st.none() | TEXT)}}],
        }
    )

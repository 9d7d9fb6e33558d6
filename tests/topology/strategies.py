"""Right topologies of many forms, for the property tests."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from gatespan.topology import Topology

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
    text = draw(TEXT)
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
    call = {"name": "call", "api": "open", "from": "ecs-3", "query": {draw(TEXT): draw(TEXT)}, "body": draw(TEXT)}
    return Topology.model_validate(
        {
            "name": "drawn",
            "description": draw(TEXT),
            "gateway": {"region": "cn-hangzhou", "instance": {"name": "gateway-1"}},
            "hub": hub,
            "cen": draw(st.sampled_from([{"name": "drawn-cen", "adopt": True}, {"id": "cen-1"}])),
            "networks": networks,
            "bandwidth": [{"between": [region, "cn-hangzhou"], **pays} for region in others],
            "groups": [{"name": "drawn_group", "apis": apis, "base_path": draw(st.sampled_from(["/", "/v1"]))}],
            "functions": [{"name": "hello", "source": draw(TEXT), "environment": {"A": draw(TEXT)}}],
            "apps": [{"name": "caller"}],
            "verify": [{**call, "expect": {"json": draw(JSON), "contains": draw(st.none() | TEXT)}}],
        }
    )

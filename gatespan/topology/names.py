"""Names that the cloud accepts: one pattern per kind of thing, checked where the name is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from gatespan.topology.errors import refuse
from gatespan.topology.facts import CLOUD_ASN, INSTANCE_SPECS, VBR_MBPS


def _pattern(kind: str, pattern: str, meaning: str) -> Callable[[str], str]:
    accepted = re.compile(pattern)

    def check(text: str) -> str:
        if not accepted.fullmatch(text):
            raise refuse(f"`{text}` cannot be {kind}", f"Write {meaning}")
        return text

    return check


# Origin of the limits: help pages and SDK comments of CreateApi, CreateApiGroup, CreateApp, CreateInstance,
# CreateFunction, CreateTrigger, CreateVpc, CreateVSwitch, CreateCen. Groups: letters of Chinese are accepted too.
check_topology = _pattern(
    "the name of a topology",
    r"[a-z][a-z0-9-]{0,47}",
    "1-48 lower-case letters, digits and hyphens, a letter first: `cross-region`",
)
check_api = _pattern(
    "the name of an API",
    r"[A-Za-z][A-Za-z0-9_]{3,49}",
    "4-50 letters, digits and underscores, a letter first: `get_order`",
)
check_group = _pattern(
    "the name of an API group",
    r"[A-Za-z\u4e00-\u9fff][A-Za-z0-9_\u4e00-\u9fff-]{3,49}",
    "4-50 letters, digits, hyphens and underscores, a letter first: `order_group`",
)
check_app = _pattern(
    "the name of an app",
    r"[A-Za-z\u4e00-\u9fff][A-Za-z0-9_\u4e00-\u9fff]{3,25}",
    "4-26 letters, digits and underscores, a letter first: `demo_caller`",
)
check_instance = _pattern(
    "the name of a gateway instance",
    r"[A-Za-z0-9_-]{1,50}",
    "1-50 letters, digits, hyphens and underscores: `gateway-1`",
)
check_function = _pattern(
    "the name of a function",
    r"[A-Za-z_][A-Za-z0-9_-]{0,63}",
    "1-64 letters, digits, hyphens and underscores, no digit or hyphen first: `hello`",
)
check_trigger = _pattern(
    "the name of a trigger", r"[A-Za-z_][A-Za-z0-9_-]{0,127}", "1-128 letters, digits, hyphens and underscores: `http`"
)
check_grant = _pattern(
    "the name of a grant",
    r"[A-Za-z\u4e00-\u9fff][A-Za-z0-9_\u4e00-\u9fff-]{3,49}",
    "4-50 letters, digits, hyphens and underscores, a letter first: `orders_backend`",
)
check_label = _pattern(
    "the name of a VPC, vSwitch, CEN, site or circuit",
    r"(?!https?://)\S(?:[^\x00-\x1f\x7f]{0,126}\S)?",
    "1-128 characters, no blank at either end, not starting with http:// or https://: `vpc-1`",
)
check_region = _pattern("a region", r"[a-z]{2}(?:-[a-z0-9]+)+", "a region id such as `cn-hangzhou`")


def _id(kind: str, prefix: str, example: str) -> Callable[[str], str]:
    return _pattern(f"the id of {kind}", rf"{prefix}-[A-Za-z0-9_-]{{1,60}}", f"its id, such as `{example}`")


check_vpc_id = _id("a VPC", "vpc", "vpc-bp1qpo0kug3a20qqe9h1v")
check_vswitch_id = _id("a vSwitch", "vsw", "vsw-bp1s5fnvk4gn2tws03624")
check_server_id = _pattern(
    "the id of an ECS instance or a load balancer (CLB)",
    r"(?:i|lb)-[A-Za-z0-9_-]{1,60}",
    "its id, `i-...` or `lb-...`; of any other server or load balancer its private `address`",
)
check_plan_id = _id("a bandwidth plan", "cenbwp", "cenbwp-4c2zaavbvh5fx0000")
check_cen_id = _id("a CEN", "cen", "cen-7qthudw0ll6jmc0000")


def check_instance_id(text: str) -> str:
    if text.startswith("api-shared"):
        raise refuse(f"`{text}` is a shared instance, which no VPC can be bound to", "Write a dedicated instance's id")
    return _id("a dedicated gateway instance", "apigateway", "apigateway-hz-0123456789ab")(text)


def check_header(text: str) -> str:
    if not re.fullmatch(r"[\t\x20-\x7e\x80-\U0010ffff]*", text):
        raise refuse("A header holds a line break or a control character", "Write it on one line")
    return text


def check_variable(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text):
        raise refuse(
            f"`{text}` is not a name that an environment variable can have", "Write a name such as `LOG_LEVEL`"
        )
    return text


check_header_name = _pattern(
    "the name of a header", r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", "a header name such as `X-Request-Id`"
)


_HOST_PART = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}$)(?:{_HOST_PART}\.)*{_HOST_PART}")


def check_host(text: str) -> str:
    """A host name alone, as it goes into the Host header (SetVpcAccess, VpcTargetHostName)."""
    if not _HOST.fullmatch(text):
        meant = re.split(r"[/:]", text.partition("://")[2] or text)[0]
        hint = f"Write `{meant}`" if _HOST.fullmatch(meant) else "Write a name such as `orders.corp.example`"
        raise refuse(f"`{text}` is not a host name", hint)
    return text


def check_vbr_bandwidth(mbps: int) -> int:
    if mbps not in VBR_MBPS:
        near = [str(one) for one in (*[m for m in VBR_MBPS if m < mbps][-1:], *[m for m in VBR_MBPS if m > mbps][:1])]
        raise refuse(f"A border router has no bandwidth of {mbps} Mbit/s", f"Write {' or '.join(near)}")
    return mbps


def check_asn(asn: int) -> int:
    if asn == CLOUD_ASN:
        raise refuse(f"{asn} is the cloud's own AS number", "Write the site's, such as `65010`")
    return asn


def check_spec(text: str) -> str:
    if text not in INSTANCE_SPECS:
        raise refuse(f"`{text}` is not a specification of an instance", f"Write one of {', '.join(INSTANCE_SPECS)}")
    return text


_SEGMENT = re.compile(r"\[[A-Za-z][A-Za-z0-9_-]*\]|[A-Za-z0-9_.~%!$&'()+,;=:@-]+")


def check_path(text: str) -> str:
    """``/``, ``/orders``, ``/users/[id]``, ``/files/*`` (CreateApi, RequestPath)."""
    where = f"The path `{text}`"
    if not text.startswith("/"):
        raise refuse(f"{where} does not start with a slash", f"Write `/{text}`")
    if re.search(r"[{<][^/]*[}>]|/:\w", text):
        meant = re.sub(r"\{(\w+)\}|<(\w+)>|(?<=/):(\w+)", lambda m: f"[{m[1] or m[2] or m[3]}]", text)
        raise refuse(f"{where} has a parameter in a form that the gateway does not know", f"Write `{meant}`")
    if "?" in text or "#" in text:
        raise refuse(f"{where} holds a query or a fragment", f"Write `{re.split('[?#]', text)[0]}`")
    if text == "/":
        return text
    segments = text[1:].split("/")
    for position, segment in enumerate(segments):
        last = position == len(segments) - 1
        if segment == "*" and last:
            continue
        if not segment:
            meant = "/" + "/".join(filter(None, segments))
            raise refuse(f"{where} has an empty part", f"Write `{meant}`")
        if not _SEGMENT.fullmatch(segment):
            raise refuse(
                f"{where} has a part `{segment}` that the gateway refuses", "Write `/users/[id]` or `/files/*`"
            )
    return text


def check_base_path(text: str) -> str:
    """As a path, but without parameters and wildcard."""
    if text.startswith("/") and len(text) > 1 and text.endswith("/"):
        raise refuse(f"The base path `{text}` ends with a slash", f"Write `{text.rstrip('/') or '/'}`")
    check_path(text)
    if "[" in text or "*" in text:
        raise refuse(f"The base path `{text}` holds a parameter or a wildcard", "Write a fixed path such as `/v1`")
    return text


def check_url(text: str) -> str:
    """``http://host[:port][/path]``."""
    try:
        parts = urlsplit(text)
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_is_right = urlsplit(""), False
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_right or re.search(r"\s", text):
        raise refuse(f"`{text}` is not the address of a back-end", "Write `http://host:port/path` (or https)")
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise refuse(f"`{text}` holds a query, a fragment or a user", "Write `http://host:port/path` alone")
    return text

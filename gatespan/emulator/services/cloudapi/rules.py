"""Life cycles, limits and shared checks of the API Gateway product.

Sources: help pages (quotas, specifications, names, domains), SDK (fields, values), Terraform provider (states it
waits for). No page publishes the names of the states on the way nor how long a change takes, except 5-10 minutes for
a change of specification: states on the way and seconds are choices of the embedded cloud.

Left out on purpose: the limit of 5 groups without a custom domain (domains of one's own are not emulated), and the
occasional ``RepeatedCommit`` and ``ConcurrencyLockTimeout``, which depend on chance (a fault rule sets them).
"""

from __future__ import annotations

import ipaddress
import re
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple, TypeVar

from gatespan.emulator import regions
from gatespan.emulator.call import Call
from gatespan.emulator.lifecycle import GONE, Transition
from gatespan.emulator.services.cloudapi.errors import forbidden, invalid, locked, not_found, too_many
from gatespan.emulator.services.cloudapi.models import Api, ApiGroup, App, Backend, GatewayAccount, GatewayInstance
from gatespan.emulator.world import Thing, World

T = TypeVar("T", bound=Thing)

# --- life cycles ------------------------------------------------------------------------------------------

INSTANCE_CREATE = Transition("CREATING", "RUNNING", 120)
INSTANCE_MODIFY = Transition("MODIFYING", "RUNNING", 20)
INSTANCE_DELETE = Transition("DELETING", GONE, 30)
BIND = Transition("RUNNING", "RUNNING", 10)
"""Binding a VPC leaves the status at RUNNING; UserVpcId changes at the end."""
SPEC_CHANGE = Transition("MODIFYING", "RUNNING", 420)
SPEC_OFFER = Transition("MODIFYING", "WAIT_SWITCH", 420)
"""A new specification with a new egress block stops until it is confirmed (help page)."""
SPEC_SWITCH = Transition("MODIFYING", "RUNNING", 60)
OFFER_LASTS = 24 * 3600.0
"""Without confirmation the change is rolled back after 24 hours (help page)."""
DOMAIN_ENABLE = Transition("NORMAL", "NORMAL", 5)
"""The VPC second-level domain appears a moment after it is enabled."""
VPC_ACCESS_TASK = Transition("RUNNING", "OVER", 10)
"""How long live APIs take to follow a change of their authorisation; both names while it lasts: choice."""

# --- limits and values ------------------------------------------------------------------------------------

GROUPS_PER_REGION = 200
APIS_PER_GROUP = 1000
APPS_PER_ACCOUNT = 1000
APPS_PER_API = 1000
IDS_PER_CALL = 100
IDS_PER_TAG_CALL = 50
TAGS_PER_CALL = 20
DESCRIPTION_LENGTH = 180
TIMEOUT_SHARED = 30_000
TIMEOUT_DEDICATED = 120_000
"""Longest ServiceTimeout in milliseconds (help page)."""

STAGES = ("RELEASE", "PRE", "TEST")
HTTPS_POLICIES = ("HTTPS2_TLS1_2", "HTTPS2_TLS1_0", "HTTPS1_1_TLS1_0")
SHARED_INSTANCE = "api-shared-vpc-001"
"""Where a group lives that names no instance."""

SALES_END = datetime(2026, 8, 23, tzinfo=UTC) - timedelta(hours=8)
"""From here on the real product takes no new purchases (product page, midnight UTC+8). The embedded cloud sells on by
default, so that instances can be made to test with; a world whose ``GatewayAccount`` has ``sales_end`` set refuses."""


class Spec(NamedTuple):
    """One size of a dedicated instance (help page)."""

    rps: int
    connections: int
    new_connections: int
    mbps: int
    sla: str

    @property
    def rows(self) -> dict[str, str]:
        """The display texts of ``InstanceSpecAttributes``."""
        return {
            "Requests per second": str(self.rps),
            "Concurrent connections": str(self.connections),
            "New connections per second": str(self.new_connections),
            "Outbound bandwidth (Mbit/s)": str(self.mbps),
            "SLA": f"{self.sla}%",
        }


SPECS: Mapping[str, Spec] = {
    "api.s1.small": Spec(2_500, 50_000, 5_000, 100, "99.95"),
    "api.s1.medium": Spec(5_000, 100_000, 5_000, 100, "99.95"),
    "api.s2.large": Spec(10_000, 200_000, 5_000, 200, "99.99"),
    "api.s2.x2": Spec(20_000, 400_000, 10_000, 200, "99.99"),
    "api.s2.x3": Spec(30_000, 600_000, 10_000, 400, "99.99"),
    "api.s2.x4": Spec(40_000, 800_000, 20_000, 400, "99.99"),
    "api.s2.x5": Spec(50_000, 1_000_000, 20_000, 600, "99.99"),
    "api.s2.x6": Spec(60_000, 1_000_000, 20_000, 600, "99.99"),
}

PUBLISHED_ZONES: Mapping[str, tuple[str, ...]] = {
    "cn-hangzhou": ("cn-hangzhou-MAZ6(i,j,k)",),
    "cn-beijing": ("cn-beijing-MAZ3(c,e)",),
}


def zones(world: World, region: str) -> tuple[str, ...]:
    """The multi-zone ids of a region; those that no page shows are formed alike."""
    letters = ",".join(zone[-1] for zone in regions.zones(world, region)[:2])
    return PUBLISHED_ZONES.get(region) or (f"{region}-MAZ1({letters})",)


# --- names ------------------------------------------------------------------------------------------------

_CHINESE = "\u4e00-\u9fff"
NAMES: Mapping[str, re.Pattern[str]] = {
    "InstanceName": re.compile(rf"[A-Za-z0-9{_CHINESE}/._-]{{1,50}}"),
    "GroupName": re.compile(rf"[A-Za-z{_CHINESE}][A-Za-z0-9_{_CHINESE}-]{{3,49}}"),
    "ApiName": re.compile(rf"[A-Za-z{_CHINESE}][A-Za-z0-9_{_CHINESE}]{{3,49}}"),
    "AppName": re.compile(rf"[A-Za-z{_CHINESE}][A-Za-z0-9_{_CHINESE}]{{3,25}}"),
    "BackendName": re.compile(rf"[A-Za-z{_CHINESE}][A-Za-z0-9_{_CHINESE}-]{{3,49}}"),
    "Name": re.compile(rf"[A-Za-z0-9{_CHINESE}/._-]{{1,50}}"),
}
"""Help pages and SDK. Hyphens: taken in groups (seen in use), refused in APIs (as a deployment tool reports);
BackendName: choice, like groups; Name, of an authorisation: choice (a colon would break Terraform's ids)."""


def name(call: Call, parameter: str, default: str | None = None) -> str:
    """The name of a thing, checked against the pattern of its parameter."""
    text = call.params.text(parameter, default)
    if not NAMES[parameter].fullmatch(text):
        raise invalid(parameter, text)
    return text


def description(call: Call, default: str = "") -> str:
    text = call.params.flat.get("Description", default)
    if len(text) > DESCRIPTION_LENGTH:
        raise invalid("Description", text, f"At most {DESCRIPTION_LENGTH} characters.")
    return text


def stage(call: Call) -> str:
    return call.params.choice("StageName", STAGES)


def tags(call: Call) -> dict[str, str]:
    """``Tag.N.Key/Value`` of a create or tag call, checked (rules of the SDK's comments)."""
    found = call.params.tags()
    if len(found) > TAGS_PER_CALL:
        raise too_many("Tag", TAGS_PER_CALL)
    for key, value in found.items():
        barred = key.startswith(("aliyun", "acs:")) or "http://" in key or "https://" in key
        if barred or len(key) > 128:
            raise invalid("TagKey", key)
        if len(value) > 128 or value.startswith("acs:") or "http://" in value or "https://" in value:
            raise invalid("TagValue", value)
    return found


# --- looking things up ------------------------------------------------------------------------------------


def own(call: Call, cls: type[T], id: str | None) -> T | None:
    """The account's object of that id in the region of the listener."""
    found = call.mine(cls, id)
    return found if found is not None and found.region == call.region else None


def listed(call: Call, cls: type[T]) -> list[T]:
    """The account's objects of the class in the region, as a list shows them now."""
    return call.listed(cls, lambda t: t.region == call.region)


def instance(call: Call) -> GatewayInstance:
    id = call.params.text("InstanceId")
    found = own(call, GatewayInstance, id)
    if found is None:
        raise not_found("Instance", id)
    return found


def idle_instance(call: Call) -> GatewayInstance:
    """The instance, RUNNING and with no change under way; anything else is refused as temporary or wrong."""
    found = instance(call)
    if found.status != "RUNNING":
        raise invalid("InstanceStatus", found.status, f"The instance {found.id} must be RUNNING.")
    if found.pending is not None:
        raise locked(f"the instance {found.id}")
    return found


def group(call: Call) -> ApiGroup:
    id = call.params.text("GroupId")
    found = own(call, ApiGroup, id)
    if found is None:
        raise not_found("ApiGroup", id)
    return found


def api(call: Call, id: str | None = None) -> Api:
    """The API of ``ApiId`` (or ``id``); a ``GroupId`` that is given must be its group."""
    if call.params.optional("GroupId"):
        group(call)
    wanted = id or call.params.text("ApiId")
    found = own(call, Api, wanted)
    if found is None or found.group_id != (call.params.optional("GroupId") or found.group_id):
        raise not_found("Api", wanted)
    return found


def app(call: Call) -> App:
    id = call.params.text("AppId")
    found = own(call, App, id)
    if found is None:
        raise not_found("App", id)
    return found


def backend(call: Call, id: str) -> Backend:
    found = own(call, Backend, id)
    if found is None:
        raise not_found("Backend", id)
    return found


def sales_open(call: Call) -> None:
    """Refuse a purchase in a world where sales have ended. The real code is not published: a choice."""
    account = call.world.get(GatewayAccount, call.account)
    if account and account.sales_end and call.now >= SALES_END.timestamp():
        raise forbidden("CreateInstance", "The product takes no new purchases: adopt an existing instance.")


# --- what the service assigns -----------------------------------------------------------------------------

EGRESS_BASE = int(ipaddress.IPv4Address("100.104.0.0"))
EGRESS_BLOCKS = 1024


def egress_block(world: World, seed: str) -> str:
    """A /26 of 100.104.0.0/16, the source addresses toward back ends in VPCs, that no instance has or will get."""
    taken = {
        block
        for i in world.all(GatewayInstance)
        for block in (i.vpc_egress, i.new_vpc_egress, i.planned.get("vpc_egress"), i.offered.get("vpc_egress"))
    }
    start = zlib.crc32(seed.encode())
    for step in range(EGRESS_BLOCKS):
        block = str(ipaddress.IPv4Network((EGRESS_BASE + (start + step) % EGRESS_BLOCKS * 64, 26)))
        if block not in taken:
            return block
    raise too_many("Instance", EGRESS_BLOCKS)


def internet_egress(seed: str) -> str:
    """A public source address; out of a documentation range, as it must never be real."""
    return f"198.51.100.{zlib.crc32(seed.encode()) % 254 + 1}"


def sub_domain(group_id: str, region: str) -> str:
    """The public second-level domain of a group."""
    return f"{group_id}-{region}.alicloudapi.com"


def vpc_domain(group_id: str, region: str) -> str:
    """The VPC second-level domain: not the group's hash, and the same each time it is enabled (choice)."""
    return f"{_other_hash('vpc', group_id)}-{region}-vpc.alicloudapi.com"


def slb_domain(group_id: str, region: str) -> str:
    """The self-call domain."""
    return f"{_other_hash('slb', group_id)}-{region}-intranet.alicloudapi.com"


def _other_hash(kind: str, group_id: str) -> str:
    return sha256(f"{kind}:{group_id}".encode()).hexdigest()[:32]


def local_time(seconds: float) -> str:
    """``2021-10-22 15:36:53.0``: how DescribeInstances writes CreatedTime (UTC+8)."""
    return datetime.fromtimestamp(seconds + 8 * 3600, UTC).strftime("%Y-%m-%d %H:%M:%S.0")

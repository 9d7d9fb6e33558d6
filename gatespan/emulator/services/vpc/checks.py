"""What several actions of the VPC product ask: is the object here, is its VPC at rest, is the text well formed.

An object is invisible from another region. Where RegionId is optional and absent, the id alone decides: a choice of
the embedded cloud, whose one address serves all regions.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from gatespan.emulator import regions
from gatespan.emulator.call import Call
from gatespan.emulator.services.cbn.models import PublishedRoute, VpcAttachment
from gatespan.emulator.services.vpc import rules
from gatespan.emulator.services.vpc.errors import invalid, missing, refusal
from gatespan.emulator.services.vpc.models import RouteEntry, RouteTable, Vpc, VSwitch
from gatespan.emulator.world import Thing, World

T = TypeVar("T", bound=Thing)


# --- where things are -------------------------------------------------------------------------------------


def known_regions(world: World) -> tuple[str, ...]:
    """The regions that the cloud offers, and those in which the world has objects."""
    offered = regions.regions(world)
    used: set[str] = world.derived("vpc.regions", lambda w: {t.region for t in w if t.region})
    return (*offered, *sorted(used - offered.keys()))


def region_of(call: Call) -> str:
    """The region asked for; ``InvalidRegionId.NotFound`` when there is no such region."""
    region = call.params.text("RegionId", call.region)
    if region not in known_regions(call.world):
        raise refusal("InvalidRegionId.NotFound", region)
    return region


def here(call: Call, cls: type[T], id: str | None) -> T | None:
    """The account's object, unless the call asks about another region."""
    thing = call.mine(cls, id)
    region = call.params.optional("RegionId")
    return None if thing is None or (region and thing.region != region) else thing


def need_vpc(call: Call) -> Vpc:
    vpc = here(call, Vpc, call.params.text("VpcId"))
    if vpc is None:
        raise refusal("InvalidVpcId.NotFound", call.params.text("VpcId"))
    return vpc


def need_vswitch(call: Call) -> VSwitch:
    vswitch = here(call, VSwitch, call.params.text("VSwitchId"))
    if vswitch is None:
        raise refusal("InvalidVSwitchId.NotFound", call.params.text("VSwitchId"))
    return vswitch


def need_table(call: Call) -> RouteTable:
    table = here(call, RouteTable, call.params.text("RouteTableId"))
    if table is None:
        raise refusal("InvalidRouteTableId.NotFound", call.params.text("RouteTableId"))
    return table


# --- what belongs to a VPC (indices, made anew when the world changes) ---------------------------------------


def in_region(world: World, cls: type[T], region: str) -> Sequence[T]:
    """The objects of the class in the region, of all accounts."""

    def by_region(world: World) -> dict[str, list[T]]:
        index: dict[str, list[T]] = {}
        for thing in world.all(cls):
            index.setdefault(thing.region, []).append(thing)
        return index

    index: Mapping[str, list[T]] = world.derived(f"vpc.region.{cls.KIND}", by_region)
    return index.get(region, ())


def matching(equal: Mapping[str, object]) -> Callable[[Thing], bool] | None:
    """Whether the attributes of a thing equal the given values; None means any. Nothing given: None."""
    wanted = [(name, value) for name, value in equal.items() if value is not None]
    if not wanted:
        return None
    return lambda thing: all(getattr(thing, name) == value for name, value in wanted)


def vswitches_of(world: World, vpc_id: str) -> Sequence[VSwitch]:
    index: Mapping[str, list[VSwitch]] = world.derived("vpc.vswitches", lambda w: _by_vpc(w.all(VSwitch)))
    return index.get(vpc_id, ())


def tables_of(world: World, vpc_id: str) -> Sequence[RouteTable]:
    index: Mapping[str, list[RouteTable]] = world.derived("vpc.tables", lambda w: _by_vpc(w.all(RouteTable)))
    return index.get(vpc_id, ())


def attachments_of(world: World, vpc_id: str) -> Sequence[VpcAttachment]:
    index: Mapping[str, list[VpcAttachment]] = world.derived("vpc.attached", lambda w: _by_vpc(w.all(VpcAttachment)))
    return index.get(vpc_id, ())


def entries_of(world: World, vpc_id: str) -> Iterator[RouteEntry]:
    """The stored (custom) routes in all tables of the VPC."""
    tables = {table.id for table in tables_of(world, vpc_id)}
    return (entry for entry in world.all(RouteEntry) if entry.table_id in tables)


def _by_vpc(things: object) -> dict[str, list[object]]:
    index: dict[str, list[object]] = {}
    for thing in things:  # type: ignore[attr-defined]
        index.setdefault(thing.vpc_id, []).append(thing)
    return index


# --- one change at a time inside one VPC --------------------------------------------------------------------


def require_available(vpc: Vpc, code: str = "IncorrectVpcStatus") -> None:
    if vpc.status != "Available":
        raise refusal(code, f"{vpc.id} is {vpc.status}")


def require_quiet(
    world: World,
    vpc_id: str,
    *,
    vswitch: str | None = "IncorrectVSwitchStatus",
    route: str | None = "IncorrectRouteEntryStatus",
    attachment: str | None = None,
) -> None:
    """Refuse with the given codes while a vSwitch, a route or a transit-router attachment of the VPC is in motion."""
    moving = (
        (vswitch, vswitches_of(world, vpc_id)),
        (route, entries_of(world, vpc_id)),
        (attachment, attachments_of(world, vpc_id)),
    )
    for code, things in moving:
        busy = next((t for t in things if t.pending), None) if code else None
        if code and busy:
            raise refusal(code, f"{busy.id} is {busy.status}")


def withdraw(world: World, instance_id: str, destination: str) -> None:
    """A route that is gone is no longer published to a CEN either."""
    for published in world.find(PublishedRoute, instance_id=instance_id, destination=destination):
        world.remove(published)


# --- texts, blocks, tags --------------------------------------------------------------------------------------


def words(call: Call, name: str, most: int, code: str | None = None) -> str:
    """A name or description of 1 to ``most`` characters that is no URL; empty when absent."""
    value = call.params.text(name, "")
    if len(value) > most or value.startswith(("http://", "https://")):
        raise refusal(code, value[:140]) if code else invalid(name, value[:140])
    return value


def network(value: str) -> ipaddress.IPv4Network | None:
    """The strict IPv4 block (a bare address is a /32), or None when it is none."""
    try:
        return ipaddress.IPv4Network(value)
    except ValueError:
        return None


def no_ipv6(call: Call, *names: str) -> None:
    """The embedded cloud has no IPv6 and no address pools: it says so rather than to pretend."""
    for name in names:
        value = call.params.text(name, "")
        if value and value.lower() != "false":
            raise invalid(name, value)


def new_tags(call: Call, held: Mapping[str, str] | None = None, name: str = "Tag") -> dict[str, str]:
    """The tags of the call (``name``: how it spells the list) on top of those held. At most 20; keys and values up to
    128 characters, keys not starting with ``aliyun`` or ``acs:``, nothing with ``http(s)://`` (help page; the codes are
    a choice)."""
    rows = call.params.structs(name)
    keys = [row.get("Key", "") for row in rows]
    if len(set(keys)) < len(keys):
        raise refusal("Duplicate.TagKey")
    for row in rows:
        key, value = row.get("Key", ""), row.get("Value", "")
        if not key or len(key) > 128 or key.startswith(("aliyun", "acs:")) or _has_url(key):
            raise refusal("InvalidParameter.TagKey", key[:140])
        if len(value) > 128 or _has_url(value):
            raise refusal("InvalidParameter.TagValue", value[:140])
    tags = {**(held or {}), **call.params.tags(name)}
    if len(tags) > rules.TAGS_PER_RESOURCE:
        raise refusal("SizeLimitExceeded.TagNum")
    return tags


def _has_url(text: str) -> bool:
    return "http://" in text or "https://" in text


def require_one(call: Call, *names: str) -> None:
    """At least one of the parameters (or lists) must be there."""
    if not any(name in call.params or any(key.startswith(name + ".") for key in call.params.flat) for name in names):
        raise missing(" or ".join(names))


def tag_list(thing: Thing) -> dict[str, list[dict[str, str]]]:
    """Tags as VPCs, vSwitches and route tables answer them."""
    return {"Tag": [{"Key": key, "Value": value} for key, value in thing.tags.items()]}

"""The whole job: two VPCs in two regions joined by Enterprise routers and a plan of 2 Mbit/s, proven by the routes,
taken down again; with no latency and with realistic seconds, where it waits as a client must."""

from __future__ import annotations

from typing import Any

import pytest

from gatespan.emulator.lifecycle import Latency
from gatespan.emulator.services.cbn.models import BandwidthPackage
from gatespan.emulator.world import Thing

from .conftest import B, Console, H, buy, make_vpcs, zones

BUSY = (
    "Operation.Blocking",
    "InvalidOperation.CenInstanceStatus",
    "IncorrectStatus.Status",
    "IncorrectStatus.CenInstance",
)


class Patient:
    """Repeats a call while it is refused as busy, and turns the clock meanwhile; counts the seconds."""

    def __init__(self, console: Console) -> None:
        self.console, self.seconds = console, 0

    def __call__(self, action: str, **parameters: Any) -> dict[str, Any]:
        for _ in range(100):
            try:
                return self.console(action, **parameters)
            except Exception as error:
                if getattr(error, "code", None) not in BUSY:
                    raise
                self.wait()
        raise AssertionError(f"{action} is refused for ever")

    def wait(self) -> None:
        self.console.cloud.advance(1)
        self.seconds += 1

    def until(self, read: Any, id: str, status: str | None) -> None:
        for _ in range(100):
            row = read(id)
            if (row["Status"] if row else None) == status:
                return
            self.wait()
        raise AssertionError(f"{id} never reached {status}")

    def settle(self) -> None:
        while self.console.cloud.running.do(self.console.cloud.life.next_due) is not None:
            self.wait()


def visible(console: Console) -> list[Thing]:
    return sorted((t for t in console.cloud.world if not t.KIND.startswith("_")), key=lambda t: (t.KIND, t.id))


def build(do: Patient, names: dict[str, str]) -> None:
    console = do.console
    names["cen"] = do("CreateCen", Name="main")["CenId"]
    names["plan"] = buy(console, Bandwidth=2)
    do.until(console.cen, names["cen"], "Active")
    do.settle()
    do("AssociateCenBandwidthPackage", CenId=names["cen"], CenBandwidthPackageId=names["plan"])
    sides = (("hub", H), ("spoke", B))
    for side, region in sides:
        names[f"{side}_router"] = do("CreateTransitRouter", CenId=names["cen"], RegionId=region)["TransitRouterId"]
    for side, region in sides:
        router = names[f"{side}_router"]
        do.until(console.router, router, "Active")
        names[f"{side}_system"] = console.system_table(router)
        names[f"{side}_attachment"] = do(
            "CreateTransitRouterVpcAttachment",
            TransitRouterId=router,
            RegionId=region,
            VpcId=names[f"{side}_vpc"],
            ZoneMappings=zones(names, side),
        )["TransitRouterAttachmentId"]
    names["peer"] = do(
        "CreateTransitRouterPeerAttachment",
        CenId=names["cen"],
        TransitRouterId=names["hub_router"],
        RegionId=H,
        PeerTransitRouterId=names["spoke_router"],
        PeerTransitRouterRegionId=B,
        BandwidthType="BandwidthPackage",
        CenBandwidthPackageId=names["plan"],
        Bandwidth=2,
        AutoPublishRouteEnabled=True,
    )["TransitRouterAttachmentId"]
    for side, _ in sides:
        for attachment in (names[f"{side}_attachment"], names["peer"]):
            pair = {"TransitRouterAttachmentId": attachment, "TransitRouterRouteTableId": names[f"{side}_system"]}
            do("AssociateTransitRouterAttachmentWithRouteTable", **pair)
            do("EnableTransitRouterRouteTablePropagation", **pair)
    for side, _ in sides:
        publish = {"TransitRouterAttachmentId": names[f"{side}_attachment"], "AutoPublishRouteEnabled": True}
        do("UpdateTransitRouterVpcAttachmentAttribute", **publish)
    do.settle()


def take_down(do: Patient, names: dict[str, str]) -> None:
    console = do.console
    for side in ("hub", "spoke"):
        publish = {"TransitRouterAttachmentId": names[f"{side}_attachment"], "AutoPublishRouteEnabled": False}
        do("UpdateTransitRouterVpcAttachmentAttribute", **publish)
    for side in ("hub", "spoke"):
        for attachment in (names["peer"], names[f"{side}_attachment"]):
            pair = {"TransitRouterAttachmentId": attachment, "TransitRouterRouteTableId": names[f"{side}_system"]}
            do.settle()
            do("DisableTransitRouterRouteTablePropagation", **pair)
            do("DissociateTransitRouterAttachmentFromRouteTable", **pair)
    do.settle()
    do("DeleteTransitRouterPeerAttachment", TransitRouterAttachmentId=names["peer"])
    for side in ("hub", "spoke"):
        do("DeleteTransitRouterVpcAttachment", TransitRouterAttachmentId=names[f"{side}_attachment"])
    do.until(console.peer, names["peer"], None)
    do("UnassociateCenBandwidthPackage", CenId=names["cen"], CenBandwidthPackageId=names["plan"])
    for side in ("hub", "spoke"):
        do("DeleteTransitRouter", TransitRouterId=names[f"{side}_router"])
    for side in ("hub", "spoke"):
        do.until(console.router, names[f"{side}_router"], None)
    do.settle()
    do("DeleteCen", CenId=names["cen"])
    do.until(console.cen, names["cen"], None)


@pytest.mark.parametrize("mode", ["none", "realistic"])
def test_build_and_take_down(console: Console, vpc: Console, mode: str) -> None:
    console("OpenTransitRouterService")
    names, do = make_vpcs(vpc), Patient(console)
    before = visible(console)
    console.cloud.life.latency = Latency(mode)  # type: ignore[arg-type]
    build(do, names)
    built_in = do.seconds
    hub, spoke = console.routes(names["hub_system"], "Active"), console.routes(names["spoke_system"], "Active")
    assert hub.keys() == spoke.keys() == {"10.1.1.0/24", "10.1.2.0/24", "10.2.1.0/24", "10.2.2.0/24"}
    assert hub["10.2.1.0/24"]["TransitRouterRouteEntryNextHopId"] == names["peer"]
    assert spoke["10.1.1.0/24"]["TransitRouterRouteEntryNextHopId"] == names["peer"]
    for side, region, far in (("hub", H, "10.2.1.0/24"), ("spoke", B, "10.1.1.0/24")):
        shown = vpc("DescribeRouteEntryList", RegionId=region, RouteTableId=names[f"{side}_table"], MaxResult=100)
        assert far in [row["DestinationCidrBlock"] for row in shown["RouteEntrys"]["RouteEntry"]]
    take_down(do, names)
    plan = console.cloud.world.get(BandwidthPackage, names["plan"])
    assert (plan.status, plan.cen_id) == ("Idle", "")
    assert [thing for thing in visible(console) if thing != plan] == before
    assert console.code("DeleteCenBandwidthPackage", CenBandwidthPackageId=plan.id) == "Forbidden.Release"
    if mode == "realistic":
        assert 60 <= built_in <= 200

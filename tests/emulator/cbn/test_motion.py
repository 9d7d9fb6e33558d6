"""Time: every state on the way with realistic seconds, and what is refused meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gatespan.emulator.lifecycle import Latency

from .conftest import B, Console, H, attach, zones

PAIR = {"TransitRouterAttachmentId": "{hub_attachment}", "TransitRouterRouteTableId": "{hub_system}"}
CIDR = {
    "TransitRouterRouteTableId": "{hub_system}",
    "TransitRouterRouteEntryDestinationCidrBlock": "100.64.1.0/24",
    "TransitRouterRouteEntryNextHopType": "Attachment",
    "TransitRouterRouteEntryNextHopId": "{hub_attachment}",
}


def status_of(row: dict[str, Any] | None) -> str | None:
    if row is None:
        return None
    return str(next(value for key, value in row.items() if key.endswith("Status")))


def cen_status(console: Console, names: dict[str, str]) -> str | None:
    return status_of(console.cen(names["CenId"]))


def router_status(console: Console, names: dict[str, str]) -> str | None:
    return status_of(console.router(names["TransitRouterId"]))


def vpc_attachment_status(console: Console, names: dict[str, str]) -> str | None:
    return status_of(console.vpc_attachment(names["TransitRouterAttachmentId"]))


def peer_status(console: Console, names: dict[str, str]) -> str | None:
    return status_of(console.peer(names["peer"]))


def table_status(console: Console, names: dict[str, str]) -> str | None:
    id = names["TransitRouterRouteTableId"]
    rows = console("ListTransitRouterRouteTables", TransitRouterRouteTableIds=[id])["TransitRouterRouteTables"]
    return rows[0]["TransitRouterRouteTableStatus"] if rows else None


def link_status(kind: str) -> Callable[[Console, dict[str, str]], str | None]:
    def status(console: Console, names: dict[str, str]) -> str | None:
        answer = console(
            f"ListTransitRouterRouteTable{kind}",
            TransitRouterRouteTableId=names["hub_system"],
            TransitRouterAttachmentId=names["hub_attachment"],
        )
        rows = answer[f"TransitRouter{kind}"]
        return rows[0]["Status"] if rows else None

    return status


def route_status(console: Console, names: dict[str, str]) -> str | None:
    row = console.routes(names["hub_system"]).get("100.64.1.0/24")
    return row["TransitRouterRouteEntryStatus"] if row else None


FREE = {"VpcId": "{free_vpc}", "TransitRouterId": "{hub_router}"}
ROUTER = {"TransitRouterId": "{TransitRouterId}"}
ATTACHMENT = {"TransitRouterAttachmentId": "{TransitRouterAttachmentId}"}
TABLE = {"TransitRouterRouteTableId": "{TransitRouterRouteTableId}"}
Step = tuple[str, dict[str, Any], str, str | None, float]

LIVES: list[tuple[Callable[[Console, dict[str, str]], str | None], list[Step]]] = [
    (
        cen_status,
        [
            ("CreateCen", {}, "Creating", "Active", 10),
            ("ModifyCenAttribute", {"CenId": "{CenId}", "Name": "x"}, "Modifying", "Active", 5),
            ("DeleteCen", {"CenId": "{CenId}"}, "Deleting", None, 10),
        ],
    ),
    (
        router_status,
        [
            ("CreateTransitRouter", {"CenId": "{cen}", "RegionId": "cn-shanghai"}, "Creating", "Active", 10),
            ("UpdateTransitRouter", {**ROUTER, "RegionId": "cn-shanghai"}, "Modifying", "Active", 5),
            ("DeleteTransitRouter", ROUTER, "Deleting", None, 10),
        ],
    ),
    (
        vpc_attachment_status,
        [
            ("CreateTransitRouterVpcAttachment", FREE, "Attaching", "Attached", 45),
            ("UpdateTransitRouterVpcAttachmentAttribute", ATTACHMENT, "Modifying", "Attached", 5),
            ("DeleteTransitRouterVpcAttachment", ATTACHMENT, "Detaching", None, 45),
        ],
    ),
    (
        peer_status,
        [
            (
                "UpdateTransitRouterPeerAttachmentAttribute",
                {"TransitRouterAttachmentId": "{peer}"},
                "Modifying",
                "Attached",
                5,
            ),
            (
                "DeleteTransitRouterPeerAttachment",
                {"TransitRouterAttachmentId": "{peer}", "Force": True},
                "Detaching",
                None,
                45,
            ),
        ],
    ),
    (
        table_status,
        [
            ("CreateTransitRouterRouteTable", {"TransitRouterId": "{hub_router}"}, "Creating", "Active", 5),
            ("DeleteTransitRouterRouteTable", TABLE, "Deleting", None, 5),
        ],
    ),
    (
        link_status("Associations"),
        [
            ("DissociateTransitRouterAttachmentFromRouteTable", PAIR, "Dissociating", None, 5),
            ("AssociateTransitRouterAttachmentWithRouteTable", PAIR, "Associating", "Active", 5),
        ],
    ),
    (
        link_status("Propagations"),
        [
            ("DisableTransitRouterRouteTablePropagation", PAIR, "Disabling", None, 5),
            ("EnableTransitRouterRouteTablePropagation", PAIR, "Enabling", "Active", 5),
        ],
    ),
    (
        route_status,
        [
            ("CreateTransitRouterRouteEntry", CIDR, "Creating", "Active", 3),
            ("DeleteTransitRouterRouteEntry", CIDR, "Deleting", None, 3),
        ],
    ),
]


@pytest.mark.parametrize(("status", "steps"), LIVES, ids=[steps[0][0] for _, steps in LIVES])
def test_life(
    console: Console,
    scene: dict[str, str],
    status: Callable[[Console, dict[str, str]], str | None],
    steps: list[Step],
) -> None:
    names = dict(scene)
    with console.slow():
        for action, parameters, busy, done, seconds in steps:
            asked = {key: v.format(**names) if isinstance(v, str) else v for key, v in parameters.items()}
            if action == "CreateTransitRouterVpcAttachment":
                asked["ZoneMappings"] = zones(scene, "free")
            names.update({k: v for k, v in console(action, **asked).items() if isinstance(v, str)})
            assert status(console, names) == busy
            console.cloud.advance(seconds - 0.1)
            assert status(console, names) == busy
            console.cloud.advance(0.1)
            assert status(console, names) == done


def test_a_peer_is_attached_in_45_seconds(console: Console, scene: dict[str, str]) -> None:
    console("DeleteTransitRouterPeerAttachment", TransitRouterAttachmentId=scene["peer"], Force=True)
    with console.slow():
        made = console(
            "CreateTransitRouterPeerAttachment",
            TransitRouterId=scene["hub_router"],
            PeerTransitRouterId=scene["spoke_router"],
        )
        names = scene | {"peer": made["TransitRouterAttachmentId"]}
        seen = [peer_status(console, names)]
        console.cloud.advance(45)
        seen.append(peer_status(console, names))
    assert seen == ["Attaching", "Attached"]


def test_routes_follow_the_association_only_when_it_is_active(console: Console, scene: dict[str, str]) -> None:
    pair = {"TransitRouterAttachmentId": scene["peer"], "TransitRouterRouteTableId": scene["hub_system"]}
    with console.slow():
        assert "10.2.1.0/24" in console.routes(scene["hub_system"])
        console("DisableTransitRouterRouteTablePropagation", **pair)
        console.cloud.advance(5)
        assert "10.2.1.0/24" not in console.routes(scene["hub_system"])
        console("EnableTransitRouterRouteTablePropagation", **pair)
        assert "10.2.1.0/24" not in console.routes(scene["hub_system"])
        console.cloud.advance(5)
        assert "10.2.1.0/24" in console.routes(scene["hub_system"])


def test_a_moved_association_is_replacing_for_a_while(console: Console, scene: dict[str, str]) -> None:
    to_custom = {"TransitRouterAttachmentId": scene["hub_attachment"], "TransitRouterRouteTableId": scene["custom"]}
    with console.slow():
        console("ReplaceTransitRouterRouteTableAssociation", **to_custom)
        seen = []
        for _ in range(2):
            answer = console(
                "ListTransitRouterRouteTableAssociations", TransitRouterAttachmentId=scene["hub_attachment"]
            )
            seen += [(row["TransitRouterRouteTableId"], row["Status"]) for row in answer["TransitRouterAssociations"]]
            console.cloud.advance(5)
    assert seen == [(scene["custom"], "Replacing"), (scene["custom"], "Active")]


def test_the_cen_is_modifying_while_a_child_is_in_motion(console: Console, scene: dict[str, str]) -> None:
    names = scene | {"CenId": scene["cen"]}
    with console.slow():
        attach(console, scene, "free", TransitRouterId=scene["hub_router"], RegionId=H)
        assert cen_status(console, names) == "Modifying"
        assert console.code("ModifyCenAttribute", CenId=scene["cen"]) == "InvalidOperation.CenInstanceStatus"
        console("CreateTransitRouter", CenId=scene["cen"], RegionId="cn-shanghai")
        console.cloud.advance(45)
        assert cen_status(console, names) == "Active"
        console("ModifyCenAttribute", CenId=scene["cen"])


def test_two_attachments_and_two_routers_are_made_at_the_same_time(console: Console, vpc: Console) -> None:
    """One after the other is needed only where the cloud says so."""
    console("OpenTransitRouterService")
    cen = console("CreateCen")["CenId"]
    with console.slow():
        for region in (H, B):
            console("CreateTransitRouter", CenId=cen, RegionId=region)
        console.cloud.advance(10)
        for block in ("10.5", "10.6"):
            made = vpc("CreateVpc", RegionId=H, CidrBlock=f"{block}.0.0/16")["VpcId"]
            console.cloud.advance(3)
            mappings = []
            for number, zone in ((1, "cn-hangzhou-h"), (2, "cn-hangzhou-i")):
                where = {"RegionId": H, "VpcId": made, "ZoneId": zone}
                vswitch = vpc("CreateVSwitch", **where, CidrBlock=f"{block}.{number}.0/24")["VSwitchId"]
                console.cloud.advance(3)
                mappings.append({"ZoneId": zone, "VSwitchId": vswitch})
            where = {"CenId": cen, "RegionId": H, "VpcId": made}
            console("CreateTransitRouterVpcAttachment", **where, ZoneMappings=mappings)
        rows = console("ListTransitRouterVpcAttachments", CenId=cen, Status="Attaching")["TransitRouterAttachments"]
    assert len(rows) == 2


def test_different_tables_are_changed_at_the_same_time(console: Console, scene: dict[str, str]) -> None:
    with console.slow():
        for side in ("hub", "spoke"):
            console(
                "DisableTransitRouterRouteTablePropagation",
                TransitRouterAttachmentId=scene[f"{side}_attachment"],
                TransitRouterRouteTableId=scene[f"{side}_system"],
            )


def test_states_by_number_of_reads(console: Console, scene: dict[str, str]) -> None:
    names = {"CenId": scene["cen"]}
    console.cloud.life.latency = Latency("reads", reads=3)
    names |= console("CreateTransitRouter", CenId=scene["cen"], RegionId="cn-shanghai")
    assert [cen_status(console, names) for _ in range(3)] == ["Modifying", "Modifying", "Active"]
    assert router_status(console, names) == "Active"


def test_a_router_takes_its_tables_with_it(console: Console, scene: dict[str, str]) -> None:
    router = console("CreateTransitRouter", CenId=scene["cen"], RegionId="cn-shanghai")["TransitRouterId"]
    table = console.system_table(router)
    with console.slow():
        console("DeleteTransitRouter", TransitRouterId=router)
        assert table_status(console, {"TransitRouterRouteTableId": table}) == "Active"
        console.cloud.advance(10)
        assert table_status(console, {"TransitRouterRouteTableId": table}) is None


def test_an_empty_router_goes_with_its_cen(console: Console, scene: dict[str, str]) -> None:
    cen = console("CreateCen")["CenId"]
    router = console("CreateTransitRouter", CenId=cen, RegionId=H)["TransitRouterId"]
    with console.slow():
        console("DeleteCen", CenId=cen)
        row = console.router(router)
        assert row is not None
        assert row["Status"] == "Deleting"
        console.cloud.advance(10)
    assert console.cen(cen) is None
    assert console.router(router) is None

"""Circuits and hosted connections: what each action answers, and their life from application to the end."""

from __future__ import annotations

from typing import Any

import pytest

from gatespan.emulator.kernel import Incoming
from gatespan.emulator.services.vpc import lines, service
from gatespan.emulator.services.vpc.models import PhysicalConnection

from ..vpc.conftest import ACCOUNT, REGION
from .conftest import POINT, TAGS, TENANT, Carrier

LETTER = {"CompanyName": "Acme", "LineType": "FIBRE", "ConstructionTime": "2026-03-01T00:00:00Z", "Si": "Diggers"}


def test_access_points(console: Carrier) -> None:
    answer = console("DescribeAccessPoints", PageSize=3)
    rows = answer["AccessPointSet"]["AccessPointType"]
    assert [(row["AccessPointId"], row["Status"]) for row in rows] == [
        (POINT, "recommended"),
        (f"ap-{REGION}-main-B", "hot"),
        (f"ap-{REGION}-main-C", "full"),
    ]
    assert (answer["TotalCount"], rows[0]["AttachedRegionNo"], rows[0]["Type"]) == (4, REGION, "VPC")


def test_circuit_row(console: Carrier) -> None:
    first = console.enabled(Name="other", AccessPointId=f"ap-{REGION}-main-B")
    id = console.circuit(
        Name="line one",
        Description="to the plant",
        PortType="10GBase-LR",
        bandwidth=500,
        PeerLocation="Main Street 1",
        CircuitCode="c-1",
        RedundantPhysicalConnectionId=first,
        ResourceGroupId="rg-net",
        Type="VPC",
        Tag=TAGS,
    )
    assert id.startswith("pc-bp1")
    assert console.line(id) | {"CreationTime": ""} == {
        "PhysicalConnectionId": id,
        "Name": "line one",
        "Description": "to the plant",
        "Status": "Allocated",
        "BusinessStatus": "Normal",
        "LoaStatus": "",
        "AccessPointId": POINT,
        "AccessPointType": "VPC",
        "AdLocation": f"{REGION}-main-A",
        "AdDetailLocation": f"{REGION}-main-A",
        "PortType": "10GBase-LR",
        "PortNumber": "",
        "LineOperator": "CT",
        "CircuitCode": "c-1",
        "PeerLocation": "Main Street 1",
        "Type": "VPC",
        "Spec": "",
        "Bandwidth": 500,
        "ChargeType": "Prepaid",
        "CreationTime": "",
        "EnabledTime": "",
        "EndTime": "",
        "RedundantPhysicalConnectionId": first,
        "ProductType": "PhysicalConnection",
        "VirtualPhysicalConnectionCount": 0,
        "ParentPhysicalConnectionId": "",
        "ParentPhysicalConnectionAliUid": 0,
        "VlanId": "",
        "VpconnStatus": "",
        "OrderMode": "",
        "ExpectSpec": "",
        "HasReservationData": "false",
        "ReservationActiveTime": "",
        "ReservationInternetChargeType": "",
        "ReservationOrderType": "",
        "QosId": "",
        "ResourceGroupId": "rg-net",
        "MacsecKeys": {"MacsecKey": []},
        "OpticalModuleModel": "",
        "DeviceFeaturesSelected": "",
        "DownDelayTime": 0,
        "Tags": {"tags": TAGS},
    }


def test_circuits_are_filtered_and_paged(console: Carrier) -> None:
    one = console.enabled(Name="one", LineOperator="CU", Tag=TAGS)
    two = console.circuit(Name="two", ResourceGroupId="rg-net")

    def found(*filters: tuple[str, str], **parameters: Any) -> list[str]:
        given = [{"Key": key, "Value": values.split(",")} for key, values in filters]
        answer = console("DescribePhysicalConnections", Filter=given, **parameters)
        return [row["PhysicalConnectionId"] for row in answer["PhysicalConnectionSet"]["PhysicalConnectionType"]]

    assert found() == [one, two]
    assert found(("PhysicalConnectionId", two)) == [two]
    assert found(("PhysicalConnectionId", f"{one},{two}"), ("Status", "Enabled")) == [one]
    assert found(("AccessPointId", POINT), ("LineOperator", "CT")) == [two]
    assert found(("Name", "one")) == [one]
    assert found(("Type", "VPC"), ("ProductType", "PhysicalConnection")) == [one, two]
    assert found(("Spec", "50M")) == []
    assert found(Tags=TAGS) == [one]
    assert found(ResourceGroupId="rg-net") == [two]
    assert found(PageSize=1, PageNumber=2) == [two]
    assert found(RegionId="cn-beijing") == []


def test_modify_circuit(console: Carrier) -> None:
    id = console.circuit(Name="one", Description="words")
    console("ModifyPhysicalConnectionAttribute", PhysicalConnectionId=id, Name="two", bandwidth=200, CircuitCode="x")
    row = console.line(id)
    assert (row["Name"], row["Description"], row["Bandwidth"], row["CircuitCode"]) == ("two", "words", 200, "x")


def test_from_application_to_the_end(console: Carrier) -> None:
    """The whole life with the states on the way, the clock turned by hand."""
    with console.slow():
        id = console.circuit()
        by_id = {"PhysicalConnectionId": id}

        def states() -> tuple[str, str]:
            row = console.line(id)
            return row["Status"], row["LoaStatus"]

        seen = [states()]

        def after(seconds: float) -> None:
            seen.append(states())
            console.cloud.advance(seconds)
            seen.append(states())

        console.cloud.advance(10)
        seen.append(states())
        console("ApplyPhysicalConnectionLOA", InstanceId=id, **LETTER)
        after(60)
        console("CompletePhysicalConnectionLOA", InstanceId=id, FinishWork=True)
        after(60)
        console("ConfirmPhysicalConnection", **by_id)
        after(5)
        order = console("CreatePhysicalConnectionOccupancyOrder", **by_id, PricingCycle="Year", Period=2)
        after(10)  # unpaid: nothing happens
        console("CreatePhysicalConnectionOccupancyOrder", **by_id, PricingCycle="Year", Period=2, AutoPay=True)
        after(10)
        row = console.line(id)
        console("TerminatePhysicalConnection", **by_id)
        after(10)
        console("DeletePhysicalConnection", **by_id)
    assert seen == [
        ("Initial", ""),
        ("Allocated", ""),
        ("Allocated", "Applying"),
        ("Allocated", "Available"),
        ("Allocated", "Completing"),
        ("Allocated", "Complete"),
        ("Allocated", "Complete"),
        ("Confirmed", "Complete"),
        ("Confirmed", "Complete"),
        ("Confirmed", "Complete"),
        ("Confirmed", "Complete"),
        ("Enabled", "Complete"),
        ("Terminating", "Complete"),
        ("Terminated", "Complete"),
    ]
    assert order["Data"]["OrderId"].isdigit()
    assert int(row["EndTime"][:4]) - int(row["EnabledTime"][:4]) == 2
    assert console("DescribePhysicalConnections")["TotalCount"] == 0


def test_letter_of_authorisation(console: Carrier) -> None:
    id = console.circuit()
    person = {"PMName": "Li", "PMGender": "Female", "PMCertificateType": "Passport"}
    person |= {"PMCertificateNo": "P1", "PMContactInfo": "555"}
    console("ApplyPhysicalConnectionLOA", InstanceId=id, **LETTER, Bandwidth=100, PMInfo=[person])
    line = {"LineCode": "L-1", "LineLabel": "red", "LineServiceProvider": "Carrier", "LineSPContactInfo": "556"}
    console("CompletePhysicalConnectionLOA", InstanceId=id, FinishWork=False, **line)
    letter = console("DescribePhysicalConnectionLOA", InstanceId=id)["PhysicalConnectionLOAType"]
    assert letter == {
        "InstanceId": id,
        "Status": "Available",
        "CompanyName": "Acme",
        "CompanyLocalizedName": "Acme",
        "Description": "",
        "SI": "Diggers",
        "LineType": "FIBRE",
        "ConstructionTime": LETTER["ConstructionTime"],
        "LoaUrl": "",
        **line,
        "PMInfo": {"PMInfo": [person]},
    }
    console("CompletePhysicalConnectionLOA", InstanceId=id)
    assert console.line(id)["LoaStatus"] == "Complete"


def test_a_rejected_letter_may_be_handed_in_again(console: Carrier) -> None:
    id = console.circuit()
    console("ApplyPhysicalConnectionLOA", InstanceId=id, **LETTER)
    console.change_circuit(id, loa_status="Rejected")
    console("ApplyPhysicalConnectionLOA", InstanceId=id, **LETTER)
    assert console.line(id)["LoaStatus"] == "Available"


def test_provider_s_short_way(console: Carrier) -> None:
    """No letter, confirmed and enabled by hand; and a circuit that is not wanted after all."""
    id = console.circuit()
    console("ConfirmPhysicalConnection", PhysicalConnectionId=id)
    assert (console.line(id)["Status"], console.line(id)["LoaStatus"]) == ("Confirmed", "")
    console("EnablePhysicalConnection", PhysicalConnectionId=id, ByPassSp=True)
    assert console.line(id)["Status"] == "Enabled"
    other = console.circuit()
    console("CancelPhysicalConnection", PhysicalConnectionId=other)
    assert console.line(other)["Status"] == "Canceled"
    console("DeletePhysicalConnection", PhysicalConnectionId=other)


def test_peer_location_that_is_a_site_leads_there(console: Carrier) -> None:
    console.site(name="plant")
    world = console.cloud.world
    assert world.get(PhysicalConnection, console.circuit(PeerLocation="plant")).site == "plant"
    assert world.get(PhysicalConnection, console.circuit(PeerLocation="elsewhere")).site == ""


def test_steps_for_world_files(console: Carrier) -> None:
    """What a world file does: the services' own actions, in order, on the kernel."""
    console.site(name="plant")
    kernel = console.cloud.kernel

    def ask(action: str, asked: Any) -> Any:
        incoming = Incoming(action=action, flat=asked, account=ACCOUNT, region=REGION)
        return console.cloud.running.do(lambda: kernel.invoke(service, incoming, "seed")).body

    application = lines.application(kernel.world, REGION, "plant", name="line", bandwidth=200)
    id = ask(*application)["PhysicalConnectionId"]
    for step in lines.until_enabled(REGION, id):
        ask(*step)
    circuit = kernel.world.get(PhysicalConnection, id)
    assert (circuit.status, circuit.loa_status, circuit.site) == ("Enabled", "Complete", "plant")
    assert (circuit.name, circuit.bandwidth, circuit.access_point_id) == ("line", 200, POINT)


@pytest.mark.parametrize(
    ("payer", "ends"),
    [("PayByPhysicalConnectionOwner", "Enabled"), ("PayByVirtualPhysicalConnectionOwner", "Confirmed")],
)
def test_hosted_connection(payer: str, ends: str, console: Carrier) -> None:
    console.site(name="plant")
    tenant, parent = console.as_tenant(), console.enabled(PeerLocation="plant")
    asked = {"PhysicalConnectionId": parent, "OrderMode": payer, "Spec": "200M", "VlanId": 7}
    asked |= {"VpconnAliUid": int(TENANT), "Name": "slice", "Tag": TAGS, "Token": "t-1"}
    assert console.refused("CreateVirtualPhysicalConnection", **asked, DryRun=True).code == "DRYRUN.SUCCESS"
    id = console("CreateVirtualPhysicalConnection", **asked)["VirtualPhysicalConnection"]
    assert console("CreateVirtualPhysicalConnection", **asked)["VirtualPhysicalConnection"] == id
    assert console.line(parent)["VirtualPhysicalConnectionCount"] == 1
    (row,) = console("ListVirtualPhysicalConnections")["VirtualPhysicalConnections"]
    assert row | {"CreationTime": ""} == {
        "PhysicalConnectionId": id,
        "Name": "slice",
        "Description": "",
        "Status": "Allocated",
        "VirtualPhysicalConnectionStatus": "UnConfirmed",
        "BusinessStatus": "Normal",
        "LoaStatus": "",
        "AccessPointId": POINT,
        "AdLocation": f"{REGION}-main-A",
        "PortType": "1000Base-LX",
        "PortNumber": "",
        "LineOperator": "CT",
        "CircuitCode": "",
        "PeerLocation": "plant",
        "Type": "VPC",
        "Spec": "200M",
        "ExpectSpec": "",
        "Bandwidth": 200,
        "ChargeType": "Prepaid",
        "CreationTime": "",
        "EnabledTime": "",
        "EndTime": "",
        "RedundantPhysicalConnectionId": "",
        "ProductType": "VirtualPhysicalConnection",
        "ParentPhysicalConnectionId": parent,
        "ParentPhysicalConnectionAliUid": ACCOUNT,
        "AliUid": TENANT,
        "VlanId": "7",
        "OrderMode": payer,
        "ResourceGroupId": "rg-default",
        "Tags": TAGS,
    }
    tenant("ConfirmPhysicalConnection", PhysicalConnectionId=id)
    assert (tenant.line(id)["Status"], tenant.line(id)["VpconnStatus"]) == (ends, "Confirmed")
    assert console.cloud.world.get(PhysicalConnection, id).site == "plant"


def test_hosted_connections_are_filtered(console: Carrier) -> None:
    tenant, parent, other = console.as_tenant(), console.enabled(), console.enabled()

    def cut(circuit: str, vlan: int) -> str:
        asked = {"PhysicalConnectionId": circuit, "OrderMode": "PayByPhysicalConnectionOwner", "Spec": "1G"}
        made = console("CreateVirtualPhysicalConnection", **asked, VlanId=vlan, VpconnAliUid=int(TENANT))
        return str(made["VirtualPhysicalConnection"])

    one, two, three = cut(parent, 1), cut(parent, 2), cut(other, 1)
    tenant("ConfirmPhysicalConnection", PhysicalConnectionId=two)

    def found(**parameters: Any) -> list[str]:
        answer = console("ListVirtualPhysicalConnections", **parameters)
        assert answer["Count"] == len(answer["VirtualPhysicalConnections"])
        return [row["PhysicalConnectionId"] for row in answer["VirtualPhysicalConnections"]]

    assert found() == [one, two, three]
    assert found(PhysicalConnectionId=parent) == [one, two]
    assert found(IsConfirmed=True) == [two]
    assert found(VirtualPhysicalConnectionStatuses=["UnConfirmed"]) == [one, three]
    assert found(VirtualPhysicalConnectionIds=[one, three]) == [one, three]
    assert found(VlanIds=["1"]) == [one, three]
    assert found(VirtualPhysicalConnectionAliUids=[TENANT]) == [one, two, three]
    assert found(VirtualPhysicalConnectionBusinessStatus="FinancialLocked") == []
    page = console("ListVirtualPhysicalConnections", MaxResults=2)
    assert found(MaxResults=2, NextToken=page["NextToken"]) == [three]
    console("DeletePhysicalConnection", PhysicalConnectionId=one)  # not confirmed yet: the partner takes it back
    assert found() == [two, three]


def test_tags_of_express_connect(console: Carrier, scene: dict[str, str]) -> None:
    interface = console(
        "CreateRouterInterface",
        RouterType="VBR",
        RouterId=scene["vbr"],
        Role="InitiatingSide",
        OppositeRegionId=REGION,
        Spec="Small.1",
    )["RouterInterfaceId"]
    for kind, id in (
        ("PHYSICALCONNECTION", scene["circuit"]),
        ("VIRTUALBORDERROUTER", scene["vbr"]),
        ("ROUTERINTERFACE", interface),
    ):
        which = {"ResourceType": kind, "ResourceId": [id]}
        console("TagResourcesForExpressConnect", **which, Tag=TAGS)
        answer = console("ListTagResourcesForExpressConnect", **which)
        assert answer["TagResources"]["TagResource"] == [
            {"ResourceId": id, "ResourceType": kind, "TagKey": "team", "TagValue": "net"}
        ]
        console("UntagResourcesForExpressConnect", **which, TagKey=["team"])
        assert console("ListTagResourcesForExpressConnect", **which)["TagResources"]["TagResource"] == []

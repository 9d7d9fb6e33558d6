"""The models of the gateway, the VPCs, and the network that joins them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
)

from gatespan.topology import facts, names
from gatespan.topology.fields import (
    Cidr,
    Label,
    Model,
    Months,
    Region,
)


class Create(Model):
    """A dedicated gateway instance to be bought. It costs money by the hour as soon as it runs."""

    name: Annotated[str, AfterValidator(names.check_instance)] = Field(examples=["gateway-1"])
    spec: Annotated[str, AfterValidator(names.check_spec)] = Field(examples=["api.s1.small"])
    zone: str = Field(examples=["cn-hangzhou-MAZ6(i,j,k)"], description="Multi-zone id, from DescribeZones")
    charge_type: Literal["PostPaid"] = "PostPaid"
    https_policy: Literal["HTTPS2_TLS1_0", "HTTPS2_TLS1_2", "HTTPS1_1_TLS1_0"] = "HTTPS2_TLS1_2"


class InstanceRef(Model):
    """Which dedicated instance: exactly one of the three keys."""

    id: Annotated[str, AfterValidator(names.check_instance_id)] | None = Field(
        default=None, examples=["apigateway-hz-0123456789ab"]
    )
    name: str | None = Field(default=None, examples=["gateway-1"], description="Exact name of an existing instance")
    create: Create | None = None


class Gateway(Model):
    """The API gateway; its region is the hub's region."""

    region: Region
    instance: InstanceRef = Field(examples=["{name: gateway-1}"])
    rebind: bool = Field(default=False, description="Bind the hub even if another VPC is bound (cuts its clients off)")
    release: bool = Field(default=True, description="Unbind the hub on teardown; false leaves the binding")


class VSwitch(Model):
    """One vSwitch. In an existing VPC: `name` or `id` (zone and cidr, if given, are asserted).

    In a VPC to be made: `name`, `zone` and `cidr`.
    """

    name: Label | None = Field(default=None, examples=["vsw-h"])
    id: Annotated[str, AfterValidator(names.check_vswitch_id)] | None = Field(
        default=None, examples=["vsw-bp1s5fnvk4gn2tws03624"]
    )
    zone: str | None = Field(default=None, examples=["cn-hangzhou-h"])
    cidr: Cidr | None = Field(default=None, examples=["10.1.1.0/24"])

    @property
    def label(self) -> str:
        """What people call it: its name, else its id."""
        return self.name or self.id or "?"


class Vpc(Model):
    """What the hub and the client networks have in common: a VPC that exists already or is to be made."""

    name: Label = Field(examples=["vpc-1"])
    id: Annotated[str, AfterValidator(names.check_vpc_id)] | None = Field(
        default=None, examples=["vpc-bp1qpo0kug3a20qqe9h1v"]
    )
    existing: bool = Field(default=False, description="It exists already and is found by its exact name")
    adopt: bool = Field(default=False, description="Take over an untagged VPC of this name instead of stopping")
    cidr: Cidr = Field(examples=["10.1.0.0/16"], description="Asserted of an existing VPC, given to a new one")
    vswitches: tuple[VSwitch, ...] = Field(default=(), description="Those that carry the attachment; two zones or more")
    routes: Literal["auto-publish", "explicit"] = Field(
        default="auto-publish", description="Who writes the routes to the other networks into the VPC's tables"
    )

    @property
    def made(self) -> bool:
        """True when this topology makes (and removes) the VPC."""
        return self.id is None and not self.existing


class Hub(Vpc):
    """VPC-1: the VPC that the gateway is bound to. It lies in the gateway's region."""

    region: Region | None = Field(default=None, description="May be left out: it is the gateway's region")
    bind_vswitch: str | None = Field(
        default=None,
        examples=["vsw-h"],
        description="Name or id of the vSwitch of the gateway's entry; default the first",
    )

    @property
    def entry_vswitch(self) -> VSwitch | None:
        """The vSwitch that holds the gateway's entry address; None when the file names none."""
        wanted = self.bind_vswitch
        return next((one for one in self.vswitches if wanted is None or wanted in (one.name, one.id)), None)


class Network(Vpc):
    """A client VPC whose machines call the gateway's APIs."""

    region: Region = Field(examples=["cn-beijing"])


class Cen(Model):
    """The Cloud Enterprise Network that joins the regions: `name` (found, else made) or `id` (existing)."""

    name: Label | None = Field(default=None, examples=["gatespan-cross-region"])
    id: Annotated[str, AfterValidator(names.check_cen_id)] | None = Field(
        default=None, examples=["cen-7qthudw0ll6jmc0000"]
    )
    edition: Literal["enterprise", "basic"] = "enterprise"
    adopt: bool = Field(default=False, description="Take over an untagged CEN of this exact name instead of stopping")


class Plan(Model):
    """A prepaid bandwidth plan. It cannot be deleted during its term. With `id` one that exists is used."""

    id: Annotated[str, AfterValidator(names.check_plan_id)] | None = Field(
        default=None, examples=["cenbwp-4c2zaavbvh5fx0000"], description="An existing plan, used as it is"
    )
    mbps: int = Field(ge=2, le=10000, examples=[2])
    months: Months = Field(default=1, examples=[1])

    @property
    def term(self) -> tuple[int, Literal["Month", "Year"]]:
        """(Period, PricingCycle) as CreateCenBandwidthPackage wants them."""
        return (self.months, "Month") if self.months < 12 else (self.months // 12, "Year")


class Traffic(Model):
    """Pay by traffic, up to a cap."""

    cap_mbps: int = Field(ge=1, le=10000, examples=[100])


class Bandwidth(Model):
    """What one pair of regions may carry: exactly one of `plan` and `traffic`.

    Pairs of the same two areas (all of the Chinese mainland is one area) share one plan: they repeat the same
    `plan` and each take a `share` of it.
    """

    between: tuple[Region, Region] = Field(examples=["[cn-hangzhou, cn-beijing]"])
    plan: Plan | None = Field(default=None, examples=["{mbps: 2, months: 1}"])
    traffic: Traffic | None = Field(default=None, examples=["{cap_mbps: 100}"])
    share: int | None = Field(default=None, ge=1, description="Mbit/s of the plan for this pair; default all of it")

    @property
    def mbps(self) -> int:
        """Bandwidth of the inter-region connection, Mbit/s."""
        if self.traffic:
            return self.traffic.cap_mbps
        assert self.plan is not None  # a rule of the file
        return self.share or self.plan.mbps

    @property
    def areas(self) -> tuple[str, str]:
        """The two areas that a plan for this pair joins, as CreateCenBandwidthPackage spells them."""
        return facts.area(self.between[0]), facts.area(self.between[1])

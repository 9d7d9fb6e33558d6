"""What a user writes: one frozen model per section of the topology file.

Models carry shapes, limits and the examples that error hints and the JSON Schema show. Whatever concerns two
places of the file at once is in `rules`; a `Topology` in hand has passed both, however it was made.

What exists already is named (`id`, or `existing: true` with its exact name); what is to be made is described.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Protocol, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from gatespan.topology import facts, names, rules
from gatespan.topology.cidr import check_address, check_cidr

Method = Literal["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "ANY"]
Stage = Literal["RELEASE", "PRE", "TEST"]
WireProtocol = Literal["HTTP", "HTTPS"]
Auth = Literal["anonymous", "app_code", "signature"]
Months = Literal[1, 2, 3, 6, 12, 24, 36]


def _digits_as_text(value: object) -> object:
    """`size: 1000` is a number to YAML and text to HTTP: take it, the meaning is plain."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _named_grant(value: object) -> object:
    """`grant: orders_backend` is short for `grant: {name: orders_backend}`."""
    return {"name": value} if isinstance(value, str) else value


Cidr = Annotated[str, AfterValidator(check_cidr)]
Address = Annotated[str, AfterValidator(check_address)]
Text = Annotated[str, BeforeValidator(_digits_as_text)]
Headers = dict[
    Annotated[str, AfterValidator(names.check_header_name)],
    Annotated[Text, AfterValidator(names.check_header)],
]
Label = Annotated[str, AfterValidator(names.check_label)]
Region = Annotated[str, AfterValidator(names.check_region), Field(examples=["cn-hangzhou"])]


class _HasName(Protocol):
    @property
    def name(self) -> str: ...


_T = TypeVar("_T", bound=_HasName)


class Model(BaseModel):
    """Frozen; unknown keys are errors; fields may be given by name or by alias."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)


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


class Circuit(Model):
    """One way into a site: a physical connection (or a partner's hosted one) that exists, and its border router.

    The carrier's work takes weeks, so a circuit is never made here. Without `vbr` the border router is made; with it
    the one that exists (also one in `unconfirmed` that a partner made) is taken over.
    """

    circuit: Label = Field(examples=["pc-bp1ciz7ekd2grn1as000"], description="Id, or exact name, of the circuit")
    vbr: Label | None = Field(default=None, examples=["vbr-bp1jcg5cmxjbl9xgc000"], description="Id or exact name")
    vlan: int = Field(ge=0, le=2999, examples=[110])
    cloud_ip: Address = Field(examples=["10.255.0.1"], description="Of the border router on the circuit")
    site_ip: Address = Field(examples=["10.255.0.2"], description="Of the site's router on the circuit")
    mask: int = Field(default=30, ge=24, le=30, description="Length of the prefix that holds both addresses")
    bandwidth_mbps: Annotated[int, AfterValidator(names.check_vbr_bandwidth)] | None = Field(
        default=None, examples=[100], description="One that border routers have; default: the circuit's own"
    )
    bfd: bool = Field(default=False, description="Bidirectional forwarding detection")

    @property
    def netmask(self) -> str:
        """``PeeringSubnetMask`` as CreateVirtualBorderRouter wants it."""
        return str(ipaddress.ip_network(f"0.0.0.0/{self.mask}").netmask)


class Bgp(Model):
    """The site's BGP speaker. The key, if any, is in an environment variable of who runs this, never in the file."""

    asn: Annotated[int, Field(ge=1, le=4294967295), AfterValidator(names.check_asn)] = Field(
        examples=[65010], description="Of the site; not 45104, the cloud's own"
    )
    key_env: Annotated[str, AfterValidator(names.check_variable)] | None = Field(
        default=None, examples=["DC1_BGP_KEY"], description="Name of the environment variable that holds the MD5 key"
    )
    announce: tuple[Cidr, ...] = Field(
        default=(), description="Announced to the site by hand (router-interface only; default the hub's CIDR)"
    )


class HealthCheck(Model):
    """Probes from the cloud to the site's end of the circuit: without them a dead circuit gives way to no other."""

    source_ip: Address | None = Field(
        default=None, examples=["10.255.1.1"], description="An idle private address; default one of 100.96.0.0/16"
    )
    interval_s: int = Field(default=2, ge=2, le=3)
    threshold: int = Field(default=8, ge=3, le=8, description="Probes that must fail before the circuit counts as dead")
    only: bool = Field(default=False, description="Report, and do not take the routes away")


class Site(Model):
    """A data centre, joined by one circuit, or several for redundancy.

    `connect: cen` attaches the border routers to the transit router; `router-interface` joins each to the hub VPC by a
    pair of router interfaces (the classic Express Connect way, no CEN needed for it).
    """

    name: Label = Field(examples=["dc-1"])
    region: Region = Field(examples=["cn-hangzhou"], description="Region of its access points")
    prefixes: tuple[Cidr, ...] = Field(min_length=1, examples=["[10.200.0.0/16]"])
    connect: Literal["cen", "router-interface"] = "cen"
    circuits: tuple[Circuit, ...] = Field(
        min_length=1, examples=["[{circuit: pc-1, vlan: 110, cloud_ip: 10.255.0.1, site_ip: 10.255.0.2}]"]
    )
    routing: Literal["static", "bgp"] = "static"
    bgp: Bgp | None = Field(default=None, examples=["{asn: 65010, key_env: DC1_BGP_KEY}"])
    health_check: HealthCheck | None = Field(default=None, examples=["{interval_s: 2, threshold: 8}"])


class Grant(Model):
    """A VPC access authorisation: the gateway may open connections to one address and port, seen from the hub VPC.

    Exactly one of `address` (an on-premises host, or any private address that the hub reaches) and `instance` (an ECS
    instance or an internal load balancer of the hub VPC).
    """

    name: Annotated[str, AfterValidator(names.check_grant)] = Field(examples=["orders_backend"])
    address: Address | None = Field(default=None, examples=["10.200.1.10"])
    instance: Annotated[str, AfterValidator(names.check_server_id)] | None = Field(
        default=None, examples=["i-bp1h92vmdzwurjvkk000"], description="ECS or CLB id"
    )
    port: int = Field(ge=1, le=65535, examples=[8080])
    host: Annotated[str, AfterValidator(names.check_host)] | None = Field(
        default=None, examples=["orders.corp.example"], description="Host header that it is sent"
    )
    description: str = Field(default="", max_length=180)
    adopt: bool = Field(default=False, description="Take over a grant of this name instead of stopping")


class GrantBackend(Model):
    """A back-end behind a grant. `backend: {grant: orders_backend}` is short for `{grant: {name: orders_backend}}`."""

    name: str = Field(examples=["orders_backend"], description="Name of an entry of `grants`")
    path: Annotated[str, AfterValidator(names.check_path)] | None = Field(
        default=None, examples=["/v1/orders"], description="Default: the API's own path"
    )
    method: Method | None = Field(default=None, description="Default: the API's own method")
    scheme: Literal["http", "https"] = "http"
    timeout_ms: int | None = Field(default=None, ge=1, le=120_000, description="Default: the API's own time limit")


class HttpBackend(Model):
    """A back-end reached by its URL."""

    url: Annotated[str, AfterValidator(names.check_url)] = Field(examples=["http://203.0.113.10:8080/orders"])
    method: Method | None = Field(default=None, description="Default: the API's own method")
    timeout_ms: int | None = Field(default=None, ge=1, le=120_000, description="Default: the API's own time limit")


class MockBackend(Model):
    """An answer that the gateway gives by itself."""

    status: int = Field(default=200, ge=100, le=599)
    body: str = ""
    headers: Headers = Field(default_factory=dict)


class Backend(Model):
    """What answers: exactly one of the four keys."""

    function: str | None = Field(default=None, examples=["hello"], description="Name of an entry of `functions`")
    http: HttpBackend | None = Field(default=None, examples=["{url: 'http://203.0.113.10:8080'}"])
    mock: MockBackend | None = Field(default=None, examples=["{status: 200, body: ok}"])
    grant: Annotated[GrantBackend, BeforeValidator(_named_grant, json_schema_input_type=GrantBackend | str)] | None = (
        Field(default=None, examples=["orders_backend"])
    )


class Api(Model):
    """One API of a group."""

    name: Annotated[str, AfterValidator(names.check_api)] = Field(examples=["hello"])
    description: str = Field(default="", max_length=180)
    path: Annotated[str, AfterValidator(names.check_path)] = Field(examples=["/hello"])
    method: Method = Field(default="GET", examples=["GET"])
    auth: Auth = Field(examples=["anonymous"])
    backend: Backend = Field(examples=["{function: hello}"])
    stages: tuple[Stage, ...] = Field(default=("RELEASE",), min_length=1, examples=["[RELEASE]"])
    apps: tuple[str, ...] = Field(default=(), description="Names of `apps` that are authorised to call it")
    timeout_ms: int = Field(default=10_000, ge=1, le=120_000)
    protocols: tuple[WireProtocol, ...] = Field(default=("HTTP", "HTTPS"), min_length=1)
    adopt: bool = Field(default=False, description="In an adopted group: take over an untagged API of this name")


class Group(Model):
    """An API group; its VPC second-level domain is what clients call."""

    name: Annotated[str, AfterValidator(names.check_group)] = Field(examples=["hello_group"])
    description: str = Field(default="", max_length=180)
    base_path: Annotated[str, AfterValidator(names.check_base_path)] = Field(default="/", examples=["/"])
    apis: tuple[Api, ...] = ()
    adopt: bool = Field(default=False, description="Take over an untagged group of this name instead of stopping")


class Function(Model):
    """A web function of FC 3 with an HTTP trigger: made from a folder (`source`) or `existing: true`."""

    name: Annotated[str, AfterValidator(names.check_function)] = Field(examples=["hello"])
    region: Region | None = Field(default=None, description="Default: the gateway's region")
    source: str | None = Field(default=None, examples=["functions/hello"], description="Folder, relative to this file")
    existing: bool = False
    runtime: Literal["custom", "custom.debian10", "custom.debian11", "custom.debian12"] = "custom.debian11"
    command: tuple[str, ...] = Field(default=(), examples=["[python3, server.py]"], description="Default: ./bootstrap")
    port: int = Field(default=9000, ge=1, le=65535)
    memory_mb: int = Field(default=512, ge=128, le=32768, multiple_of=64)
    timeout_s: int = Field(default=60, ge=1, le=86400)
    trigger: Annotated[str, AfterValidator(names.check_trigger)] = "http"
    environment: dict[Annotated[str, AfterValidator(names.check_variable)], Text] = Field(default_factory=dict)


class App(Model):
    """A caller with credentials (app code, key and secret)."""

    name: Annotated[str, AfterValidator(names.check_app)] = Field(examples=["demo_caller"])
    existing: bool = False


class Expect(Model):
    """What the answer of a verifying call must be. Everything given must hold."""

    status: int = Field(default=200, ge=100, le=599)
    body: str | None = Field(default=None, description="Exact text")
    contains: str | None = None
    json_: Any = Field(default=None, alias="json", description="Keys and values that the JSON body must hold")
    max_seconds: float | None = Field(default=None, gt=0)


class Call(Model):
    """One verifying call, sent by a machine ("seat") that sits in one of the networks."""

    name: str = Field(min_length=1, examples=["ecs-3 says hello"])
    api: str = Field(examples=["hello_group/hello"], description="group/api, or api where that is unambiguous")
    from_: str = Field(alias="from", min_length=1, examples=["ecs-3"])
    method: Method | None = Field(default=None, description="Default: the API's method; GET where that is ANY")
    path: str | None = Field(default=None, examples=["/users/7"], description="Default: the API's path")
    query: dict[str, Text] = Field(default_factory=dict)
    headers: Headers = Field(default_factory=dict)
    body: str | None = None
    stage: Stage = "RELEASE"
    app: str | None = Field(default=None, description="Whose credentials; default the API's only app")
    expect: Expect = Expect()


class Topology(Model):
    """The whole file."""

    name: Annotated[str, AfterValidator(names.check_topology)] = Field(examples=["cross-region"])
    description: str = ""
    gateway: Gateway = Field(examples=["{region: cn-hangzhou, instance: {name: gateway-1}}"])
    hub: Hub = Field(examples=["{name: vpc-1, existing: true, cidr: 10.1.0.0/16}"])
    cen: Cen = Field(default=Cen(), examples=["{name: my-network}"])
    networks: tuple[Network, ...] = ()
    sites: tuple[Site, ...] = ()
    grants: tuple[Grant, ...] = ()
    bandwidth: tuple[Bandwidth, ...] = ()
    groups: tuple[Group, ...] = ()
    functions: tuple[Function, ...] = ()
    apps: tuple[App, ...] = ()
    verify: tuple[Call, ...] = ()

    @model_validator(mode="after")
    def _obeys_the_rules(self, info: ValidationInfo) -> Topology:
        """Made in code: the rules hold too. `load` runs them itself, to give positions."""
        if info.context and info.context.get("rules_run_elsewhere"):
            return self
        found = list(rules.check(self.model_dump(by_alias=True, exclude_unset=True, mode="json")))
        if found:
            raise PydanticCustomError("topology", "{text}", {"text": "; ".join(map(str, found))})
        return self

    # -- look-ups -----------------------------------------------------------------------------------------

    @property
    def region(self) -> str:
        """The region of the gateway and the hub."""
        return self.gateway.region

    @property
    def regions(self) -> tuple[str, ...]:
        """Regions that the CEN joins: the hub's first, each once. Empty when nothing needs a CEN."""
        joined = [n.region for n in self.networks] + [s.region for s in self.cen_sites]
        return tuple(dict.fromkeys((self.region, *joined))) if joined else ()

    @property
    def cen_sites(self) -> tuple[Site, ...]:
        """The sites whose border routers are attached to the CEN."""
        return tuple(site for site in self.sites if site.connect == "cen")

    @property
    def flow(self) -> Literal["cross-region", "on-premises-clients", "on-premises-backend", "hub"]:
        """The flow that builds this topology: that of its scenario, `hub` for any mix."""
        if self.networks:
            return "hub" if self.sites or self.grants else "cross-region"
        if self.sites:
            return "on-premises-backend" if self.grants else "on-premises-clients"
        return "hub" if self.grants else "cross-region"

    @property
    def plans(self) -> dict[tuple[str, str], Plan]:
        """The bandwidth plans to hold, one per pair of areas (areas sorted)."""
        entries = ((tuple(sorted(entry.areas)), entry.plan) for entry in self.bandwidth if entry.plan)
        return {(areas[0], areas[1]): plan for areas, plan in entries}

    def between(self, one: str, other: str) -> Bandwidth | None:
        """The bandwidth entry of two regions, in either order."""
        return next((entry for entry in self.bandwidth if set(entry.between) == {one, other}), None)

    def network(self, name: str) -> Network:
        """KeyError when there is none of that name; so for the next three."""
        return _named(self.networks, name)

    def function(self, name: str) -> Function:
        return _named(self.functions, name)

    def group(self, name: str) -> Group:
        return _named(self.groups, name)

    def app(self, name: str) -> App:
        return _named(self.apps, name)

    def site(self, name: str) -> Site:
        return _named(self.sites, name)

    def grant(self, name: str) -> Grant:
        return _named(self.grants, name)

    def api(self, reference: str) -> tuple[Group, Api]:
        """By "group/api", or "api" where only one group has it. KeyError when none or several match."""
        wanted_group, _, wanted = reference.rpartition("/")
        found = [
            (group, api)
            for group, api in self.apis
            if api.name == wanted and (not wanted_group or group.name == wanted_group)
        ]
        if len(found) != 1:
            raise KeyError(reference)
        return found[0]

    @property
    def apis(self) -> tuple[tuple[Group, Api], ...]:
        return tuple(_each_api(self.groups))


def _each_api(groups: tuple[Group, ...]) -> Iterator[tuple[Group, Api]]:
    for group in groups:
        for api in group.apis:
            yield group, api


def _named(things: tuple[_T, ...], name: str) -> _T:
    for thing in things:
        if thing.name == name:
            return thing
    raise KeyError(name)

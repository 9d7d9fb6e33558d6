"""The models of data centers: circuits, BGP, health checks."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
)

from gatespan.topology import names
from gatespan.topology.fields import (
    Address,
    Cidr,
    Label,
    Model,
    Region,
)


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

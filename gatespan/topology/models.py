"""The whole topology file as one frozen model; its sections are in `networks`, `sites` and `apis`.

Models carry shapes, limits and the examples that error hints and the JSON Schema show. Whatever concerns two
places of the file at once is in `rules`; a `Topology` in hand has passed both, however it was made.

What exists already is named (`id`, or `existing: true` with its exact name); what is to be made is described.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Protocol, TypeVar

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from gatespan.topology import names, rules
from gatespan.topology.apis import Api, App, Call, Function, Grant, Group
from gatespan.topology.fields import Model
from gatespan.topology.networks import Bandwidth, Cen, Gateway, Hub, Network, Plan
from gatespan.topology.sites import Site


class _HasName(Protocol):
    @property
    def name(self) -> str: ...


_T = TypeVar("_T", bound=_HasName)


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

"""The things of the traditional API Gateway (CloudAPI)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gatespan.emulator.world import Thing


@dataclass(frozen=True, kw_only=True)
class GatewayAccount(Thing):
    """The account-level switch of the product; ``id`` is the account id.

    ``sales_end``: whether CreateInstance is refused from the end of sales on (``rules.SALES_END``), as the real
    product does.
    """

    KIND = "gateway_account"
    opened: bool = True
    sales_end: bool = False


@dataclass(frozen=True, kw_only=True)
class GatewayInstance(Thing):
    """A dedicated instance. ``type`` is normal or vpc_connect.

    ``user_vpc_id``/``user_vswitch_id``: the one client-side VPC bound to it; ``entry_ip`` the private address that
    the VPC second-level domains resolve to, out of that vSwitch. ``vpc_egress``: source block toward back ends.
    ``instance_cidr``, ``connect_*``, ``interfaces`` belong to vpc_connect (interfaces as answered on the wire).
    ``planned``: field values that take effect when the change under way ends; ``offered``: those that wait for the
    confirmation of a new egress block (status WAIT_SWITCH), with their ``deadline``.
    """

    KIND = "gateway_instance"
    status: str = "RUNNING"
    name: str
    spec: str = "api.s1.small"
    type: str = "normal"
    charge_type: str = "PayAsYouGo"
    zone: str = ""
    https_policy: str = "HTTPS2_TLS1_2"
    expires: float = 0.0
    user_vpc_id: str = ""
    user_vswitch_id: str = ""
    vpc_owner: str = ""
    entry_ip: str = ""
    vpc_egress: str = ""
    new_vpc_egress: str = ""
    internet_egress: str = ""
    instance_cidr: str = ""
    connect_vpc_id: str = ""
    connect_cidrs: tuple[str, ...] = ()
    interfaces: tuple[Mapping[str, str], ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    planned: Mapping[str, Any] = field(default_factory=dict)
    offered: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ApiGroup(Thing):
    """``vpc_domain`` is empty until the VPC second-level domain is enabled; ``slb_domain`` likewise (self-call).

    ``vpc_whitelist``: the only VPCs that may call the VPC domain, empty for all.
    """

    KIND = "api_group"
    status: str = "NORMAL"
    name: str
    description: str = ""
    base_path: str = "/"
    instance_id: str = ""
    sub_domain: str = ""
    vpc_domain: str = ""
    slb_domain: str = ""
    vpc_whitelist: tuple[str, ...] = ()
    internet_enabled: bool = True
    inner_domain_enabled: bool = True
    https_policy: str = ""
    modified: float = 0.0
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Api(Thing):
    """The draft of an API. ``definition`` holds the request parameters of CreateApi by their API names, the JSON
    ones parsed and spelt as responses spell them (see ``definition.read``)."""

    KIND = "api"
    group_id: str
    name: str
    definition: Mapping[str, Any] = field(default_factory=dict)
    modified: float = 0.0


@dataclass(frozen=True, kw_only=True)
class DeployedApi(Thing):
    """The live copy of an API in a stage. ``id`` is ``api:stage``; ``created`` is the time of this deployment."""

    KIND = "deployed_api"
    api_id: str
    group_id: str
    stage: str
    name: str
    definition: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class ApiHistory(Thing):
    """One publication of the past. ``id`` is ``api:stage:version``."""

    KIND = "api_history"
    api_id: str
    group_id: str
    stage: str
    version: str
    name: str = ""
    definition: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class App(Thing):
    """A caller. ``id`` is the numeric app id as text."""

    KIND = "app"
    name: str
    description: str = ""
    key: str = ""
    secret: str = ""
    code: str = ""
    extend: str = ""
    disabled: bool = False
    modified: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Authorization(Thing):
    """The right of an app to call an API in a stage. ``id`` is ``api:app:stage``; ``account`` is the API's.

    ``expires`` in epoch seconds, 0 for never. ``created``: when it was granted (last).
    """

    KIND = "authorization"
    api_id: str
    app_id: str
    stage: str
    description: str = ""
    expires: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Backend(Thing):
    KIND = "backend"
    name: str
    type: str
    description: str = ""
    modified: float = 0.0


@dataclass(frozen=True, kw_only=True)
class BackendModel(Thing):
    """The definition of a back end in one stage; ``data`` in the response's spelling."""

    KIND = "backend_model"
    backend_id: str
    stage: str
    type: str
    data: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""
    modified: float = 0.0


@dataclass(frozen=True, kw_only=True)
class BackendTask(Thing):
    """What a change of a back-end model did to the live APIs; ``results`` as answered. Not part of the state."""

    KIND = "_backend_task"
    results: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class VpcAccess(Thing):
    """A VPC access authorisation: one address and port behind a VPC that back ends may name. ``host``: Host header.

    ``instance_id``: an ECS id, or an address (also one on premises, reached by way of the VPC).
    """

    KIND = "vpc_access"
    name: str
    vpc_id: str
    instance_id: str
    port: int
    host: str = ""
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class VpcAccessTask(Thing):
    """What a change of an authorisation does to the live APIs that use it. Not part of the state.

    ``status``: RUNNING, then OVER. ``abolish``: the APIs are unpublished and the authorisation goes with them, else
    they are updated. ``users``: the live copies that the call found, as answered; ``failures``: why some did not
    follow, by the id of the live copy.
    """

    KIND = "_vpc_access_task"
    access_id: str
    abolish: bool
    users: tuple[Mapping[str, str], ...] = ()
    failures: Mapping[str, str] = field(default_factory=dict)

"""The models of what is published: APIs, what stands behind them, who may call them, and the calls that prove it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
)

from gatespan.topology import names
from gatespan.topology.fields import (
    Address,
    Auth,
    Headers,
    Method,
    Model,
    Region,
    Stage,
    Text,
    WireProtocol,
    named_grant,
)


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
    grant: Annotated[GrantBackend, BeforeValidator(named_grant, json_schema_input_type=GrantBackend | str)] | None = (
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

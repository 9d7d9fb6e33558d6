"""The gateway: which group, which API, who calls, then the back end.

The order of the checks is a choice: host, instance, calling VPC, stage, method and path, protocol, network, size,
credentials.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gatespan.emulator.dataplane.backends import Backends, Onward
from gatespan.emulator.dataplane.credentials import Credentials
from gatespan.emulator.dataplane.http import MOST_BODY, Request, Response, passed_on
from gatespan.emulator.dataplane.matching import Match, match
from gatespan.emulator.dataplane.refusal import NoAnswerError, RefusedError
from gatespan.emulator.dataplane.shaping import Shaper
from gatespan.emulator.kernel import Kernel
from gatespan.emulator.services.cloudapi.models import ApiGroup, DeployedApi, GatewayInstance

STAGES = ("RELEASE", "PRE", "TEST")
METHODS = frozenset(("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"))
SERVING = ("RUNNING", "WAIT_SWITCH")
"""Waiting up to a day for a confirmation must not stop traffic. Choice."""
LONGEST_TARGET = 8192
"""Characters of path and query; more is I413UL. Choice."""


@dataclass(frozen=True)
class Caller:
    """Where a request comes in from: an address in a VPC through an instance's entry, or the Internet (no instance)."""

    ip: str
    vpc_id: str = ""
    instance: GatewayInstance | None = None


@dataclass
class Gateway:
    """All gateways of one cloud. Nonces of signed calls, and how busy lines are, is all it remembers."""

    kernel: Kernel
    credentials: Credentials = field(default_factory=Credentials)
    shaper: Shaper = field(default_factory=Shaper)

    def __post_init__(self) -> None:
        self.backends = Backends(self.kernel, self.shaper)

    async def answer(self, caller: Caller, request: Request, request_id: str, note: dict[str, Any]) -> Response:
        """The answer of the gateway or of the back end behind it. ``note`` gathers what the cloud's own log tells.

        Raises NoAnswerError where nobody answers.
        """
        try:
            response = await self._answer(caller, request, request_id, note)
            response.headers = passed_on(response.headers, ("x-ca-request-id",))
            note["backend_status"] = response.status
        except RefusedError as refused:
            note.update(code=refused.code, reason=refused.why)
            response = refused.response()
        response.headers = (*response.headers, ("X-Ca-Request-Id", request_id))
        return response

    async def _answer(self, caller: Caller, request: Request, request_id: str, note: dict[str, Any]) -> Response:
        group = self._group(caller, request)
        note["group"] = group.name
        instance = self.kernel.world.get(GatewayInstance, group.instance_id)
        if instance is not None and instance.status not in SERVING:
            raise NoAnswerError(f"gateway.not_running: {instance.id} is {instance.status}")
        if caller.vpc_id and group.vpc_whitelist and caller.vpc_id not in group.vpc_whitelist:
            raise RefusedError("A403VN", "VPC not allowed", f"{caller.vpc_id} is not in the whitelist of {group.name}")
        found = self._match(group, request)
        api = found.api
        note.update(api=api.name, stage=api.stage)
        protocols = str((api.definition.get("RequestConfig") or {}).get("RequestProtocol", "HTTP")).upper()
        if "HTTP" not in [p.strip() for p in protocols.split(",")]:
            raise RefusedError("I403PT", "Protocol `HTTP` is not allowed by the API", f"it takes {protocols}")
        if caller.instance is None and api.definition.get("DisableInternet"):
            raise RefusedError("A403IN", "Internet access is not allowed by the API")
        if len(request.body) > MOST_BODY:
            raise RefusedError("I413RL", "Request body too large")
        app = self.credentials.check(self.kernel.world, self.kernel.clock.now(), api, request)
        if app is not None:
            note["app"] = app.name
        return await self.backends.answer(Onward(request, found, group, instance, caller.ip, request_id, note))

    def _group(self, caller: Caller, request: Request) -> ApiGroup:
        """The group by Host: VPC domains from inside and through the group's own instance, others from outside."""
        host = request.get("Host").partition(":")[0].lower()
        for group in self.kernel.world.all(ApiGroup):
            if caller.instance is not None:
                if group.vpc_domain and group.vpc_domain == host and group.instance_id == caller.instance.id:
                    return group
            elif group.sub_domain and group.sub_domain == host and group.inner_domain_enabled:
                if not group.internet_enabled:
                    raise RefusedError("A403IN", "Internet access is not allowed", f"it is off for group {group.name}")
                return group
        side = f"through {caller.instance.id}" if caller.instance else "from the Internet"
        raise RefusedError("I404DO", "Invalid Domain", f"no group has the domain {host} {side}")

    def _match(self, group: ApiGroup, request: Request) -> Match:
        stage = request.get("X-Ca-Stage") or "RELEASE"
        if stage.upper() not in STAGES:
            raise RefusedError("I400SG", f"Invalid stage `{stage[:40]}`")
        if request.method not in METHODS:
            raise RefusedError("I405UM", f"Unsupported method `{request.method[:20]}`")
        if len(request.target) > LONGEST_TARGET:
            raise RefusedError("I413UL", "Request URL too long")
        live: list[DeployedApi] = self.kernel.world.find(DeployedApi, group_id=group.id, stage=stage.upper())
        path = request.target.partition("?")[0]
        found = match(live, group.base_path, request.method, path)
        if found is None:
            why = f"none of {len(live)} APIs live in {stage.upper()} takes {request.method} {path}"
            raise RefusedError("I404NF", "API not found with the method and path", why)
        return found

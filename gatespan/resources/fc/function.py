"""Functions of FC 3 and their HTTP triggers: adopted, or made from a folder.

A function is updated in one call together with its description, which carries the digest of the code: code and
digest can never disagree, and a plan needs no download to see that the folder has changed.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from gatespan.resources.base import Blocked, Foreign, Found, Ref, Resource, Scope, gone, ready, watch
from gatespan.resources.ownership import TOPOLOGY, mark, read_mark, tags

CODE = "gatespan:code"
LIMIT = 100 * 1024 * 1024
"""Bytes of an archive that is sent with the call; larger code goes through OSS (help page of CreateFunction)."""


@dataclass(frozen=True, kw_only=True)
class Function(Resource):
    """A web function with a custom runtime."""

    KIND = "function"
    TITLE = "function"
    READY = ready("function", "Active", bad=("Failed",))
    GONE = gone("function")
    WATCHED = watch(last_update="lastUpdateStatus")
    TOKEN = False

    existing: bool
    source: Path | None
    runtime: str = "custom.debian11"
    command: tuple[str, ...] = ()
    port: int = 9000
    memory_mb: int = 512
    timeout_s: int = 60
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def makes(self) -> bool:
        return not self.existing

    def find(self, scope: Scope) -> Found | None:
        row = scope.cloud.call("fc", "GetFunction", {"functionName": self.name}, region=self.region)
        marks = read_mark(row.get("description"))
        holder = marks.get(TOPOLOGY)
        state = row.get("state") or "Active"
        if self.existing:
            return Found(self.name, state, {}, holder, True, row)
        if holder != scope.topology:
            whose = f"belongs to the topology {holder}" if holder else "is not ours"
            raise Foreign(
                f"{self.label} exists and {whose}. Set `existing: true` to use it as it is, or choose another name.",
                self.name,
            )
        custom = row.get("customRuntimeConfig") or {}
        fields = {
            "code": marks.get(CODE),
            "runtime": row.get("runtime"),
            "command": list(custom.get("command") or ()),
            "port": custom.get("port"),
            "memory_mb": row.get("memorySize"),
            "timeout_s": row.get("timeout"),
            "environment": dict(row.get("environmentVariables") or {}),
        }
        return Found(self.name, state, fields, holder, False, row)

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        if self.existing:
            return {}
        return {
            "code": self.digest,
            "runtime": self.runtime,
            "command": list(self.command or ("./bootstrap",)),
            "port": self.port,
            "memory_mb": self.memory_mb,
            "timeout_s": self.timeout_s,
            "environment": dict(self.environment),
        }

    def watches(self, scope: Scope) -> Mapping[str, Any]:
        return {"last_update": "Successful"}

    def create(self, scope: Scope, token: str) -> str:
        owned = tags(scope.topology, self.key)
        params = {"functionName": self.name, "tags": owned, **self._spec(scope)}
        scope.cloud.call("fc", "CreateFunction", params, region=self.region, subject=self.name)
        return self.name

    def update(self, scope: Scope, found: Found, changes: Mapping[str, Any]) -> None:
        params = {"functionName": self.name, **self._spec(scope)}
        scope.cloud.call("fc", "UpdateFunction", params, region=self.region, subject=self.name)

    def delete(self, scope: Scope, found: Found) -> None:
        scope.cloud.call("fc", "DeleteFunction", {"functionName": self.name}, region=self.region, subject=self.name)

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.archive).hexdigest()[:16]

    @cached_property
    def archive(self) -> bytes:
        """The folder as a zip whose bytes depend on names, modes and content only."""
        if self.source is None or not self.source.is_dir():
            raise Blocked(f"{self.label}: its source folder {self.source} does not exist.")
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(self.source.rglob("*")):
                if path.is_dir() or "__pycache__" in path.parts:
                    continue
                info = zipfile.ZipInfo(path.relative_to(self.source).as_posix())
                info.external_attr = (0o755 if path.stat().st_mode & 0o100 else 0o644) << 16
                archive.writestr(info, path.read_bytes(), zipfile.ZIP_DEFLATED)
        if out.tell() > LIMIT:
            raise Blocked(f"{self.label}: {self.source} is {out.tell()} bytes zipped; the call takes {LIMIT}.")
        return out.getvalue()

    def _spec(self, scope: Scope) -> dict[str, Any]:
        wants = self.wants(scope)
        return {
            "description": f"{mark(scope.topology, self.key)} {CODE}={self.digest}",
            "runtime": self.runtime,
            "handler": "index.handler",
            "code": {"zipFile": base64.b64encode(self.archive).decode()},
            "customRuntimeConfig": {"command": wants["command"], "port": self.port},
            "memorySize": self.memory_mb,
            "timeout": self.timeout_s,
            "environmentVariables": dict(self.environment),
        }


@dataclass(frozen=True, kw_only=True)
class Trigger(Resource):
    """The function's HTTP trigger; ``row['httpTrigger']`` of what is found has its URLs.

    ``public``: its Internet URL is open. The gateway calls a function of another region over the Internet (help page).
    """

    KIND = "trigger"
    TITLE = "HTTP trigger of"
    READY = ready("trigger", "present")
    GONE = gone("trigger")
    WATCHED = watch(auth="triggerConfig", public="triggerConfig", methods="triggerConfig")
    TOKEN = False

    function: Ref
    function_name: str
    trigger: str
    existing: bool
    public: bool = False

    @property
    def makes(self) -> bool:
        return not self.existing

    def find(self, scope: Scope) -> Found | None:
        params = {"functionName": self.function_name, "triggerName": self.trigger}
        row = scope.cloud.call("fc", "GetTrigger", params, region=self.region)
        function = scope.found(self.function)
        assert function is not None
        if row.get("triggerType") != "http":
            raise Blocked(f"{self.label}: trigger {self.trigger} is of type {row.get('triggerType')}, not http.")
        holder = read_mark(row.get("description")).get(TOPOLOGY)
        return Found(f"{self.function_name}/{self.trigger}", "present", {}, holder, self.existing, row)

    def watches(self, scope: Scope) -> Mapping[str, Any]:
        return {} if self.existing else {"auth": "anonymous", "public": self.public, "methods": sorted(METHODS)}

    def watched(self, found: Found) -> Mapping[str, Any]:
        config = json.loads(found.row.get("triggerConfig") or "{}")
        return {
            "auth": config.get("authType"),
            "public": not config.get("disableURLInternet"),
            "methods": sorted(config.get("methods") or ()),
        }

    def create(self, scope: Scope, token: str) -> str:
        config = {"authType": "anonymous", "disableURLInternet": not self.public, "methods": METHODS}
        params = {
            "functionName": self.function_name,
            "triggerName": self.trigger,
            "triggerType": "http",
            "qualifier": "LATEST",
            "triggerConfig": json.dumps(config),
            "description": mark(scope.topology, self.key),
        }
        scope.cloud.call("fc", "CreateTrigger", params, region=self.region, subject=self.function_name)
        return f"{self.function_name}/{self.trigger}"

    def delete(self, scope: Scope, found: Found) -> None:
        params = {"functionName": self.function_name, "triggerName": self.trigger}
        scope.cloud.call("fc", "DeleteTrigger", params, region=self.region, subject=found.id)


METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"]

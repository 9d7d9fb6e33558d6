"""Apps (callers with credentials) and their authorisation for an API in a stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatespan.resources.base import Found, Ref, Resource, Scope, gone, ready, watch
from gatespan.resources.ownership import mark, owner, pick, tags


@dataclass(frozen=True, kw_only=True)
class App(Resource):
    """An app. Its app code, key and secret are made by the gateway and read only when a call is verified."""

    KIND = "app"
    TITLE = "app"
    LISTS = ("DescribeAppAttributes",)
    READY = ready("app", "present")
    GONE = gone("app")
    WATCHED = watch(disabled="Disabled")
    TOKEN = False

    existing: bool = False

    @property
    def makes(self) -> bool:
        return not self.existing

    def find(self, scope: Scope) -> Found | None:
        got = pick(
            scope.inventory.rows("DescribeAppAttributes", region=self.region),
            what=self.label,
            topology=scope.topology,
            key=self.key,
            id=None,
            id_field="AppId",
            name=self.name,
            name_field="AppName",
            existing=self.existing,
        )
        if got is None:
            return None
        row, adopted = got
        return Found(str(row["AppId"]), "present", {}, owner(row), adopted, row)

    def watches(self, scope: Scope) -> Mapping[str, Any]:
        return {"disabled": False}

    def create(self, scope: Scope, token: str) -> str:
        params = {
            "AppName": self.name,
            "Description": mark(scope.topology, self.key)[:180],
            "Tag": tags(scope.topology, self.key),
        }
        return str(scope.cloud.call("cloudapi", "CreateApp", params, region=self.region, subject=self.name)["AppId"])

    def delete(self, scope: Scope, found: Found) -> None:
        scope.cloud.call("cloudapi", "DeleteApp", {"AppId": int(found.id)}, region=self.region, subject=self.name)


@dataclass(frozen=True, kw_only=True)
class Authorization(Resource):
    """The right of an app to call an API in one stage."""

    KIND = "authorization"
    TITLE = "authorisation"
    LISTS = ("DescribeAuthorizedApps",)
    READY = ready("authorization", "present")
    GONE = gone("authorization")
    TOKEN = False

    group: Ref
    api: Ref
    app: Ref
    stage: str

    def find(self, scope: Scope) -> Found | None:
        app, api = scope.found(self.app), scope.found(self.api)
        assert app and api
        rows = scope.inventory.rows(
            "DescribeAuthorizedApps",
            region=self.region,
            GroupId=scope.id_of(self.group),
            ApiId=api.id,
            StageName=self.stage,
        )
        row = next((r for r in rows if str(r["AppId"]) == app.id), None)
        if row is None:
            return None
        holder = scope.topology if scope.topology in (app.owner, api.owner) else None
        return Found(f"{api.id}:{app.id}@{self.stage}", "present", {}, holder, holder is None, row)

    def create(self, scope: Scope, token: str) -> None:
        self._call(scope, "SetAppsAuthorities", Description=f"gatespan {scope.topology}")

    def delete(self, scope: Scope, found: Found) -> None:
        self._call(scope, "RemoveAppsAuthorities")

    def _call(self, scope: Scope, action: str, **more: str) -> None:
        params = {
            "GroupId": scope.id_of(self.group),
            "ApiId": scope.id_of(self.api),
            "AppIds": scope.id_of(self.app),
            "StageName": self.stage,
            **more,
        }
        scope.cloud.call("cloudapi", action, params, region=self.region, subject=params["ApiId"])

"""An API (its draft) and its publication in a stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatespan.resources.base import Foreign, Found, Ref, Resource, Scope, gone, ready, watch
from gatespan.resources.gateway.definition import Definition, read, read_live
from gatespan.resources.ownership import owner, tags


@dataclass(frozen=True, kw_only=True)
class Api(Resource):
    """The draft. In a group of ours an API of the same name is ours (names are unique in a group); in an adopted group
    the API's own tag decides, or ``adopt``: then it is kept as described, and never removed."""

    KIND = "api"
    TITLE = "API"
    LISTS = ("DescribeApis",)
    READY = ready("api", "present")
    WATCHED = watch(visibility="Visibility")
    GONE = gone("api")
    TOKEN = False

    group: Ref
    definition: Definition

    def find(self, scope: Scope) -> Found | None:
        group = scope.found(self.group)
        assert group is not None
        rows = scope.inventory.rows("DescribeApis", region=self.region, GroupId=group.id)
        row = next((r for r in rows if r["ApiName"] == self.definition.api.name), None)
        if row is None:
            return None
        params = {"GroupId": group.id, "ApiId": row["ApiId"]}
        full = scope.cloud.call("cloudapi", "DescribeApi", params, region=self.region, subject=row["ApiId"])
        holder = scope.topology if group.owner == scope.topology else owner(full)
        adopted = holder != scope.topology
        if adopted and not self.definition.api.adopt:
            raise Foreign(
                f"{self.label}: the adopted group has an API of this name ({row['ApiId']}) that is not ours. "
                "Set `adopt: true` to take it over, or choose another name.",
                row["ApiId"],
            )
        return Found(row["ApiId"], "present", read(full), holder, adopted, full)

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        return self.definition.wanted(scope)

    def watches(self, scope: Scope) -> Mapping[str, Any]:
        return {} if self.definition.api.adopt else {"visibility": "PRIVATE"}

    def create(self, scope: Scope, token: str) -> str:
        params = {
            "GroupId": scope.id_of(self.group),
            **_given(self.definition.parameters(scope)),
            "Tag": tags(scope.topology, self.key),
        }
        answer = scope.cloud.call("cloudapi", "CreateApi", params, region=self.region, subject=self.name)
        return str(answer["ApiId"])

    def update(self, scope: Scope, found: Found, changes: Mapping[str, Any]) -> None:
        """ModifyApi replaces the whole definition of the draft."""
        params = {
            "GroupId": scope.id_of(self.group),
            "ApiId": found.id,
            **_given(self.definition.parameters(scope)),
        }
        scope.cloud.call("cloudapi", "ModifyApi", params, region=self.region, subject=found.id)

    def delete(self, scope: Scope, found: Found) -> None:
        params = {"GroupId": scope.id_of(self.group), "ApiId": found.id}
        scope.cloud.call("cloudapi", "DeleteApi", params, region=self.region, subject=found.id)


@dataclass(frozen=True, kw_only=True)
class Deployment(Resource):
    """The live copy of an API in one stage. Editing a draft changes nothing for callers until it is deployed."""

    KIND = "deployment"
    TITLE = "deployment"
    READY = ready("deployment", "present")
    GONE = gone("deployment")
    LISTS = ("DescribeApis",)
    TOKEN = False

    group: Ref
    api: Ref
    stage: str
    definition: Definition

    def find(self, scope: Scope) -> Found | None:
        params = self._params(scope)
        row = scope.cloud.call("cloudapi", "DescribeDeployedApi", params, region=self.region, subject=params["ApiId"])
        api = scope.found(self.api)
        assert api is not None
        fields = read_live(row) | {"draft_is_live": self._draft_is_live(scope, api, row)}
        return Found(f"{api.id}@{self.stage}", "present", fields, api.owner, api.adopted, row)

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        """What the live copy does not tell is judged by the draft: it must be as wanted, and not younger than the live
        copy."""
        return {**self.definition.wanted_live(scope), "draft_is_live": True}

    def create(self, scope: Scope, token: str) -> str:
        params = {**self._params(scope), "Description": f"gatespan {scope.topology}"}
        scope.cloud.call("cloudapi", "DeployApi", params, region=self.region, subject=params["ApiId"])
        return f"{params['ApiId']}@{self.stage}"

    def update(self, scope: Scope, found: Found, changes: Mapping[str, Any]) -> None:
        self.create(scope, "")

    def delete(self, scope: Scope, found: Found) -> None:
        params = self._params(scope)
        scope.cloud.call("cloudapi", "AbolishApi", params, region=self.region, subject=params["ApiId"])

    def _draft_is_live(self, scope: Scope, api: Found, row: Mapping[str, Any]) -> bool:
        edited, deployed = str(api.row.get("ModifiedTime") or ""), str(row.get("DeployedTime") or "")
        return dict(api.fields) == self.definition.wanted(scope) and edited <= deployed

    def _params(self, scope: Scope) -> dict[str, Any]:
        return {"GroupId": scope.id_of(self.group), "ApiId": scope.id_of(self.api), "StageName": self.stage}


def _given(params: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in params.items() if v is not None}

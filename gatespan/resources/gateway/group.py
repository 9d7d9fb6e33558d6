"""API groups and their VPC second-level domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatespan.resources import notes
from gatespan.resources.base import Found, Ref, Resource, Scope, gone, ready, watch
from gatespan.resources.ownership import owner, pick, tags


@dataclass(frozen=True, kw_only=True)
class Group(Resource):
    """An API group on the dedicated instance."""

    KIND = "group"
    TITLE = "API group"
    LISTS = ("DescribeApiGroups",)
    READY = ready("group", "present")
    GONE = gone("group")
    FIXED = frozenset({"instance"})
    WATCHED = watch(moderation="IllegalStatus", billing="BillingStatus")
    TOKEN = False

    gateway: Ref
    base_path: str
    description: str = ""
    adopt: bool = False

    def find(self, scope: Scope) -> Found | None:
        got = pick(
            scope.inventory.rows("DescribeApiGroups", region=self.region),
            what=self.label,
            topology=scope.topology,
            key=self.key,
            id=None,
            id_field="GroupId",
            name=self.name,
            name_field="GroupName",
            adopt=self.adopt,
        )
        if got is None:
            return None
        row, adopted = got
        fields: dict[str, Any] = {"instance": row.get("InstanceId")}
        if not adopted:
            fields |= {
                "name": row["GroupName"],
                "base_path": row.get("BasePath") or "/",
                "description": row.get("Description") or "",
            }
        return Found(row["GroupId"], "present", fields, owner(row), adopted, row)

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        return {
            "name": self.name,
            "instance": scope.id_of(self.gateway),
            "base_path": self.base_path,
            "description": self.description,
        }

    def watches(self, scope: Scope) -> Mapping[str, Any]:
        return {"moderation": "NORMAL", "billing": "NORMAL"}

    def create(self, scope: Scope, token: str) -> str:
        params = {
            "GroupName": self.name,
            "Description": self.description or None,
            "BasePath": self.base_path,
            "InstanceId": scope.id_of(self.gateway),
            "Tag": tags(scope.topology, self.key),
        }
        params = {k: v for k, v in params.items() if v is not None}
        return str(scope.cloud.call("cloudapi", "CreateApiGroup", params, region=self.region)["GroupId"])

    def update(self, scope: Scope, found: Found, changes: Mapping[str, Any]) -> None:
        names = {"name": "GroupName", "base_path": "BasePath", "description": "Description"}
        params = {"GroupId": found.id, **{names[k]: v for k, v in changes.items()}}
        scope.cloud.call("cloudapi", "ModifyApiGroup", params, region=self.region, subject=found.id)

    def delete(self, scope: Scope, found: Found) -> None:
        scope.cloud.call("cloudapi", "DeleteApiGroup", {"GroupId": found.id}, region=self.region, subject=found.id)


@dataclass(frozen=True, kw_only=True)
class VpcDomain(Resource):
    """The group's VPC second-level domain. What is found has the domain as its id."""

    KIND = "vpc_domain"
    TITLE = "VPC domain of"
    LISTS = (notes.LIST,)
    READY = ready("vpc_domain", "present")
    GONE = gone("vpc_domain")
    TOKEN = False

    group: Ref

    def find(self, scope: Scope) -> Found | None:
        group = scope.found(self.group)
        assert group is not None
        answer = scope.cloud.call("cloudapi", "DescribeApiGroup", {"GroupId": group.id}, region=self.region)
        domain = answer.get("VpcDomain")
        holder, adopted = notes.belongs(scope, self.group, self.KIND, self.region)
        return Found(domain, "present", {}, holder, adopted, answer) if domain else None

    def create(self, scope: Scope, token: str) -> None:
        notes.write(scope, self.group, self.KIND, self.region)
        self._switch(scope, True)

    def delete(self, scope: Scope, found: Found) -> None:
        self._switch(scope, False)

    def tidy(self, scope: Scope) -> None:
        notes.erase(scope, self.group, self.KIND, self.region)

    def _switch(self, scope: Scope, on: bool) -> None:
        group = scope.id_of(self.group)
        params = {"GroupId": group, "VpcIntranetEnable": on}
        scope.cloud.call("cloudapi", "ModifyApiGroupNetworkPolicy", params, region=self.region, subject=group)

"""VPC access authorisations ("grants"): the gateway may open connections to one address and port seen from the hub VPC.

A grant takes tags, so ours is told from a stranger's like everything else. Its name is unique in the region and cannot
be changed; nor can its description. It opens nothing in the VPC itself: no route, interface or rule (help page).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatespan.cloud import BUDGETS, Fatal, InUse, UnknownOutcome, Wait
from gatespan.resources.base import UNKNOWN, Foreign, Found, Ref, Resource, Scope, gone, ready
from gatespan.resources.ownership import owner, tags

FOLLOWED = Wait(good=frozenset({"over"}), budget=BUDGETS["vpc_access_task"][0])
"""For the task of a change: over when every published API has its word."""


@dataclass(frozen=True, kw_only=True)
class Grant(Resource):
    """``target``: a private address, which may lie on premises, or the id of an ECS instance or an internal load
    balancer of the hub VPC. A grant of this name that is not ours is used only with ``adopt``; it is then pointed to
    the target, and never removed."""

    KIND = "grant"
    TITLE = "VPC grant"
    LISTS = ("DescribeVpcAccesses",)
    READY = ready("vpc_access", "present")
    GONE = gone("vpc_access")
    TOKEN = False

    vpc: Ref
    target: str
    port: int
    host: str = ""
    description: str = ""
    adopt: bool = False

    def find(self, scope: Scope) -> Found | None:
        rows = scope.inventory.rows("DescribeVpcAccesses", region=self.region)
        row = next((r for r in rows if r["Name"] == self.name), None)
        if row is None:
            self._check_free(scope, rows)
            return None
        holder = owner(row)
        if holder != scope.topology and not self.adopt:
            whose = f"belongs to the topology {holder}" if holder else "carries no ownership tag"
            raise Foreign(
                f"{self.label}: {row['VpcAccessId']} ({address(row)}) has this name but {whose}. Set `adopt: true` to "
                "take it over (published APIs that use it follow it to the target of this file), or choose another "
                "name.",
                row["VpcAccessId"],
            )
        fields = {"target": address(row), "host": row.get("VpcTargetHostName") or ""}
        return Found(row["VpcAccessId"], "present", fields, holder, holder != scope.topology, row)

    def wants(self, scope: Scope) -> Mapping[str, Any]:
        return {"target": calls(scope, self.vpc, self.target, self.port), "host": self.host}

    def create(self, scope: Scope, token: str) -> str:
        params = {
            "Name": self.name,
            **self._target(scope),
            "VpcTargetHostName": self.host or None,
            "Description": self.description or None,
            "Tag": tags(scope.topology, self.key),
        }
        answer = scope.cloud.call("cloudapi", "SetVpcAccess", params, region=self.region, subject=self.name)
        return str(answer["VpcAccessId"])

    def update(self, scope: Scope, found: Found, changes: Mapping[str, Any]) -> None:
        """Point it elsewhere, and follow the task to its end: published APIs keep the address that they were published
        with until it has changed them."""
        params = {"Name": self.name, **self._target(scope), "VpcTargetHostName": self.host, "NeedBatchWork": True}
        action = "ModifyVpcAccessAndUpdateApis"
        try:
            answer = scope.cloud.call("cloudapi", action, params, region=self.region, subject=self.name)
        except UnknownOutcome:  # the same target once more changes nothing, and gives a task that can be followed
            answer = scope.cloud.call("cloudapi", action, params, region=self.region, subject=self.name)
        self._follow(scope, str(answer["OperationId"]))

    def delete(self, scope: Scope, found: Found) -> None:
        """The removal itself would go through under published APIs, which then break without a word (help page)."""
        params = {"VpcName": self.name, "PageSize": 100}
        answer = scope.cloud.call("cloudapi", "DescribeApisByVpcAccess", params, region=self.region, subject=self.name)
        users = (answer.get("ApiVpcAccessInfos") or {}).get("ApiVpcAccessInfo") or ()
        if users:
            names = ", ".join(sorted(f"{u.get('GroupName')}/{u.get('ApiName')}@{u.get('StageName')}" for u in users))
            raise InUse(
                action="RemoveVpcAccess",
                product="cloudapi",
                region=self.region,
                code="PublishedApis",
                message=f"published APIs still use it: {names}",
                subject=self.name,
            )
        target = {name: found.row[name] for name in ("VpcId", "InstanceId", "Port")}
        scope.cloud.call("cloudapi", "RemoveVpcAccess", target, region=self.region, subject=self.name)

    def _target(self, scope: Scope) -> dict[str, Any]:
        return {"VpcId": scope.id_of(self.vpc), "InstanceId": self.target, "Port": self.port}

    def _check_free(self, scope: Scope, rows: tuple[Mapping[str, Any], ...]) -> None:
        """One address and port of a VPC has one grant."""
        wanted = calls(scope, self.vpc, self.target, self.port)
        other = next((r for r in rows if address(r) == wanted), None)
        if other:
            raise Foreign(
                f"{self.label}: the grant {other['Name']} ({other['VpcAccessId']}) stands for {wanted} already, and "
                "there can be one only. Use that name with `adopt: true`, or remove that grant.",
                other["VpcAccessId"],
            )

    def _follow(self, scope: Scope, task: str) -> None:
        """Until every published API that the task tells of has its result. OVER means finished, not done: what came
        of it is in ``ErrorMsg`` (help page), the word Success at its beginning or a code and why."""
        rows: list[Mapping[str, Any]] = []

        def probe() -> str:
            params = {"OperationUid": task}
            answer = scope.cloud.call("cloudapi", "DescribeUpdateVpcInfoTask", params, region=self.region, subject=task)
            rows[:] = (answer.get("ApiUpdateVpcInfoResults") or {}).get("ApiUpdateVpcInfoResult") or ()
            return "over" if all(r.get("ErrorMsg") for r in rows) else "running"

        scope.until(probe, FOLLOWED, f"{self.label}: task {task}")
        failed = [r for r in rows if not str(r["ErrorMsg"]).lower().startswith("success")]
        if failed:
            each = "; ".join(
                f"{r.get('GroupName')}/{r.get('ApiName')}@{r.get('StageName')}: {r['ErrorMsg'].strip()}" for r in failed
            )
            raise Fatal(
                action="ModifyVpcAccessAndUpdateApis",
                product="cloudapi",
                region=self.region,
                code="ApisDidNotFollow",
                message=f"the grant points to {self.target}:{self.port} now, but not every published API followed: "
                f"{each}. Run it again: what is still stale is published anew",
                subject=self.name,
            )


def calls(scope: Scope, vpc: Ref, target: str, port: int) -> Any:
    """Where connections go, for people and for comparing: ``10.200.1.10:8080 in vpc-…``; ``UNKNOWN`` while the VPC is
    not made."""
    id = scope.id_of(vpc)
    return UNKNOWN if id is UNKNOWN else f"{target}:{port} in {id}"


def address(row: Mapping[str, Any]) -> str:
    """The same of a grant, or of the ``VpcConfig`` of a published API."""
    return f"{row.get('InstanceId')}:{row.get('Port')} in {row.get('VpcId')}"

"""The gateway part: the API groups of the instance, their APIs, what answers, who may call, and the grants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatespan.adoption.reading import NotAdoptable, Path, Reader, Row
from gatespan.cloud import NotFound
from gatespan.resources.gateway.definition import read

STAGES = ("RELEASE", "PRE", "TEST")
USUAL: Row = {"stages": ["RELEASE"], "protocols": ["HTTP", "HTTPS"], "timeout_ms": 10_000, "description": ""}
"""What a topology means by saying nothing."""


def find_instance(reader: Reader, wanted: str) -> Row:
    """The dedicated instance by id or exact name. Raises NotAdoptable."""
    rows = reader.rows("DescribeInstances")
    found = [r for r in rows if wanted in (r["InstanceId"], r.get("InstanceName"))]
    if len(found) == 1:
        return found[0]
    there = ", ".join(f"{r['InstanceId']} ({r.get('InstanceName')})" for r in rows) or "none"
    what = "is named twice" if found else "is not there"
    raise NotAdoptable(f"The gateway instance {wanted} {what} in {reader.region}. There are: {there}.")


def read_gateway(reader: Reader, instance: Row, hub_id: str) -> dict[str, Any]:
    """The sections ``groups``, ``functions``, ``apps`` and ``grants``."""
    side = _Side(reader)
    groups = [g for g in reader.rows("DescribeApiGroups") if g.get("InstanceId") == instance["InstanceId"]]
    found = [side.group(group, n) for n, group in enumerate(groups)]
    grants = [_grant(row) for row in reader.rows("DescribeVpcAccesses") if row["VpcId"] == hub_id]
    parts = {
        "groups": found,
        "functions": list(side.functions.values()),
        "apps": [{"name": name, "existing": True} for name in side.apps],
        "grants": grants,
    }
    return {name: part for name, part in parts.items() if part}


def _grant(row: Row) -> dict[str, Any]:
    target = str(row["InstanceId"])
    place = {"address": target} if target[:1].isdigit() else {"instance": target}
    host = {"host": row["VpcTargetHostName"]} if row.get("VpcTargetHostName") else {}
    return {"name": row["Name"], **place, "port": int(row["Port"]), **host, "adopt": True}


class _Side:
    """Gathers the functions and apps that the APIs name on the way."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.functions: dict[str, dict[str, Any]] = {}
        self.apps: dict[str, None] = {}

    def group(self, row: Row, n: int) -> dict[str, Any]:
        base = row.get("BasePath") or "/"
        group = {"name": row["GroupName"], "adopt": True, **({"base_path": base} if base != "/" else {})}
        apis = list(self._apis(row["GroupId"], ("groups", n, "apis")))
        return {**group, "apis": apis} if apis else group

    def _apis(self, group_id: str, path: Path) -> Iterator[dict[str, Any]]:
        written = 0
        for summary in self._reader.rows("DescribeApis", GroupId=group_id):
            name = summary["ApiName"]
            given = {"GroupId": group_id, "ApiId": summary["ApiId"]}
            row = self._ask("DescribeApi", given)
            backend = self._backend(read(row)["backend"], row)
            stages = [s for s in STAGES if self._deployed({**given, "StageName": s})]
            if backend is None or not stages:
                why = "its back end cannot be described" if backend is None else "it is published in no stage"
                self._reader.mark(path[:2], f"API {name} is left out: {why}")
                continue
            yield self._api(read(row), name, backend, stages, given, (*path, written))
            written += 1

    def _api(
        self, have: dict[str, Any], name: str, backend: dict[str, Any], stages: list[str], given: Row, path: Path
    ) -> dict[str, Any]:
        told = {
            "stages": stages,
            "protocols": have["protocols"].split(","),
            "timeout_ms": have["backend"].get("timeout_ms") or USUAL["timeout_ms"],
            "description": have["description"],
        }
        api: dict[str, Any] = {
            "name": name,
            "adopt": True,
            "path": have["path"],
            "method": have["method"],
            "auth": have["auth"],
            "backend": backend,
            **{key: value for key, value in told.items() if value != USUAL[key]},
        }
        apps = [name for stage in stages for name in self._authorized({**given, "StageName": stage})]
        if apps:
            api["apps"] = list(dict.fromkeys(apps))
            self.apps |= dict.fromkeys(apps)
        return api

    def _authorized(self, given: Row) -> list[str]:
        return [str(r["AppName"]) for r in self._reader.rows("DescribeAuthorizedApps", **given)]

    def _deployed(self, given: Row) -> bool:
        try:
            return bool(self._ask("DescribeDeployedApi", given))
        except NotFound:
            return False

    def _ask(self, action: str, given: Row) -> Row:
        reader = self._reader
        row: Row = reader.cloud.call("cloudapi", action, given, region=reader.region, subject=given["ApiId"])
        return row

    # --- back ends ----------------------------------------------------------------------------------------

    def _backend(self, have: dict[str, Any], row: Row) -> dict[str, Any] | None:
        """The back end in the topology's words; None for one that it has no words for."""
        if have.get("grant"):
            return {"grant": {k: v for k, v in have.items() if k in ("path", "method")} | {"name": have["grant"]}}
        if "function" in have:
            name = self._function(have["function"], row)
            return {"function": name} if name else None
        if "mock" in have:
            return {"mock": {"status": have["status"], "body": have["mock"], "headers": have["headers"]}}
        if have.get("http"):
            return {"http": {"url": have["http"].rstrip("/") + have["path"], "method": have["method"]}}
        return None

    def _function(self, url: str | None, row: Row) -> str | None:
        """The function whose HTTP trigger has the URL; written as an existing one."""
        config = (row.get("ServiceConfig") or {}).get("FunctionComputeConfig") or {}
        region = config.get("FcRegionId") or config.get("RegionId") or self._reader.region
        for function in self._reader.rows("ListFunctions", region):
            name = function["functionName"]
            for trigger in self._reader.rows("ListTriggers", region, functionName=name):
                urls = (trigger.get("httpTrigger") or {}).values()
                if url and url in urls:
                    other = {} if region == self._reader.region else {"region": region}
                    named = {"name": name, "existing": True, **other}
                    named |= {} if trigger["triggerName"] == "http" else {"trigger": trigger["triggerName"]}
                    self.functions.setdefault(name, named)
                    return str(name)
        return None

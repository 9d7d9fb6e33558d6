"""The functions: create, read, change, delete, list, invoke."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from gatespan.emulator.call import Call, iso, tagged
from gatespan.emulator.errors import CloudError
from gatespan.emulator.service import Reply
from gatespan.emulator.services.fc import errors, rules
from gatespan.emulator.services.fc.models import Function
from gatespan.emulator.services.fc.service import PREFIX, service

ONE = f"{PREFIX}/functions/{{functionName}}"


def shown(function: Function) -> dict[str, Any]:
    """A function as the SDK's ``Function`` model reads it."""
    spec = dict(function.spec)
    if spec.get("layers"):
        spec["layers"] = [{"arn": layer, "size": "0"} for layer in spec["layers"]]
    return {
        **spec,
        "codeChecksum": function.digest,
        "codeSize": function.size,
        "createdTime": iso(function.created),
        "lastModifiedTime": iso(function.modified),
        "functionArn": rules.arn(function),
        "functionId": function.function_id,
        "functionName": function.name,
        "state": function.status,
        "stateReason": "",
        "stateReasonCode": "",
        "lastUpdateStatus": "Successful",
        "lastUpdateStatusReason": "",
        "lastUpdateStatusReasonCode": "",
        "tags": [{"Key": k, "Value": v} for k, v in function.tags.items()],
    }


@service.action(
    "CreateFunction", required=("functionName", "runtime", "handler"), route=("POST", f"{PREFIX}/functions")
)
def create_function(call: Call) -> dict[str, Any]:
    body = call.params.body
    name = rules.check_name("functionName", body["functionName"])
    spec = {**rules.DEFAULTS, **_spec(body)}
    rules.check_spec(spec)
    container = body.get("runtime") == "custom-container"
    code = "" if container and not body.get("code") else rules.check_code(body.get("code"))
    if call.world.get(Function, rules.function_id(call, name)):
        raise errors.function_exists(name)
    function = Function(
        id=rules.function_id(call, name),
        account=call.account,
        region=call.region,
        created=call.now,
        modified=call.now,
        name=name,
        function_id=_uuid(call),
        spec=spec,
        **_code(code),
        tags=rules.tags_of(body.get("tags") or []),
    )
    return shown(call.begin(function, rules.CREATE))


@service.action("GetFunction", route=("GET", ONE))
def get_function(call: Call) -> dict[str, Any]:
    _only_latest(call)
    return shown(rules.the_function(call))


@service.action("UpdateFunction", route=("PUT", ONE))
def update_function(call: Call) -> dict[str, Any]:
    function = rules.the_function(call)
    body = call.params.body
    spec = {**function.spec, **_spec(body)}
    rules.check_spec(spec)
    code = _code(rules.check_code(body["code"])) if body.get("code") else {}
    return shown(call.world.change(function, spec=spec, modified=call.now, **code))


@service.action("DeleteFunction", route=("DELETE", ONE))
def delete_function(call: Call) -> Reply:
    function = rules.the_function(call)
    if rules.triggers_of(call, function):
        raise errors.function_not_empty(function.name)
    call.world.remove(function)
    processes = call.processes

    async def end() -> Reply:
        if processes is not None:
            await processes.stop(function.id)
        return Reply(None, 204)

    return Reply(None, 204, later=end)


@service.action("ListFunctions", route=("GET", f"{PREFIX}/functions"))
def list_functions(call: Call) -> dict[str, Any]:
    p = call.params
    prefix, runtime = p.optional("prefix") or "", p.optional("runtime")
    wanted = rules.tags_of(p.document("tags", []))
    rows = [] if p.optional("fcVersion") == "v2" else call.listed(Function, lambda f: f.region == call.region)
    rows = [f for f in tagged(rows, wanted) if f.name.startswith(prefix) and runtime in (None, f.spec.get("runtime"))]
    page, more = by_name(call, rows, 20)
    return {"functions": [shown(f) for f in page], **more}


@service.action("InvokeFunction", route=("POST", f"{ONE}/invocations"))
def invoke_function(call: Call) -> Reply:
    """The event goes to the function's web server as ``POST /invoke``, as with custom runtimes of the real service."""
    _only_latest(call)
    function, event, request_id = rules.the_function(call), call.raw_body, call.request_id
    if function.spec["runtime"] not in rules.RUNNABLE:
        raise errors.not_emulated(str(function.spec["runtime"]))
    if function.status != "Active":
        raise CloudError("FunctionNotReady", f"function '{function.name}' is {function.status}", 409)

    processes = call.processes
    assert processes is not None, "a kernel always has them"

    async def run() -> Reply:
        status, headers, body = await processes.invoke(function, event, request_id)
        kept = tuple((k, v) for k, v in headers if k.lower() in ("content-type", "x-fc-error-type"))
        return Reply(body, status, kept)

    return Reply(None, later=run)


def by_name(call: Call, rows: list[Any], default: int) -> tuple[list[Any], dict[str, Any]]:
    """One page of things in the order of their names by ``limit`` and ``nextToken`` (the first name of the next)."""
    limit = call.params.integer("limit", default, least=1, most=rules.PAGE)
    start = call.params.optional("nextToken") or ""
    rows = sorted((r for r in rows if r.name >= start), key=lambda r: r.name)
    more = {"nextToken": rows[limit].name} if len(rows) > limit else {}
    return rows[:limit], more


def _spec(body: Any) -> dict[str, Any]:
    return {k: v for k, v in body.items() if k in rules.SPEC and v is not None}


def _code(text: str) -> dict[str, Any]:
    """The archive as the thing keeps it. The checksum is 64 bits of a SHA-256 (choice: the real one is a CRC-64)."""
    archive = base64.b64decode(text)
    digest = str(int(hashlib.sha256(archive).hexdigest()[:16], 16))
    return {"code": text, "digest": digest, "size": len(archive)}


def _only_latest(call: Call) -> None:
    qualifier = call.params.optional("qualifier")
    if qualifier not in (None, "LATEST"):
        raise CloudError("VersionNotFound", f"version or alias '{qualifier}' does not exist", 404)


def _uuid(call: Call) -> str:
    h = call.ids.hexadecimal(32)
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"

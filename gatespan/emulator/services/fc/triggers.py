"""The HTTP triggers of functions. Their URLs: ``https://{name}-{random}.{region}.fcapp.run`` for everybody and
``…{region}-vpc.fcapp.run`` for machines in VPCs of the region."""

from __future__ import annotations

import json
from typing import Any

from gatespan.emulator.call import Call, iso
from gatespan.emulator.service import Reply
from gatespan.emulator.services.fc import errors, rules
from gatespan.emulator.services.fc.functions import by_name
from gatespan.emulator.services.fc.models import Function, Trigger
from gatespan.emulator.services.fc.service import PREFIX, service

ALL = f"{PREFIX}/functions/{{functionName}}/triggers"
ONE = f"{ALL}/{{triggerName}}"
DEFAULT_CONFIG = '{"authType":"anonymous","disableURLInternet":false,"methods":["GET","POST","PUT","DELETE"]}'


def shown(trigger: Trigger, function: Function) -> dict[str, Any]:
    """A trigger as the SDK's ``Trigger`` model reads it."""
    return {
        "createdTime": iso(trigger.created),
        "description": trigger.description,
        "httpTrigger": {
            "urlInternet": f"https://{trigger.host}.{trigger.region}.fcapp.run",
            "urlIntranet": f"https://{trigger.host}.{trigger.region}-vpc.fcapp.run",
        },
        "invocationRole": trigger.invocation_role,
        "lastModifiedTime": iso(trigger.modified),
        "qualifier": trigger.qualifier,
        "sourceArn": "",
        "status": "",
        "targetArn": rules.arn(function),
        "triggerConfig": trigger.config,
        "triggerId": trigger.trigger_id,
        "triggerName": trigger.name,
        "triggerType": trigger.type,
    }


@service.action("CreateTrigger", required=("triggerName", "triggerType"), route=("POST", ALL))
def create_trigger(call: Call) -> dict[str, Any]:
    function, body = rules.the_function(call), call.params.body
    name = rules.check_name("triggerName", body["triggerName"])
    if body["triggerType"] != "http":
        raise errors.invalid_argument(f"triggerType '{body['triggerType']}': the embedded cloud has http triggers only")
    config = _config(body.get("triggerConfig") or DEFAULT_CONFIG)
    if call.world.get(Trigger, f"{function.id}/{name}"):
        raise errors.trigger_exists(name)
    trigger = call.world.put(
        Trigger(
            id=f"{function.id}/{name}",
            account=call.account,
            region=call.region,
            created=call.now,
            modified=call.now,
            status="Active",
            function=function.name,
            name=name,
            trigger_id=call.ids.hexadecimal(32),
            config=config,
            qualifier=body.get("qualifier") or "LATEST",
            description=body.get("description") or "",
            invocation_role=body.get("invocationRole") or "",
            host=f"{function.name.lower().replace('_', '-')[:40]}-{call.ids.plain('x', 10)[2:]}",
        )
    )
    return shown(trigger, function)


@service.action("GetTrigger", route=("GET", ONE))
def get_trigger(call: Call) -> dict[str, Any]:
    trigger, function = _the_trigger(call)
    return shown(trigger, function)


@service.action("UpdateTrigger", route=("PUT", ONE))
def update_trigger(call: Call) -> dict[str, Any]:
    trigger, function = _the_trigger(call)
    body = call.params.body
    config = body.get("triggerConfig")
    changed = call.world.change(
        trigger,
        config=_config(config) if config is not None else trigger.config,
        description=body.get("description", trigger.description),
        qualifier=body.get("qualifier") or trigger.qualifier,
        invocation_role=body.get("invocationRole", trigger.invocation_role),
        modified=call.now,
    )
    return shown(changed, function)


@service.action("DeleteTrigger", route=("DELETE", ONE))
def delete_trigger(call: Call) -> Reply:
    trigger, _ = _the_trigger(call)
    call.world.remove(trigger)
    return Reply(None, 204)


@service.action("ListTriggers", route=("GET", ALL))
def list_triggers(call: Call) -> dict[str, Any]:
    function = rules.the_function(call)
    prefix = call.params.optional("prefix") or ""
    rows = [t for t in rules.triggers_of(call, function) if t.name.startswith(prefix)]
    page, more = by_name(call, rows, 20)
    return {"triggers": [shown(t, function) for t in page], **more}


def _the_trigger(call: Call) -> tuple[Trigger, Function]:
    function = rules.the_function(call)
    trigger = call.mine(Trigger, f"{function.id}/{call.path['triggerName']}")
    if trigger is None:
        raise errors.trigger_not_found(function.name, call.path["triggerName"])
    return trigger, function


def _config(text: object) -> str:
    """The trigger's configuration, which travels as JSON text."""
    try:
        config = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        config = None
    if not isinstance(config, dict):
        raise errors.invalid_argument("triggerConfig must be the text of a JSON object")
    if config.get("authType", "anonymous") not in rules.AUTH_TYPES:
        raise errors.invalid_argument(f"triggerConfig.authType is not one of {', '.join(rules.AUTH_TYPES)}")
    methods = config.get("methods", [])
    if not isinstance(methods, list) or not set(methods) <= rules.METHODS:
        raise errors.invalid_argument(f"triggerConfig.methods must be a list of {', '.join(sorted(rules.METHODS))}")
    return str(text)

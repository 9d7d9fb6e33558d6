"""Apps: callers with an AppKey and AppSecret (to sign) and an AppCode (to send)."""

from __future__ import annotations

import re
from typing import Any

from gatespan.emulator.call import Call, iso, tagged
from gatespan.emulator.services.cloudapi import rules
from gatespan.emulator.services.cloudapi.errors import NO_APP_GIVEN, invalid, not_found, repeated, too_many
from gatespan.emulator.services.cloudapi.models import App, Authorization
from gatespan.emulator.services.cloudapi.service import WRITE_RATE, service

CREDENTIAL = {"key": "AppKey", "secret": "AppSecret", "code": "AppCode"}
_OWN_CREDENTIAL = re.compile(r"[A-Za-z0-9_-]{6,128}")


@service.action("CreateApp", required=("AppName",), rate=WRITE_RATE)
def create_app(call: Call) -> dict[str, Any]:
    """Two apps may bear one name (no source says that names are unique): a caller must look before it creates."""
    if len(call.world.find(App, account=call.account, region=call.region)) >= rules.APPS_PER_ACCOUNT:
        raise too_many("App", rules.APPS_PER_ACCOUNT)
    app = call.world.put(
        App(
            id=_unused_id(call),
            account=call.account,
            region=call.region,
            created=call.now,
            modified=call.now,
            tags=rules.tags(call),
            name=rules.name(call, "AppName"),
            description=rules.description(call),
            extend=call.params.text("Extend", ""),
            key=_credential(call, "AppKey", "key") or call.ids.digits(9),
            secret=_credential(call, "AppSecret", "secret") or call.ids.hexadecimal(32),
            code=_credential(call, "AppCode", "code") or call.ids.hexadecimal(32),
        )
    )
    return {"AppId": int(app.id), "TagStatus": bool(app.tags)}


@service.action("ModifyApp", required=("AppId",), rate=WRITE_RATE)
def modify_app(call: Call) -> None:
    app = rules.app(call)
    call.world.change(
        app,
        name=rules.name(call, "AppName", app.name),
        description=rules.description(call, app.description),
        extend=call.params.flat.get("Extend", app.extend),
        disabled=call.params.boolean("Disabled", app.disabled),
        modified=call.now,
    )


@service.action("DeleteApp", required=("AppId",), rate=WRITE_RATE)
def delete_app(call: Call) -> None:
    """Its authorisations go with it (choice)."""
    app = rules.app(call)
    for right in call.world.find(Authorization, app_id=app.id):
        call.world.remove(right)
    call.world.remove(app)


@service.action("ResetAppSecret", required=("AppKey",))
def reset_app_secret(call: Call) -> None:
    app = _by(call, "key", "AppKey")
    call.world.change(
        app,
        key=_credential(call, "NewAppKey", "key") or app.key,
        secret=_credential(call, "NewAppSecret", "secret") or call.ids.hexadecimal(32),
        modified=call.now,
    )


@service.action("ResetAppCode", required=("AppCode",), rate=(1, 60.0))
def reset_app_code(call: Call) -> None:
    """At most once a minute (help page)."""
    app = _by(call, "code", "AppCode")
    code = _credential(call, "NewAppCode", "code") or call.ids.hexadecimal(32)
    call.world.change(app, code=code, modified=call.now)


def _by(call: Call, field: str, parameter: str) -> App:
    """The app with that credential; the message does not repeat it."""
    found = call.world.first(App, account=call.account, region=call.region, **{field: call.params.text(parameter)})
    if found is None:
        raise not_found("App")
    return found


def _credential(call: Call, parameter: str, field: str) -> str | None:
    """A credential of the caller's own choosing; keys and codes are unique in the whole cloud."""
    value = call.params.optional(parameter)
    if value is None:
        return None
    if not _OWN_CREDENTIAL.fullmatch(value):
        raise invalid(parameter)
    if field != "secret" and call.world.first(App, **{field: value}):
        raise repeated(CREDENTIAL[field])
    return value


def _unused_id(call: Call) -> str:
    while call.world.get(App, id := call.ids.digits(9)):
        pass
    return id


# --- describe ---------------------------------------------------------------------------------------------


@service.action("DescribeApp", required=("AppId",))
def describe_app(call: Call) -> dict[str, Any]:
    return _attributes(rules.app(call))


@service.action("DescribeAppSecurity", required=("AppId",))
def describe_app_security(call: Call) -> dict[str, Any]:
    app = rules.app(call)
    return {
        **{name: getattr(app, field) for field, name in CREDENTIAL.items()},
        "CreatedTime": iso(app.created),
        "ModifiedTime": iso(app.modified or app.created),
    }


@service.action("DescribeApps", rate=(200, 86400.0))
def describe_apps(call: Call) -> dict[str, Any]:
    """Apps by id or by owner, one of which must be given. 200 calls a day and region (help page)."""
    id, owner = call.params.optional("AppId"), call.params.optional("AppOwner")
    if not id and not owner:
        raise NO_APP_GIVEN
    found = [a for a in rules.listed(call, App) if a.id == (id or a.id) and a.account == (owner or a.account)]
    page, counts = call.page(found, most=100)
    rows = [{"AppId": int(a.id), "AppName": a.name, "Description": a.description} for a in page]
    return {"Apps": {"AppItem": rows}, **counts}


@service.action("DescribeAppAttributes")
def describe_app_attributes(call: Call) -> dict[str, Any]:
    """By modification time, the last first unless ``Sort`` is asc. ``AppName`` matches in part, the rest exactly."""
    params = call.params
    keyword = params.text("AppName", "")
    exact = {"id": "AppId", "key": "AppKey", "code": "AppCode", "extend": "Extend"}
    wanted = {k: params.flat[v] for k, v in exact.items() if v in params}
    found = [
        a
        for a in tagged(rules.listed(call, App), params.tags())
        if keyword in a.name and all(getattr(a, k) == v for k, v in wanted.items())
    ]
    found.sort(key=lambda a: a.modified)
    if params.choice("Sort", ("asc", "desc"), "desc") == "desc":
        found.reverse()
    page, counts = call.page(found, most=100)
    rows = [{**_attributes(a), "Tags": {"TagInfo": [{"Key": k, "Value": v} for k, v in a.tags.items()]}} for a in page]
    return {"Apps": {"AppAttribute": rows}, **counts}


def _attributes(app: App) -> dict[str, Any]:
    return {
        "AppId": int(app.id),
        "AppName": app.name,
        "Description": app.description,
        "Extend": app.extend,
        "Disabled": app.disabled,
        "CreatedTime": iso(app.created),
        "ModifiedTime": iso(app.modified or app.created),
    }

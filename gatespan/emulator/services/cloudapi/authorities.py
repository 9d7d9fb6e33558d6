"""Authorisations: which app may call which API in which stage.

Granting again is fine and renews the grant (choice). Provider and consumer are the same account here, so the rule
that a grant is withdrawn from the side that made it has no effect.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from gatespan.emulator.call import Call, iso
from gatespan.emulator.services.cloudapi import answers, rules
from gatespan.emulator.services.cloudapi.errors import invalid, missing, not_found, too_many
from gatespan.emulator.services.cloudapi.models import Api, App, Authorization
from gatespan.emulator.services.cloudapi.service import service

STAGE_ALIASES = {"RELEASE": "Production", "PRE": "Pre-release", "TEST": "Test"}


@service.action("SetAppsAuthorities", required=("ApiId", "AppIds", "StageName"))
def set_apps_authorities(call: Call) -> None:
    """Many apps, of any account, for one API."""
    api = rules.api(call)
    _grant(call, [(api, _any_app(call, id)) for id in _ids(call, "AppIds")])


@service.action("SetApisAuthorities", required=("AppId", "StageName"))
def set_apis_authorities(call: Call) -> None:
    """Many APIs for one app."""
    app = _any_app(call, call.params.text("AppId"))
    _grant(call, [(rules.api(call, id), app) for id in _ids(call, "ApiIds")])


@service.action("RemoveAppsAuthorities", required=("ApiId", "AppIds", "StageName"))
def remove_apps_authorities(call: Call) -> None:
    api = rules.api(call)
    _withdraw(call, [(api.id, id) for id in _ids(call, "AppIds")])


@service.action("RemoveApisAuthorities", required=("ApiIds", "AppId", "StageName"))
def remove_apis_authorities(call: Call) -> None:
    app = _any_app(call, call.params.text("AppId"))
    _withdraw(call, [(rules.api(call, id).id, app.id) for id in _ids(call, "ApiIds")])


def _ids(call: Call, name: str) -> list[str]:
    """Comma-joined ids, at most 100."""
    ids = list(dict.fromkeys(id.strip() for id in call.params.text(name, "").split(",") if id.strip()))
    if not ids:
        raise missing(name)
    if len(ids) > rules.IDS_PER_CALL:
        raise too_many(name, rules.IDS_PER_CALL)
    return ids


def _any_app(call: Call, id: str) -> App:
    app = call.world.get(App, id)
    if app is None or app.region != call.region:
        raise not_found("App", id)
    return app


def _grant(call: Call, pairs: Iterable[tuple[Api, App]]) -> None:
    stage, expires, description = rules.stage(call), _expiry(call), rules.description(call)
    for api, app in pairs:
        call.world.put(
            Authorization(
                id=f"{api.id}:{app.id}:{stage}",
                account=api.account,
                region=api.region,
                created=call.now,
                api_id=api.id,
                app_id=app.id,
                stage=stage,
                description=description,
                expires=expires,
            )
        )
        if len(call.world.find(Authorization, api_id=api.id, stage=stage)) > rules.APPS_PER_API:
            raise too_many("Authorization", rules.APPS_PER_API)


def _withdraw(call: Call, pairs: Iterable[tuple[str, str]]) -> None:
    """All or nothing. Raises NotFoundAuthorization."""
    stage = rules.stage(call)
    for api_id, app_id in pairs:
        right = call.world.get(Authorization, f"{api_id}:{app_id}:{stage}")
        if right is None:
            raise not_found("Authorization", f"of app {app_id} for API {api_id} in {stage}")
        call.world.remove(right)


def _expiry(call: Call) -> float:
    """``AuthValidTime``, UTC, ``2026-12-31T23:59:59Z``; absent for no end."""
    text = call.params.optional("AuthValidTime")
    if text is None:
        return 0.0
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise invalid("AuthValidTime", text) from None


# --- describe ---------------------------------------------------------------------------------------------


@service.action("DescribeAuthorizedApps", required=("ApiId",))
def describe_authorized_apps(call: Call) -> dict[str, Any]:
    params, api = call.params, rules.api(call)
    keyword, stage = params.text("AppName", ""), params.optional("StageName")
    rows = []
    for right in rules.listed(call, Authorization):
        app = call.world.get(App, right.app_id)
        if right.api_id != api.id or app is None or stage not in (None, right.stage) or keyword not in app.name:
            continue
        if params.text("AppId", app.id) != app.id or params.text("AppOwnerId", app.account) != app.account:
            continue
        rows.append(
            {
                **_row(right),
                "AppId": int(app.id),
                "AppName": app.name,
                "AppDescription": app.description,
                "StageAlias": STAGE_ALIASES[right.stage],
                "Tag": {"TagInfo": [{"Key": k, "Value": v} for k, v in app.tags.items()]},
            }
        )
    page, counts = call.page(rows, most=100)
    return {"AuthorizedApps": {"AuthorizedApp": list(page)}, **counts}


@service.action("DescribeAuthorizedApis", required=("AppId",))
def describe_authorized_apis(call: Call) -> dict[str, Any]:
    app = rules.app(call)
    rows = []
    for right in call.world.find(Authorization, app_id=app.id, region=call.region):
        api = call.world.get(Api, right.api_id)
        if api is not None:
            place = {"RegionId": api.region, "GroupId": api.group_id}
            name = {"GroupName": answers.group_name(call.world, api.group_id), "ApiId": api.id, "ApiName": api.name}
            rows.append({**_row(right), **place, **name})
    page, counts = call.page(rows, most=100)
    return {"AuthorizedApis": {"AuthorizedApi": list(page)}, **counts}


def _row(right: Authorization) -> dict[str, Any]:
    """What both lists show; ``AuthVaildTime`` is the product's spelling."""
    return {
        "StageName": right.stage,
        "Description": right.description,
        "Operator": "PROVIDER",
        "AuthorizationSource": "API",
        "AuthorizedTime": iso(right.created),
        "AuthVaildTime": iso(right.expires) if right.expires else "",
    }

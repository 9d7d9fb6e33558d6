"""Rules about APIs, what answers them, who may call them, and the calls that prove them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from gatespan.topology.errors import Finding
from gatespan.topology.rules.raw import Raw, exactly_one, no_duplicates
from gatespan.topology.words import closest


def api_rules(top: Raw, base: Path | None) -> Iterator[Finding]:
    yield from no_duplicates(top["groups"], "groups")
    yield from no_duplicates(top["functions"], "functions")
    yield from no_duplicates(top["apps"], "apps")
    yield from no_duplicates(top["verify"], "calls")
    for function in top["functions"]:
        yield from _function(function, base)
    for group in top["groups"]:
        yield from no_duplicates(group["apis"], "APIs of this group")
        yield from _same_requests(group)
        for api in group["apis"]:
            yield from _api(api, top)
    for call in top["verify"]:
        yield from _call(call, top)


def _names(entries: Raw) -> list[str] | None:
    """The names of the entries; None where one of them is unclear."""
    names = [entry["name"].text for entry in entries]
    return None if entries.unclear or None in names else [name for name in names if name]


def _unknown(reference: Raw, kind: str, known: list[str] | None, where: str) -> Iterator[Finding]:
    name = reference.text
    if name is None or known is None or name in known:
        return
    near = closest(name, known)
    hint = f"Did you mean `{near}`?" if near else f"Add `- name: {name}` under `{where}`"
    yield reference.finding(f"There is no {kind} `{name}` in this file", hint)


_OF_MADE_FUNCTIONS = ("source", "runtime", "command", "port", "memory_mb", "timeout_s", "environment")


def _function(function: Raw, base: Path | None) -> Iterator[Finding]:
    if function["existing"].unclear:
        return
    if function["existing"].true:
        for key in function.has(*_OF_MADE_FUNCTIONS):
            yield function[key].finding(
                f"`{key}` describes a function to be made, and this one exists",
                f"Remove `{key}`, or `existing`",
                at_key=True,
            )
        return
    if function.readable and not function.has("source"):
        yield function.finding(
            f"The function `{function['name'].text or ''}` has no code",
            "Write `source: functions/hello` (a folder), or `existing: true`",
        )
    source = function["source"].text
    if source is None or base is None:
        return
    folder = base / source
    try:
        is_there, starts = folder.is_dir(), (folder / "bootstrap").is_file() or bool(function.has("command"))
    except OSError:
        is_there, starts = False, True
    if not is_there:
        yield function["source"].finding(
            f"There is no folder `{source}` beside this file", "Write a folder that holds the function's code"
        )
    elif not starts:
        yield function["source"].finding(
            f"The folder `{source}` has no file `bootstrap`, and no `command` says how to start it",
            "Write `command: [python3, server.py]`",
        )


def _same_requests(group: Raw) -> Iterator[Finding]:
    """Two APIs of a group must not answer the same method and path; parameter names make no difference."""
    seen: dict[tuple[str, str], str] = {}
    for api in group["apis"]:
        path = api["path"].text
        if path is None or api["method"].unclear:
            continue
        method = api["method"].text or "GET"
        key = (method, re.sub(r"\[[^\]/]*\]", "[]", path))
        if key in seen:
            yield api["path"].finding(
                f"`{method} {path}` is answered by the API `{seen[key]}` already",
                "Write another path or another method",
            )
        seen.setdefault(key, api["name"].text or "?")


def _api(api: Raw, top: Raw) -> Iterator[Finding]:
    yield from exactly_one(api["backend"], "A back-end", "function", "http", "mock", "grant")
    yield from _unknown(api["backend"]["function"], "function", _names(top["functions"]), "functions")
    grant = api["backend"]["grant"]
    yield from _unknown(grant["name"] if grant.readable else grant, "grant", _names(top["grants"]), "grants")
    for entry in api["apps"]:
        yield from _unknown(entry, "app", _names(top["apps"]), "apps")
    for key in ("apps", "stages", "protocols"):
        values = api[key].texts
        for index, entry in enumerate(api[key]):
            if entry.text is not None and entry.text in values[:index]:
                yield entry.finding(f"`{entry.text}` is in the list twice", "Remove one of the two")
    auth = api["auth"].text
    if auth in ("app_code", "signature") and not api["apps"].value:
        yield api["auth"].finding(
            f"Calls must carry the credentials of an app (`auth: {auth}`), and no app is authorised",
            "Add `apps: [...]` to the API and the app to `apps`, or write `auth: anonymous`",
        )
    if auth == "anonymous" and api["apps"].value:
        yield api["apps"].finding(
            "Apps are authorised, but with `auth: anonymous` nobody is asked who calls",
            "Write `auth: app_code` or `auth: signature`, or remove `apps`",
            at_key=True,
        )


def _call(call: Raw, top: Raw) -> Iterator[Finding]:
    reference = call["api"].text
    if reference is None:
        return
    apis: dict[str, Raw] = {}
    doubtful = top["groups"].unclear
    for group in top["groups"]:
        doubtful |= group["apis"].unclear
        for api in group["apis"]:
            name = f"{group['name'].text}/{api['name'].text}"
            # Of an API that is there twice, or whose name is wrong, nothing more is said.
            doubtful |= name in apis or None in (group["name"].text, api["name"].text)
            apis[name] = api
    found = [name for name in apis if reference in (name, name.partition("/")[2])]
    if doubtful:
        return
    if not found:
        near = closest(reference, [*apis, *(name.partition("/")[2] for name in apis)])
        yield call["api"].finding(
            f"There is no API `{reference}` in this file",
            f"Did you mean `{near}`?" if near else f"Write one of {', '.join(apis) or 'its APIs, as group/api'}",
        )
    elif len(found) > 1:
        yield call["api"].finding(f"Several groups have an API `{reference}`", f"Write one of {', '.join(found)}")
    else:
        yield from _call_of(call, apis[found[0]], top)


def _call_of(call: Raw, api: Raw, top: Raw) -> Iterator[Finding]:
    """The call must be one that the API answers."""
    stages, stage = api["stages"].texts or ["RELEASE"], call["stage"].text or "RELEASE"
    if stage not in stages and not api["stages"].unclear and not call["stage"].unclear:
        place = call["stage"] if call.has("stage") else call
        yield place.finding(
            f"The API is not published in the stage `{stage}`",
            f"Write `stage: {stages[0]}`, or add it to the API's `stages`",
        )
    method, wanted = call["method"].text, api["method"].text or "GET"
    if method and not api["method"].unclear and wanted not in ("ANY", method):
        yield call["method"].finding(f"The API answers `{wanted}`, not `{method}`", f"Write `method: {wanted}`")
    yield from _call_path(call, api["path"].text or "")
    yield from _call_app(call, api, top)


def _call_path(call: Raw, pattern: str) -> Iterator[Finding]:
    path = call["path"].text
    example = re.sub(r"\[[^\]/]*\]", "7", pattern).replace("*", "any")
    if path is None:
        if example != pattern and not call.has("path"):
            yield call.finding(f"The API's path `{pattern}` has places to fill", f"Add `path: {example}`")
        return
    parts = (re.escape(part) for part in re.split(r"\[[^\]/]*\]|\*$", pattern))
    accepted = "[^/]+".join(parts) if not pattern.endswith("*") else "[^/]+".join(list(parts)[:-1]) + ".*"
    if pattern and not re.fullmatch(accepted, path):
        yield call["path"].finding(
            f"The path `{path}` is not one of the API's path `{pattern}`", f"Write `path: {example}`"
        )


def _call_app(call: Raw, api: Raw, top: Raw) -> Iterator[Finding]:
    app, allowed = call["app"], list(dict.fromkeys(api["apps"].texts))
    known = _names(top["apps"])
    yield from _unknown(app, "app", known, "apps")
    if app.text and app.text in (known or ()) and app.text not in allowed and allowed:
        yield app.finding(
            f"The app `{app.text}` is not authorised for this API",
            f"Write one of {', '.join(allowed)}, or add it to `apps`",
        )
    if app.text is None and api["auth"].text in ("app_code", "signature") and len(allowed) > 1:
        yield call.finding(
            "Several apps may call this API, and the call does not say which it is", f"Add `app: {allowed[0]}`"
        )

"""The live calls: a real HTTP request from the seat that the topology names, to the VPC domain, judged by what the
topology expects.

On the embedded cloud a seat is a user name of its forward proxy. On a real account a call can only be sent from the
machine this runs on, so a call from another seat is reported as not sent, never as passed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from gatespan.cloud import Cloud, CloudError
from gatespan.topology import Call, Topology

EXCERPT = 400
TIMEOUT = 30.0


@dataclass(frozen=True)
class CallResult:
    """One verifying call: what was asked, what came back, and whether that is what was expected.

    ``seconds`` is the whole exchange, ``bytes`` the length of the body; ``why`` says what is wrong when not ok.
    """

    name: str
    seat: str
    method: str
    url: str
    ok: bool
    status: int | None
    seconds: float
    bytes: int
    why: str = ""
    error_code: str = ""
    body_excerpt: str = ""

    def to_json(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass(frozen=True)
class Keys:
    """What an app calls with."""

    key: str
    secret: str
    code: str


def verify(
    topology: Topology,
    cloud: Cloud,
    addresses: Mapping[str, Mapping[str, str]],
    *,
    calls: Iterable[str] | None = None,
    told: Callable[[CallResult], None] = lambda _: None,
) -> tuple[CallResult, ...]:
    """Send the topology's verifying calls (or the named ones), one after the other.

    ``addresses``: as ``Engine.addresses`` found them: ``domains`` (group name to VPC domain), ``apps`` (name to id).
    """
    wanted = set(calls) if calls is not None else None
    results = []
    for call in topology.verify:
        if wanted is None or call.name in wanted:
            results.append(_one(topology, cloud, call, addresses["domains"], addresses["apps"]))
            told(results[-1])
    return tuple(results)


def _one(
    topology: Topology, cloud: Cloud, call: Call, domains: Mapping[str, str], apps: Mapping[str, str]
) -> CallResult:
    group, api = topology.api(call.api)
    method = call.method or ("GET" if api.method == "ANY" else api.method)
    path = group.base_path.rstrip("/") + (call.path or api.path)
    domain = domains.get(group.name)
    url = f"http://{domain or '(no VPC domain)'}{path}"
    seat = call.from_

    def failed(why: str) -> CallResult:
        return CallResult(call.name, seat, method, url, False, None, 0.0, 0, why)

    if not domain:
        return failed(f"the VPC domain of {group.name} is not enabled: run apply")
    proxy = cloud.target.seats_proxy
    if proxy is None and seat != "local":
        return failed(f"this cloud offers no seat {seat}: run the call on that machine, or give `from: local`")
    headers = {"X-Ca-Stage": call.stage, "Accept": "*/*", **call.headers}
    app = call.app or (api.apps[0] if api.auth != "anonymous" and api.apps else None)
    if app:
        if app not in apps:
            return failed(f"the app {app} does not exist: run apply")
        try:
            keys = _keys(cloud, topology.region, apps[app])
        except CloudError as error:
            return failed(str(error))
        headers |= _credentials(api.auth, keys, method, path, call.query, headers)
    return _send(call, method, url, headers, proxy, seat)


def _send(call: Call, method: str, url: str, headers: Mapping[str, str], proxy: str | None, seat: str) -> CallResult:
    via = proxy.replace("://", f"://{seat}:x@", 1) if proxy and seat != "local" else None
    start = time.monotonic()
    try:
        with httpx.Client(proxy=via, timeout=TIMEOUT, trust_env=False) as client:
            answer = client.request(method, url, params=call.query, headers=dict(headers), content=call.body)
    except httpx.HTTPError as error:
        why = f"no answer ({type(error).__name__}): {error}"
        return CallResult(call.name, seat, method, url, False, None, time.monotonic() - start, 0, why)
    seconds = time.monotonic() - start
    code = answer.headers.get("X-Ca-Error-Code", "")
    why = judge(call, answer.status_code, answer.text, seconds)
    if why and code:
        why += f"; the gateway says {code}: {answer.headers.get('X-Ca-Error-Message', '')}"
    return CallResult(
        name=call.name,
        seat=seat,
        method=method,
        url=str(answer.request.url),
        ok=not why,
        status=answer.status_code,
        seconds=seconds,
        bytes=len(answer.content),
        why=why,
        error_code=code,
        body_excerpt=answer.text[:EXCERPT],
    )


def judge(call: Call, status: int, body: str, seconds: float) -> str:
    """What is wrong with the answer; empty when everything expected holds."""
    expect, wrong = call.expect, []
    if status != expect.status:
        wrong.append(f"status {status}, expected {expect.status}")
    if expect.body is not None and body != expect.body:
        wrong.append(f"body {body[:80]!r}, expected {expect.body[:80]!r}")
    if expect.contains is not None and expect.contains not in body:
        wrong.append(f"body does not contain {expect.contains!r}")
    if expect.json_ is not None:
        try:
            got = json.loads(body)
        except ValueError:
            wrong.append("body is not JSON")
        else:
            if not _holds(expect.json_, got):
                wrong.append(f"JSON {json.dumps(got)[:120]}, expected {json.dumps(expect.json_)[:120]}")
    if expect.max_seconds is not None and seconds > expect.max_seconds:
        wrong.append(f"took {seconds:.2f} s, expected at most {expect.max_seconds} s")
    return "; ".join(wrong)


def _holds(want: Any, got: Any) -> bool:
    """Every key that is wanted is there with the wanted value; other keys do not matter."""
    if isinstance(want, dict):
        return isinstance(got, dict) and all(k in got and _holds(v, got[k]) for k, v in want.items())
    return bool(want == got)


def _keys(cloud: Cloud, region: str, app: str) -> Keys:
    row = cloud.call("cloudapi", "DescribeAppSecurity", {"AppId": int(app)}, region=region, subject=app)
    return Keys(str(row["AppKey"]), str(row["AppSecret"]), str(row["AppCode"]))


def _credentials(
    auth: str, keys: Keys, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]
) -> dict[str, str]:
    if auth == "app_code":
        return {"Authorization": f"APPCODE {keys.code}"}
    stamp = {
        "X-Ca-Key": keys.key,
        "X-Ca-Nonce": str(uuid.uuid4()),
        "X-Ca-Signature-Method": "HmacSHA256",
        "X-Ca-Timestamp": str(int(time.time() * 1000)),
    }
    return stamp | {
        "X-Ca-Signature-Headers": ",".join(sorted(stamp)),
        "X-Ca-Signature": sign(keys.secret, method, path, query, headers, stamp),
    }


def sign(
    secret: str,
    method: str,
    path: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    stamp: Mapping[str, str],
) -> str:
    """The signature of a call to an API (vendor's signing demo): method, Accept, Content-MD5, Content-Type, Date, the
    X-Ca headers, and the path with its sorted query."""
    lower = {k.lower(): v for k, v in headers.items()}
    lines = [method, *(lower.get(h, "") for h in ("accept", "content-md5", "content-type", "date"))]
    lines += [f"{k}:{v}" for k, v in sorted(stamp.items())]
    pairs = "&".join(f"{k}={v}" if v else k for k, v in sorted(query.items()))
    text = "\n".join([*lines, f"{path}?{pairs}" if pairs else path])
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()

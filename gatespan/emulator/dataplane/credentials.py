"""Who calls an API, and whether they may: AppCode and key signature, as the gateway checks them.

Rules and codes are those of the help pages on AppCode and signatures. Choices: A400AC stands for an AppCode where the
API takes none, A401AC for one that nobody has (the page names both for a bad AppCode); S403TE, S403NU and I400I5 for a
stale timestamp, a used nonce and a wrong Content-MD5.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import parse_qsl, unquote

from gatespan.emulator.dataplane.http import Request
from gatespan.emulator.dataplane.refusal import RefusedError
from gatespan.emulator.services.cloudapi.models import App, Authorization, DeployedApi
from gatespan.emulator.world import World

WINDOW = 15 * 60.0
"""Seconds that a timestamp may be off, and that a nonce is remembered."""
SCHEME = "APPCODE "
QUERY_NAMES = ("AppCode", "appcode", "appCode", "APPCODE")
METHODS = {"HmacSHA256": hashlib.sha256, "HmacSHA1": hashlib.sha1}
FORM = "application/x-www-form-urlencoded"


class Credentials:
    """Checks callers. Remembers nonces for ``WINDOW`` seconds of the cloud's time."""

    def __init__(self) -> None:
        self._nonces: dict[tuple[str, str], float] = {}

    def check(self, world: World, now: float, api: DeployedApi, request: Request) -> App | None:
        """The calling app, None for an anonymous API. Raises RefusedError."""
        if api.definition.get("AuthType", "APP") == "ANONYMOUS":
            return None
        app = self._app(world, now, api, request)
        right = world.get(Authorization, f"{api.api_id}:{app.id}:{api.stage}")
        if right is None:
            raise RefusedError("I403AA", "App not authorized", f"app {app.id} has no grant in {api.stage}")
        if right.expires and right.expires <= now:
            raise RefusedError("A403EP", "App authorization expired", f"the grant of app {app.id} has expired")
        return app

    def _app(self, world: World, now: float, api: DeployedApi, request: Request) -> App:
        if request.get("X-Ca-Key"):
            return self._by_signature(world, now, api, request)
        allowed = api.definition.get("AppCodeAuthType") or "DEFAULT"
        in_header = request.get("Authorization")
        code = in_header[len(SCHEME) :].strip() if in_header.upper().startswith(SCHEME) else ""
        if not code and allowed == "HEADER_QUERY":
            query = dict(parse_qsl(request.target.partition("?")[2]))
            code = next((query[name] for name in QUERY_NAMES if name in query), "")
        if not code:
            raise RefusedError("A400MA", "Need authorization, X-Ca-Key or Authorization: APPCODE ... is required")
        if allowed not in ("HEADER", "HEADER_QUERY"):
            raise RefusedError("A400AC", "Invalid AppCode: the API does not allow AppCode", f"it has {allowed}")
        app = next((a for a in world.all(App) if a.code and hmac.compare_digest(a.code, code)), None)
        if app is None:
            raise RefusedError("A401AC", "Invalid AppCode")
        return app

    def _by_signature(self, world: World, now: float, api: DeployedApi, request: Request) -> App:
        key = request.get("X-Ca-Key")
        app = next((a for a in world.all(App) if a.key == key), None)
        if app is None:
            raise RefusedError("A400IK", "Invalid AppKey", f"no app has the key {key}")
        method = request.get("X-Ca-Signature-Method") or "HmacSHA256"
        allowed = str(api.definition.get("AllowSignatureMethod") or "HmacSHA1,HmacSHA256").split(",")
        if method not in METHODS or method not in allowed:
            raise RefusedError("A403IS", f"Invalid Signature, the method {method} is not allowed")
        given = request.get("X-Ca-Signature")
        if not given:
            raise RefusedError("I400MH", "Header `X-Ca-Signature` is required")
        self._fresh(now, key, api, request)
        _digest_fits(request)
        text = string_to_sign(request)
        right = base64.b64encode(hmac.new(app.secret.encode(), text.encode(), METHODS[method]).digest()).decode()
        if not hmac.compare_digest(right, given):
            raise RefusedError("A403IS", f"Invalid Signature, Server StringToSign:`{text}`", "wrong signature")
        nonce = request.get("X-Ca-Nonce")
        if nonce:
            self._nonces[(key, nonce)] = now + WINDOW
        return app

    def _fresh(self, now: float, key: str, api: DeployedApi, request: Request) -> None:
        stamp = request.get("X-Ca-Timestamp")
        if stamp and (not stamp.isascii() or not stamp.isdigit() or abs(int(stamp) / 1000 - now) > WINDOW):
            raise RefusedError("S403TE", "X-Ca-Timestamp is expired", f"{stamp} is not within 15 minutes of {now:.0f}")
        nonce = request.get("X-Ca-Nonce")
        if not nonce and api.definition.get("ForceNonceCheck"):
            raise RefusedError("I400MH", "Header `X-Ca-Nonce` is required")
        self._nonces = {k: end for k, end in self._nonces.items() if end > now}
        if (key, nonce) in self._nonces:
            raise RefusedError("S403NU", "Nonce Used", f"{nonce} was used in the last 15 minutes")


def _digest_fits(request: Request) -> None:
    given = request.get("Content-MD5")
    if given and not request.get("Content-Type").startswith(FORM):
        right = base64.b64encode(hashlib.md5(request.body, usedforsecurity=False).digest()).decode()
        if given != right:
            raise RefusedError("I400I5", "Content-MD5 does not match the body", f"it should be {right}")


def string_to_sign(request: Request) -> str:
    """Method, four headers, the signed headers in order, path with the query's and the form's parameters in order."""
    lines = [request.method, *(request.get(n) for n in ("Accept", "Content-MD5", "Content-Type", "Date"))]
    signed = sorted(n.strip() for n in request.get("X-Ca-Signature-Headers").split(",") if n.strip())
    lines += [f"{name}:{request.get(name)}" for name in signed]
    path, _, query = request.target.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    if request.get("Content-Type").startswith(FORM):
        try:
            pairs += parse_qsl(request.body.decode(), keep_blank_values=True)
        except (UnicodeDecodeError, binascii.Error):
            raise RefusedError("I400BD", "Invalid request body", "the form is not UTF-8 text") from None
    return "\n".join([*lines, unquote(path) + _listed(pairs)])


def _listed(pairs: Iterable[tuple[str, str]]) -> str:
    """``?a=1&b`` in the order of names; of a name that repeats the first value counts, as in the vendor's SDKs."""
    first: dict[str, str] = {}
    for name, value in pairs:
        first.setdefault(name, value)
    text = "&".join(f"{name}={value}" if value else name for name, value in sorted(first.items()))
    return f"?{text}" if text else ""

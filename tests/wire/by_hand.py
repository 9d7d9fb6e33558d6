"""Requests made by hand, as clients other than the Python SDK send them; signed by code of the tests' own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

KEY = ("test", "test-secret")


@dataclass(frozen=True)
class Answered:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.json.get("Code", ""))


def send(
    address: str, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes | str = b""
) -> Answered:
    connection = http.client.HTTPConnection(address, timeout=10)
    try:
        connection.request(method, target, body, dict(headers or {}))
        answer = connection.getresponse()
        return Answered(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def v1(
    method: str, params: Mapping[str, str], *, key: tuple[str, str] = KEY, sha: str = "sha1", **common: str
) -> dict[str, str]:
    """The parameters with the common ones and the V1 signature; ``common`` overrides."""
    full = {
        "Version": "2016-04-28",
        "Format": "JSON",
        "AccessKeyId": key[0],
        "SignatureMethod": f"HMAC-{sha.upper()}",
        "SignatureVersion": "1.0",
        "SignatureNonce": uuid.uuid4().hex,
        "Timestamp": now(),
        "SignatureType": "",
        **params,
        **common,
    }
    text = "&".join(f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in sorted(full.items()))
    to_sign = f"{method}&%2F&{quote(text, safe='~')}"
    mac = hmac.new(f"{key[1]}&".encode(), to_sign.encode(), getattr(hashlib, sha))
    return {**full, "Signature": base64.b64encode(mac.digest()).decode()}


def acs3(
    action: str, query: str = "RegionId=cn-hangzhou", *, key: tuple[str, str] = KEY, body: bytes = b"", **headers: str
) -> dict[str, str]:
    """Headers of an ACS3 call of the VPC product with the query (already in canonical form)."""
    own = {
        "host": "cloud.test",
        "x-acs-action": action,
        "x-acs-version": "2016-04-28",
        "x-acs-date": now(),
        "x-acs-signature-nonce": uuid.uuid4().hex,
        "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    names = ";".join(sorted(own))
    lines = "".join(f"{name}:{own[name]}\n" for name in sorted(own))
    canonical = "\n".join(("POST", "/", query, lines, names, own["x-acs-content-sha256"]))
    to_sign = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(key[1].encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    credential = f"ACS3-HMAC-SHA256 Credential={key[0]},SignedHeaders={names},Signature={signature}"
    return {**own, "authorization": credential}


def now(offset: float = 0.0) -> str:
    return datetime.fromtimestamp(datetime.now().timestamp() + offset, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def query(params: Mapping[str, str]) -> str:
    return f"/?{urlencode(params)}"


FORM = {"Content-Type": "application/x-www-form-urlencoded"}

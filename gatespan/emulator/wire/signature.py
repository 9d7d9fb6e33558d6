"""The three signatures that clients send, read from a request and computed anew.

``read`` finds what the request claims (which key, when, which nonce, which signature) and the string to sign as this
server sees it: query and path are decoded and encoded again, because HTTP libraries rewrite them on the way.
Sources: recorded requests of the official SDKs, public pages on request signatures.

========= ===================================================================================================
ACS3      ``Authorization: ACS3-HMAC-SHA256 Credential=…,SignedHeaders=…,Signature=…``; RPC and ROA
V1 RPC    parameters ``AccessKeyId``, ``Signature``, … in query or form; HMAC-SHA1 or HMAC-SHA256
V1 ROA    ``Authorization: acs KEY:SIGNATURE``; the date in the ``date`` header
========= ===================================================================================================
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, unquote

from gatespan.emulator.errors import CloudError
from gatespan.emulator.wire.request import Request

ACS3 = "ACS3-HMAC-SHA256"
_ADDED_TYPE = "application/octet-stream"
"""What the SDKs' async transport puts on requests without a body, unsigned (recorded)."""
_METHODS = ("HMAC-SHA1", "HMAC-SHA256")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says about its signature. ``sign`` computes the signature from the secret.

    ``time`` and ``nonce`` are texts as sent (``parse_time`` reads the former). ``also``: another string that may have
    been signed, where a transport adds a header behind the client's back.
    """

    key_id: str
    token: str
    time: str
    nonce: str
    signature: str
    to_sign: str
    sign: Callable[[str, str], str]
    parse_time: Callable[[str], float]
    also: str = ""


def read(request: Request) -> Claim | None:
    """The signature claim of a request; None when it carries none at all. Refuses what is incomplete."""
    authorization = request.headers.get("authorization", "")
    if authorization.startswith(ACS3):
        return _acs3(request, authorization)
    if authorization.startswith("acs "):
        return _v1_roa(request, authorization)
    if authorization:
        raise incomplete("", f"unknown scheme in the Authorization header, expected {ACS3} or acs")
    flat = request.flat
    if "AccessKeyId" in flat or "Signature" in flat:
        return _v1_rpc(request)
    return None


def incomplete(to_sign: str, why: str) -> CloudError:
    text = f"The request signature does not conform to Aliyun standards: {why}."
    return CloudError("IncompleteSignature", f"{text} server string to sign is:{to_sign}")


# --- ACS3 ------------------------------------------------------------------------------------------------


def _acs3(request: Request, authorization: str) -> Claim:
    fields = dict(part.strip().partition("=")[::2] for part in authorization[len(ACS3) :].split(","))
    headers = request.headers
    try:
        key_id, signed, signature = fields["Credential"], fields["SignedHeaders"], fields["Signature"]
        claimed_hash = headers["x-acs-content-sha256"]
        time, nonce = headers["x-acs-date"], headers["x-acs-signature-nonce"]
    except KeyError as missing:
        raise incomplete("", f"{missing.args[0]} is missing") from None
    names = signed.split(";")
    unsigned = [n for n in headers if n.startswith("x-acs-") and n not in names]
    if "host" not in names or unsigned:
        raise incomplete("", f"{', '.join(unsigned) or 'host'} must be among the SignedHeaders")
    if hashlib.sha256(request.body).hexdigest() != claimed_hash:
        raise incomplete("", "x-acs-content-sha256 is not the SHA-256 of the body")
    canonical = "\n".join(
        (
            request.method,
            "/".join([quote(unquote(part), safe="") for part in request.path.split("/")]),
            "&".join([f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in sorted(request.query)]),
            "".join([f"{name}:{headers.get(name, '').strip()}\n" for name in sorted(names)]),
            signed,
            claimed_hash,
        )
    )
    to_sign = f"{ACS3}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    token = headers.get("x-acs-security-token", "")
    return Claim(key_id, token, time, nonce, signature, to_sign, _sign_acs3, _iso_time)


def _sign_acs3(secret: str, to_sign: str) -> str:
    return hmac.digest(secret.encode(), to_sign.encode(), "sha256").hex()


# --- V1 --------------------------------------------------------------------------------------------------


def _v1_rpc(request: Request) -> Claim:
    flat = request.flat
    needed = ("AccessKeyId", "Signature", "SignatureMethod", "SignatureVersion", "SignatureNonce", "Timestamp")
    for name in needed:
        if not flat.get(name):
            raise incomplete("", f"the parameter {name} is missing")
    digest = _digest(flat["SignatureMethod"])
    pairs = sorted(pair for pair in request.query + request.form if pair[0] != "Signature")
    canonical = "&".join([f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in pairs])
    to_sign = f"{request.method}&%2F&{quote(canonical, safe='')}"

    def sign(secret: str, text: str) -> str:
        return b64encode(hmac.digest(f"{secret}&".encode(), text.encode(), digest)).decode()

    return Claim(
        flat["AccessKeyId"],
        flat.get("SecurityToken", ""),
        flat["Timestamp"],
        flat["SignatureNonce"],
        flat["Signature"],
        to_sign,
        sign,
        _iso_time,
    )


def _v1_roa(request: Request, authorization: str) -> Claim:
    headers = request.headers
    key_id, _, signature = authorization[len("acs ") :].strip().partition(":")
    time, nonce = headers.get("date", ""), headers.get("x-acs-signature-nonce", "")
    needed = {"the access key id": key_id, "the signature": signature, "date": time, "x-acs-signature-nonce": nonce}
    for name, value in needed.items():
        if not value:
            raise incomplete("", f"{name} is missing")
    digest = _digest(headers.get("x-acs-signature-method", "HMAC-SHA1"))
    query = "&".join([f"{k}={v}" if v else k for k, v in sorted(request.query)])
    own = [f"{name}:{headers[name]}" for name in sorted(headers) if name.startswith("x-acs-")]
    rest = [time, *own, request.path + (f"?{query}" if query else "")]

    def text(content_type: str) -> str:
        return "\n".join(
            (request.method, headers.get("accept", ""), headers.get("content-md5", ""), content_type, *rest)
        )

    to_sign = text(headers.get("content-type", ""))
    bare = not request.body and headers.get("content-type") == _ADDED_TYPE

    def sign(secret: str, text: str) -> str:
        return b64encode(hmac.digest(secret.encode(), text.encode(), digest)).decode()

    token = headers.get("x-acs-security-token", "")
    return Claim(key_id, token, time, nonce, signature, to_sign, sign, _http_time, text("") if bare else "")


def _digest(method: str) -> str:
    if method not in _METHODS:
        raise CloudError("InvalidSignatureMethod", f"The signature method {method!r} is not supported.")
    return method.removeprefix("HMAC-").lower()


# --- time stamps -----------------------------------------------------------------------------------------


def _iso_time(text: str) -> float:
    """Seconds of ``2026-01-02T03:04:05Z``; ValueError for any other form."""
    if len(text) != 20 or text[10] != "T" or text[19] != "Z":
        raise ValueError(text)
    return datetime.fromisoformat(text).timestamp()


def _http_time(text: str) -> float:
    """Seconds of ``Fri, 02 Jan 2026 03:04:05 GMT``; ValueError for any other form."""
    when = parsedate_to_datetime(text)
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()

"""The official SDKs as one function: parameters by their names on the wire in, the answer's body by the same names out.

All that is known of the generated code is here: its packages, how it spells methods, what it drops without a word, and
which exceptions it raises. The SDKs are imported by the first call that needs them.
"""

from __future__ import annotations

import importlib
import inspect
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from gatespan.cloud.credentials import Credentials
from gatespan.cloud.errors import CloudError, Fatal, Refused, Unavailable, UnknownOutcome, classify
from gatespan.cloud.target import Endpoint

PACKAGES = {
    "cbn": "alibabacloud_cbn20170912",
    "vpc": "alibabacloud_vpc20160428",
    "cloudapi": "alibabacloud_cloudapi20160714",
    "fc": "alibabacloud_fc20230330",
    "sts": "alibabacloud_sts20150401",
    "bss": "alibabacloud_bssopenapi20171214",
}
TOKENS = {"client_token": "ClientToken", "token": "Token"}
"""The attributes that carry a client token, and their names on the wire."""

CONNECT_TIMEOUT_MS = 5_000
READ_TIMEOUT_MS = 30_000

NOT_SENT = ("NewConnectionError", "ConnectTimeout", "NameResolutionError")
"""How the HTTP library names a request that nobody took: it surely had no effect."""


@dataclass(frozen=True)
class Where:
    """What a call is about, for its errors."""

    product: str
    action: str
    region: str
    subject: str = ""


@dataclass(frozen=True)
class Bound:
    """A call with its arguments made: ``send`` gives it to a client."""

    method: str
    arguments: tuple[Any, ...]
    params: Mapping[str, Any]

    def send(self, client: Any) -> Any:
        from darabonba.runtime import RuntimeOptions

        runtime = RuntimeOptions(autoretry=False, connect_timeout=CONNECT_TIMEOUT_MS, read_timeout=READ_TIMEOUT_MS)
        return getattr(client, self.method)(*self.arguments, runtime)


def new_client(product: str, region: str, endpoint: Endpoint, credentials: Credentials) -> Any:
    """A client of the product's SDK; cheap (the connections are shared by the process) and good for many threads."""
    from alibabacloud_tea_openapi.utils_models import Config

    config = Config(
        region_id=region,
        protocol=endpoint.protocol,
        endpoint=endpoint.host,
        connect_timeout=CONNECT_TIMEOUT_MS,
        read_timeout=READ_TIMEOUT_MS,
        user_agent="gatespan",
        http_proxy=_way_round_proxies(endpoint),
    )
    if credentials.provider is not None:
        config.credential = credentials.provider
    else:
        config.access_key_id = credentials.access_key_id
        config.access_key_secret = credentials.access_key_secret
        config.security_token = credentials.security_token
    return importlib.import_module(f"{PACKAGES[product]}.client").Client(config)


def _way_round_proxies(endpoint: Endpoint) -> str | None:
    """The SDKs send even loopback calls through the environment's proxy and heed no list of exceptions (measured). A
    server that is named as its own proxy is called directly: it must take whole URLs (RFC 9112, section 3.2.2)."""
    proxied = os.environ.get("HTTP_PROXY") or os.environ.get("http_proxy")
    return f"http://{endpoint.host}" if proxied and endpoint.protocol == "http" else None


# --- asking --------------------------------------------------------------------------------------------------


def bind(product: str, action: str, params: Mapping[str, Any], token: str | None) -> Bound:
    """Make the SDK's request. ROA actions (fc) take the names in their path as arguments and the rest as a body.

    None means not given. Raises TypeError for what the SDK does not know: product, action, parameter, token.
    """
    if product not in PACKAGES:
        raise TypeError(f"there is no product {product}; there are {', '.join(PACKAGES)}")
    method = _methods(product).get(action.lower())
    if method is None:
        raise TypeError(f"{product} has no action {action}")
    left = {k: v for k, v in params.items() if v is not None}
    arguments: list[Any] = []
    for name in _arguments(product, method):
        if name == "request":
            arguments.append(_request(product, action, left, token))
            left, token = {}, None
        elif name == "headers":
            arguments.append({})
        elif _camel(name) in left:
            arguments.append(left.pop(_camel(name)))
        else:
            raise TypeError(f"{action} needs {_camel(name)}")
    if left:
        raise TypeError(f"{action} takes no parameter {', '.join(left)}")
    if token is not None:
        raise TypeError(f"{action} takes no client token")
    return Bound(method, tuple(arguments), params)


def _request(product: str, action: str, given: Mapping[str, Any], token: str | None) -> Any:
    request = getattr(importlib.import_module(f"{PACKAGES[product]}.models"), f"{action}Request")()
    fields = dict(given)
    if token is not None:
        name = next((wire for attribute, wire in TOKENS.items() if hasattr(request, attribute)), None)
        if name is None:
            raise TypeError(f"{action} takes no client token")
        fields[name] = token
    if product == "fc" and hasattr(request, "body"):
        fields = {"body": fields}
    request.from_map(fields)
    lost = [path.removeprefix("body.") for path in _lost(fields, request.to_map())]
    if lost:
        raise TypeError(f"{action} takes no parameter {', '.join(lost)}")
    return request


def _lost(given: Any, kept: Any, path: str = "") -> list[str]:
    """The names, at any depth, that did not get into the request: the SDK drops what it does not know (measured)."""
    if isinstance(given, Mapping):
        if not isinstance(kept, Mapping):
            return [path]
        lost: list[str] = []
        for name, value in given.items():
            at = f"{path}.{name}" if path else name
            if value is not None:
                lost += _lost(value, kept[name], at) if name in kept else [at]
        return lost
    if isinstance(given, list | tuple) and isinstance(kept, list | tuple):
        return [one for a, b in zip(given, kept, strict=False) for one in _lost(a, b, path)]
    return []


@cache
def _methods(product: str) -> Mapping[str, str]:
    """The SDK's method names by the action they call. The generator's snake case follows no rule that could be
    repeated (``create_vswitch``, ``modify_vpc_access_and_update_apis``), so underscores are left out of it."""
    client = importlib.import_module(f"{PACKAGES[product]}.client").Client
    names = (n for n in dir(client) if n.endswith("with_options"))
    return {n.removesuffix("with_options").replace("_", ""): n for n in names}


@cache
def _arguments(product: str, method: str) -> tuple[str, ...]:
    """What a method is called with, less ``self`` and the runtime options at the end."""
    client = importlib.import_module(f"{PACKAGES[product]}.client").Client
    names = list(inspect.signature(getattr(client, method)).parameters)[1:-1]
    return tuple("request" if name == "tmp_req" else name for name in names)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


# --- what comes back -----------------------------------------------------------------------------------------


def body_of(response: Any, where: Where) -> Mapping[str, Any]:
    """The body with the wire's names. A shape that does not fit the SDK's model leaves the typed body empty without a
    word (measured), so that is looked for."""
    if not hasattr(response, "body") or getattr(response, "status_code", None) == 204:
        return {}
    raw = response.body.to_map() if response.body is not None else None
    if isinstance(raw, Mapping):
        return raw
    raise Fatal(**vars(where), code="UnreadableAnswer", message="the SDK could not read the answer")


def translate(raised: Exception, where: Where) -> CloudError | None:
    """An SDK exception as one of ours; None when it is none of the cloud's (a defect then)."""
    from alibabacloud_credentials.exceptions import CredentialException
    from darabonba.exceptions import ResponseException, RetryError, UnretryableException
    from Tea.exceptions import TeaException
    from Tea.exceptions import UnretryableException as TeaUnretryable

    if isinstance(raised, UnretryableException | TeaUnretryable | RetryError):
        inner = getattr(raised, "inner_exception", None) or raised
        if isinstance(inner, CredentialException):
            found_nothing = "the credential chain (environment, OIDC, CLI profile, file, instance role) found nothing"
            return Refused(**vars(where), code="NoCredentials", message=found_nothing)
        return _unanswered(inner, where)
    if not isinstance(raised, ResponseException | TeaException):
        return None
    data = raised.data if isinstance(getattr(raised, "data", None), Mapping) else {}
    status = getattr(raised, "status_code", None) or getattr(raised, "statusCode", None)
    retry_after = getattr(raised, "retry_after", None)
    return classify(
        where.product,
        where.action,
        str(raised.code or "NoCode"),
        _plain(data.get("Message") or data.get("message") or raised.message or ""),
        int(status) if status else None,
        region=where.region,
        request_id=str(getattr(raised, "request_id", None) or data.get("RequestId") or ""),
        subject=where.subject,
        retry_after=float(retry_after) / 1000.0 if retry_after else None,
    )


def _unanswered(inner: BaseException, where: Where) -> CloudError:
    text = str(getattr(inner, "message", None) or inner)
    if any(name in text for name in NOT_SENT):
        at = re.search(r"host='([^']+)', port=(\d+)", text)
        why = re.search(r"(Connection refused|timed out|Failed to resolve '[^']+'|No route to host)", text)
        message = f"no connection to {':'.join(at.groups()) if at else 'the cloud'}"
        return Unavailable(**vars(where), code="NoConnection", message=f"{message}{f': {why[1]}' if why else ''}")
    return UnknownOutcome(**vars(where), code="NoAnswer", message=_plain(text)[:200])


def _plain(text: object) -> str:
    """A message on one line, without what may hold secrets: a URL's query, the raw answer, the signed text."""
    plain = re.sub(r"\?[^\s?]*=\S*", "", re.sub(r"\s+", " ", str(text)))
    return re.sub(r",? ?(Value: |server string to sign is:).*", "", plain, flags=re.IGNORECASE)

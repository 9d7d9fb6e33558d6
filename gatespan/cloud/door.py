"""The one door to the cloud: every call goes through ``Cloud.call``.

It names the action, builds the request model of the genuine SDK from wire names, limits the rate, retries what is
temporary with the same client token, and turns every refusal into the error tree. SDK calls are synchronous: measured,
the SDKs' async methods open a connection per call. Safe to use from many threads.
"""

from __future__ import annotations

import importlib
import inspect
import random as random_module
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from gatespan.cloud.clock import Clock
from gatespan.cloud.credentials import Credentials
from gatespan.cloud.errors import (
    CloudError,
    Fatal,
    Refused,
    Temporary,
    Throttled,
    Unavailable,
    UnknownOutcome,
    classify,
)
from gatespan.cloud.rates import LIMITS, RateLimiter
from gatespan.cloud.target import Target

PACKAGES = {
    "cbn": "alibabacloud_cbn20170912",
    "vpc": "alibabacloud_vpc20160428",
    "cloudapi": "alibabacloud_cloudapi20160714",
    "fc": "alibabacloud_fc20230330",
    "sts": "alibabacloud_sts20150401",
}
READS = ("Describe", "List", "Get", "Check")
TOKENS = {"client_token": "ClientToken", "token": "Token"}
CONNECT_TIMEOUT_MS = 5_000
READ_TIMEOUT_MS = 30_000
SECRET_WORDS = ("secret", "token", "appcode", "zipfile", "password", "signature")


@dataclass(frozen=True)
class CallRecord:
    """One attempt of one call, for logs: parameters are redacted, ``code`` is empty when it succeeded."""

    product: str
    action: str
    region: str
    params: Mapping[str, Any]
    seconds: float
    code: str
    request_id: str
    attempt: int


class Cloud:
    """A target with credentials. ``before_call`` runs before every attempt (tests interrupt there)."""

    def __init__(
        self,
        target: Target,
        credentials: Credentials,
        *,
        clock: Clock,
        random: random_module.Random,
        limits: Mapping[tuple[str, str], float] = LIMITS,
        observer: Callable[[CallRecord], None] | None = None,
        before_call: Callable[[str, str], None] | None = None,
        attempts: int = 8,
    ) -> None:
        self.target = target
        self._credentials = credentials
        self._clock = clock
        self._random = random
        self._rates = RateLimiter(limits, clock)
        self._observer = observer
        self._before_call = before_call
        self._attempts = attempts
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def call(
        self,
        product: str,
        action: str,
        params: Mapping[str, Any],
        *,
        region: str,
        token: str | None = None,
        subject: str = "",
        patience: float = 300.0,
    ) -> Mapping[str, Any]:
        """Call the action; the answer's body with the wire's names.

        ``params``: wire names. ``token``: a client token; then, and for reads, a lost answer is tried again, else
        UnknownOutcome is raised. ``patience``: seconds that temporary refusals are tried again. Raises CloudError;
        TypeError for a parameter that the SDK does not know.
        """
        bound = _bind(product, action, params, token)
        repeatable = token is not None or action.startswith(READS)
        start, attempt = self._clock.now(), 0
        while True:
            attempt += 1
            try:
                return self._attempt(product, action, bound, region, subject, attempt)
            except UnknownOutcome as error:
                if not repeatable or attempt >= self._attempts:
                    raise
                last: Temporary = error
            except Temporary as error:
                last = error
                if isinstance(error, Unavailable) and attempt >= self._attempts:
                    raise
            pause = self._pause(attempt, last)
            if self._clock.now() - start + pause > patience:
                raise last
            self._clock.sleep(pause)

    def _attempt(
        self, product: str, action: str, bound: _Bound, region: str, subject: str, attempt: int
    ) -> Mapping[str, Any]:
        self._rates.take(product, action, region)
        if self._before_call:
            self._before_call(product, action)
        client = self._client(product, region)
        start = self._clock.now()
        code, request_id = "", ""
        try:
            response = bound.send(client)
            body = _body(response, product, action, region, subject)
            request_id = str(body.get("RequestId") or "")
            return body
        except CloudError as error:
            code = error.code
            raise
        except Exception as raised:
            translated = _translate(raised, product, action, region, subject)
            if translated is None:
                raise
            code, request_id = translated.code, translated.request_id
            raise translated from None
        finally:
            if self._observer:
                seconds = self._clock.now() - start
                shown = redact(bound.params)
                self._observer(CallRecord(product, action, region, shown, seconds, code, request_id, attempt))

    def _pause(self, attempt: int, error: Temporary) -> float:
        pause = min(0.05 * 1.7 ** (attempt - 1), 10.0) * (0.75 + 0.5 * self._random.random())
        if isinstance(error, Throttled):
            pause = max(pause * 2, error.retry_after or 0.0)
        return pause

    def _client(self, product: str, region: str) -> Any:
        key = (product, region)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._new_client(product, region)
            return self._clients[key]

    def _new_client(self, product: str, region: str) -> Any:
        from alibabacloud_tea_openapi.utils_models import Config

        endpoint = self.target.endpoint(product, region)
        config = Config(
            region_id=region,
            protocol=endpoint.protocol,
            endpoint=endpoint.host,
            connect_timeout=CONNECT_TIMEOUT_MS,
            read_timeout=READ_TIMEOUT_MS,
            user_agent="gatespan",
        )
        if self._credentials.provider is not None:
            config.credential = self._credentials.provider
        else:
            config.access_key_id = self._credentials.access_key_id
            config.access_key_secret = self._credentials.access_key_secret
            config.security_token = self._credentials.security_token
        return importlib.import_module(f"{PACKAGES[product]}.client").Client(config)


@dataclass(frozen=True)
class _Bound:
    """A call with its arguments made: ``send`` gives it to a client."""

    method: str
    arguments: tuple[Any, ...]
    params: Mapping[str, Any]

    def send(self, client: Any) -> Any:
        from darabonba.runtime import RuntimeOptions

        runtime = RuntimeOptions(
            autoretry=False,
            connect_timeout=CONNECT_TIMEOUT_MS,
            read_timeout=READ_TIMEOUT_MS,
            no_proxy="127.0.0.1,localhost",
        )
        return getattr(client, self.method)(*self.arguments, runtime)


def _bind(product: str, action: str, params: Mapping[str, Any], token: str | None) -> _Bound:
    """Make the SDK's request. ROA actions (fc) take their path names as arguments and the rest as a body."""
    client = importlib.import_module(f"{PACKAGES[product]}.client").Client
    method = _methods(product)[action.lower()]
    signature = inspect.signature(getattr(client, method))
    given = {k: v for k, v in params.items() if v is not None}
    models = importlib.import_module(f"{PACKAGES[product]}.models")
    arguments: list[Any] = []
    for name in list(signature.parameters)[1:-1]:
        if name in ("request", "tmp_req"):
            arguments.append(_request(getattr(models, f"{action}Request")(), action, given, token, product))
        elif name == "headers":
            arguments.append({})
        else:
            arguments.append(given.pop(_camel(name)))
    if "request" not in signature.parameters and "tmp_req" not in signature.parameters and given:
        raise TypeError(f"{action} takes no parameter {', '.join(given)}")
    return _Bound(method, tuple(arguments), params)


def _request(request: Any, action: str, given: Mapping[str, Any], token: str | None, product: str) -> Any:
    fields = dict(given)
    if token is not None:
        name = next((wire for attribute, wire in TOKENS.items() if hasattr(request, attribute)), None)
        if name is None:
            raise TypeError(f"{action} takes no client token")
        fields[name] = token
    if product == "fc" and hasattr(request, "body"):
        fields = {"body": fields}
    request.from_map(fields)
    kept = request.to_map()
    if product == "fc" and "body" in fields:
        fields, kept = fields["body"], kept.get("body", {})
    lost = [k for k in fields if k not in kept]
    if lost:
        raise TypeError(f"{action} takes no parameter {', '.join(lost)}")
    return request


def _body(response: Any, product: str, action: str, region: str, subject: str) -> Mapping[str, Any]:
    """The body with the wire's names. A shape that does not fit the SDK's model leaves the typed body empty without a
    word (measured), so that is looked for."""
    if not hasattr(response, "body") or getattr(response, "status_code", None) == 204:
        return {}
    raw = response.body.to_map() if response.body is not None else None
    if isinstance(raw, Mapping):
        return raw
    raise Fatal(
        action=action,
        product=product,
        region=region,
        code="UnreadableAnswer",
        message="the SDK could not read the answer",
        subject=subject,
    )


def _translate(raised: Exception, product: str, action: str, region: str, subject: str) -> CloudError | None:
    """An SDK exception as one of ours; None when it is none of the cloud's (a defect then)."""
    from alibabacloud_credentials.exceptions import CredentialException
    from darabonba.exceptions import ResponseException, RetryError, UnretryableException
    from Tea.exceptions import TeaException
    from Tea.exceptions import UnretryableException as TeaUnretryable

    if isinstance(raised, UnretryableException | TeaUnretryable):
        inner = getattr(raised, "inner_exception", None) or raised
        if isinstance(inner, CredentialException):
            return Refused(
                action=action,
                product=product,
                region=region,
                code="NoCredentials",
                message="the credential chain (environment, OIDC, CLI profile, file, instance role) found nothing",
                subject=subject,
            )
        text = re.sub(r"\s+", " ", str(inner))[:200]
        return UnknownOutcome(
            action=action, product=product, region=region, code="NoAnswer", message=text, subject=subject
        )
    if isinstance(raised, RetryError):
        text = re.sub(r"\s+", " ", str(raised))[:200]
        return UnknownOutcome(
            action=action, product=product, region=region, code="NoAnswer", message=text, subject=subject
        )
    if not isinstance(raised, ResponseException | TeaException):
        return None
    data = raised.data if isinstance(getattr(raised, "data", None), Mapping) else {}
    status = getattr(raised, "status_code", None) or getattr(raised, "statusCode", None)
    message = str(data.get("Message") or data.get("message") or raised.message or "")
    retry_after = getattr(raised, "retry_after", None)
    return classify(
        product,
        action,
        str(raised.code or "NoCode"),
        message,
        int(status) if status else None,
        region=region,
        request_id=str(getattr(raised, "request_id", None) or data.get("RequestId") or ""),
        subject=subject,
        retry_after=float(retry_after) / 1000.0 if retry_after else None,
    )


def redact(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters without secrets and without archives."""
    out: dict[str, Any] = {}
    for key, value in params.items():
        if any(word in key.lower() for word in SECRET_WORDS):
            out[key] = "(hidden)"
        elif isinstance(value, Mapping):
            out[key] = redact(value)
        else:
            out[key] = value
    return out


@cache
def _methods(product: str) -> Mapping[str, str]:
    """The SDK's method names by the action they call. The generator's snake case follows no rule that could be
    repeated (``create_vswitch``, ``modify_vpc_access_and_update_apis``), so underscores are left out of it."""
    client = importlib.import_module(f"{PACKAGES[product]}.client").Client
    names = (n for n in dir(client) if n.endswith("with_options"))
    return {n.removesuffix("with_options").replace("_", ""): n for n in names}


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)

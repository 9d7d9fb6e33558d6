"""The one door to the cloud: every call goes through ``Cloud.call``.

It names the action, builds the request model of the genuine SDK from wire names, limits the rate, retries what is
temporary with the same client token, and turns every refusal into the error tree. SDK calls are synchronous: measured,
the SDKs' async methods open a connection per call. Safe to use from many threads.
"""

from __future__ import annotations

import random as random_module
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gatespan.cloud.clock import Clock
from gatespan.cloud.credentials import Credentials
from gatespan.cloud.errors import CloudError, Fatal, Temporary, Throttled, Unavailable, UnknownOutcome
from gatespan.cloud.rates import LIMITS, Limit, RateLimiter
from gatespan.cloud.sdk import PACKAGES as PACKAGES
from gatespan.cloud.sdk import Bound, Where, bind, body_of, new_client, translate
from gatespan.cloud.target import Target

READS = ("Describe", "List", "Get", "Check")
SECRET_WORDS = ("secret", "token", "appcode", "authkey", "environmentvariables", "zipfile", "password", "signature")


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
        limits: Mapping[tuple[str, str], Limit] = LIMITS,
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
        bound = bind(product, action, params, token)
        where = Where(product, action, region, subject)
        repeatable = token is not None or action.startswith(READS)
        start, attempt = self._clock.now(), 0
        while True:
            attempt += 1
            try:
                return self._attempt(where, bound, attempt)
            except UnknownOutcome as error:
                if not repeatable or attempt >= self._attempts:
                    raise
                last: Temporary = error
            except Temporary as error:
                last = error
                if isinstance(error, Unavailable) and attempt >= self._attempts:
                    raise self._given_up(where, error) from None
            pause = self._pause(attempt, last)
            if self._clock.now() - start + pause > patience:
                raise last
            self._clock.sleep(pause)

    def _given_up(self, where: Where, error: Unavailable) -> CloudError:
        """A real cloud that cannot be reached comes back by itself; an embedded one that was stopped does not. Nor does
        another address of this machine, such as that of the credentials' STS, but then the cloud is not to blame."""
        if error.code != "NoConnection" or self.target.kind == "alibaba":
            return error
        own = (self.target.endpoint(where.product, where.region).host or "").replace("[", "").replace("]", "")
        silent = error.message.removeprefix("no connection to ").partition(": ")[0]
        if silent not in (own, "the cloud"):
            return Fatal(**vars(where), code=error.code, message=f"{error.message} (for the credentials)")
        gone = f"the {self.target.name} has stopped answering. Start it (gatespan cloud start) and run this again"
        return Fatal(**vars(where), code="CloudStopped", message=f"{gone}: what was made is found")

    def _attempt(self, where: Where, bound: Bound, attempt: int) -> Mapping[str, Any]:
        product, action, region = where.product, where.action, where.region
        self._rates.take(product, action, region)
        if self._before_call:
            self._before_call(product, action)
        client = self._client(product, region)
        start = self._clock.now()
        code, request_id = "", ""
        try:
            body = body_of(bound.send(client), where)
            request_id = str(body.get("RequestId") or "")
            return body
        except CloudError as error:
            code = error.code
            raise
        except Exception as raised:
            translated = translate(raised, where)
            if translated is None:
                code = type(raised).__name__
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
                endpoint = self.target.endpoint(product, region)
                self._clients[key] = new_client(product, region, endpoint, self._credentials)
            return self._clients[key]


def redact(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters without secrets and without archives."""
    return {name: _shown(name, value) for name, value in params.items()}


def _shown(name: str, value: Any) -> Any:
    if any(word in name.lower() for word in SECRET_WORDS):
        return "(hidden)"
    if isinstance(value, Mapping):
        return redact(value)
    if isinstance(value, list | tuple):
        return [_shown("", one) for one in value]
    return value

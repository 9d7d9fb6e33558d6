"""The engine's one door to the cloud: targets, credentials, calls, errors, waits, rate limits, lists."""

from gatespan.cloud.clock import Clock, SystemClock
from gatespan.cloud.credentials import Credentials, default_credentials, fetched_credentials
from gatespan.cloud.door import CallRecord, Cloud
from gatespan.cloud.errors import (
    Busy,
    CloudError,
    Conflict,
    Fatal,
    InUse,
    Invalid,
    NotFound,
    Permanent,
    QuotaExceeded,
    Refused,
    Temporary,
    Throttled,
    TimedOut,
    Unavailable,
    UnknownOutcome,
)
from gatespan.cloud.inventory import Inventory
from gatespan.cloud.target import Target, TargetError, alibaba_target, emulator_target
from gatespan.cloud.tokens import client_token
from gatespan.cloud.waits import BUDGETS, Wait, wait_until

__all__ = [
    "BUDGETS",
    "Busy",
    "CallRecord",
    "Clock",
    "Cloud",
    "CloudError",
    "Conflict",
    "Credentials",
    "Fatal",
    "InUse",
    "Invalid",
    "Inventory",
    "NotFound",
    "Permanent",
    "QuotaExceeded",
    "Refused",
    "SystemClock",
    "Target",
    "TargetError",
    "Temporary",
    "Throttled",
    "TimedOut",
    "Unavailable",
    "UnknownOutcome",
    "Wait",
    "alibaba_target",
    "client_token",
    "default_credentials",
    "emulator_target",
    "fetched_credentials",
    "wait_until",
]

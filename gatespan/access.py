"""Opening the cloud that a person named: ``embedded``, the URL of an embedded cloud, or ``alibaba``.

The one place where settings, the local embedded cloud and the door meet.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from gatespan import local_cloud
from gatespan.cloud import (
    CallRecord,
    Cloud,
    Credentials,
    SystemClock,
    Target,
    alibaba_target,
    default_credentials,
    emulator_target,
)
from gatespan.settings import Settings


@dataclass(frozen=True)
class Access:
    """A target and the credentials for it; ``started`` says that the embedded cloud was started just now."""

    target: Target
    credentials: Credentials
    started: bool = False


def open_access(cloud: str | None = None, settings: Settings | None = None) -> Access:
    """Resolve the name. The embedded cloud is started on demand. Raises LocalCloudError or TargetError."""
    settings = settings or Settings()
    name = cloud or settings.cloud
    if name == "alibaba":
        return Access(alibaba_target(), default_credentials())
    keys = Credentials(settings.access_key_id, settings.access_key_secret)
    if name == "embedded":
        running = local_cloud.find(settings.home)
        started = running is None
        running = running or local_cloud.start(settings.home)
        return Access(emulator_target(running.url, kind="embedded"), keys, started)
    return Access(emulator_target(name, kind="url"), keys)


def open_cloud(
    cloud: str | None = None,
    *,
    settings: Settings | None = None,
    credentials: Credentials | None = None,
    observer: Callable[[CallRecord], None] | None = None,
) -> Cloud:
    """The door to the named cloud, with real time and real randomness."""
    access = open_access(cloud, settings)
    return Cloud(
        access.target,
        credentials or access.credentials,
        clock=SystemClock(),
        random=random.Random(),
        observer=observer,
    )

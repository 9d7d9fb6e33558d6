"""Who calls: a key pair, with a token where it is temporary, or the vendor's own credential chain."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Credentials:
    """``provider`` is a client of the vendor's credential library; with it keys are fetched and refreshed there."""

    access_key_id: str = ""
    access_key_secret: str = field(default="", repr=False)
    security_token: str | None = field(default=None, repr=False)
    provider: Any = field(default=None, repr=False)


def default_credentials() -> Credentials:
    """The vendor's chain: environment, OIDC, CLI profile, credentials file, instance role, URI."""
    return _from_vendor(None)


def fetched_credentials(**config: Any) -> Credentials:
    """Keys that the vendor's library fetches, from STS for example. ``config``: of its ``Config``."""
    from alibabacloud_credentials.models import Config

    return _from_vendor(Config(**config))


def _from_vendor(config: Any) -> Credentials:
    from alibabacloud_credentials.client import Client

    provider = Client(config) if config else Client()
    # It raises what is wrong, and logs it too: at each try a page on stderr, signed URLs with the key's id in it.
    logging.getLogger("credentials").disabled = True
    return Credentials(provider=provider)

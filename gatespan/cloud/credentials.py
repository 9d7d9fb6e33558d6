"""Who calls: a key pair, with a token where it is temporary, or the vendor's own credential chain."""

from __future__ import annotations

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
    from alibabacloud_credentials.client import Client

    return Credentials(provider=Client())

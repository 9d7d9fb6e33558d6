"""Which cloud: an embedded one on this machine, or the real one. A target knows where each product answers."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

REGIONAL = frozenset({"cloudapi", "fc"})
"""Products whose region is the host and no parameter (observed in the SDKs)."""


class TargetError(Exception):
    """The named cloud cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Endpoint:
    """``host`` None: the SDK knows (real cloud)."""

    host: str | None
    protocol: Literal["http", "https"]


@dataclass(frozen=True)
class Target:
    """``seats_proxy``: HTTP proxy for calls from inside the network; ``control``: base URL of the embedded cloud."""

    kind: Literal["embedded", "url", "alibaba"]
    name: str
    central: str | None = None
    regions: Mapping[str, str] = field(default_factory=dict)
    seats_proxy: str | None = None
    control: str | None = None

    def endpoint(self, product: str, region: str) -> Endpoint:
        if self.kind == "alibaba":
            return Endpoint(None, "https")
        if product not in REGIONAL:
            return Endpoint(self.central, "http")
        if region not in self.regions:
            known = ", ".join(self.regions)
            raise TargetError(f"{self.name} has no region {region}; it has {known}.")
        return Endpoint(self.regions[region], "http")


def alibaba_target() -> Target:
    """The real cloud, by the SDKs' own endpoint rules."""
    return Target("alibaba", "Alibaba Cloud (a real account)")


def emulator_target(base_url: str, kind: Literal["embedded", "url"] = "url") -> Target:
    """Ask the embedded cloud at the URL where everything is. Only loopback addresses are taken."""
    url = base_url if "://" in base_url else f"http://{base_url}"
    url = url.rstrip("/")
    host = urlsplit(url).hostname or ""
    if urlsplit(url).scheme != "http" or not _loopback(host):
        raise TargetError(f"{base_url}: an embedded cloud is reached by http on a loopback address only.")
    try:
        with build_opener(ProxyHandler({})).open(f"{url}/_cloud/health", timeout=5) as answer:
            health = json.loads(answer.read())
    except (URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise TargetError(
            f"No embedded cloud answers at {url}: {reason}. Start it with: gatespan cloud start"
        ) from None
    if not isinstance(health, dict) or health.get("name") != "gatespan-embedded-cloud":
        raise TargetError(f"What answers at {url} is no embedded cloud of Gatespan.")
    endpoints = health["endpoints"]
    return Target(
        kind=kind,
        name=f"embedded cloud at {url}",
        central=endpoints["central"],
        regions=endpoints["regions"],
        seats_proxy=f"http://{health['proxy']}",
        control=url,
    )


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

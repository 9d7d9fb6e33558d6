"""Which cloud: an embedded one on this machine, or the real one. A target knows where each product answers."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

REGIONAL = frozenset({"cloudapi", "fc"})
"""Products whose region is the host and no parameter (observed in the SDKs)."""

MENDED = {("fc", "ap-southeast-5"): "fcv3.ap-southeast-5.aliyuncs.com"}
"""Endpoints that the SDKs have wrong: this one ends in a tab character there."""


class TargetError(Exception):
    """The named cloud cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Endpoint:
    """``host`` None: the SDK knows (real cloud)."""

    host: str | None
    protocol: Literal["http", "https"]


@dataclass(frozen=True)
class Target:
    """``central``, ``regions``: the ``host:port`` of central products, and of regional ones by region. ``seats_proxy``:
    HTTP proxy for calls from inside the network; ``control``: base URL of the embedded cloud.

    Raises TargetError for an embedded cloud that is not on a loopback address: no credentials ever go there.
    """

    kind: Literal["embedded", "url", "alibaba"]
    name: str
    central: str | None = None
    regions: Mapping[str, str] = field(default_factory=dict)
    seats_proxy: str | None = None
    control: str | None = None

    def __post_init__(self) -> None:
        for host in () if self.kind == "alibaba" else (self.central, *self.regions.values()):
            if host is None or not _loopback(f"//{host}"):
                raise TargetError(
                    f"{self.name}: {host} is no loopback address, and an embedded cloud is only on those."
                )

    def endpoint(self, product: str, region: str) -> Endpoint:
        """Where the product answers for the region. Raises TargetError where the cloud has no such region."""
        if self.kind == "alibaba":
            return Endpoint(MENDED.get((product, region)), "https")
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
    """Ask the embedded cloud at the URL where everything is. Only loopback addresses are taken.

    Raises TargetError: another address, nothing answers, something else answers.
    """
    # Imported here: 20 ms that only this needs.
    from http.client import HTTPException
    from urllib.request import ProxyHandler, build_opener

    url = base_url if "://" in base_url else f"http://{base_url}"
    url = url.rstrip("/")
    if not url.lower().startswith("http://") or not _loopback(url):
        raise TargetError(f"{base_url}: an embedded cloud is reached by http on a loopback address only.")
    try:
        with build_opener(ProxyHandler({})).open(f"{url}/_cloud/health", timeout=5) as answer:
            health = json.loads(answer.read())
    except (OSError, ValueError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise TargetError(
            f"No embedded cloud answers at {url}: {reason}. Start it with: gatespan cloud start"
        ) from None
    if not isinstance(health, dict) or health.get("name") != "gatespan-embedded-cloud":
        raise TargetError(f"What answers at {url} is no embedded cloud of Gatespan.")
    try:
        return Target(
            kind=kind,
            name=f"embedded cloud at {url}",
            central=_from_here(health["endpoints"]["central"], url),
            regions={name: _from_here(at, url) for name, at in health["endpoints"]["regions"].items()},
            seats_proxy=f"http://{_from_here(health['proxy'], url)}" if health.get("proxy") else None,
            control=url,
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        raise TargetError(
            f"The embedded cloud at {url} is of another version: it does not say where it answers."
        ) from None


def _from_here(address: str, url: str) -> str:
    """A cloud that listens on all addresses of the machine is reached on the one by which we found it."""
    port = address.rpartition(":")[2]
    everywhere = address in (f"0.0.0.0:{port}", f"[::]:{port}")
    return f"{urlsplit(url).netloc.rpartition(':')[0] or urlsplit(url).netloc}:{port}" if everywhere else address


def _loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

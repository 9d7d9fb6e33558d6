"""Every product that the embedded cloud has."""

from __future__ import annotations

from gatespan.emulator.service import Service
from gatespan.emulator.services import bss, cbn, cloudapi, fc, location, sts, vpc


def services() -> tuple[Service, ...]:
    """All products, each complete with its actions."""
    return (vpc.service, cbn.service, cloudapi.service, fc.service, location.service, sts.service, bss.service)

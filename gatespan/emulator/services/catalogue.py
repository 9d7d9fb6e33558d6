"""Every product that the embedded cloud has."""

from __future__ import annotations

from importlib import import_module

from gatespan.emulator.service import Service

PRODUCTS = ("vpc", "cbn", "cloudapi", "fc", "location", "sts", "bss")


def services() -> tuple[Service, ...]:
    """All products, each complete with its actions. Imports them: the first call takes a moment."""
    found = []
    for product in PRODUCTS:
        try:
            service = import_module(f"gatespan.emulator.services.{product}").service
        except Exception:  # TEMPORARY while the products are being written
            import traceback

            traceback.print_exc()
            continue
        assert isinstance(service, Service)
        found.append(service)
    return tuple(found)

"""The Location service (2015-06-12): which address serves a product in a region. Here: this cloud's own addresses."""

from gatespan.emulator.services.location.actions import service

__all__ = ["service"]

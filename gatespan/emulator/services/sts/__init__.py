"""The Security Token Service (2015-04-01): who am I, and keys for a role that expire."""

from gatespan.emulator.services.sts.actions import service

__all__ = ["service"]

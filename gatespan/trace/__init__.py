"""Proof: can this client call that API? Today by live calls; the path model is to come."""

from gatespan.trace.live import CallResult, verify

__all__ = ["CallResult", "verify"]

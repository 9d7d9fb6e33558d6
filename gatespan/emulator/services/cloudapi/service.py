"""The API Gateway product as a service: its actions declare themselves on this object."""

from __future__ import annotations

from gatespan.emulator.service import Service
from gatespan.emulator.services.cloudapi.errors import CODES

service = Service(product="CloudAPI", version="2016-07-14", codes=CODES, regional=True)

WRITE_RATE = (50, 1.0)
"""Published limit of the actions that name one (help pages): 50 calls a second per account."""

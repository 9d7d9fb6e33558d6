"""The VPC product as a service: its actions declare themselves on this object."""

from __future__ import annotations

from gatespan.emulator.service import Service
from gatespan.emulator.services.vpc.errors import CODES

service = Service(product="Vpc", version="2016-04-28", codes=CODES, default_rate=(300, 60.0))
"""Published limit: 300 calls in 60 s per account, region and action."""

"""The CEN product as a service of the embedded cloud; the action modules add themselves to it."""

from __future__ import annotations

from gatespan.emulator.service import Service
from gatespan.emulator.services.cbn.errors import CODES

service = Service(product="Cbn", version="2017-09-12", codes=CODES)

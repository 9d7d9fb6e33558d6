"""Function Compute 3.0 as a service of the embedded cloud; the action modules add themselves to it.

The region is the listener's. Paths and verbs are the SDK's.
"""

from __future__ import annotations

from gatespan.emulator.service import Service
from gatespan.emulator.services.fc.errors import CODES

PREFIX = "/2023-03-30"

service = Service(product="FC", version="2023-03-30", codes=CODES, regional=True)

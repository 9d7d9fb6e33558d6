"""Function Compute 3.0 (API version 2023-03-30): functions, their HTTP triggers, their tags."""

from gatespan.emulator.services.fc import functions, tags, triggers
from gatespan.emulator.services.fc.service import service

__all__ = ["functions", "service", "tags", "triggers"]

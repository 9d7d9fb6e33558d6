"""Codes of the Location service. Source: the SDK's reference; messages are a choice of the embedded cloud."""

from __future__ import annotations

from gatespan.emulator.errors import CloudError
from gatespan.emulator.params import Codes


def missing(name: str) -> CloudError:
    text = f'The input parameter "{name}" that is mandatory for processing this request is not supplied.'
    return CloudError("MissingParameter", text)


def invalid(name: str, value: str) -> CloudError:
    return CloudError("InvalidParameter", f'The specified parameter "{name}" is not valid: {value!r}.')


CODES = Codes(missing, invalid)


def illegal_region(region: str) -> CloudError:
    return CloudError("Illegal Parameter", f"The specified region {region!r} is not known.")

"""Codes of STS. Source: its public error table; messages in our own words where the table has none."""

from __future__ import annotations

from gatespan.emulator.errors import CloudError
from gatespan.emulator.params import Codes


def missing(name: str) -> CloudError:
    return CloudError(f"Missing{name}", f"{name} is mandatory for this action.")


def invalid(name: str, value: str) -> CloudError:
    return CloudError(f"InvalidParameter.{name}", f"The specified parameter {name} is not valid: {value!r}.")


CODES = Codes(missing, invalid)


def no_such_role(arn: str) -> CloudError:
    return CloudError("EntityNotExist.Role", f"The role not exists: {arn}.", 404)


def not_trusted(arn: str) -> CloudError:
    text = "You are not authorized to do this action. You should be authorized by RAM."
    return CloudError("NoPermission", f"{text} The role {arn} trusts its own account only.", 403)

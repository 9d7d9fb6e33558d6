"""The refusals of the API Gateway product.

The product builds its codes from a prefix and the name of the resource or parameter, without a dot (help page on
error codes): the functions below are that scheme. The names themselves are exact where a public source shows them
(``RepeatedApiName``, ``RepeatedApiGroup``, ``NotFoundApiGroup``, ``NotFoundApi``, ``NotFoundStage``, ``NotFoundApp``,
``NotFoundAuthorization``, ``NotFoundBackend``, ``NotFoundBackendModel``, ``NotFoundStageModel``,
``NotFoundResourceId``, ``MissingAppIdOrAppOwner``, ``ConcurrencyLockTimeout``, ``ORDER.OPEND``); every other name is
a choice of the embedded cloud after the same scheme. A thing that is absent answers HTTP 400, not 404 (help page).
"""

from __future__ import annotations

from gatespan.emulator.errors import CloudError
from gatespan.emulator.params import Codes


def missing(name: str) -> CloudError:
    return CloudError(f"Missing{name}", f"The {name} is mandatory for this action.")


def invalid(name: str, value: str = "", why: str = "") -> CloudError:
    """``value`` is quoted in the message, so it must be no secret."""
    said = f" {value[:100]!r}" if value else ""
    return CloudError(f"Invalid{name}", f"The specified {name}{said} is invalid.{' ' + why if why else ''}")


def not_found(what: str, id: str = "") -> CloudError:
    return CloudError(f"NotFound{what}", f"The specified {what} {id} cannot be found.".replace("  ", " "))


def repeated(what: str) -> CloudError:
    return CloudError(f"Repeated{what}", f"The specified {what} is repeated.")


def in_use(what: str, by: str) -> CloudError:
    return CloudError(f"DependencyViolation{what}", f"The specified {what} has {by} definitions.")


def too_many(what: str, most: int) -> CloudError:
    return CloudError(f"ExceedLimit{what}", f"The number of {what} exceeds the limit of {most}.")


def forbidden(what: str, why: str) -> CloudError:
    return CloudError(f"Forbidden{what}", why, 403)


def locked(what: str) -> CloudError:
    """Another change of the same thing is under way: the same call works later."""
    return CloudError("ConcurrencyLockTimeout", f"Another operation on {what} is in progress. Please try again later.")


ALREADY_OPEN = CloudError("ORDER.OPEND", "The service has already been activated.")
NO_APP_GIVEN = CloudError("MissingAppIdOrAppOwner", "Either AppId or AppOwner must be specified.")

CODES = Codes(missing, invalid)

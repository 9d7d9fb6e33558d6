"""The refusals of Function Compute 3.0, with their HTTP status.

From the help page of the error codes; statuses marked *choice* are not published.
"""

from __future__ import annotations

from gatespan.emulator.errors import CloudError
from gatespan.emulator.params import Codes


def invalid_argument(message: str) -> CloudError:
    return CloudError("InvalidArgument", message, 400)


def function_not_found(name: str) -> CloudError:
    return CloudError("FunctionNotFound", f"function '{name}' does not exist", 404)


def function_exists(name: str) -> CloudError:
    return CloudError("FunctionAlreadyExists", f"function '{name}' already exists", 409)


def function_not_empty(name: str) -> CloudError:
    """Status 409 is a choice."""
    return CloudError("FunctionNotEmpty", f"function '{name}' still has triggers: delete them first", 409)


def trigger_not_found(function: str, name: str) -> CloudError:
    return CloudError("TriggerNotFound", f"trigger '{name}' does not exist in function '{function}'", 404)


def trigger_exists(name: str) -> CloudError:
    """Status 409 is a choice."""
    return CloudError("TriggerAlreadyExists", f"trigger '{name}' already exists", 409)


def too_large(limit: int) -> CloudError:
    return CloudError("EntityTooLarge", f"the code is larger than {limit} bytes", 400)


def not_emulated(runtime: str) -> CloudError:
    """Choice of the embedded cloud, which has no language runtimes of its own."""
    return CloudError(
        "UnsupportedRuntime",
        f"the embedded cloud keeps functions of runtime '{runtime}' but runs custom runtimes only (custom, "
        "custom.debian10, custom.debian11, custom.debian12)",
        400,
    )


def failed(message: str) -> CloudError:
    """The function's process does not start or breaks off."""
    return CloudError("FunctionError", message, 502)


def timed_out(seconds: float) -> CloudError:
    """Choice: the code of the invocation's time limit in the answer's headers is not published for this call."""
    return CloudError("FunctionTimeout", f"the function did not answer within {seconds:g} s", 504)


CODES = Codes(
    missing=lambda name: invalid_argument(f"{name} is required"),
    invalid=lambda name, value: invalid_argument(f"{name} has the invalid value '{value}'"),
)

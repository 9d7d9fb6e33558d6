"""Life cycle, limits, defaults and shared checks of Function Compute.

Limits and defaults are those of the help page and the SDK of CreateFunction; seconds are a choice (the Terraform
provider waits for nothing after a create).
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any

from gatespan.emulator.call import Call
from gatespan.emulator.lifecycle import Transition
from gatespan.emulator.services.fc import errors
from gatespan.emulator.services.fc.models import Function, Trigger

CREATE = Transition("Pending", "Active", 2)

FUNCTION_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
TRIGGER_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}")
CODE_LIMIT = 100 * 1024 * 1024
"""Bytes of an archive that is sent with the call."""
UNPACKED_LIMIT = 500 * 1024 * 1024
MEMORY = (128, 32768)
TIMEOUT = (1, 86400)
DISKS = (512, 10240)
PAGE = 100
RUNTIMES = frozenset(
    [
        "nodejs12",
        "nodejs14",
        "nodejs16",
        "nodejs18",
        "nodejs20",
        "go1",
        "python3",
        "python3.9",
        "python3.10",
        "python3.12",
        "java8",
        "java11",
        "php7.2",
        "dotnetcore3.1",
        "custom",
        "custom.debian10",
        "custom.debian11",
        "custom.debian12",
        "custom-container",
    ]
)
RUNNABLE = frozenset(("custom", "custom.debian10", "custom.debian11", "custom.debian12"))
"""What the embedded cloud really runs: a web server of the function's own."""
AUTH_TYPES = ("anonymous", "function", "jwt", "bearer")
METHODS = frozenset(("GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"))

SPEC = frozenset(
    [
        "cpu",
        "customContainerConfig",
        "customDNS",
        "customRuntimeConfig",
        "description",
        "disableInjectCredentials",
        "disableOndemand",
        "diskSize",
        "enableLongLiving",
        "environmentVariables",
        "gpuConfig",
        "handler",
        "idleTimeout",
        "instanceConcurrency",
        "instanceIsolationMode",
        "instanceLifecycleConfig",
        "internetAccess",
        "juiceFsConfig",
        "layers",
        "logConfig",
        "memorySize",
        "microSandboxConfig",
        "nasConfig",
        "ossMountConfig",
        "polarFsConfig",
        "resourceGroupId",
        "role",
        "runtime",
        "sessionAffinity",
        "sessionAffinityConfig",
        "timeout",
        "tracingConfig",
        "vpcConfig",
    ]
)
"""The fields of a function that a caller may set, as CreateFunctionInput of the SDK names them."""
DEFAULTS: Mapping[str, Any] = {
    "description": "",
    "diskSize": 512,
    "environmentVariables": {},
    "instanceConcurrency": 1,
    "internetAccess": True,
    "memorySize": 512,
    "timeout": 3,
}


def arn(function: Function) -> str:
    return f"acs:fc:{function.region}:{function.account}:functions/{function.name}"


def function_id(call: Call, name: str) -> str:
    return f"{call.account}/{call.region}/{name}"


def the_function(call: Call, name: str | None = None) -> Function:
    """The caller's function of that name (default: the one that the path names) in the listener's region."""
    name = name if name is not None else call.path["functionName"]
    found = call.mine(Function, function_id(call, name))
    if found is None:
        raise errors.function_not_found(name)
    return found


def triggers_of(call: Call, function: Function) -> list[Trigger]:
    return call.listed(
        Trigger, lambda t: t.account == function.account and t.region == function.region and t.function == function.name
    )


def check_spec(spec: Mapping[str, Any]) -> None:
    """Raises InvalidArgument for the first field that breaks a limit of the help page."""
    runtime = spec.get("runtime")
    if runtime not in RUNTIMES:
        raise errors.invalid_argument(f"runtime '{runtime}' is not supported; one of {', '.join(sorted(RUNTIMES))}")
    _within("timeout", spec.get("timeout"), TIMEOUT)
    memory = _within("memorySize", spec.get("memorySize"), MEMORY)
    if memory % 64:
        raise errors.invalid_argument(f"memorySize {memory} is not a multiple of 64")
    if spec.get("diskSize") not in DISKS:
        raise errors.invalid_argument(f"diskSize {spec.get('diskSize')} is neither 512 nor 10240")
    cpu = spec.get("cpu")
    if cpu is not None:
        if not isinstance(cpu, int | float) or round(cpu * 100) % 5 or not 0.05 <= cpu <= 16:
            raise errors.invalid_argument(f"cpu {cpu} is not a multiple of 0.05 from 0.05 to 16")
        if not cpu <= memory / 1024 <= 4 * cpu:
            raise errors.invalid_argument(f"cpu {cpu} to memorySize {memory} MB is not between 1:1 and 1:4 (GB)")
    _check_types(spec)


def _check_types(spec: Mapping[str, Any]) -> None:
    variables = spec.get("environmentVariables")
    if not isinstance(variables, Mapping) or not all(isinstance(v, str) for v in variables.values()):
        raise errors.invalid_argument("environmentVariables must map names to texts")
    custom = spec.get("customRuntimeConfig")
    if custom is None:
        return
    if not isinstance(custom, Mapping):
        raise errors.invalid_argument("customRuntimeConfig must be an object")
    for name in ("command", "args"):
        words = custom.get(name) or []
        if not isinstance(words, list) or not all(isinstance(w, str) for w in words):
            raise errors.invalid_argument(f"customRuntimeConfig.{name} must be a list of texts")
    if custom.get("port") is not None:
        _within("customRuntimeConfig.port", custom["port"], (1, 65535))


def _within(name: str, value: object, limits: tuple[int, int]) -> int:
    least, most = limits
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise errors.invalid_argument(f"{name} {value} is not a whole number from {least} to {most}")
    return value


def check_code(code: object) -> str:
    """The archive of ``code.zipFile`` as sent, checked to be one. The embedded cloud has no OSS to fetch code from."""
    if not isinstance(code, Mapping) or not code.get("zipFile"):
        if isinstance(code, Mapping) and code.get("ossBucketName"):
            raise errors.invalid_argument("code.ossBucketName: the embedded cloud has no OSS; send code.zipFile")
        raise errors.invalid_argument("code.zipFile is required")
    text = code["zipFile"]
    if not isinstance(text, str):
        raise errors.invalid_argument("code.zipFile must be base64 text")
    if len(text) > CODE_LIMIT * 4 // 3 + 4:
        raise errors.too_large(CODE_LIMIT)
    try:
        archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(text, validate=True)))
    except (binascii.Error, ValueError, zipfile.BadZipFile) as error:
        raise errors.invalid_argument(f"code.zipFile is not a base64 zip archive: {error}") from None
    if sum(i.file_size for i in archive.infolist()) > UNPACKED_LIMIT:
        raise errors.too_large(UNPACKED_LIMIT)
    return text


def check_name(kind: str, name: object) -> str:
    pattern = FUNCTION_NAME if kind == "functionName" else TRIGGER_NAME
    if not isinstance(name, str) or not pattern.fullmatch(name):
        raise errors.invalid_argument(
            f"{kind} '{name}' must be letters, digits, _ and -, and start with neither a digit nor -"
        )
    return name


def tags_of(rows: object) -> dict[str, str]:
    """``[{"Key":, "Value":}]`` as the SDK sends them; lower-case names are taken too (other clients)."""
    if not isinstance(rows, list) or not all(isinstance(r, Mapping) for r in rows):
        raise errors.invalid_argument("tags must be a list of Key and Value")
    tags = {str(r.get("Key", r.get("key", ""))): str(r.get("Value", r.get("value", "")) or "") for r in rows}
    if "" in tags:
        raise errors.invalid_argument("a tag has no Key")
    return tags

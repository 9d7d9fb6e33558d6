"""The things of Function Compute 3.0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gatespan.emulator.world import Thing


@dataclass(frozen=True, kw_only=True)
class Function(Thing):
    """A function. ``id`` is ``account/region/name``: names are unique per account and region.
    ``digest``: a checksum of the archive, as decimal text; ``size`` its bytes.

    ``spec``: the fields of the create call in the API's own spelling, without the code. ``code``: the zip archive,
    base64 as sent.
    """

    KIND = "function"
    name: str
    function_id: str
    spec: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""
    digest: str = ""
    size: int = 0
    modified: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Trigger(Thing):
    """A trigger of a function. ``id`` is the function's with ``/name``, ``function`` the function's name, ``config``
    the JSON text as sent, ``host`` the name part of its HTTP URLs (``{name}-{random}``)."""

    KIND = "trigger"
    function: str
    name: str
    trigger_id: str
    type: str = "http"
    config: str = ""
    qualifier: str = "LATEST"
    description: str = ""
    host: str = ""
    invocation_role: str = ""
    modified: float = 0.0

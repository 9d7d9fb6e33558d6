"""A console on a product of the embedded cloud: the official SDK, driven by action names as the API spells them.

Every answer is held against the SDK's typed body: what the SDK does not know is a fault of ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

from gatespan.emulator.lifecycle import Latency
from gatespan.emulator.world import Thing


class Wire:
    """An SDK client whose last answer is kept as it came: ``raw``."""

    unmodelled: tuple[str, ...] = ()
    """Keys of live answers for which the SDK's models have no place."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.raw: Any = {}
        send = client.call_api

        def call_api(*arguments: Any) -> Any:
            answer = send(*arguments)
            self.raw = answer.get("body")
            return answer

        client.call_api = call_api

    def complete(self, response: Any) -> dict[str, Any]:
        """The raw body, proven to be wholly in the typed one."""
        assert response.body is not None, f"the typed body is None, a wrapper is wrong: {self.raw}"
        strange = [x for x in lost(self.raw, response.body.to_map()) if x.removeprefix(".") not in self.unmodelled]
        assert not strange, "what the SDK does not know"
        return dict(self.raw)


class ActionConsole(Wire):
    """``console("CreateCen", Name="one")`` calls the SDK's method and returns the raw body.

    ``always``: parameters of every call unless given otherwise (None: not sent).
    """

    def __init__(self, cloud: Any, client: Any, models: Any, **always: Any) -> None:
        super().__init__(client)
        self.cloud, self.models, self.always = cloud, models, always
        self.methods = {name.replace("_", "").lower(): name for name in dir(client)}

    def __call__(self, action: str, **parameters: Any) -> dict[str, Any]:
        model = getattr(self.models, action + "Request", None)  # an action without parameters has none
        request = [model().from_map({**self.always, **parameters})] if model else []
        return self.complete(getattr(self.client, self.methods[action.lower()])(*request))

    def refused(self, action: str, **parameters: Any) -> Any:
        """The refusal as the SDK raises it: ``code``, ``status_code``, ``message``."""
        with pytest.raises(AlibabaCloudException) as caught:
            self(action, **parameters)
        return caught.value

    def code(self, action: str, **parameters: Any) -> str:
        return str(self.refused(action, **parameters).code)

    @contextmanager
    def slow(self, mode: str = "realistic") -> Iterator[None]:
        """Changes take time while this lasts; the clock stands still."""
        self.cloud.life.latency = Latency(mode)  # type: ignore[arg-type]
        try:
            yield
        finally:
            self.cloud.life.latency = Latency("none")

    def put(self, *things: Thing) -> None:
        """Put things into the world, whatever the services would say to them."""
        self.cloud.put(*things)


def lost(raw: Any, typed: Any, path: str = "") -> Iterator[str]:
    """Where the typed body lacks what the raw one has, or has something else."""
    if isinstance(raw, Mapping):
        for key, value in raw.items():
            if not isinstance(typed, Mapping) or key not in typed:
                yield f"{path}.{key}"
            else:
                yield from lost(value, typed[key], f"{path}.{key}")
    elif isinstance(raw, list):
        if not isinstance(typed, list) or len(typed) != len(raw):
            yield path
        else:
            for one, other in zip(raw, typed, strict=True):
                yield from lost(one, other, path + "[]")
    elif raw != typed:
        yield f"{path}: {raw!r} became {typed!r}"

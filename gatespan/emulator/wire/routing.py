"""Which product and action a request asks for, and with which parameters.

RPC: ``x-acs-action`` and ``x-acs-version`` headers, or ``Action`` and ``Version`` parameters; any verb. ROA: the verb
and the path, whose first segment is the version. Products are recognised by version, so one port can serve them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from gatespan.emulator.errors import CloudError
from gatespan.emulator.service import Service
from gatespan.emulator.wire.request import Request


@dataclass(frozen=True, slots=True)
class Target:
    """``path`` holds the values of an ROA path template; ``roa`` tells the style of the answer."""

    service: Service
    action: str
    path: Mapping[str, str]
    roa: bool


class Routes:
    """The path templates of one ROA product, such as ("PUT", "/2023-03-30/functions/{functionName}")."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._templates: dict[tuple[str, int], list[tuple[tuple[str, ...], str]]] = {}
        for action in service.actions.values():
            if action.route:
                verb, template = action.route
                parts = tuple(template.strip("/").split("/"))
                self._templates.setdefault((verb, len(parts)), []).append((parts, action.name))
        for rows in self._templates.values():  # fixed segments before variable ones
            rows.sort(key=lambda row: [part.startswith("{") for part in row[0]])

    def find(self, verb: str, path: str) -> tuple[str, dict[str, str]] | None:
        """The action and its path parameters (decoded; a ``%2F`` in a value stays inside it)."""
        parts = path.strip("/").split("/")
        for template, action in self._templates.get((verb, len(parts)), ()):
            values: dict[str, str] = {}
            for expected, given in zip(template, parts, strict=True):
                if expected.startswith("{"):
                    values[expected[1:-1]] = unquote(given)
                elif expected != unquote(given):
                    break
            else:
                return action, values
        return None


class Routing:
    def __init__(self, services: Iterable[Service]) -> None:
        self.services = {s.version: s for s in services}
        self._roa = {
            version: Routes(s) for version, s in self.services.items() if any(a.route for a in s.actions.values())
        }

    def target(self, request: Request) -> Target:
        """Raises MissingParameter, NoSuchVersion; an action that does not exist is left to the kernel to count."""
        if request.path != "/":
            first = request.path.split("/", 2)[1]
            routes = self._roa.get(first)
            if routes is not None:
                found = routes.find(request.method, request.path)
                if found is None:
                    asked = request.headers.get("x-acs-action") or f"{request.method} {unquote(request.path)}"
                    return Target(routes.service, asked, {}, True)
                return Target(routes.service, found[0], found[1], True)
        headers = request.headers
        action = headers.get("x-acs-action") or request.flat.get("Action")
        version = headers.get("x-acs-version") or request.flat.get("Version")
        for name, value in (("Action", action), ("Version", version)):
            if not value:
                text = f'The input parameter "{name}" that is mandatory for processing this request is not supplied.'
                raise CloudError("MissingParameter", text)
        assert action is not None
        service = self.services.get(version or "")
        if service is None:
            known = ", ".join(f"{s.product} {s.version}" for s in self.services.values())
            raise CloudError("NoSuchVersion", f"Specified version {version} does not exist. This cloud has: {known}.")
        return Target(service, action, {}, False)

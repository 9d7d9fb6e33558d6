"""How a product declares its actions: a ``Service`` with one decorated function per action.

Every product folder has the same files: ``models`` (the things), ``errors`` (the codes), ``rules`` (life cycles,
limits and checks), ``actions*`` (the functions). The list of actions, the coverage page and the required-parameter
checks are all made from these declarations.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from gatespan.emulator.lifecycle import Hook
from gatespan.emulator.params import Codes
from gatespan.emulator.world import Thing

if TYPE_CHECKING:
    from gatespan.emulator.call import Call

Handler = Callable[["Call"], "dict[str, Any] | Reply | None"]
READS = ("Describe", "List", "Get", "Check")


@dataclass(frozen=True)
class Reply:
    """An answer that is not plain JSON with status 200 (FC: 201, 204, binary bodies).

    ``later``: work that follows the committed action and takes real time (a function that runs); the server awaits it
    and sends the reply that it gives. It may raise CloudError.
    """

    body: dict[str, Any] | list[Any] | bytes | None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    later: Callable[[], Awaitable[Reply]] | None = None


@dataclass(frozen=True)
class Action:
    """One action as declared. ``rate`` is (calls, seconds) per account and region, where published.

    ``dry_run``: what a passing dry run answers: the error ``DryRunOperation`` or a plain request id.
    ``route``: verb and path template of an ROA action.
    """

    name: str
    handler: Handler
    required: tuple[str, ...] = ()
    token: str | None = None
    dry_run: Literal["error", "plain"] | None = None
    writes: bool = True
    rate: tuple[int, float] | None = None
    route: tuple[str, str] | None = None


@dataclass
class Service:
    """One product of one API version: its actions by name, its hooks, its way of wording bad parameters.

    ``regional``: the region comes from the listener's address and not from a parameter (CloudAPI, FC).
    ``default_rate``: the published limit of most actions.
    """

    product: str
    version: str
    codes: Codes
    regional: bool = False
    default_rate: tuple[int, float] | None = None
    actions: dict[str, Action] = field(default_factory=dict)
    hooks: list[tuple[str, str, Hook]] = field(default_factory=list)

    def action(
        self,
        name: str,
        *,
        required: tuple[str, ...] = (),
        token: str | None = None,
        dry_run: Literal["error", "plain"] | None = None,
        rate: tuple[int, float] | None = None,
        route: tuple[str, str] | None = None,
    ) -> Callable[[Handler], Handler]:
        """Declare an action. Names that start with Describe, List, Get or Check read; all others write."""

        def declare(handler: Handler) -> Handler:
            self.actions[name] = Action(
                name=name,
                handler=handler,
                required=required,
                token=token,
                dry_run=dry_run,
                writes=not name.startswith(READS),
                rate=rate or self.default_rate,
                route=route,
            )
            return handler

        return declare

    def on_end(self, cls: type[Thing], state: str) -> Callable[[Hook], Hook]:
        """Declare what happens in the world when a thing of the class reaches the state."""

        def declare(hook: Hook) -> Hook:
            self.hooks.append((cls.KIND, state, hook))
            return hook

        return declare

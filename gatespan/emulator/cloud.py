"""One embedded cloud, put together: world, clock, life cycles, services, faults, storage, and where it began."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gatespan.emulator.clock import Clock
from gatespan.emulator.faults import FaultRules
from gatespan.emulator.ids import Ids
from gatespan.emulator.kernel import TOKEN_RETENTION, Kernel, TokenRecord
from gatespan.emulator.lifecycle import Latency, LifeCycle
from gatespan.emulator.models import AccessKey
from gatespan.emulator.regions import regions
from gatespan.emulator.seed import WorldFile, plant
from gatespan.emulator.services.catalogue import services
from gatespan.emulator.storage import Kept, Storage, decode, encode
from gatespan.emulator.wire.authentication import Authenticator, Mode
from gatespan.emulator.wire.routing import Routing
from gatespan.emulator.world import Change, Thing, World


@dataclass(frozen=True)
class Origin:
    """The world that ``reset`` goes back to: its name, the number its ids come from, its objects."""

    name: str
    seed: int
    things: tuple[Thing, ...]

    def plain(self) -> dict[str, Any]:
        return {"name": self.name, "seed": self.seed, "things": [encode(thing) for thing in self.things]}


class Cloud:
    """``changes`` counts committed transactions that changed visible objects.

    Rates are kept by default only where time passes as in the real cloud.
    """

    def __init__(
        self,
        world_file: WorldFile,
        *,
        latency: Latency | None = None,
        signatures: Mode = "strict",
        storage: Storage | None = None,
    ) -> None:
        self.storage = storage
        self.changes = 0
        self.world = World(self._committed)
        self.clock = Clock()
        self.life = LifeCycle(self.world, self.clock, latency or Latency())
        self.ids = Ids(random.Random())
        self.faults = FaultRules()
        self.kernel = Kernel(self.world, self.clock, self.life, self.ids, services(), self.faults)
        self.kernel.keep_rates = self.life.latency.mode == "realistic"
        self.authenticator = Authenticator(self.world, self.clock, signatures)
        self.routing = Routing(self.kernel.services.values())
        self.snapshots: dict[str, tuple[Thing, ...]] = {}
        self.starts = 1
        self._replaced = 0
        kept = storage.load() if storage else None
        if kept is None:
            self.seed(world_file)
        else:
            self._resume(kept)

    @property
    def default_region(self) -> str:
        return next(iter(regions(self.world)))

    def first_key(self) -> AccessKey | None:
        """A key that a newcomer can use: the first active one."""
        return next((key for key in self.world.all(AccessKey) if key.active and not key.token), None)

    def seed(self, world_file: WorldFile) -> None:
        """Replace the world by the one that the file describes, and remember it for ``reset``.

        Raises SeedError and leaves everything as it was when the file asks for what a service refuses.
        """
        things = plant(world_file, self.kernel.services.values(), self.clock)
        self.origin = Origin(world_file.name, world_file.seed, things)
        self.reset()

    def reset(self) -> None:
        """Back to the world of the beginning; faults, counts, log and nonces are forgotten, the settings stay."""
        self.replace(self.origin.things)
        self._reseed()
        self.faults.clear()
        self.kernel.forget()
        self.authenticator.nonces.clear()

    def replace(self, things: Iterable[Thing]) -> None:
        """Put a whole other world in place; in the data file in one transaction, together with the origin.

        From here on ids are minted from a sequence of their own: the world may hold things that this cloud made
        before a reset, and the old sequence would mint their ids again.
        """
        things = tuple(things)
        self._replaced += 1
        self.ids.reseed(random.Random(f"{self.origin.seed}/{self.starts}/{self._replaced}"))
        storage, self.storage = self.storage, None
        try:
            self.world.replace_all(things)
        finally:
            self.storage = storage
        if storage:
            storage.replace(things, origin=self.origin.plain(), starts=self.starts)
            self.keep_settings()
        self.kernel.replaced()

    def advance(self, seconds: float) -> float:
        """Turn the clock and end what is due by then."""
        now = self.clock.advance(seconds)
        self.kernel.settle()
        self.keep_settings()
        return now

    def tidy(self) -> None:
        """Remove what is remembered about ClientTokens that have expired."""
        oldest = self.clock.now() - TOKEN_RETENTION
        stale = [record for record in self.world.all(TokenRecord) if record.created < oldest]
        if stale:
            with self.world.transaction():
                for record in stale:
                    self.world.remove(record)

    # --- what outlives the process ------------------------------------------------------------------------

    def keep_settings(self) -> None:
        """Keep clock and settings in the data file, if there is one. To be called after each change of them."""
        if self.storage:
            self.storage.note(clock=self.clock.state(), settings=self.settings())

    def settings(self) -> dict[str, Any]:
        """The switches of the control API, as it shows them."""
        return {
            "list_lag": self.kernel.list_lag,
            "keep_rates": self.kernel.keep_rates,
            "connect_timeout": self.kernel.connect_timeout,
            "signatures": self.authenticator.mode,
        }

    def _resume(self, kept: Kept) -> None:
        """Go on from a data file. Latency and signature mode are the command line's, not the file's."""
        origin = kept.meta["origin"]
        things = tuple(decode(thing) for thing in origin["things"])
        self.origin = Origin(origin["name"], origin["seed"], things)
        self.clock.resume(**kept.meta.get("clock", {"offset": 0.0, "frozen": None}))
        self.kernel.list_lag = kept.meta.get("settings", {}).get("list_lag", 0.0)
        self.starts = kept.meta.get("starts", 1) + 1
        self._reseed()
        self.replace(kept.things)

    def _reseed(self) -> None:
        """Ids repeat from reset to reset, but never meet those minted before a restart."""
        self.ids.reseed(random.Random(f"{self.origin.seed}/{self.starts}"))

    def _committed(self, changes: tuple[Change, ...]) -> None:
        if any(not change.kind.startswith("_") for change in changes):
            self.changes += 1
        if self.storage:
            self.storage.commit(changes)

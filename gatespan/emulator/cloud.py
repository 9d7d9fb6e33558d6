"""One embedded cloud, put together: world, clock, life cycles, services, faults, storage and the world it began with."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from gatespan.emulator.clock import Clock
from gatespan.emulator.faults import FaultRules
from gatespan.emulator.ids import Ids
from gatespan.emulator.kernel import TOKEN_RETENTION, Kernel, TokenRecord
from gatespan.emulator.lifecycle import Latency, LifeCycle
from gatespan.emulator.regions import regions
from gatespan.emulator.seed import WorldFile, plant
from gatespan.emulator.services.catalogue import services
from gatespan.emulator.storage import Kept, Storage
from gatespan.emulator.wire.authentication import Authenticator, Mode
from gatespan.emulator.wire.routing import Routing
from gatespan.emulator.world import Change, Thing, World


@dataclass(frozen=True)
class Origin:
    """The world that ``reset`` goes back to: its name, the number its ids come from, its objects."""

    name: str
    seed: int
    things: tuple[Thing, ...]


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
        kept = storage.load() if storage else None
        if kept is None:
            self.seed(world_file)
        else:
            self._resume(kept)

    @property
    def default_region(self) -> str:
        return next(iter(regions(self.world)))

    def seed(self, world_file: WorldFile) -> None:
        """Replace the world by the one that the file describes, and remember it for ``reset``.

        Raises SeedError and leaves everything as it was when the file asks for what a service refuses.
        """
        self.ids.reseed(random.Random(f"{world_file.seed}"))
        things = plant(world_file, self.kernel)
        self.origin = Origin(world_file.name, world_file.seed, things)
        self.reset()

    def reset(self) -> None:
        """Back to the world of the beginning; faults, counts, log and the nonces are forgotten."""
        self.ids.reseed(random.Random(f"{self.origin.seed}/calls"))
        self.replace(self.origin.things)
        self.faults.clear()
        self.kernel.forget()
        self.authenticator.nonces.clear()

    def replace(self, things: Iterable[Thing]) -> None:
        self.world.replace_all(things)
        self.kernel.replaced()
        self.keep_meta()

    def advance(self, seconds: float) -> float:
        """Turn the clock and end what is due by then."""
        now = self.clock.advance(seconds)
        self.kernel.settle()
        self.keep_meta()
        return now

    def tidy(self) -> None:
        """Remove what is remembered about ClientTokens that have expired."""
        oldest = self.clock.now() - TOKEN_RETENTION
        stale = [record for record in self.world.all(TokenRecord) if record.created < oldest]
        if stale:
            with self.world.transaction():
                for record in stale:
                    self.world.remove(record)

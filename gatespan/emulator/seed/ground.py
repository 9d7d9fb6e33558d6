"""What a world is planted on: a cloud of its own whose actions are called, and the names that its entries use."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gatespan.emulator.clock import Clock
from gatespan.emulator.ids import Ids
from gatespan.emulator.kernel import Incoming, Kernel
from gatespan.emulator.lifecycle import LifeCycle
from gatespan.emulator.models import Account
from gatespan.emulator.regions import regions
from gatespan.emulator.seed.format import SeedError, WorldFile
from gatespan.emulator.service import Service
from gatespan.emulator.world import World


class _GivenIds(Ids):
    """Mints as ever, except that an id which the file gives is handed out to the one who asks for its prefix."""

    given = ""

    def regional(self, prefix: str, region: str) -> str:
        return self._take(prefix) or super().regional(prefix, region)

    def plain(self, prefix: str, length: int = 18) -> str:
        return self._take(prefix) or super().plain(prefix, length)

    def _take(self, prefix: str) -> str:
        if not self.given.startswith(prefix + "-"):
            return ""
        taken, self.given = self.given, ""
        return taken


class Ground:
    def __init__(self, world_file: WorldFile, services: Iterable[Service], clock: Clock) -> None:
        self.file = world_file
        self.world = World()
        self.ids = _GivenIds(random.Random(f"{world_file.seed}"))
        self.kernel = Kernel(self.world, clock, LifeCycle(self.world, clock), self.ids, services)
        self.kernel.keep_rates = False
        self.products = {s.product.lower(): s for s in self.kernel.services.values()}

    def ask(
        self,
        product: str,
        action: str,
        account: str,
        region: str,
        flat: Mapping[str, str],
        id: str = "",
        *,
        body: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Call an action of the cloud; what it makes gets the id, if one is given."""
        self.ids.given = id
        incoming = Incoming(action=action, flat=flat, account=account, region=region, body=body)
        answer = self.kernel.invoke(self.products[product], incoming, "seed").body
        assert isinstance(answer, dict)
        return answer

    def owner(self, account: str) -> str:
        if account and self.world.get(Account, account) is None:
            raise SeedError(f"account: there is no account {account}")
        if not self.file.accounts:
            raise SeedError("a world with objects needs an account: add one under accounts")
        return account or self.file.accounts[0].id

    def check_region(self, region: str) -> None:
        known = regions(self.world)
        if region not in known:
            raise SeedError(f"region: {region!r} is unknown; known: {', '.join(known)} (add others under regions)")

    def named(self, cls: type[Any], name: str, account: str, **equal: str) -> Any:
        """The one thing of that kind, account and name. Raises SeedError."""
        return self.only(cls, name, account=account, **equal)

    def only(self, cls: type[Any], name: str, **equal: str) -> Any:
        """The one thing of that kind and name, whosever it is. Raises SeedError."""
        found = self.world.find(cls, name=name, **equal)
        if len(found) != 1:
            raise SeedError(f"{cls.KIND}: {len(found) or 'no'} objects are named {name!r}, one is needed")
        return found[0]

    def source(self, source: str) -> Path:
        """A folder that the file names. Raises SeedError."""
        folder = Path(self.file.folder) / source
        if not folder.is_dir():
            raise SeedError(f"source: {folder} is not a folder")
        return folder

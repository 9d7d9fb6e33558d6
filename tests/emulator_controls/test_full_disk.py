"""What cannot be kept did not happen: a commit that fails undoes the change."""

from __future__ import annotations

import pytest

from gatespan.emulator.models import Account
from gatespan.emulator.world import Change, World


def test_a_change_that_cannot_be_kept_is_undone() -> None:
    full = False

    def keep(_: tuple[Change, ...]) -> None:
        if full:
            raise OSError(28, "No space left on device")

    world = World(keep)
    with world.transaction():
        world.put(Account(id="1", account="1", name="before"))
    full = True

    def change() -> None:
        with world.transaction():
            world.put(Account(id="1", account="1", name="after"))
            world.put(Account(id="2", account="2"))

    with pytest.raises(OSError, match="No space left"):
        change()
    assert [(a.id, a.name) for a in world.all(Account)] == [("1", "before")]

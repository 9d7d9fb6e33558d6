"""World files: what is there before anybody calls.

A world file (YAML or JSON) names accounts, VPCs, gateway instances, functions, data centres with their circuits, CENs
and machines. They are made by the services' own actions on a cloud of their own, so a world can hold nothing that the
cloud itself would refuse, and its ids repeat with the file's ``seed``.
"""

from gatespan.emulator.seed.format import AccountEntry, KeyEntry, SeedError, WorldFile
from gatespan.emulator.seed.planting import plant
from gatespan.emulator.seed.reading import DEFAULT_WORLD, load_world, packaged_worlds, read_world

__all__ = [
    "DEFAULT_WORLD",
    "AccountEntry",
    "KeyEntry",
    "SeedError",
    "WorldFile",
    "load_world",
    "packaged_worlds",
    "plant",
    "read_world",
]

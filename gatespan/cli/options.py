"""What several commands take and need: the file, the cloud, and an engine that has the one on the other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gatespan.cli.output import Output
    from gatespan.cloud import Cloud as Door
    from gatespan.cloud import Inventory
    from gatespan.planning import Engine
    from gatespan.topology import Loaded

File = Annotated[Path, typer.Argument(help="The topology file (YAML).", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, progress on stderr.")]
Cloud = Annotated[
    str | None,
    typer.Option("--cloud", help="embedded (default), alibaba, or the URL of an embedded cloud.", show_default=False),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before changing a real account.")]
Picture = Annotated[
    Path | None, typer.Option("--picture", help="Also write the picture as SVG to this file.", show_default=False)
]
Markdown = Annotated[
    Path | None,
    typer.Option("--markdown", help="Also write the plan as markdown to this file, for a comment.", show_default=False),
]
ApprovePurchases = Annotated[bool, typer.Option("--approve-purchases", help="Buy what the plan says, unasked.")]
Ask = Annotated[bool, typer.Option("--ask", help="Ask before buying on the embedded cloud too, as on a real account.")]
LockTimeout = Annotated[
    float, typer.Option("--lock-timeout", help="Seconds to wait while another run changes this topology.", min=0)
]


def load(file: Path) -> Loaded:
    """The topology in the file. Raises TopologyErrors."""
    from gatespan.topology import load as read

    return read(file)


def open_door(cloud: str | None, out: Output) -> Door:
    """Open the cloud, and name it in the first line."""
    from gatespan.access import open_cloud
    from gatespan.settings import Settings

    door = open_cloud(cloud, settings=Settings())
    out.target(door.target.name)
    return door


def engine_on(loaded: Loaded, door: Door, inventory: Inventory | None = None) -> Engine:
    """The topology on a cloud that is open. ``inventory``: one that several topologies share."""
    import random

    from gatespan.cloud import SystemClock
    from gatespan.planning import Engine
    from gatespan.settings import Settings

    return Engine(
        loaded.topology,
        door,
        base=loaded.base,
        clock=SystemClock(),
        random=random.Random(),
        workers=Settings().workers,
        inventory=inventory,
    )


def open_engine(loaded: Loaded, cloud: str | None, out: Output) -> Engine:
    """Open the cloud and put the topology on it."""
    return engine_on(loaded, open_door(cloud, out))

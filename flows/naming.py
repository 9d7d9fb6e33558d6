"""How flow runs are called: after the topology that they work on."""

from __future__ import annotations

from pathlib import Path

from prefect.runtime import flow_run


def named_after_topology() -> str:
    """The file's name without its ending; the name of the block; the text's ``name`` when the topology came as text."""
    topology = str(flow_run.parameters["topology"])
    if "\n" not in topology:
        return Path(topology).stem
    found = (line.partition(":")[2] for line in topology.splitlines() if line.startswith("name:"))
    return next(found, "").strip(" \"'") or "topology"

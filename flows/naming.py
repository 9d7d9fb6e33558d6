"""How flow runs are called: after the topology that they work on."""

from __future__ import annotations

from pathlib import Path

from prefect.runtime import flow_run

from blocks import GatespanTopology, called


def named_after_topology() -> str:
    """The file's name without its ending; the name of the block; the text's ``name`` when the topology came as text."""
    topology = flow_run.parameters["topology"]
    return called(topology).rpartition("/")[2] if isinstance(topology, GatespanTopology) else _name(str(topology))


def named_after_topologies() -> str:
    """``drift of shop``, ``drift of 3 topologies``, ``drift`` when it looks at those that are listed."""
    named = list(flow_run.parameters.get("topologies") or ())
    if not named:
        return str(flow_run.flow_name)
    return f"{flow_run.flow_name} of {_name(named[0]) if len(named) == 1 else f'{len(named)} topologies'}"


def _name(topology: str) -> str:
    if "\n" not in topology:
        return Path(topology).stem
    found = (line.partition(":")[2] for line in topology.splitlines() if line.startswith("name:"))
    return next(found, "").strip(" \"'") or "topology"

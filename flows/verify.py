"""The proof by itself: real calls to the APIs from where the topology's clients sit. Changes nothing."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from blocks import GatespanTopology
from flows.naming import named_after_topology
from tasks.plan_changes import read_topology
from tasks.procedure import Procedure
from tasks.verify_reachability import verify_reachability


@flow(name="verify", flow_run_name=named_after_topology)
async def verify(
    topology: str | GatespanTopology, cloud: str | None = None, credentials: str | None = None
) -> State[Any]:
    """Send the verifying calls of a topology file.

    Args:
        topology: Path of the file on the worker, its YAML text, or one kept as a block (gatespan-topology/NAME).
        cloud: embedded, alibaba, the URL of an embedded cloud, or gatespan-cloud/NAME (a block). Default: embedded.
        credentials: Credentials block, TYPE/NAME. Default: the block of the cloud, else the default chain.
    """
    run, _ = await read_topology(topology, cloud, credentials)
    async with Procedure(run) as do:
        do.once(verify_reachability)
        return await do.end()

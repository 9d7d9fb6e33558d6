"""Steps: read the topology; plan what is to change; publish the picture of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from prefect import task
from prefect.runtime import flow_run

from blocks import GatespanTopology, called, topology_named
from gatespan.planning import Change, Plan
from gatespan.planning.checklist import causes, waits_for
from gatespan.planning.money import Bill, bill
from gatespan.planning.teardown import proof
from gatespan.planning.whole import whole_plan, whole_removal
from gatespan.report.markdown import plan_markdown, proof_markdown
from gatespan.report.words import summary
from gatespan.resources.base import Blocked, Waiting
from gatespan.topology import Loaded, load, loads
from tasks.artifacts import picture_markdown, publish
from tasks.crashes import give_up_after_crashes
from tasks.parts import Parts, parts_of
from tasks.purchases import Offer, offer_of
from tasks.session import Run, work
from tasks.steps import CHANGES

if TYPE_CHECKING:
    from gatespan.planning import Engine


class WrongFlow(Exception):
    """The topology has things that the flow has no steps for; the message names the flow that has."""


@task(task_run_name="read topology", **CHANGES)
async def read_topology(
    topology: str | GatespanTopology, cloud: str | None, credentials: str | None, flow: str | None = None
) -> tuple[Run, Parts]:
    """Read and check the file (or the YAML text itself) and open the cloud: what the run is about, and what there
    will be one task run for. ``flow``: which flow the topology must be for. Raises WrongFlow, TopologyErrors, all of
    them with their lines, and the errors of access."""
    await give_up_after_crashes()
    loaded = await read_text(topology)
    if flow not in (None, loaded.topology.flow):
        raise WrongFlow(
            f"{loaded.topology.name}: what this topology describes is built by the flow {loaded.topology.flow}, "
            f"not by {flow}. Run that one; the flow hub takes any."
        )
    run = Run(
        id=str(flow_run.id),
        name=loaded.topology.name,
        text=loaded.text,
        base=str(loaded.base.absolute()),
        cloud=cloud,
        credentials=credentials,
    )
    return run, await work(run, lambda engine: parts_of(engine.graph))


async def read_text(topology: str | GatespanTopology) -> Loaded:
    """The topology of a file, of YAML text, or of a block, itself or ``gatespan-topology/NAME``. Raises TopologyErrors
    and BlockError."""
    if isinstance(topology, GatespanTopology):
        return loads(topology.text, name=called(topology), base=Path.cwd())
    if "\n" in topology:
        return loads(topology, base=Path.cwd())
    text = await asyncio.to_thread(topology_named, topology)
    return load(Path(topology).absolute()) if text is None else loads(text, name=topology, base=Path.cwd())


@task(task_run_name="plan {run.name}", **CHANGES)
async def plan_changes(run: Run) -> Offer:
    """Compare the topology with the cloud; return what would be bought. Raises Blocked when a person must settle
    something first: Waiting, when that is all people outside the cloud."""

    def look(engine: Engine) -> tuple[Plan, tuple[Change, ...], Bill, Offer]:
        plan = whole_plan(engine)
        made = bill(engine, plan, now=engine.now())
        return plan, waits_for(engine, plan), made, offer_of(engine, plan, made)

    plan, waits, made, offer = await work(run, look)
    await publish("plan", run.name, plan_markdown(plan, made), summary(plan))
    if waits:
        raise Waiting(" ".join(c.why for c in waits))
    if plan.blocked:
        raise Blocked("Nothing was changed. " + " ".join(c.why for c in causes(plan)))
    return offer


@task(task_run_name="plan the removal of {run.name}", **CHANGES)
async def plan_removal(run: Run) -> None:
    """Look what is there and what of it is ours."""
    plan = await work(run, whole_removal)
    await publish("plan", run.name, plan_markdown(plan), summary(plan))


@task(task_run_name="draw {run.name}", **CHANGES)
async def draw_topology(run: Run) -> None:
    """Publish the picture of what the topology says."""
    drawn = await work(run, lambda engine: picture_markdown(engine.design))
    await publish("topology", run.name, drawn, f"What {run.name} consists of")


@task(task_run_name="prove that nothing is left", **CHANGES)
async def prove_that_nothing_is_left(run: Run) -> None:
    """The proof at the end of a removal, published with what still bills and what was left on purpose. Raises Blocked
    with what is still there though it is ours, and what stands in its way."""
    proven = await work(run, proof)
    await publish("removal", run.name, proof_markdown(proven), next(proven.lines()))
    if not proven.ok:
        raise Blocked("\n".join([*proven.lines(), "Run the removal again."]))

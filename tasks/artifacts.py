"""What a run leaves for people to read in Prefect: the plan, the picture, the calls. Keys end with the topology."""

from __future__ import annotations

import asyncio
import base64
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

from prefect import get_client
from prefect.artifacts import acreate_markdown_artifact, acreate_progress_artifact, aupdate_progress_artifact
from prefect.client.schemas.filters import ArtifactCollectionFilter, ArtifactCollectionFilterKey

from gatespan.topology import Topology
from tasks.watching import tell

MOMENT = 10.0
"""Seconds after which a wait is shown, and shown anew."""


def key(kind: str, topology: str) -> str:
    """Prefect takes lower-case letters, digits and dashes."""
    return f"{kind}-{re.sub('[^a-z0-9]+', '-', topology.lower()).strip('-')}"


KINDS = ("topology", "plan", "calls", "checklist", "drift", "repair", "removal")
"""The artifacts of a topology that others of its artifacts link to."""


async def publish(kind: str, topology: str, markdown: str, description: str) -> None:
    """Publish it, with links to what there is of the topology already."""
    text = "\n\n".join(filter(None, (markdown.rstrip(), await _links(kind, topology))))
    await acreate_markdown_artifact(key=key(kind, topology), markdown=text + "\n", description=description)


async def _links(kind: str, topology: str) -> str:
    others = {key(other, topology): other for other in KINDS if other != kind}
    async with get_client() as client:
        wanted = ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=list(others)))
        found = {one.key for one in await client.read_latest_artifacts(artifact_filter=wanted)}
    # The UI's own address would be that of its first version, which draws no diagram.
    links = [f"[{other}](/v2/artifacts/key/{name})" for name, other in others.items() if name in found]
    return f"Of {topology} there is also: {', '.join(links)}." if links else ""


@asynccontextmanager
async def progress(label: str, most: Callable[[], Awaitable[float]]) -> AsyncIterator[None]:
    """While something is awaited that takes longer than a moment: how much of the time that it may take has passed.
    ``most``: tells that time, in seconds."""
    shown = asyncio.create_task(_show_progress(label, most))
    try:
        yield
    finally:
        shown.cancel()
        [ended] = await asyncio.gather(shown, return_exceptions=True)
        if isinstance(ended, Exception):  # nothing that the wait itself should fail for
            tell("note", text=f"The progress of {label} could not be shown: {ended}")


async def _show_progress(label: str, most: Callable[[], Awaitable[float]]) -> None:
    await asyncio.sleep(MOMENT)
    start, budget = time.monotonic() - MOMENT, await most()
    id: UUID | None = None
    while True:
        passed = time.monotonic() - start
        share, said = min(100 * passed / budget, 100.0), f"{label}: {passed:.0f} s of at most {budget:.0f} s"
        if id is None:
            id = await acreate_progress_artifact(progress=share, description=said)
        else:
            await aupdate_progress_artifact(id, progress=share, description=said)
        await asyncio.sleep(MOMENT)


def picture_markdown(topology: Topology) -> str:
    """Version 2 of the UI draws the mermaid block; the image is for version 1, which does not."""
    from gatespan.report.drawing import svg
    from gatespan.report.picture import mermaid

    image = base64.b64encode(svg(topology).encode()).decode()
    return f"```mermaid\n{mermaid(topology)}\n```\n\n![{topology.name}](data:image/svg+xml;base64,{image})\n"

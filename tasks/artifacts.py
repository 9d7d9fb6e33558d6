"""What a run leaves for people to read in Prefect: the plan, the picture, the calls. Keys end with the topology."""

from __future__ import annotations

import base64
import re

from prefect.artifacts import acreate_markdown_artifact

from gatespan.topology import Topology


def key(kind: str, topology: str) -> str:
    """Prefect takes lower-case letters, digits and dashes."""
    return f"{kind}-{re.sub('[^a-z0-9]+', '-', topology.lower()).strip('-')}"


async def publish(kind: str, topology: str, markdown: str, description: str) -> None:
    await acreate_markdown_artifact(key=key(kind, topology), markdown=markdown, description=description)


def picture_markdown(topology: Topology) -> str:
    """Version 2 of the UI draws the mermaid block; the image is for version 1, which does not."""
    from gatespan.report.drawing import svg
    from gatespan.report.picture import mermaid

    image = base64.b64encode(svg(topology).encode()).decode()
    return f"```mermaid\n{mermaid(topology)}\n```\n\n![{topology.name}](data:image/svg+xml;base64,{image})\n"

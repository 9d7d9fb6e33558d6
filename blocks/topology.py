"""A topology as an operator keeps it in Prefect: no file on the worker, and longer than a variable may be (5,000)."""

from __future__ import annotations

from prefect.blocks.core import Block
from pydantic import Field


class GatespanTopology(Block):
    """A topology file's text.

    Example:
        ```python
        from pathlib import Path

        from blocks import GatespanTopology

        GatespanTopology(text=Path("shop.yaml").read_text()).save("shop", overwrite=True)
        # then: prefect deployment run cross-region/cross-region -p topology=gatespan-topology/shop
        ```
    """

    _block_type_name = "Gatespan Topology"
    _block_type_slug = "gatespan-topology"
    _description = "Gatespan: what is to be built, as the YAML text of a topology file."

    text: str = Field(description="The YAML text of the topology file")


def called(topology: GatespanTopology) -> str:
    """``gatespan-topology/NAME``; without the name while it is kept nowhere."""
    return f"{topology.get_block_type_slug()}/{topology._block_document_name or ''}".rstrip("/")

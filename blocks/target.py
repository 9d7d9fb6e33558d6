"""Which cloud, as an operator keeps it in Prefect."""

from __future__ import annotations

from prefect.blocks.core import Block
from pydantic import Field


class GatespanCloud(Block):
    """A cloud, and the credentials block to use there.

    Example:
        ```python
        from blocks import GatespanCloud

        GatespanCloud(target="alibaba", credentials="alibaba-cloud-ram-role/prod-role").save("prod")
        # then: prefect deployment run cross-region/cross-region -p cloud=gatespan-cloud/prod
        ```
    """

    _block_type_name = "Gatespan Cloud"
    _block_type_slug = "gatespan-cloud"
    _description = "Gatespan: where topologies are built, and as whom."

    target: str = Field(
        pattern=r"^(embedded|alibaba|http://.+)$",
        description="embedded, alibaba, or the URL of an embedded cloud",
    )
    credentials: str = Field(
        default="",
        description="Credentials block, TYPE/NAME, such as alibaba-cloud-ram-role/prod. Empty: the default chain",
    )

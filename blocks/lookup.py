"""Finding blocks by their names, in the task that needs them: parameters of runs carry names, never secrets."""

from __future__ import annotations

from typing import TypeAlias, TypeVar, cast

from prefect.blocks.core import Block

from blocks.credentials import AlibabaCloudAccessKey, AlibabaCloudOidcRole, AlibabaCloudRamRole, AlibabaCloudStsToken
from blocks.target import GatespanCloud
from blocks.topology import GatespanTopology
from gatespan.cloud import Credentials

Kept: TypeAlias = AlibabaCloudAccessKey | AlibabaCloudStsToken | AlibabaCloudRamRole | AlibabaCloudOidcRole

TYPES: dict[str, type[Kept]] = {
    str(kind.get_block_type_slug()): kind
    for kind in (AlibabaCloudAccessKey, AlibabaCloudStsToken, AlibabaCloudRamRole, AlibabaCloudOidcRole)
}


B = TypeVar("B", bound=Block)


class BlockError(Exception):
    """A named block cannot be used; the message says why and what to do."""


def credentials_named(name: str | None) -> Credentials | None:
    """The credentials of a block, ``TYPE/NAME``; None without a name. Blocks: call it from a thread. Raises
    BlockError."""
    if not name:
        return None
    slug, _, document = name.partition("/")
    if slug not in TYPES or not document:
        known = ", ".join(f"{slug}/NAME" for slug in TYPES)
        raise BlockError(f"{name} names no credentials block. It must be one of: {known}.")
    return _load(TYPES[slug], document).credentials()


def target_named(cloud: str | None) -> tuple[str | None, str | None]:
    """The cloud and the name of its credentials block: looked up for ``gatespan-cloud/NAME``, else as given."""
    slug, _, document = (cloud or "").partition("/")
    if slug != GatespanCloud.get_block_type_slug():
        return cloud, None
    block = _load(GatespanCloud, document)
    return block.target, block.credentials or None


def topology_named(name: str) -> str | None:
    """The text of a topology block, ``gatespan-topology/NAME``; None for any other name. Blocks: call it from a thread.
    Raises BlockError."""
    slug, _, document = name.partition("/")
    return _load(GatespanTopology, document).text if slug == GatespanTopology.get_block_type_slug() else None


def _load(kind: type[B], document: str) -> B:
    try:
        # `_sync`: Prefect decides by the running loop whether to block, and threads of an async flow have none.
        return cast(B, kind.load(document, _sync=True))  # type: ignore[call-arg]
    except ValueError as error:
        slug = kind.get_block_type_slug()
        raise BlockError(f"There is no block {slug}/{document}: save it first, in the UI or in Python.") from error

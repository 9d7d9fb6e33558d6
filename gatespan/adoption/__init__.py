"""From an account to a topology file: what is there, described so that the first plan on it shows no change.

Everything is named as existing (ids, ``existing: true``, ``adopt: true``), so nothing of it will ever be removed. What
cannot be read from the cloud is left out or guessed, and marked for the person who takes the file over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gatespan.adoption.gateway import find_instance, read_gateway
from gatespan.adoption.network import read_network
from gatespan.adoption.reading import Mark, NotAdoptable, Reader
from gatespan.adoption.writing import written
from gatespan.cloud import Cloud
from gatespan.resources.ownership import owner

__all__ = ["Adopted", "Mark", "NotAdoptable", "adopt"]


@dataclass(frozen=True)
class Adopted:
    """``text``: the topology file; ``marks``: what a person must look at."""

    text: str
    marks: tuple[Mark, ...]


def adopt(cloud: Cloud, *, name: str, region: str, gateway: str, cen: str | None = None) -> Adopted:
    """Read the account and write the file. Changes nothing.

    ``gateway``: id or exact name of the dedicated instance in ``region``; ``cen``: the CEN, when its hub is in several.
    Raises NotAdoptable, and CloudError when the account cannot be read.
    """
    reader = Reader(cloud, region)
    _require_new_name(reader, name)
    instance = find_instance(reader, gateway)
    network = read_network(reader, instance, cen)
    apis = read_gateway(reader, instance, network["hub"]["id"])
    data: dict[str, Any] = {
        "name": name,
        "description": f"read from the account: {instance['InstanceId']}",
        "gateway": {"region": region, "instance": {"id": instance["InstanceId"]}, "release": False},
        **network,
        **apis,
    }
    reader.mark(("verify",), "no call is described: name one per path that matters, from a machine that can send it")
    head = [f"What stands behind the gateway {instance['InstanceId']}, as read from {cloud.target.name}."]
    return Adopted(written(data, reader.marks, head), tuple(reader.marks))


def _require_new_name(reader: Reader, name: str) -> None:
    """A topology of that name would take what carries its mark, and is not in the file, for its own leftovers."""
    for action in ("DescribeCens", "DescribeApiGroups"):
        for row in reader.rows(action):
            if owner(row) == name:
                raise NotAdoptable(
                    f"A topology named {name} has made things here already. Use its own file, or choose another --name."
                )

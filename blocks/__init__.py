"""What an operator keeps in Prefect: credentials, the cloud target, topologies.

Register the types with `prefect block register -m blocks`.
"""

from __future__ import annotations

from blocks.credentials import AlibabaCloudAccessKey, AlibabaCloudOidcRole, AlibabaCloudRamRole, AlibabaCloudStsToken
from blocks.lookup import BlockError, credentials_named, target_named, topology_named
from blocks.target import GatespanCloud
from blocks.topology import GatespanTopology, called

__all__ = [
    "AlibabaCloudAccessKey",
    "AlibabaCloudOidcRole",
    "AlibabaCloudRamRole",
    "AlibabaCloudStsToken",
    "BlockError",
    "GatespanCloud",
    "GatespanTopology",
    "called",
    "credentials_named",
    "target_named",
    "topology_named",
]

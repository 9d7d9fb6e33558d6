"""What an operator keeps in Prefect: credentials and the cloud target.

Register the types with `prefect block register -m blocks`.
"""

from __future__ import annotations

from blocks.credentials import AlibabaCloudAccessKey, AlibabaCloudOidcRole, AlibabaCloudRamRole, AlibabaCloudStsToken
from blocks.lookup import BlockError, credentials_named, target_named
from blocks.target import GatespanCloud

__all__ = [
    "AlibabaCloudAccessKey",
    "AlibabaCloudOidcRole",
    "AlibabaCloudRamRole",
    "AlibabaCloudStsToken",
    "BlockError",
    "GatespanCloud",
    "credentials_named",
    "target_named",
]

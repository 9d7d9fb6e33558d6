"""Credentials of a real account, as an operator keeps them in Prefect: one flat block type per kind.

Flat and apart, because the UI saves a union inside a block without its required secrets (measured). Secrets are
``SecretStr``: masked in the API's answers and in the UI, and never written to a log. Each type turns into the engine's
``Credentials``; keys of a role are fetched and refreshed by the vendor's own library.
"""

from __future__ import annotations

from prefect.blocks.core import Block
from pydantic import Field, SecretStr

from gatespan.cloud import Credentials, fetched_credentials


class AlibabaCloudAccessKey(Block):
    """A key pair of a RAM user.

    Example:
        ```python
        from blocks import AlibabaCloudAccessKey

        AlibabaCloudAccessKey(access_key_id="LTAI...", access_key_secret="...").save("prod")
        # then: prefect deployment run cross-region/cross-region -p credentials=alibaba-cloud-access-key/prod
        ```
    """

    _block_type_name = "Alibaba Cloud Access Key"
    _block_type_slug = "alibaba-cloud-access-key"
    _description = "Gatespan: the key pair of a RAM user. Prefer a role where you can."

    access_key_id: str = Field(min_length=1, description="AccessKey ID")
    access_key_secret: SecretStr = Field(description="AccessKey secret")

    def credentials(self) -> Credentials:
        return Credentials(self.access_key_id, self.access_key_secret.get_secret_value())


class AlibabaCloudStsToken(Block):
    """A temporary key pair with its token, as `AssumeRole` of STS gives it.

    Example:
        ```python
        from blocks import AlibabaCloudStsToken

        AlibabaCloudStsToken(access_key_id="STS...", access_key_secret="...", security_token="...").save("today")
        ```
    """

    _block_type_name = "Alibaba Cloud STS Token"
    _block_type_slug = "alibaba-cloud-sts-token"
    _description = "Gatespan: temporary credentials; they expire, so use them for a run by hand."

    access_key_id: str = Field(min_length=1, description="AccessKey ID")
    access_key_secret: SecretStr = Field(description="AccessKey secret")
    security_token: SecretStr = Field(description="Security token")

    def credentials(self) -> Credentials:
        return Credentials(
            self.access_key_id, self.access_key_secret.get_secret_value(), self.security_token.get_secret_value()
        )


class AlibabaCloudRamRole(Block):
    """A RAM role that a key pair assumes; its keys are fetched from STS and refreshed.

    Example:
        ```python
        from blocks import AlibabaCloudRamRole

        AlibabaCloudRamRole(
            role_arn="acs:ram::123456789012:role/gatespan", access_key_id="LTAI...", access_key_secret="..."
        ).save("prod-role")
        ```
    """

    _block_type_name = "Alibaba Cloud RAM Role"
    _block_type_slug = "alibaba-cloud-ram-role"
    _description = "Gatespan: a RAM role, assumed with a key pair that may do nothing else."

    role_arn: str = Field(pattern=r"^acs:ram::\d+:role/.+$", description="ARN of the role")
    access_key_id: str = Field(min_length=1, description="AccessKey ID of who assumes it")
    access_key_secret: SecretStr = Field(description="AccessKey secret of who assumes it")
    session_name: str = Field(default="gatespan", description="Name of the session in the audit trail")
    external_id: str = Field(default="", description="External ID, where the role's trust policy asks for one")
    sts_endpoint: str = Field(default="sts.aliyuncs.com", description="Endpoint of STS; take the nearest region's")

    def credentials(self) -> Credentials:
        return fetched_credentials(
            type="ram_role_arn",
            role_arn=self.role_arn,
            access_key_id=self.access_key_id,
            access_key_secret=self.access_key_secret.get_secret_value(),
            role_session_name=self.session_name,
            external_id=self.external_id or None,
            sts_endpoint=self.sts_endpoint,
        )


class AlibabaCloudOidcRole(Block):
    """A RAM role that a workload assumes with its OIDC token: no key is kept anywhere.

    Example:
        ```python
        from blocks import AlibabaCloudOidcRole

        AlibabaCloudOidcRole(
            role_arn="acs:ram::123456789012:role/gatespan",
            oidc_provider_arn="acs:ram::123456789012:oidc-provider/ack",
            oidc_token_file="/var/run/secrets/ack.alibabacloud.com/rrsa-tokens/token",
        ).save("cluster")
        ```
    """

    _block_type_name = "Alibaba Cloud OIDC Role"
    _block_type_slug = "alibaba-cloud-oidc-role"
    _description = "Gatespan: a RAM role, assumed with the OIDC token of a cluster or a CI job."

    role_arn: str = Field(pattern=r"^acs:ram::\d+:role/.+$", description="ARN of the role")
    oidc_provider_arn: str = Field(pattern=r"^acs:ram::\d+:oidc-provider/.+$", description="ARN of the provider")
    oidc_token_file: str = Field(min_length=1, description="File with the token, on the machine that runs the flow")
    session_name: str = Field(default="gatespan", description="Name of the session in the audit trail")
    sts_endpoint: str = Field(default="sts.aliyuncs.com", description="Endpoint of STS; take the nearest region's")

    def credentials(self) -> Credentials:
        return fetched_credentials(
            type="oidc_role_arn",
            role_arn=self.role_arn,
            oidc_provider_arn=self.oidc_provider_arn,
            oidc_token_file_path=self.oidc_token_file,
            role_session_name=self.session_name,
            sts_endpoint=self.sts_endpoint,
        )

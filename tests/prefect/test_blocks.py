"""What operators keep in Prefect: types that register themselves, secrets that stay secret."""

from __future__ import annotations

import httpx
import pytest
from prefect.blocks.core import Block
from pydantic import ValidationError

from blocks import (
    AlibabaCloudAccessKey,
    AlibabaCloudOidcRole,
    AlibabaCloudRamRole,
    AlibabaCloudStsToken,
    BlockError,
    GatespanCloud,
    GatespanTopology,
    credentials_named,
    target_named,
)
from flows.local_server import Server

SECRET, TOKEN = "the-secret-of-the-key", "the-token"
ROLE = "acs:ram::1000000000000001:role/gatespan"

KEPT = {
    "alibaba-cloud-access-key": AlibabaCloudAccessKey(access_key_id="LTAI1", access_key_secret=SECRET),
    "alibaba-cloud-sts-token": AlibabaCloudStsToken(
        access_key_id="STS.1", access_key_secret=SECRET, security_token=TOKEN
    ),
    "alibaba-cloud-ram-role": AlibabaCloudRamRole(role_arn=ROLE, access_key_id="LTAI1", access_key_secret=SECRET),
    "alibaba-cloud-oidc-role": AlibabaCloudOidcRole(
        role_arn=ROLE, oidc_provider_arn="acs:ram::1000000000000001:oidc-provider/ci", oidc_token_file="/token"
    ),
    "gatespan-cloud": GatespanCloud(target="alibaba", credentials="alibaba-cloud-access-key/prod"),
    "gatespan-topology": GatespanTopology(text="name: shop\n"),
}


@pytest.mark.parametrize("slug", KEPT)
def test_types_are_there_as_soon_as_the_server_runs(server: Server, slug: str) -> None:
    """The entry point `prefect.collections` registers them; the code example of each is its page's snippet."""
    found = httpx.get(f"{server.api}/block_types/slug/{slug}")
    assert found.status_code == 200, found.text
    assert found.json()["description"].startswith("Gatespan: ") and found.json()["code_example"]


@pytest.mark.parametrize("slug", KEPT)
def test_round_trip_without_a_secret_in_clear(server: Server, slug: str) -> None:
    KEPT[slug].save("prod", overwrite=True)
    shown = httpx.get(f"{server.api}/block_types/slug/{slug}/block_documents/name/prod")
    assert shown.status_code == 200
    assert SECRET not in shown.text and TOKEN not in shown.text
    assert SECRET not in repr(KEPT[slug]) and TOKEN not in repr(KEPT[slug])
    loaded = Block.load(f"{slug}/prod")
    assert loaded.model_dump() == KEPT[slug].model_dump()


def test_blocks_become_credentials(server: Server) -> None:
    for slug, block in KEPT.items():
        block.save("prod", overwrite=True)
        assert slug
    key = credentials_named("alibaba-cloud-access-key/prod")
    assert key is not None and (key.access_key_id, key.access_key_secret, key.security_token) == ("LTAI1", SECRET, None)
    token = credentials_named("alibaba-cloud-sts-token/prod")
    assert token is not None and (token.access_key_secret, token.security_token) == (SECRET, TOKEN)
    for slug in ("alibaba-cloud-ram-role", "alibaba-cloud-oidc-role"):
        role = credentials_named(f"{slug}/prod")
        assert role is not None and role.provider is not None and SECRET not in repr(role)
    assert target_named("gatespan-cloud/prod") == ("alibaba", "alibaba-cloud-access-key/prod")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("prod", "prod names no credentials block"),
        ("gatespan-cloud/prod", "names no credentials block"),
        ("alibaba-cloud-access-key/nobody", "There is no block alibaba-cloud-access-key/nobody"),
    ],
)
def test_a_wrong_name_is_told(server: Server, name: str, said: str) -> None:
    with pytest.raises(BlockError, match=said):
        credentials_named(name)


def test_without_a_block_nothing_is_looked_up() -> None:
    assert credentials_named(None) is None
    assert target_named("embedded") == ("embedded", None)
    assert target_named("http://127.0.0.1:4280") == ("http://127.0.0.1:4280", None)


def test_a_target_elsewhere_is_refused() -> None:
    with pytest.raises(ValidationError):
        GatespanCloud(target="https://example.com")

"""Every signature that the official SDKs send, right and wrong, over real HTTP."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from alibabacloud_fc20230330 import models as fc
from alibabacloud_sts20150401 import models as sts
from alibabacloud_vpc20160428 import models as vpc
from Tea.exceptions import TeaException

from gatespan.emulator.models import AccessKey, Account
from tests.emulator.conftest import ACCOUNT, TestCloud


def describe(cloud: TestCloud, **extra: Any) -> Any:
    return cloud.vpc(**extra).describe_vpcs(vpc.DescribeVpcsRequest(region_id="cn-hangzhou")).body


def list_functions(cloud: TestCloud, **extra: Any) -> Any:
    return cloud.fc(**extra).list_functions(fc.ListFunctionsRequest(limit=5, prefix="a b/ü")).body


CALLS = {
    "RPC, ACS3": (describe, {}),
    "RPC, V1": (describe, {"signature_algorithm": "v2"}),
    "ROA, ACS3": (list_functions, {}),
    "ROA, V1": (list_functions, {"signature_algorithm": "v2"}),
}
STYLES = pytest.mark.parametrize(("call", "extra"), CALLS.values(), ids=CALLS)


def refused(call: Any, cloud: TestCloud, **extra: Any) -> Any:
    with pytest.raises(TeaException) as caught:
        call(cloud, **extra)
    return caught.value


@STYLES
def test_a_right_signature_passes(cloud: TestCloud, call: Any, extra: Any) -> None:
    assert call(cloud, **extra) is not None
    assert cloud.kernel.log.calls[-1].status == 200
    assert cloud.kernel.log.calls[-1].account == ACCOUNT


@STYLES
def test_a_wrong_secret_is_refused_with_the_servers_string(cloud: TestCloud, call: Any, extra: Any) -> None:
    error = refused(call, cloud, key=("test", "wrong"), **extra)
    assert (error.code, error.statusCode) == ("SignatureDoesNotMatch", 400)
    assert "server string to sign is:" in error.message


@STYLES
def test_an_unknown_key_is_refused(cloud: TestCloud, call: Any, extra: Any) -> None:
    error = refused(call, cloud, key=("nobody", "test-secret"), **extra)
    assert (error.code, error.statusCode) == ("InvalidAccessKeyId.NotFound", 404)


@STYLES
def test_an_inactive_key_is_refused(cloud: TestCloud, call: Any, extra: Any) -> None:
    cloud.put(AccessKey(id="asleep", account=ACCOUNT, secret="s", active=False))
    assert refused(call, cloud, key=("asleep", "s"), **extra).code == "InvalidAccessKeyId.Inactive"


@STYLES
@pytest.mark.parametrize(("off", "passes"), [(-890, True), (890, True), (-910, False), (910, False)])
def test_a_time_stamp_is_good_for_15_minutes(cloud: TestCloud, call: Any, extra: Any, off: int, passes: bool) -> None:
    cloud.authenticator.wall = lambda: time.time() + off
    if passes:
        assert call(cloud, **extra) is not None
    else:
        assert refused(call, cloud, **extra).code == "InvalidTimeStamp.Expired"


@STYLES
def test_the_clouds_own_clock_does_not_make_time_stamps_stale(cloud: TestCloud, call: Any, extra: Any) -> None:
    cloud.advance(30 * 24 * 3600)
    assert call(cloud, **extra) is not None


@pytest.mark.parametrize("name", ["a+b", "a b", "a/b=c&d%e~f*g'h(i)j!k", "名前", "", "a@b:c;d,e"])
@pytest.mark.parametrize("extra", [{}, {"signature_algorithm": "v2"}], ids=["ACS3", "V1"])
def test_any_text_survives_signing(cloud: TestCloud, name: str, extra: Any) -> None:
    client = cloud.vpc(**extra)
    client.describe_vpcs(vpc.DescribeVpcsRequest(region_id="cn-hangzhou", vpc_name=name))
    assert cloud.kernel.log.calls[-1].params["VpcName"] == name


@pytest.mark.parametrize("extra", [{}, {"signature_algorithm": "v2"}], ids=["ACS3", "V1"])
def test_the_async_methods_rewrite_the_address_and_still_match(cloud: TestCloud, extra: Any) -> None:
    names = ["a b", "*'()!@:/", "名前~+=&%"]

    async def describe_all() -> None:
        for name in names:
            asked = vpc.DescribeVpcsRequest(region_id="cn-hangzhou", vpc_name=name)
            await cloud.vpc(**extra).describe_vpcs_async(asked)
            await cloud.fc(**extra).list_functions_async(fc.ListFunctionsRequest(prefix=name))

    asyncio.run(describe_all())
    assert [e.params["VpcName"] for e in cloud.kernel.log.calls if e.action == "DescribeVpcs"] == names
    assert [e.params["prefix"] for e in cloud.kernel.log.calls if e.action == "ListFunctions"] == names


@pytest.mark.parametrize("extra", [{}, {"signature_algorithm": "v2"}], ids=["ACS3", "V1"])
@pytest.mark.parametrize("name", ["a/b", "a b+c", "ü*~'"])
def test_values_in_a_path_arrive_decoded(cloud: TestCloud, name: str, extra: Any) -> None:
    with pytest.raises(TeaException) as caught:
        cloud.fc(**extra).get_function(name, fc.GetFunctionRequest())
    assert caught.value.code == "FunctionNotFound"
    assert cloud.kernel.log.calls[-1].params["functionName"] == name


# --- keys of a role ---------------------------------------------------------------------------------------


def assume(cloud: TestCloud, seconds: int = 900, **extra: Any) -> Any:
    asked = sts.AssumeRoleRequest(
        role_arn=f"acs:ram::{ACCOUNT}:role/deployer", role_session_name="run-1", duration_seconds=seconds
    )
    return cloud.sts(**extra).assume_role(asked).body


@STYLES
def test_keys_of_a_role_pass_until_they_expire(cloud: TestCloud, call: Any, extra: Any) -> None:
    got = assume(cloud).credentials
    key = (got.access_key_id, got.access_key_secret, got.security_token)
    assert call(cloud, key=key, **extra) is not None
    cloud.advance(899)
    assert call(cloud, key=key, **extra) is not None
    cloud.advance(2)
    assert refused(call, cloud, key=key, **extra).code == "InvalidSecurityToken.Expired"


@STYLES
def test_a_foreign_token_is_refused(cloud: TestCloud, call: Any, extra: Any) -> None:
    one, other = assume(cloud).credentials, assume(cloud).credentials
    mixed = (one.access_key_id, one.access_key_secret, other.security_token)
    assert refused(call, cloud, key=mixed, **extra).code == "InvalidSecurityToken.MismatchWithAccessKey"
    plain = ("test", "test-secret", one.security_token)
    assert refused(call, cloud, key=plain, **extra).code == "InvalidSecurityToken.MismatchWithAccessKey"
    bare = (one.access_key_id, one.access_key_secret)
    assert refused(call, cloud, key=bare, **extra).code == "MissingSecurityToken"


def test_the_identity_of_a_key(cloud: TestCloud) -> None:
    own = cloud.sts().get_caller_identity().body
    assert (own.account_id, own.identity_type) == (ACCOUNT, "Account")
    got = assume(cloud)
    key = (got.credentials.access_key_id, got.credentials.access_key_secret, got.credentials.security_token)
    role = cloud.sts(key=key).get_caller_identity().body
    assert role.identity_type == "AssumedRoleUser"
    assert role.arn == got.assumed_role_user.arn == f"acs:sts::{ACCOUNT}:assumed-role/deployer/run-1"
    assert role.principal_id == got.assumed_role_user.assumed_role_id == f"{role.role_id}:run-1"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"role_arn": "deployer"}, "InvalidParameter.RoleArn"),
        ({"role_arn": "acs:ram::9999999999999999:role/x"}, "EntityNotExist.Role"),
        ({"role_arn": "acs:ram::2000000000000002:role/x"}, "NoPermission"),
        ({"role_session_name": "a b"}, "InvalidParameter.RoleSessionName"),
        ({"duration_seconds": 10}, "InvalidParameter.DurationSeconds"),
        ({"role_session_name": ""}, "MissingRoleSessionName"),
    ],
)
def test_roles_that_cannot_be_assumed(cloud: TestCloud, values: dict[str, Any], code: str) -> None:
    cloud.put(Account(id="2000000000000002", account="2000000000000002"))
    asked = {"role_arn": f"acs:ram::{ACCOUNT}:role/deployer", "role_session_name": "run-1", **values}
    with pytest.raises(TeaException) as caught:
        cloud.sts().assume_role(sts.AssumeRoleRequest(**asked))
    assert caught.value.code == code

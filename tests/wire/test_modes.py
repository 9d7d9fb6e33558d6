"""Signature modes, and the memory of nonces."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_vpc20160428 import models as vpc
from Tea.exceptions import TeaException

from gatespan.emulator.models import AccessKey, Account
from gatespan.emulator.wire.nonces import Nonces
from tests.emulator.conftest import ACCOUNT, TestCloud
from tests.wire.by_hand import send

UNSIGNED = {"x-acs-action": "DescribeVpcs", "x-acs-version": "2016-04-28"}


def describe(cloud: TestCloud, **extra: Any) -> Any:
    return cloud.vpc(**extra).describe_vpcs(vpc.DescribeVpcsRequest(region_id="cn-hangzhou")).body


@pytest.mark.parametrize(("mode", "warns"), [("warn", True), ("off", False)])
def test_lenient_modes_let_a_wrong_signature_pass(
    cloud: TestCloud, caplog: pytest.LogCaptureFixture, mode: Any, warns: bool
) -> None:
    cloud.authenticator.mode = mode
    assert describe(cloud, key=("test", "wrong")).total_count == 0
    assert ("SignatureDoesNotMatch" in caplog.text) is warns


@pytest.mark.parametrize("mode", ["warn", "off"])
def test_lenient_modes_know_a_caller_by_the_key_id(cloud: TestCloud, mode: Any) -> None:
    other = "2000000000000002"
    cloud.put(Account(id=other, account=other), AccessKey(id="other", account=other, secret="other-secret"))
    cloud.authenticator.mode = mode
    describe(cloud, key=("other", "wrong"))
    describe(cloud, key=("nobody", "x"))
    assert send(cloud.kernel.endpoints.central, "POST", "/?RegionId=cn-hangzhou", UNSIGNED).status == 200
    assert [e.account for e in cloud.kernel.log.calls] == [other, ACCOUNT, ACCOUNT]


def test_strict_refuses_the_unsigned(cloud: TestCloud) -> None:
    answer = send(cloud.kernel.endpoints.central, "POST", "/?RegionId=cn-hangzhou", UNSIGNED)
    assert (answer.status, answer.code) == (400, "MissingAccessKeyId")
    with pytest.raises(TeaException):
        describe(cloud, key=("test", "wrong"))


def test_nonces_are_remembered_for_the_window_and_forgotten_after() -> None:
    nonces = Nonces(window=100.0)
    assert nonces.fresh("k", "n", 0.0)
    assert not nonces.fresh("k", "n", 99.0)
    assert nonces.fresh("other key", "n", 99.0)
    assert not nonces.fresh("k", "n", 150.0)
    assert nonces.fresh("k", "n", 400.0)


def test_the_memory_of_nonces_is_bounded() -> None:
    nonces = Nonces(capacity=100)
    for i in range(10_000):
        assert nonces.fresh("k", str(i), 0.0)
    assert len(nonces) <= 200
    assert not nonces.fresh("k", "9999", 0.0)

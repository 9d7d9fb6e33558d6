"""The door against a real HTTP server that answers as told: what is tried again, with which token, and what is not."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from alibabacloud_credentials.exceptions import CredentialException

from gatespan.cloud import (
    CallRecord,
    Cloud,
    CloudError,
    Credentials,
    Fatal,
    NotFound,
    Refused,
    Throttled,
    UnknownOutcome,
    fetched_credentials,
    sdk,
)
from gatespan.cloud.rates import Limit, RateLimiter
from tests.cloud.clocks import TurnedClock
from tests.cloud.conftest import Handler, Server, door, raw

OK = (200, {"RequestId": "R-OK", "VpcId": "vpc-1"})


def refuse(code: str, status: int = 400, **headers: str) -> tuple[int, dict[str, Any], dict[str, str]]:
    return status, {"RequestId": "R-NO", "Code": code, "Message": f"about {code}"}, headers


@raw
def drop(handler: Handler) -> None:
    """Read the request, then hang up without a word."""
    handler.hang_up()


@raw
def stop_in_the_middle(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "400")
    handler.end_headers()
    handler.wfile.write(b'{"RequestId": "R')
    handler.hang_up()


@raw
def keep_waiting(handler: Handler) -> None:
    time.sleep(1.0)
    handler.hang_up()


LOST = {
    "hung up": drop,
    "cut off": stop_in_the_middle,
    "too late": keep_waiting,
    "no JSON": (200, b'{"RequestId": "R-1", "VpcI'),
    "a page of something between": (502, b"<html>bad gateway</html>"),
}


@pytest.fixture(params=LOST)
def lost(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An answer that says nothing about what happened."""
    monkeypatch.setattr(sdk, "READ_TIMEOUT_MS", 200)
    return LOST[request.param]


def create(cloud: Cloud, token: str | None = "T-1", **more: Any) -> Any:
    params = {"RegionId": "cn-hangzhou", "CidrBlock": "10.0.0.0/16"}
    return cloud.call("vpc", "CreateVpc", params, region="cn-hangzhou", token=token, **more)


def test_an_answer_has_the_names_of_the_wire(cloud: Cloud, server: Server) -> None:
    assert create(cloud)["VpcId"] == "vpc-1"
    assert server.asked[0]["x-acs-action"] == "CreateVpc"
    assert server.asked[0]["ClientToken"] == "T-1"


@pytest.mark.parametrize("code", ["Throttling.User", "OperationConflict", "TaskConflict", "ServiceUnavailable"])
def test_what_is_temporary_is_tried_again_with_the_same_token(cloud: Cloud, server: Server, code: str) -> None:
    server.answers = [refuse(code), refuse(code), OK]
    assert create(cloud)["VpcId"] == "vpc-1"
    assert [a["ClientToken"] for a in server.asked] == ["T-1"] * 3
    assert len({a["x-acs-signature-nonce"] for a in server.asked}) == 3


def test_pauses_grow(cloud: Cloud, server: Server, clock: TurnedClock) -> None:
    server.answers = [*[refuse("OperationConflict")] * 8, OK]
    create(cloud)
    assert clock.slept == sorted(clock.slept)
    assert clock.slept[0] < 0.1
    assert clock.slept[-1] > 1.0


def test_patience_ends(cloud: Cloud, server: Server, clock: TurnedClock) -> None:
    server.answers = [refuse("OperationConflict")]
    start = clock.now()
    with pytest.raises(CloudError, match="OperationConflict"):
        create(cloud, patience=60)
    assert 40 < clock.now() - start <= 60


def test_throttling_obeys_the_servers_word(cloud: Cloud, server: Server, clock: TurnedClock) -> None:
    server.answers = [refuse("Throttling.Api", x_acs_retry_after="7000"), OK]
    create(cloud)
    assert clock.slept[0] >= 7.0


def test_throttling_for_ever_is_said(cloud: Cloud, server: Server) -> None:
    server.answers = [refuse("Throttling.User")]
    with pytest.raises(Throttled):
        create(cloud, patience=5)


def test_what_is_final_is_not_tried_again(cloud: Cloud, server: Server) -> None:
    server.answers = [refuse("InvalidVpcId.NotFound", 404)]
    with pytest.raises(NotFound) as caught:
        cloud.call("vpc", "DeleteVpc", {"VpcId": "vpc-9"}, region="cn-hangzhou", subject="vpc-9")
    assert len(server.asked) == 1
    assert caught.value.request_id == "R-NO"
    assert "vpc-9" in str(caught.value)


def test_a_token_where_none_is_taken_is_a_defect(cloud: Cloud) -> None:
    with pytest.raises(TypeError, match="no client token"):
        cloud.call("cbn", "DeleteCen", {"CenId": "cen-1"}, region="cn-hangzhou", token="T")


def test_an_answer_of_the_wrong_shape_is_said(cloud: Cloud, server: Server) -> None:
    server.answers = [(200, {"RequestId": "R", "Vpcs": ["not", "a", "mapping"]})]
    with pytest.raises(Fatal, match="could not read"):
        cloud.call("vpc", "DescribeVpcs", {"RegionId": "cn-hangzhou"}, region="cn-hangzhou")


def test_records_hide_secrets(cloud: Cloud, records: list[CallRecord]) -> None:
    params = {"AppName": "demo", "AppSecret": "very-secret", "AppCode": "hush"}
    cloud.call("cloudapi", "CreateApp", params, region="cn-hangzhou")
    assert records[0].params["AppSecret"] == "(hidden)"
    assert "very-secret" not in repr(records)
    assert "hush" not in repr(records)


def test_many_threads_share_one_door(cloud: Cloud, server: Server) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda i: create(cloud, token=f"T{i}"), range(64)))
    assert all(a["VpcId"] == "vpc-1" for a in answers)
    assert len({a["ClientToken"] for a in server.asked}) == 64


def test_a_lost_answer_is_asked_again_with_a_token(cloud: Cloud, server: Server, lost: Any) -> None:
    server.answers = [lost, lost, OK]
    assert create(cloud)["VpcId"] == "vpc-1"
    assert [a["ClientToken"] for a in server.asked] == ["T-1"] * 3


def test_a_lost_answer_without_a_token_is_for_the_caller_to_look_into(cloud: Cloud, server: Server, lost: Any) -> None:
    server.answers = [lost, OK]
    with pytest.raises(UnknownOutcome):
        create(cloud, token=None)
    assert len(server.asked) == 1


def test_a_read_is_asked_again(cloud: Cloud, server: Server, lost: Any) -> None:
    server.answers = [lost, (200, {"RequestId": "R", "TotalCount": 0, "Vpcs": {"Vpc": []}})]
    cloud.call("vpc", "DescribeVpcs", {"RegionId": "cn-hangzhou"}, region="cn-hangzhou")
    assert len(server.asked) == 2


def test_answers_lost_for_ever_are_said(cloud: Cloud, server: Server) -> None:
    server.answers = [drop]
    with pytest.raises(UnknownOutcome, match="may have happened"):
        create(cloud)
    assert len(server.asked) == 8


def test_nobody_there_is_tried_again_even_without_a_token(
    clock: TurnedClock, records: list[CallRecord], server: Server
) -> None:
    """Nothing was sent, so nothing can have happened. An embedded cloud that stays away was stopped: that is said
    after seconds, and trying longer would not help."""
    nobody = door("127.0.0.1:9", clock, records)
    start = clock.now()
    with pytest.raises(Fatal, match=r"has stopped answering.*gatespan cloud start"):
        create(nobody, token=None)
    assert [r.attempt for r in records] == list(range(1, 9))
    assert {r.code for r in records} == {"NoConnection"}
    assert clock.now() - start < 10


@pytest.mark.parametrize("answer", [*LOST.values(), refuse("InternalError", 500), refuse("NoPermission", 403)])
def test_errors_hide_secrets(
    cloud: Cloud, server: Server, monkeypatch: pytest.MonkeyPatch, answer: Any, clock: TurnedClock
) -> None:
    """The HTTP library's own words have the whole URL in them."""
    monkeypatch.setattr(sdk, "READ_TIMEOUT_MS", 100)
    server.answers = [answer]
    params = {"AppName": "demo", "AppSecret": "very-secret", "AppCode": "hush"}
    for one in (cloud, door("127.0.0.1:9", clock, [])):
        with pytest.raises(CloudError) as caught:
            one.call("cloudapi", "CreateApp", params, region="cn-hangzhou")
        for text in (str(caught.value), repr(vars(caught.value))):
            assert not {"very-secret", "hush", "test-secret"} & set(text.replace("=", " ").replace("&", " ").split())


def test_an_answer_that_was_refused_is_not_repeated_in_the_message(cloud: Cloud, server: Server) -> None:
    signed = "it does not match. server string to sign is:GET&%2F&AccessKeyId%3Dtest%26SecurityToken%3Dhush"
    server.answers = [(400, {"RequestId": "R", "Code": "SignatureDoesNotMatch", "Message": signed})]
    with pytest.raises(Refused) as caught:
        create(cloud)
    assert "hush" not in str(caught.value)
    assert "it does not match" in str(caught.value)


def test_no_credentials_are_a_refusal(server: Server, clock: TurnedClock) -> None:
    class Nothing:
        def get_credential(self) -> None:
            raise CredentialException("not found")

    cloud = door(server.address, clock, [])
    chain = Cloud(cloud.target, Credentials(provider=Nothing()), clock=clock, random=cloud._random)
    with pytest.raises(Refused, match="credential chain"):
        create(chain)
    assert server.asked == []


def test_an_sts_that_is_silent_is_not_the_embedded_cloud(
    server: Server, clock: TurnedClock, capfd: pytest.CaptureFixture[str]
) -> None:
    """Said once, by the error: the vendor's library logs a page of its own for each try, with the signed URL."""
    role = {"role_arn": "acs:ram::1:role/x", "role_session_name": "s", "sts_endpoint": "127.0.0.1:9"}
    keys = fetched_credentials(type="ram_role_arn", access_key_id="a", access_key_secret="b", **role)
    target = door(server.address, clock, []).target
    with pytest.raises(Fatal, match=r"no connection to 127\.0\.0\.1:9: Connection refused \(for the credentials\)"):
        create(Cloud(target, keys, clock=clock, random=random.Random(1)))
    assert server.asked == [] and capfd.readouterr() == ("", "")


def test_a_proxy_of_the_environment_is_not_for_the_embedded_cloud(
    server: Server, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert create(door(server.address, clock, []))["VpcId"] == "vpc-1"


WRONG = [
    ("vpc", "CreateVpc", {"CidrBlok": "x"}, "takes no parameter CidrBlok"),
    (
        "cbn",
        "CreateTransitRouterVpcAttachment",
        {"VpcId": "v", "ZoneMappings": [{"ZoneId": "z", "VSwitchId": "s"}, {"ZoneID": "z"}]},
        "takes no parameter ZoneMappings.ZoneID",
    ),
    ("fc", "CreateFunction", {"functionName": "f", "code": {"zipfile": "x"}}, "takes no parameter code.zipfile"),
    ("fc", "GetTrigger", {"functionName": "f"}, "needs triggerName"),
    ("fc", "DeleteFunction", {"functionName": "f", "force": True}, "takes no parameter force"),
    ("vpc", "DescribeFoo", {}, "vpc has no action DescribeFoo"),
    ("ecs", "DescribeInstances", {}, "no product ecs"),
]


@pytest.mark.parametrize(("product", "action", "params", "said"), WRONG)
def test_what_the_sdk_does_not_know_is_a_defect_and_said_by_name(
    cloud: Cloud, server: Server, product: str, action: str, params: dict[str, Any], said: str
) -> None:
    """The SDKs drop unknown names without a word."""
    with pytest.raises(TypeError, match=said):
        cloud.call(product, action, params, region="cn-hangzhou")
    assert server.asked == []


def test_values_of_every_type_arrive(cloud: Cloud, server: Server) -> None:
    params = {"PageNumber": 0, "IsDefault": False, "VpcName": "", "VpcId": None, "Tag": [{"Key": "k", "Value": None}]}
    cloud.call("vpc", "DescribeVpcs", {"RegionId": "cn-hangzhou", **params}, region="cn-hangzhou")
    asked = server.asked[0]
    assert (asked["PageNumber"], asked["IsDefault"].lower(), asked["VpcName"]) == ("0", "false", "")
    assert asked["Tag.1.Key"] == "k"
    assert "VpcId" not in asked


def test_names_in_a_path_and_names_in_a_body(cloud: Cloud, server: Server) -> None:
    server.answers = [(200, {"triggerName": "http", "triggerId": "t-1"})]
    names = {"functionName": "hello", "triggerName": "http"}
    assert cloud.call("fc", "GetTrigger", names, region="cn-hangzhou")["triggerId"] == "t-1"
    config = {"functionName": "hello", "triggerName": "http", "triggerType": "http", "triggerConfig": "{}"}
    cloud.call("fc", "CreateTrigger", config, region="cn-hangzhou")
    server.answers = [(204, b"")]
    assert cloud.call("fc", "DeleteFunction", {"functionName": "hello"}, region="cn-hangzhou") == {}
    assert [(a["(verb)"], a["(path)"]) for a in server.asked] == [
        ("GET", "/2023-03-30/functions/hello/triggers/http"),
        ("POST", "/2023-03-30/functions/hello/triggers"),
        ("DELETE", "/2023-03-30/functions/hello"),
    ]
    assert '"triggerType":"http"' in server.asked[1]["(body)"].replace(" ", "")


def test_every_try_is_told_and_recorded(cloud: Cloud, server: Server, clock: TurnedClock) -> None:
    records: list[CallRecord] = []
    before: list[tuple[str, str]] = []
    watched = Cloud(
        cloud.target,
        Credentials("test", "test-secret"),
        clock=clock,
        random=cloud._random,
        observer=records.append,
        before_call=lambda *call: before.append(call),
    )
    server.answers = [refuse("TaskConflict"), drop, OK]
    create(watched)
    assert before == [("vpc", "CreateVpc")] * 3
    assert [(r.attempt, r.code, r.request_id) for r in records] == [
        (1, "TaskConflict", "R-NO"),
        (2, "NoAnswer", ""),
        (3, "", "R-OK"),
    ]


@pytest.mark.parametrize("limit", [Limit(3), Limit(50), Limit(300, 60.0), Limit(1, 60.0)])
def test_no_stretch_of_time_holds_more_calls_than_published(limit: Limit) -> None:
    clock = TurnedClock()
    limiter = RateLimiter({("cbn", "CreateTransitRouter"): limit}, clock)
    times = []
    for _ in range(limit.calls * 4):
        limiter.take("cbn", "CreateTransitRouter", "cn-hangzhou")
        times.append(clock.now())
    most = max(sum(start <= t < start + limit.seconds for t in times) for start in times)
    assert most <= limit.calls
    # The pace is at least half of what is allowed, and other regions and actions do not wait.
    assert times[-1] - times[0] <= 8 * limit.seconds
    before = clock.now()
    limiter.take("cbn", "CreateTransitRouter", "cn-beijing")
    limiter.take("cbn", "DeleteTransitRouter", "cn-hangzhou")
    assert clock.now() == before


def test_published_limits_are_kept(cloud: Cloud, clock: TurnedClock, server: Server) -> None:
    server.answers = [(200, {"RequestId": "R", "TransitRouterId": "tr-1"})]
    start = clock.now()
    for i in range(9):
        params = {"CenId": "cen-1", "RegionId": "cn-hangzhou"}
        cloud.call("cbn", "CreateTransitRouter", params, region="cn-hangzhou", token=f"T{i}")
    assert clock.now() - start >= 9 / 3 - 1


def test_no_sdk_is_imported_before_it_is_needed() -> None:
    """They cost up to a second."""
    code = (
        "import sys, gatespan.cloud; print([m for m in sys.modules if m.startswith(('alibabacloud', 'Tea', 'dara'))])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"

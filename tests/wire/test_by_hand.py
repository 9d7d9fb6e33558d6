"""What clients other than the Python SDK send: V1 in query and form, GET and POST, XML; and what is refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from tests.emulator.conftest import TestCloud
from tests.wire.by_hand import FORM, acs3, now, query, send, v1

CREATE = {"Action": "CreateVpc", "RegionId": "cn-hangzhou", "CidrBlock": "10.0.0.0/8", "VpcName": "made by hand"}
DESCRIBE = {"Action": "DescribeVpcs", "RegionId": "cn-hangzhou"}
COMMON = {"Action", "Version", "Format", "AccessKeyId", "Timestamp"} | {
    f"Signature{rest}" for rest in ("", "Method", "Version", "Nonce", "Type")
}


@pytest.fixture
def address(cloud: TestCloud) -> str:
    return cloud.kernel.endpoints.central


# --- ways to send V1 --------------------------------------------------------------------------------------


def test_everything_in_the_query_of_a_get(address: str) -> None:
    answer = send(address, "GET", query(v1("GET", CREATE)))
    assert answer.status == 200
    assert answer.json["VpcId"].startswith("vpc-")
    assert answer.json["RequestId"] == answer.headers["x-acs-request-id"]
    assert answer.headers["content-type"] == "application/json;charset=utf-8"


def test_common_parameters_in_the_query_and_the_rest_in_the_form(address: str) -> None:
    """As the Terraform provider's generic calls do."""
    signed = v1("POST", CREATE)
    common = {k: v for k, v in signed.items() if k in COMMON}
    form = {k: v for k, v in signed.items() if k not in COMMON}
    answer = send(address, "POST", query(common), FORM, urlencode(form))
    assert (answer.status, "VpcId" in answer.json) == (200, True)


def test_everything_in_the_form(address: str) -> None:
    answer = send(address, "POST", "/", FORM, urlencode(v1("POST", CREATE)))
    assert (answer.status, "VpcId" in answer.json) == (200, True)


def test_hmac_sha256(address: str) -> None:
    assert send(address, "GET", query(v1("GET", DESCRIBE, sha="sha256"))).status == 200


def test_an_acs3_form_body_is_covered_by_its_hash(address: str) -> None:
    body = b"VpcName=in+the+form"
    headers = acs3("CreateVpc", body=body, content_type=FORM["Content-Type"])
    assert send(address, "POST", "/?RegionId=cn-hangzhou", headers, body).status == 200
    headers = acs3("CreateVpc", body=body, content_type=FORM["Content-Type"])
    changed = send(address, "POST", "/?RegionId=cn-hangzhou", headers, b"VpcName=changed")
    assert (changed.status, changed.code) == (400, "IncompleteSignature")


# --- what is refused --------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[dict[str, str], int, str]] = {
    "stale": ({"Timestamp": now(-100_000)}, 400, "InvalidTimeStamp.Expired"),
    "from the future": ({"Timestamp": now(100_000)}, 400, "InvalidTimeStamp.Expired"),
    "not a time": ({"Timestamp": "yesterday"}, 400, "InvalidTimeStamp.Format"),
    "a date only": ({"Timestamp": "2026-01-02"}, 400, "InvalidTimeStamp.Format"),
    "impossible time": ({"Timestamp": "2026-13-02T03:04:05Z"}, 400, "InvalidTimeStamp.Format"),
    "unknown method": ({"SignatureMethod": "HMAC-MD5"}, 400, "InvalidSignatureMethod"),
    "no nonce": ({"SignatureNonce": ""}, 400, "IncompleteSignature"),
    "no key": ({"AccessKeyId": ""}, 400, "IncompleteSignature"),
    "unknown key": ({"AccessKeyId": "nobody"}, 404, "InvalidAccessKeyId.NotFound"),
    "unknown version": ({"Version": "1999-01-01"}, 400, "NoSuchVersion"),
    "no version": ({"Version": ""}, 400, "MissingParameter"),
    "no action": ({"Action": ""}, 400, "MissingParameter"),
    "unknown action": ({"Action": "MakeCoffee"}, 404, "InvalidApi.NotFound"),
}


@pytest.mark.parametrize(("change", "status", "code"), REFUSED.values(), ids=REFUSED)
def test_refusals(address: str, change: dict[str, str], status: int, code: str) -> None:
    answer = send(address, "GET", query(v1("GET", {**DESCRIBE, **change})))
    assert (answer.status, answer.code) == (status, code)
    texts = ("RequestId", "HostId", "Code", "Message", "Recommend")
    assert all(isinstance(answer.json[name], str) for name in texts), "typed Go clients panic on anything else"
    assert answer.json["HostId"] == address


def test_a_changed_parameter_does_not_match(address: str) -> None:
    signed = v1("GET", DESCRIBE) | {"RegionId": "cn-beijing"}
    answer = send(address, "GET", query(signed))
    assert answer.code == "SignatureDoesNotMatch"
    assert "server string to sign is:GET&%2F&" in answer.json["Message"]


def test_an_unsigned_call_is_refused(address: str) -> None:
    answer = send(address, "GET", query({**DESCRIBE, "Version": "2016-04-28", "Format": "JSON"}))
    assert (answer.status, answer.code) == (400, "MissingAccessKeyId")


def test_a_nonce_is_good_once(address: str) -> None:
    target = query(v1("GET", CREATE))
    assert send(address, "GET", target).status == 200
    again = send(address, "GET", target)
    assert (again.status, again.code) == (400, "SignatureNonceUsed")


def test_a_forged_call_does_not_use_up_a_nonce(address: str) -> None:
    right = v1("GET", DESCRIBE)
    assert send(address, "GET", query(right | {"Signature": "forged"})).code == "SignatureDoesNotMatch"
    assert send(address, "GET", query(right)).status == 200


def _without(name: str) -> Any:
    def change(headers: dict[str, str]) -> dict[str, str]:
        return {k: v for k, v in headers.items() if k != name}

    return change


BROKEN: dict[str, tuple[Any, str]] = {
    "no date": (_without("x-acs-date"), "IncompleteSignature"),
    "no nonce": (_without("x-acs-signature-nonce"), "IncompleteSignature"),
    "no hash": (_without("x-acs-content-sha256"), "IncompleteSignature"),
    "an unsigned x-acs header": (lambda h: {**h, "x-acs-security-token": "t"}, "IncompleteSignature"),
    "no signature": (lambda h: {**h, "authorization": "ACS3-HMAC-SHA256 Credential=test"}, "IncompleteSignature"),
    "another scheme": (lambda h: {**h, "authorization": "Bearer x"}, "IncompleteSignature"),
    "another action": (lambda h: {**h, "x-acs-action": "DescribeVSwitches"}, "SignatureDoesNotMatch"),
}


@pytest.mark.parametrize(("change", "code"), BROKEN.values(), ids=BROKEN)
def test_broken_acs3(address: str, change: Any, code: str) -> None:
    whole = acs3("DescribeVpcs")
    assert send(address, "POST", "/?RegionId=cn-hangzhou", whole).status == 200
    broken = send(address, "POST", "/?RegionId=cn-hangzhou", change(acs3("DescribeVpcs")))
    assert (broken.status, broken.code) == (400, code)


# --- XML --------------------------------------------------------------------------------------------------


def test_v1_answers_xml_unless_json_is_asked_for(address: str) -> None:
    for _ in range(2):
        assert send(address, "GET", query(v1("GET", CREATE))).status == 200
    answer = send(address, "GET", query(v1("GET", DESCRIBE, Format="XML")))
    assert answer.headers["content-type"] == "text/xml;charset=utf-8"
    root = ElementTree.fromstring(answer.body)
    assert root.tag == "DescribeVpcsResponse"
    assert root.findtext("RequestId") == answer.headers["x-acs-request-id"]
    assert [v.findtext("VpcName") for v in root.findall("Vpcs/Vpc")] == ["made by hand"] * 2
    assert {v.findtext("IsDefault") for v in root.findall("Vpcs/Vpc")} == {"false"}


@pytest.mark.parametrize("format", ["XML", ""])
def test_xml_errors(address: str, format: str) -> None:
    answer = send(address, "GET", query(v1("GET", {"Action": "Make<Coffee>"}, Format=format)))
    root = ElementTree.fromstring(answer.body)
    assert (answer.status, root.tag, root.findtext("Code")) == (404, "Error", "InvalidApi.NotFound")
    assert root.findtext("HostId") == address


# --- parameters -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "dry"), [("True", True), ("true", True), ("TRUE", True), ("False", False)])
def test_booleans_in_any_case(cloud: TestCloud, address: str, text: str, dry: bool) -> None:
    answer = send(address, "GET", query(v1("GET", CREATE, DryRun=text)))
    assert (answer.status, answer.json.get("Code")) == ((400, "DryRunOperation") if dry else (200, None))
    vpcs = send(address, "GET", query(v1("GET", DESCRIBE))).json["TotalCount"]
    assert vpcs == (0 if dry else 1)

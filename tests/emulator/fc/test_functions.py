"""Functions through the official SDK: life, limits, tags, and that they really run."""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import suppress
from typing import Any

import pytest
from alibabacloud_fc20230330 import models

from gatespan.emulator.lifecycle import Latency
from tests.emulator.fc.conftest import Console, archive, echo


def test_a_function_shows_what_it_was_given_and_its_defaults(fc: Console) -> None:
    made = fc.create("hello", description="says hello", tags=[{"Key": "team", "Value": "net"}])
    assert made == fc.get("hello")
    assert made["functionArn"] == "acs:fc:cn-hangzhou:1000000000000001:functions/hello"
    assert made["state"] == "Active" and made["lastUpdateStatus"] == "Successful"
    assert (made["memorySize"], made["timeout"], made["diskSize"], made["internetAccess"]) == (512, 3, 512, True)
    assert made["tags"] == [{"Key": "team", "Value": "net"}]
    assert made["customRuntimeConfig"] == {"command": ["python3", "server.py"], "port": 9000}
    assert made["codeSize"] > 0 and "code" not in fc.raw


def test_an_update_changes_what_it_names_and_nothing_else(fc: Console) -> None:
    before = fc.create("hello", environmentVariables={"A": "1"})
    after = fc.update("hello", memorySize=1024, code={"zipFile": echo(2)})
    changed = {k for k in after if after[k] != before.get(k)}
    assert changed - {"lastModifiedTime"} == {"memorySize", "codeChecksum"}
    assert after["environmentVariables"] == {"A": "1"}


def test_a_function_is_pending_before_it_is_active(fc: Console, cloud: Any) -> None:
    cloud.life.latency = Latency("realistic")
    assert fc.create("slow")["state"] == "Pending"
    assert fc.refused(lambda: fc.invoke("slow")) == ("FunctionNotReady", 409)
    cloud.advance(5)
    assert fc.get("slow")["state"] == "Active"


def test_names_are_unique_in_a_region_only(fc: Console, cloud: Any) -> None:
    fc.create("one")
    assert fc.refused(lambda: fc.create("one")) == ("FunctionAlreadyExists", 409)
    assert Console(cloud.fc("cn-beijing")).create("one")["functionArn"].startswith("acs:fc:cn-beijing:")


def test_lists_are_cut_by_prefix_and_page(fc: Console) -> None:
    for name in ("b1", "a1", "b3", "b2"):
        fc.create(name)
    page = fc.list(prefix="b", limit=2)
    assert [f["functionName"] for f in page["functions"]] == ["b1", "b2"]
    rest = fc.list(prefix="b", limit=2, nextToken=page["nextToken"])
    assert [f["functionName"] for f in rest["functions"]] == ["b3"] and not rest.get("nextToken")
    assert fc.list(fcVersion="v2").get("functions", []) == []


WRONG = [
    ({"functionName": "1st"}, "InvalidArgument"),
    ({"functionName": None}, "InvalidArgument"),
    ({"runtime": "cobol"}, "InvalidArgument"),
    ({"handler": None}, "InvalidArgument"),
    ({"memorySize": 100}, "InvalidArgument"),
    ({"memorySize": 200}, "InvalidArgument"),
    ({"timeout": 0}, "InvalidArgument"),
    ({"timeout": 86401}, "InvalidArgument"),
    ({"diskSize": 1}, "InvalidArgument"),
    ({"cpu": 8.0}, "InvalidArgument"),
    ({"cpu": 0.33}, "InvalidArgument"),
    ({"code": None}, "InvalidArgument"),
    ({"code": {"zipFile": "bm90IGEgemlw"}}, "InvalidArgument"),
    ({"code": {"ossBucketName": "b", "ossObjectName": "o"}}, "InvalidArgument"),
]


@pytest.mark.parametrize(("wrong", "code"), WRONG, ids=lambda v: str(v)[:40])
def test_what_breaks_a_limit_is_refused(fc: Console, wrong: dict[str, Any], code: str) -> None:
    fields = {"name": "fine", **{("name" if k == "functionName" else k): v for k, v in wrong.items()}}
    assert fc.refused(lambda: fc.create(**fields)) == (code, 400)
    assert fc.list().get("functions", []) == []


def test_what_is_not_there_is_said_to_be_missing(fc: Console) -> None:
    for call in (
        lambda: fc.get("none"),
        lambda: fc.update("none", memorySize=128),
        lambda: fc.client.delete_function("none"),
        lambda: fc.invoke("none"),
        lambda: fc.trigger("none", "t"),
    ):
        assert fc.refused(call) == ("FunctionNotFound", 404)
    fc.create("hello")
    assert fc.refused(lambda: fc.client.get_trigger("hello", "none")) == ("TriggerNotFound", 404)
    assert fc.refused(lambda: fc.client.delete_trigger("hello", "none")) == ("TriggerNotFound", 404)


def test_a_function_with_triggers_stays(fc: Console) -> None:
    fc.create("hello")
    fc.trigger("hello", "http")
    assert fc.refused(lambda: fc.client.delete_function("hello")) == ("FunctionNotEmpty", 409)
    fc.client.delete_trigger("hello", "http")
    assert fc.client.delete_function("hello").status_code == 204
    assert fc.refused(lambda: fc.get("hello")) == ("FunctionNotFound", 404)


def test_a_trigger_has_two_urls(fc: Console) -> None:
    fc.create("hello")
    config = json.dumps({"authType": "anonymous", "methods": ["GET"], "disableURLInternet": True})
    made = fc.trigger("hello", "web", triggerConfig=config, description="d")
    assert made["triggerConfig"] == config and made["triggerType"] == "http" and made["qualifier"] == "LATEST"
    public, private = made["httpTrigger"]["urlInternet"], made["httpTrigger"]["urlIntranet"]
    assert public.startswith("https://hello-") and public.endswith(".cn-hangzhou.fcapp.run")
    assert private == public.replace(".cn-hangzhou.", ".cn-hangzhou-vpc.")
    assert fc.complete(fc.client.get_trigger("hello", "web")) == made
    listed = fc.complete(fc.client.list_triggers("hello", models.ListTriggersRequest()))
    assert listed["triggers"] == [made]
    assert fc.refused(lambda: fc.trigger("hello", "web")) == ("TriggerAlreadyExists", 409)
    assert fc.refused(lambda: fc.trigger("hello", "x", triggerConfig="{")) == ("InvalidArgument", 400)
    assert fc.refused(lambda: fc.trigger("hello", "x", triggerConfig='{"authType": "no"}')) == ("InvalidArgument", 400)
    assert fc.refused(lambda: fc.trigger("hello", "x", triggerType="oss")) == ("InvalidArgument", 400)
    body = models.UpdateTriggerInput(description="new", trigger_config='{"authType":"function","methods":["GET"]}')
    changed = fc.complete(fc.client.update_trigger("hello", "web", models.UpdateTriggerRequest(body=body)))
    assert changed["description"] == "new" and changed["httpTrigger"] == made["httpTrigger"]


def test_tags_come_and_go(fc: Console) -> None:
    arn = fc.create("hello", tags=[{"Key": "a", "Value": "1"}])["functionArn"]
    tags = [models.Tag(key="b", value="2"), models.Tag(key="a", value="3")]
    wish = models.TagResourcesInput(resource_id=[arn], resource_type="function", tag=tags)
    fc.client.tag_resources(models.TagResourcesRequest(body=wish))
    ask = models.ListTagResourcesRequest(resource_type="function", resource_id=[arn])
    rows = fc.complete(fc.client.list_tag_resources(ask))["TagResources"]
    assert {(r["ResourceId"], r["TagKey"], r["TagValue"]) for r in rows} == {(arn, "a", "3"), (arn, "b", "2")}
    fc.client.untag_resources(models.UntagResourcesRequest(resource_type="function", resource_id=[arn], tag_key=["a"]))
    assert fc.get("hello")["tags"] == [{"Key": "b", "Value": "2"}]
    by_tag = models.ListTagResourcesRequest(resource_type="function", tag=[models.Tag(key="b", value="2")])
    assert len(fc.complete(fc.client.list_tag_resources(by_tag))["TagResources"]) == 1


# --- running ----------------------------------------------------------------------------------------------


def said(response: Any) -> dict[str, Any]:
    return dict(json.loads(response.body.read()))


def test_a_function_is_a_process_and_gets_its_event(fc: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "must-not-leak")
    fc.create("hello", environmentVariables={"GREETING": "hi", "FC_REGION": "mine"})
    answer = said(fc.invoke("hello", b"an event"))
    assert (answer["path"], answer["event"]) == ("/invoke", "an event")
    env = answer["env"]
    assert env["GREETING"] == "hi" and env["FC_FUNCTION_NAME"] == "hello" and env["FC_REGION"] == "cn-hangzhou"
    assert env["FC_ACCOUNT_ID"] == "1000000000000001"
    assert "must-not-leak" not in env.values()


def until_refused(port: int) -> None:
    """The process that listened there has died."""
    end = time.monotonic() + 10
    with suppress(ConnectionRefusedError):
        while time.monotonic() < end:
            socket.create_connection(("127.0.0.1", port), 1).close()
            time.sleep(0.01)
        pytest.fail("it lives on")


def test_new_code_runs_after_an_update_and_a_dead_process_is_replaced(fc: Console) -> None:
    fc.create("hello")
    assert said(fc.invoke("hello"))["version"] == 1
    fc.update("hello", code={"zipFile": echo(2)})
    assert said(fc.invoke("hello"))["version"] == 2
    port = int(said(fc.invoke("hello", b"die"))["env"]["FC_SERVER_PORT"])
    until_refused(port)  # a call that it has taken and not answered is lost, as in the cloud
    assert said(fc.invoke("hello"))["version"] == 2


def test_why_a_function_does_not_start_is_told(fc: Console) -> None:
    fc.create("broken", code={"zipFile": archive({"server.py": "raise SystemExit('out of order')"})})
    with pytest.raises(Exception, match="out of order") as caught:
        fc.invoke("broken")
    assert caught.value.code == "FunctionError"  # type: ignore[attr-defined]
    fc.create("absent", customRuntimeConfig={"command": ["./nothing-here"]})
    with pytest.raises(Exception, match="nothing-here is not in the code"):
        fc.invoke("absent")
    fc.create("java", runtime="java11")
    assert fc.refused(lambda: fc.invoke("java")) == ("UnsupportedRuntime", 400)


def test_deleting_a_function_ends_its_process(fc: Console) -> None:
    fc.create("hello", code={"zipFile": archive({"server.py": "import os\nPID = os.getpid()\n" + _TELL})})
    pid = said(fc.invoke("hello"))["pid"]
    os.kill(pid, 0)
    fc.client.delete_function("hello")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


_TELL = """
import http.server, json
class Tell(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_response(200); self.end_headers(); self.wfile.write(json.dumps({"pid": PID}).encode())
    def log_message(self, *a): pass
http.server.HTTPServer(("127.0.0.1", int(os.environ["FC_SERVER_PORT"])), Tell).serve_forever()
"""

"""A console on Function Compute: the official SDK, with the proof that its typed bodies lose nothing of our JSON."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_tea_openapi.exceptions import ClientException

from ..console import Wire

ECHO = """
import http.server, json, os, sys

class Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = {"path": self.path, "event": body.decode(), "env": dict(os.environ), "version": VERSION}
        raw = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)
        if body == b"die":
            os._exit(3)
    do_GET = do_POST
    def log_message(self, *a): pass

http.server.HTTPServer(("127.0.0.1", int(os.environ["FC_SERVER_PORT"])), Echo).serve_forever()
"""


def archive(files: Mapping[str, str]) -> str:
    """A zip of the files, base64 as the API takes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return base64.b64encode(out.getvalue()).decode()


def echo(version: int = 1) -> str:
    return archive({"server.py": f"VERSION = {version}\n{ECHO}"})


class Console(Wire):
    """``console.create("one")`` …; every typed body is checked against what came over the wire."""

    def create(self, name: str, **more: Any) -> dict[str, Any]:
        body = {
            "functionName": name,
            "runtime": "custom.debian11",
            "handler": "index.handler",
            "code": {"zipFile": echo()},
            "customRuntimeConfig": {"command": ["python3", "server.py"], "port": 9000},
            **more,
        }
        made = models.CreateFunctionInput().from_map({k: v for k, v in body.items() if v is not None})
        return self.complete(self.client.create_function(models.CreateFunctionRequest(body=made)))

    def update(self, name: str, **changes: Any) -> dict[str, Any]:
        body = models.UpdateFunctionInput().from_map(changes)
        return self.complete(self.client.update_function(name, models.UpdateFunctionRequest(body=body)))

    def get(self, name: str) -> dict[str, Any]:
        return self.complete(self.client.get_function(name, models.GetFunctionRequest()))

    def list(self, **query: Any) -> dict[str, Any]:
        return self.complete(self.client.list_functions(models.ListFunctionsRequest().from_map(query)))

    def invoke(self, name: str, event: bytes = b"") -> Any:
        return self.client.invoke_function(name, models.InvokeFunctionRequest(body=event))

    def trigger(self, function: str, name: str, **more: Any) -> dict[str, Any]:
        body = {"triggerName": name, "triggerType": "http", "qualifier": "LATEST", **more}
        made = models.CreateTriggerInput().from_map(body)
        return self.complete(self.client.create_trigger(function, models.CreateTriggerRequest(body=made)))

    def refused(self, call: Callable[[], Any]) -> tuple[str, int]:
        """Code and HTTP status of the refusal."""
        with pytest.raises(ClientException) as caught:
            call()
        return str(caught.value.code), int(caught.value.status_code)


@pytest.fixture
def fc(cloud: Any) -> Console:
    return Console(cloud.fc())

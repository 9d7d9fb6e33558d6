"""A data plane over a world that is put together from objects: scenario 1's network, a gateway, APIs, a function.

``plane.get("ecs-3", "/hello")`` is a real HTTP client that sits in ecs-3.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import httpx
import pytest

from gatespan.emulator.clock import Clock
from gatespan.emulator.dataplane.processes import Processes
from gatespan.emulator.dataplane.proxy import serve_proxy
from gatespan.emulator.ids import Ids
from gatespan.emulator.kernel import Kernel
from gatespan.emulator.lifecycle import Latency, LifeCycle
from gatespan.emulator.services.cloudapi.models import ApiGroup, App, Authorization, DeployedApi, GatewayInstance
from gatespan.emulator.services.fc.models import Function, Trigger
from gatespan.emulator.world import Thing, World
from tests.emulator.fc.conftest import archive
from tests.routes.scenes import ACCOUNT, HERE, H, scenario_1

NOW = 1_800_000_000.0
DOMAIN, PUBLIC = "group-1-vpc.cn-hangzhou.example.com", "group-1-cn-hangzhou.example.com"
TRIGGER_URL = "https://hello-abc.cn-hangzhou-vpc.fcapp.run"
SERVER = """
import http.server, json, os, sys, time, urllib.parse

class Hello(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self):
        url = urllib.parse.urlsplit(self.path)
        asked = dict(urllib.parse.parse_qsl(url.query))
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        time.sleep(float(asked.get("sleep", 0)))
        if url.path == "/invoke":
            event = json.loads(body)
            said = {"statusCode": 201, "headers": {"X-Kind": "event"}, "body": event["path"] + " " + event["body"]}
        else:
            said = {"path": self.path, "method": self.command, "body": body.decode(), "headers": dict(self.headers)}
        raw = b"x" * int(asked["size"]) if "size" in asked else json.dumps(said).encode()
        self.send_response(int(asked.get("status", 200)))
        self.send_header("X-Backend", "hello")
        if "chunked" in asked:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for i in range(0, len(raw), 1000):
                piece = raw[i : i + 1000]
                self.wfile.write(b"%x\\r\\n%s\\r\\n" % (len(piece), piece))
            self.wfile.write(b"0\\r\\n\\r\\n")
        else:
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(raw)
    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer
    def log_message(self, *a): pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["FC_SERVER_PORT"])), Hello).serve_forever()
"""
T = TypeVar("T")


def api(name: str, path: str, *, method: str = "GET", stage: str = "RELEASE", **more: Any) -> DeployedApi:
    """A live API with the function as its back end. ``request``/``service``/``function``: what differs there."""
    function = {
        "FcVersion": "3.0",
        "FcType": "HttpTrigger",
        "RegionId": H,
        "FcBaseUrl": TRIGGER_URL,
        "Path": path,
        "Method": "ANY",
        "OnlyBusinessPath": False,
        **more.pop("function", {}),
    }
    service = {
        "ServiceProtocol": "FunctionCompute",
        "ServiceTimeout": 5000,
        "Mock": "FALSE",
        "FunctionComputeConfig": function,
        **more.pop("service", {}),
    }
    request = {
        "RequestProtocol": "HTTP,HTTPS",
        "RequestHttpMethod": method,
        "RequestPath": path,
        "RequestMode": "PASSTHROUGH",
        **more.pop("request", {}),
    }
    definition = {"AuthType": "ANONYMOUS", "RequestConfig": request, "ServiceConfig": service, **more}
    return DeployedApi(
        id=f"{name}:{stage}",
        api_id=name,
        group_id="group-1",
        stage=stage,
        name=name,
        definition=definition,
        region=H,
        account=ACCOUNT,
    )


def behind() -> list[Thing]:
    """The gateway, bound to VPC-1, with one group; an app; the function."""
    return [
        GatewayInstance(
            id="apigateway-1",
            region=H,
            name="gateway-1",
            status="RUNNING",
            user_vpc_id="vpc-1",
            user_vswitch_id="vsw-1",
            entry_ip="10.1.1.20",
            **HERE,
        ),
        ApiGroup(
            id="group-1",
            region=H,
            name="hello_group",
            instance_id="apigateway-1",
            vpc_domain=DOMAIN,
            sub_domain=PUBLIC,
            **HERE,
        ),
        api("hello", "/hello"),
        App(id="7", name="caller", key="key-7", secret="secret-7", code="code-7", **HERE),
        Function(
            id=f"{ACCOUNT}/{H}/hello",
            region=H,
            name="hello",
            function_id="f-1",
            status="Active",
            spec={"runtime": "custom.debian11", "timeout": 10, "customRuntimeConfig": {"command": ["python3", "s.py"]}},
            code=archive({"s.py": SERVER}),
            digest="1",
            **HERE,
        ),
        Trigger(
            id=f"{ACCOUNT}/{H}/hello/web",
            region=H,
            function="hello",
            name="web",
            trigger_id="t-1",
            host="hello-abc",
            config='{"authType":"anonymous"}',
            status="Active",
            **HERE,
        ),
    ]


def grant(api_id: str, stage: str = "RELEASE", expires: float = 0.0) -> Authorization:
    return Authorization(
        id=f"{api_id}:7:{stage}", api_id=api_id, app_id="7", stage=stage, expires=expires, account=ACCOUNT
    )


class Plane:
    """A served data plane. All that touches the world runs on its event loop."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, processes: Processes | None = None, things: Iterable[Thing] | None = None
    ) -> None:
        self._loop = loop
        world = World()
        world.replace_all([*scenario_1(), *behind()] if things is None else list(things))
        clock = Clock()
        clock.freeze(NOW)
        self.world, self.clock = world, clock
        life = LifeCycle(world, clock, Latency())
        self.kernel = Kernel(world, clock, life, Ids(random.Random(1)), ())
        self.kernel.processes = processes or self.kernel.processes
        self.kernel.connect_timeout = 0.05
        self.log: list[dict[str, Any]] = []
        serving = serve_proxy(self.kernel, "127.0.0.1", 0, self.log.append)
        self.server = self.run(serving)
        host, port = self.server.sockets[0].getsockname()[:2]
        self.address = f"{host}:{port}"

    def run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(20)

    def do(self, function: Callable[[], T]) -> T:
        async def run() -> T:
            return function()

        done: T = self.run(run())
        return done

    def put(self, *things: Thing) -> None:
        def put() -> None:
            with self.world.transaction():
                for thing in things:
                    self.world.put(thing)

        self.do(put)

    def change(self, cls: Any, id: str, **values: Any) -> None:
        def change() -> None:
            with self.world.transaction():
                thing = self.world.get(cls, id)
                assert thing is not None
                self.world.change(thing, **values)

        self.do(change)

    def remove(self, cls: Any, id: str) -> None:
        def remove() -> None:
            with self.world.transaction():
                thing = self.world.get(cls, id)
                assert thing is not None
                self.world.remove(thing)

        self.do(remove)

    def client(self, seat: str) -> httpx.Client:
        return httpx.Client(proxy=f"http://{seat}:x@{self.address}", timeout=20, trust_env=False, verify=False)

    def call(self, seat: str, method: str, url: str, **more: Any) -> httpx.Response:
        if url.startswith("/"):
            url = f"http://{DOMAIN}{url}"
        with self.client(seat) as client:
            return client.request(method, url, **more)

    def get(self, seat: str, url: str, **more: Any) -> httpx.Response:
        return self.call(seat, "GET", url, **more)

    def close(self) -> None:
        self.do(self.server.close)


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and the gateway's error code."""
    return answer.status_code, answer.headers.get("X-Ca-Error-Code", "")


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture(scope="session")
def processes(loop: asyncio.AbstractEventLoop) -> Iterator[Processes]:
    """One set of processes for all tests: the same function need not be started for each."""
    processes = Processes()
    yield processes
    asyncio.run_coroutine_threadsafe(processes.aclose(), loop).result(20)


@pytest.fixture
def plane(loop: asyncio.AbstractEventLoop, processes: Processes) -> Iterator[Plane]:
    plane = Plane(loop, processes)
    yield plane
    plane.close()

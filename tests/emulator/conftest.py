"""The embedded cloud for tests: one server in a thread per session, an empty world for every test.

``cloud.vpc()``, ``cloud.cbn()`` … are genuine SDK clients that reach it over HTTP.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from gatespan.emulator.cloud import Cloud
from gatespan.emulator.lifecycle import Latency
from gatespan.emulator.seed import AccountEntry, KeyEntry, WorldFile
from gatespan.emulator.server import Running, start_in_thread

ACCOUNT, KEY_ID, SECRET = "1000000000000001", "test", "test-secret"
EMPTY = WorldFile(name="test", accounts=(AccountEntry(id=ACCOUNT, keys=(KeyEntry(id=KEY_ID, secret=SECRET),)),))


class TestCloud:
    """A running embedded cloud as tests see it. ``key`` of a client: (id, secret) or (id, secret, STS token)."""

    __test__ = False

    def __init__(self, running: Running) -> None:
        self.running = running
        self.inner = running.cloud
        self.kernel = running.cloud.kernel
        self.world = running.cloud.world
        self.clock = running.cloud.clock
        self.life = running.cloud.life
        self.faults = running.cloud.faults
        self.authenticator = running.cloud.authenticator

    @property
    def base(self) -> str:
        return f"http://{self.kernel.endpoints.central}"

    @property
    def proxy(self) -> str:
        return f"http://{self.kernel.endpoints.proxy}"

    def clean(self) -> None:
        """The state that every test begins with."""

        def begin() -> None:
            cloud = self.inner
            cloud.clock.freeze(time.time())
            cloud.life.latency = Latency()
            cloud.kernel.list_lag, cloud.kernel.keep_rates = 0.0, False
            cloud.authenticator.mode, cloud.authenticator.wall = "strict", time.time
            cloud.snapshots.clear()
            if cloud.origin.name != EMPTY.name:
                cloud.seed(EMPTY)
            cloud.reset()

        self.running.do(begin)

    def seed(self, world_file: WorldFile) -> None:
        self.running.do(lambda: self.inner.seed(world_file))

    def put(self, *things: Any) -> None:
        """Put objects into the world, whatever the services would say to them."""

        def put() -> None:
            with self.world.transaction():
                for thing in things:
                    self.world.put(thing)

        self.running.do(put)

    def advance(self, seconds: float) -> None:
        """Turn the clock; what is due by then is done."""
        self.running.do(lambda: self.inner.advance(seconds))

    def config(self, address: str, region: str, key: tuple[str, ...] = (KEY_ID, SECRET), **extra: Any) -> Any:
        from alibabacloud_tea_openapi.models import Config

        token = {"security_token": key[2]} if len(key) > 2 else {}
        return Config(
            access_key_id=key[0],
            access_key_secret=key[1],
            endpoint=address,
            protocol="http",
            region_id=region,
            **token,
            **extra,
        )

    def vpc(self, region: str = "cn-hangzhou", **extra: Any) -> Any:
        from alibabacloud_vpc20160428.client import Client

        return Client(self.config(self.kernel.endpoints.central, region, **extra))

    def cbn(self, region: str = "cn-hangzhou", **extra: Any) -> Any:
        from alibabacloud_cbn20170912.client import Client

        return Client(self.config(self.kernel.endpoints.central, region, **extra))

    def cloudapi(self, region: str = "cn-hangzhou", **extra: Any) -> Any:
        from alibabacloud_cloudapi20160714.client import Client

        return Client(self.config(self.kernel.endpoints.regions[region], region, **extra))

    def fc(self, region: str = "cn-hangzhou", **extra: Any) -> Any:
        from alibabacloud_fc20230330.client import Client

        return Client(self.config(self.kernel.endpoints.regions[region], region, **extra))

    def sts(self, region: str = "cn-hangzhou", **extra: Any) -> Any:
        from alibabacloud_sts20150401.client import Client

        return Client(self.config(self.kernel.endpoints.central, region, **extra))

    def location(self, region: str = "cn-hangzhou", **extra: Any) -> Any:
        from alibabacloud_location20150612.client import Client

        return Client(self.config(self.kernel.endpoints.central, region, **extra))


@pytest.fixture(scope="session")
def embedded_cloud() -> Iterator[Running]:
    """The server of the test session. Use ``cloud``."""
    running = start_in_thread(lambda: Cloud(EMPTY))
    yield running
    running.stop()


@pytest.fixture
def cloud(embedded_cloud: Running) -> TestCloud:
    """A fresh empty world with one account and key, no latency, a frozen clock, strict signatures."""
    cloud = TestCloud(embedded_cloud)
    cloud.clean()
    return cloud

"""2 Mbit/s means 2 Mbit/s: pacing by itself on a clock of its own, and a small body really measured."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from gatespan.emulator.dataplane.shaping import Crossing, Shaper
from gatespan.emulator.services.cbn.models import PeerAttachment
from tests.dataplane.conftest import DOMAIN, Plane, api
from tests.timing import within


class Time:
    """A clock that sleeping turns; ``late``: how late every sleep wakes."""

    def __init__(self, late: float = 0.0) -> None:
        self.now, self.late = 100.0, late

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds + self.late


def takes(crossings: list[Crossing], size: int, piece: int = 8192, late: float = 0.0) -> float:
    """Seconds that a body takes over the links, by itself."""
    clock = Time(late)
    shaper = Shaper(clock, clock.sleep)

    async def send() -> None:
        for start in range(0, size, piece):
            await shaper.carry(min(piece, size - start), crossings)

    asyncio.run(send())
    return clock.now - 100.0


@pytest.mark.parametrize("late", [0.0, 0.001])
@pytest.mark.parametrize(("mbps", "size"), [(2, 1_000_000), (5, 1_000_000), (100, 10_000_000)])
def test_a_body_takes_its_bits_by_the_bandwidth(mbps: int, size: int, late: float) -> None:
    wanted = size * 8 / (mbps * 1e6)
    assert takes([Crossing("p", "r", mbps)], size, late=late) == pytest.approx(wanted, rel=0.1)


def test_the_narrowest_of_several_links_sets_the_pace() -> None:
    links = [Crossing("p", "r", 10), Crossing("q", "s", 2), Crossing("t", "u", 5)]
    assert takes(links, 500_000) == pytest.approx(2.0, rel=0.05)


def test_no_link_no_wait() -> None:
    assert takes([], 10_000_000) == 0.0


def test_connections_share_a_direction_and_directions_are_apart() -> None:
    async def both(second: Crossing) -> float:
        shaper, began = Shaper(), time.monotonic()

        async def send(crossing: Crossing) -> None:
            for _ in range(4):
                await shaper.carry(3125, [crossing])  # 25,000 bits each

        await asyncio.gather(send(Crossing("p", "east", 1)), send(second))
        return time.monotonic() - began

    within(0.19, 0.3, lambda: asyncio.run(both(Crossing("p", "east", 1))))
    within(0.09, 0.18, lambda: asyncio.run(both(Crossing("p", "west", 1))))


def seconds(plane: Plane, seat: str, size: int) -> float:
    """How long an answer of that size takes over a connection that is open."""
    with plane.client(seat) as client:
        client.get(f"http://{DOMAIN}/hello?size=0")
        began = time.monotonic()
        assert len(client.get(f"http://{DOMAIN}/hello?size={size}").content) == size
        return time.monotonic() - began


def test_an_answer_over_the_peer_takes_as_long_as_its_bandwidth_says(plane: Plane) -> None:
    within(0.19, 0.3, lambda: seconds(plane, "ecs-3", 50_000))
    within(0, 0.1, lambda: seconds(plane, "ecs-1", 50_000))
    plane.change(PeerAttachment, "peer-1", bandwidth=10)
    within(0.033, 0.15, lambda: seconds(plane, "ecs-3", 50_000))


def test_a_request_is_paced_too_and_two_clients_share_the_line(plane: Plane) -> None:
    plane.put(api("hello", "/hello", method="ANY"))
    url = f"http://{DOMAIN}/hello?size=0"
    with plane.client("ecs-3") as one, plane.client("ecs-3") as other:
        for client in (one, other):
            assert client.get(url).status_code == 200
        senders = [
            threading.Thread(target=c.post, args=(url,), kwargs={"content": b"x" * 25_000}) for c in (one, other)
        ]
        began = time.monotonic()
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        assert 0.19 <= time.monotonic() - began < 10  # a busy machine may add to it
    assert [entry["status"] for entry in plane.log] == [200] * 4

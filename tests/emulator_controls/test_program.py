"""The embedded cloud as a program: how it starts, what it says, how it ends."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatespan.emulator.__main__ import main
from tests.emulator_controls.helpers import control, process


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as plug:
        yield plug.getsockname()[1]


def test_it_says_where_it_is(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    with process(tmp_path, "--ready-file", str(ready), "--latency", "reads:3") as cloud:
        said = json.loads(ready.read_text())
        assert said == {"url": cloud.base, "pid": cloud.popen.pid}
        health = control(cloud.base, "GET", "health").value
        assert health["latency"] == {"mode": "reads", "reads": 3}
        assert health["world"] == "cross-region"
        assert health["settings"]["keep_rates"] is False
        code, out, err = cloud.stop()
    assert (code, err) == (0, "")
    assert all(address in out for address in health["endpoints"]["regions"].values())
    assert "access key embedded, secret embedded-secret, account 1000000000000001" in out
    assert out.splitlines()[-2:] == ["ready", "stopped"]


def test_it_listens_on_loopback_only(tmp_path: Path) -> None:
    with process(tmp_path) as cloud:
        health = control(cloud.base, "GET", "health").value
        addresses = [health["endpoints"]["central"], *health["endpoints"]["regions"].values()]
        assert {address.rpartition(":")[0] for address in addresses} == {"127.0.0.1"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_cleanly(tmp_path: Path, number: int) -> None:
    with process(tmp_path) as cloud:
        cloud.popen.send_signal(number)
        assert cloud.end()[0] == 0


def test_the_control_api_ends_it(tmp_path: Path) -> None:
    with process(tmp_path) as cloud:
        assert control(cloud.base, "POST", "stop").value == {"stopping": cloud.popen.pid}
        assert cloud.end()[0] == 0


def test_a_wish_for_real_time_keeps_the_rates(tmp_path: Path) -> None:
    with process(tmp_path, "--latency", "realistic") as cloud:
        assert control(cloud.base, "GET", "settings").value["keep_rates"] is True


def test_a_demanded_port_that_is_taken_is_an_error(
    tmp_path: Path, taken: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--port", str(taken)]) == 1
    assert f"cannot listen on 127.0.0.1:{taken}: Address already in use" in capsys.readouterr().err


def test_default_ports_that_are_taken_are_replaced(tmp_path: Path, taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from gatespan.emulator import server as module
    from gatespan.emulator.cloud import Cloud
    from gatespan.emulator.seed import load_world
    from gatespan.emulator.server import Address, start_in_thread

    monkeypatch.setattr(module, "CENTRAL_PORT", taken)
    running = start_in_thread(lambda: Cloud(load_world("empty")), Address())
    try:
        central = running.cloud.kernel.endpoints.central
        assert central != f"127.0.0.1:{taken}"
        assert f"port {taken} is taken; using {central.split(':')[1]} instead" in running.server.notes
        assert control(f"http://{central}", "GET", "health").status == 200
    finally:
        running.stop()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--world", "atlantis"], "atlantis cannot be read"),
        (["--latency", "slow"], "'slow' is not none, fast, realistic or reads:N"),
        (["--latency", "reads:0"], "'reads:0' is not"),
        (["--signatures", "maybe"], "invalid choice: 'maybe'"),
        (["--host", "203.0.113.9"], "cannot listen on 203.0.113.9"),
    ],
)
def test_what_it_cannot_start_with(capsys: pytest.CaptureFixture[str], arguments: list[str], text: str) -> None:
    try:
        code = main(["serve", "--port", "0", *arguments])
    except SystemExit as end:  # argparse
        code = int(end.code or 0)
    assert code != 0
    assert text in capsys.readouterr().err


def test_it_warns_when_others_can_reach_it(tmp_path: Path) -> None:
    with process(tmp_path, "--host", "0.0.0.0") as cloud:
        base = cloud.base.replace("0.0.0.0", "127.0.0.1")
        assert control(base, "GET", "health").status == 200
        code, _, err = cloud.stop()
    assert code == 0
    assert "WARNING: listening on 0.0.0.0: others on the network can reach this cloud" in err

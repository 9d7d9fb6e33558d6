"""The embedded cloud from the command line: ``python -m gatespan.emulator serve``."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from gatespan.emulator.cloud import Cloud
from gatespan.emulator.control import is_loopback
from gatespan.emulator.lifecycle import Latency, Mode
from gatespan.emulator.seed import DEFAULT_WORLD, SeedError, WorldFile, load_world
from gatespan.emulator.server import CENTRAL_PORT, Address, PortError, Server
from gatespan.emulator.storage import Storage, StorageError
from gatespan.emulator.wire.reply import json_bytes


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM, SIGINT or ``POST /_cloud/stop``. 0 after a clean stop, 1 when it cannot start."""
    asked = _parser().parse_args(arguments)
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s", level=logging.WARNING)
    storage = None
    try:
        world_file = _world(asked.world)
        storage = Storage(asked.data) if asked.data else None
        cloud = Cloud(world_file, latency=asked.latency, signatures=asked.signatures, storage=storage)
        _run(Server(cloud, Address(asked.host, asked.port)), asked)
    except (SeedError, StorageError, PortError) as error:
        sys.stderr.write(f"The embedded cloud cannot start: {error}\n")
        return 1
    finally:
        if storage:
            storage.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gatespan.emulator", description="The embedded cloud of Gatespan.")
    serve = parser.add_subparsers(required=True, metavar="serve").add_parser("serve", help="run it in the foreground")
    add = serve.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1, this machine only)")
    add(
        "--port",
        type=int,
        help=f"central port, regions on the ports after it, the proxy on the one before it; 0: any free ports "
        f"(default: {CENTRAL_PORT}, or free ones where those are taken)",
    )
    add("--world", help=f"world file, or the name of a packaged world (default: {DEFAULT_WORLD})")
    add("--data", type=Path, help="SQLite file that keeps the world (default: in memory only)")
    add("--latency", type=_latency, default=Latency("none"), help="none, fast, realistic, or reads:N (default: none)")
    add("--signatures", choices=("strict", "warn", "off"), default="strict", help="(default: strict)")
    add("--ready-file", type=Path, help="write {url, pid} there once it listens")
    add("--ready-fd", type=int, help="write a line of {url, pid} to this file descriptor once it listens")
    return parser


_TIMED: tuple[Mode, ...] = ("none", "fast", "realistic")


def _latency(text: str) -> Latency:
    mode, _, reads = text.partition(":")
    if mode == "reads" and (not reads or (reads.isdigit() and int(reads) > 0)):
        return Latency("reads", int(reads or 2))
    for known in _TIMED:
        if text == known:
            return Latency(known)
    raise argparse.ArgumentTypeError(f"{text!r} is not none, fast, realistic or reads:N")


def _world(named: str | None) -> WorldFile:
    if named is None:
        return load_world(DEFAULT_WORLD)
    return load_world(Path(named) if Path(named).exists() else named)


def _run(server: Server, asked: argparse.Namespace) -> None:
    import uvloop

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, server.stopping.set)
        async with server.running():
            _announce(server, asked)
            await server.stopping.wait()
        sys.stdout.write("stopped\n")

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve())


def _announce(server: Server, asked: argparse.Namespace) -> None:
    """Say where it listens and how to reach it, then that it is ready: on stdout, to the ready file, to the fd."""
    cloud, endpoints = server.cloud, server.cloud.kernel.endpoints
    if not is_loopback(asked.host):
        sys.stderr.write(
            f"WARNING: listening on {asked.host}: others on the network can reach this cloud, its keys are no secret, "
            "and the functions deployed to it run as processes of this machine.\n"
        )
    say = sys.stdout.write
    for note in server.notes:
        say(f"note: {note}\n")
    if asked.data and asked.world and cloud.starts > 1:
        say(f"note: {asked.data} holds a world already ({cloud.origin.name}); --world is not used\n")
    say(f"The embedded cloud, world {cloud.origin.name!r}, latency {cloud.life.latency.mode}\n\n")
    rows = [("vpc cbn sts location bssopenapi", "(all)", endpoints.central)]
    rows += [("cloudapi fc", region, address) for region, address in endpoints.regions.items()]
    if endpoints.proxy:
        rows.append(("data plane (HTTP proxy)", "(all)", endpoints.proxy))
    for row in [("product", "region", "address"), *rows]:
        say(f"  {row[0]:<33}{row[1]:<16}{row[2]}\n")
    keys = cloud.first_key()
    if keys:
        say(f"\n  access key {keys.id}, secret {keys.secret}, account {keys.account}\n")
    region = cloud.default_region
    say(f"  Python SDK: Config(endpoint='{endpoints.central}', protocol='http', region_id='{region}', …)\n")
    say(f"  control API: http://{endpoints.central}/_cloud/health\n\nready\n")
    sys.stdout.flush()
    said = json_bytes({"url": f"http://{endpoints.central}", "pid": os.getpid()}) + b"\n"
    if asked.ready_file:
        part = asked.ready_file.with_name(asked.ready_file.name + ".part")
        part.write_bytes(said)
        part.replace(asked.ready_file)
    if asked.ready_fd is not None:
        os.write(asked.ready_fd, said)


if __name__ == "__main__":
    sys.exit(main())

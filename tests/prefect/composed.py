"""The team server of ``deployments/server/compose.yaml``, its services as processes of this machine.

Commands and environments are those of the file; only names become addresses: each service listens on a free port of
loopback. PostgreSQL and Redis are the machine's own (Debian: postgresql, redis-server).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from cryptography.fernet import Fernet
from redis import Redis
from ruamel.yaml import YAML

from tests.timing import until

SERVER = Path(__file__).parents[2] / "deployments" / "server"
COMPOSE: dict[str, Any] = YAML(typ="safe").load(SERVER / "compose.yaml")
POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
"""Where Debian has its programs; elsewhere they are on the path."""
PASSWORD = "team-test-password"


def missing() -> str:
    """What is not on this machine; empty when all is there."""
    gone = [name for name in ("initdb", "postgres", "createdb", "redis-server") if not _program(name)]
    if os.geteuid() == 0 and not _postgres_user():
        gone.append("a user named postgres")
    return f"no {', '.join(gone)} here: apt-get install postgresql redis-server (Debian)" if gone else ""


@dataclass(frozen=True)
class Composed:
    """``worker``: the environment of the worker, which is also that of ``python -m deployments``."""

    api: str
    auth: tuple[str, str]
    worker: Mapping[str, str]
    worker_command: tuple[str, ...]
    redis: int
    dump: Callable[[], bytes]

    def end_leases(self) -> int:
        """Turn the clock of the leases, which nobody renews any more: they ended long ago. How many there were."""
        ended = 0
        with contextlib.closing(Redis(port=self.redis, decode_responses=True)) as redis:
            listed: Any = redis.keys("*:concurrency*:expirations")
            for key in listed:
                leases: Any = redis.zrange(key, 0, -1)
                for lease in leases:
                    held = key.removesuffix("expirations") + f"lease:{lease}"
                    kept = json.loads(str(redis.get(held)))
                    redis.set(held, json.dumps(kept | {"expiration": "2026-01-01T00:00:00+00:00"}))
                    redis.zadd(key, {lease: 0.0})
                ended += len(leases)
        return ended


@contextmanager
def running(home: Path, base: Mapping[str, str]) -> Iterator[Composed]:
    """Start everything but the worker; stop it at the end. ``base``: the environment of every process."""
    file = COMPOSE["services"]
    ports = {name: _free_port() for name in ("postgres", "redis", "api")}
    password = secrets.token_hex(8)
    own = {
        "POSTGRES_PASSWORD": password,
        "AUTH_STRING": f"team:{PASSWORD}",
        "ENCRYPTION_KEY": Fernet.generate_key().decode(),
        "PUBLIC_URL": f"http://127.0.0.1:{ports['api']}",
    }

    def environment(service: str) -> dict[str, str]:
        given = {name: _filled(str(value), own) for name, value in file[service]["environment"].items()}
        return {**base, **{name: _placed(value, ports) for name, value in given.items()}}

    with ExitStack() as stack:
        data = stack.enter_context(_postgres(home, ports["postgres"], environment("postgres")))
        _redis(stack, home, ports["redis"], file["redis"]["command"])
        prefect = [sys.executable, "-m"]
        home.joinpath("server").mkdir()
        server = environment("api") | {"PREFECT_HOME": str(home / "server")}
        api = [*prefect, *(word.replace("0.0.0.0", "127.0.0.1") for word in file["api"]["command"])]
        _start(stack, home, "api", [*api, "--port", str(ports["api"])], server)
        url = f"http://127.0.0.1:{ports['api']}/api"
        until(lambda: _answers(f"{url}/health", (200, 401)), "the API", 90)
        services = environment("services") | {"PREFECT_HOME": str(home / "server")}
        _start(stack, home, "services", [*prefect, *file["services"]["command"]], services)
        yield Composed(
            api=url,
            auth=("team", PASSWORD),
            worker=environment("worker") | {"PREFECT_HOME": str(home / "worker")},
            worker_command=(*prefect, *file["worker"]["command"]),
            redis=ports["redis"],
            dump=data,
        )


def _filled(text: str, own: Mapping[str, str]) -> str:
    """As compose fills in ``${NAME:?why}`` and ``${NAME:-default}``."""
    return re.sub(r"\$\{([A-Z_]+)(?::-([^}]*)|:\?[^}]*)?\}", lambda m: own.get(m[1], m[2] or ""), text)


def _placed(text: str, ports: Mapping[str, int]) -> str:
    """``postgres:5432`` as the address of this machine."""
    return re.sub(r"\b(postgres|redis|api):\d+\b", lambda m: f"127.0.0.1:{ports[m[1]]}", text)


@contextmanager
def _postgres(home: Path, port: int, given: Mapping[str, str]) -> Iterator[Callable[[], bytes]]:
    """A cluster with the user, password and database of the service; yields how to dump it. PostgreSQL does not run
    as root, so there its folder, which only its owner may enter, is outside of the tests' own."""
    user = "postgres" if os.geteuid() == 0 else None
    env = {**given, "PGPASSWORD": given["POSTGRES_PASSWORD"], "LC_ALL": "C.UTF-8"}
    data = Path("/tmp" if user else home) / f"gatespan-postgres-{port}"
    data.mkdir(mode=0o700)
    (data / "password").write_text(given["POSTGRES_PASSWORD"])
    if user:
        for path in (data, data / "password"):
            shutil.chown(path, user, user)

    def run(*command: str) -> bytes:
        program = [_program(command[0]), *command[1:]]
        return subprocess.run(program, env=env, cwd="/", user=user, check=True, capture_output=True, timeout=60).stdout

    at = ("--host", "127.0.0.1", "--port", str(port), "--username", given["POSTGRES_USER"])
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, data, ignore_errors=True)
        run(
            "initdb",
            "--auth=scram-sha-256",
            f"--username={given['POSTGRES_USER']}",
            f"--pwfile={data}/password",
            f"--pgdata={data}/db",
            "--no-sync",
        )
        flags = ["-p", str(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        command = [_program("postgres"), "-D", f"{data}/db", *flags, "-c", "fsync=off"]
        _start(stack, home, "postgres", command, env, user=user)
        until(lambda: _listens(port), "PostgreSQL")
        until(lambda: not _fails(lambda: run("createdb", *at, given["POSTGRES_DB"])), "its database")
        yield lambda: run("pg_dump", *at, given["POSTGRES_DB"])


def _redis(stack: ExitStack, home: Path, port: int, command: list[str]) -> None:
    own = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(home)]
    _start(stack, home, "redis", [_program(command[0]), *command[1:], *own], os.environ)
    until(lambda: _listens(port), "Redis")


def _start(
    stack: ExitStack, home: Path, name: str, command: list[str], env: Mapping[str, str], user: str | None = None
) -> None:
    """A process that is stopped at the end."""
    with (home / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command, env=env, cwd="/" if user else home, stdin=subprocess.DEVNULL, stdout=log, stderr=log, user=user
        )

    def stop() -> None:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)

    stack.callback(stop)


def _program(name: str) -> str:
    """Its path; empty where there is none."""
    folders = os.pathsep.join([*map(str, reversed(POSTGRES)), os.environ.get("PATH", "")])
    return shutil.which(name, path=folders) or ""


def _postgres_user() -> bool:
    import pwd

    return any(entry.pw_name == "postgres" for entry in pwd.getpwall())


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _listens(port: int) -> bool:
    return not _fails(lambda: socket.create_connection(("127.0.0.1", port), 1).close())


def _answers(url: str, codes: tuple[int, ...]) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code in codes
    except httpx.TransportError:
        return False


def _fails(act: Callable[[], object]) -> bool:
    try:
        act()
    except (OSError, subprocess.CalledProcessError):
        return True
    return False

"""The team server: every setting that its files name is one that Prefect knows (others it ignores in silence); and what
the file describes, run as processes, asks for its password and keeps secrets to itself."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import httpx
import pytest
from prefect.settings import Settings
from prefect.settings.legacy import _get_valid_setting_names
from ruamel.yaml import YAML

from tests.prefect.composed import COMPOSE, SERVER, Composed

ELSEWHERE = re.compile(r"PREFECT_REDIS_|PREFECT_SERVER_ENCRYPTION_KEY$")
"""Read by the Redis package, and straight from the environment."""


@pytest.mark.parametrize("service", sorted(COMPOSE["services"]))
def test_prefect_knows_every_setting(service: str) -> None:
    named = [n for n in COMPOSE["services"][service].get("environment", {}) if n.startswith("PREFECT_")]
    unknown = [n for n in named if n not in _get_valid_setting_names(Settings) and not ELSEWHERE.match(n)]
    assert unknown == []


def test_the_services_depend_on_what_is_there() -> None:
    services = COMPOSE["services"]
    assert set(services) == {"postgres", "redis", "api", "services", "worker"}
    for service in services.values():
        for needed in service.get("depends_on", {}):
            assert "healthcheck" in services[needed]
    volumes = {v.partition(":")[0] for s in services.values() for v in s.get("volumes", ())}
    assert volumes == set(COMPOSE["volumes"])


def test_only_loopback_is_published_and_every_secret_is_asked_for() -> None:
    text = (SERVER / "compose.yaml").read_text()
    ports = [port for s in COMPOSE["services"].values() for port in s.get("ports", ())]
    assert ports == ["127.0.0.1:4200:4200"]
    asked = set(re.findall(r"\$\{([A-Z_]+)", text))
    offered = set(re.findall(r"^([A-Z_]+)=", (SERVER / "env.example").read_text(), re.MULTILINE))
    assert asked == offered
    for secret in ("POSTGRES_PASSWORD", "AUTH_STRING", "ENCRYPTION_KEY"):
        assert re.search(rf"\$\{{{secret}:\?", text), f"{secret} has a default"


def test_the_image_holds_what_the_deployments_name() -> None:
    copied = re.findall(r"^COPY (\S+) /srv/gatespan/", (SERVER / "Dockerfile").read_text(), re.MULTILINE)
    file = YAML(typ="safe").load(SERVER.parent / "prefect.yaml")
    entries = {d["entrypoint"].partition("/")[0] for d in file["deployments"]}
    assert entries <= set(copied) and {"tasks", "blocks", "deployments"} <= set(copied)


def test_the_package_takes_its_data_along() -> None:
    """What is not listed works from a checkout and is missing in the image."""
    root = SERVER.parents[1]
    listed = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    taken = {path for package, globs in listed.items() for one in globs for path in _in(root, package).glob(one)}
    assert {p for p in (root / "gatespan").rglob("*") if p.is_file() and p.suffix not in (".py", ".pyc")} == taken


def _in(root: Path, package: str) -> Path:
    return root / package.replace(".", "/")


def test_the_api_asks_for_the_password(composed: Composed) -> None:
    for auth, code in ((None, 401), (("team", "wrong"), 401), (composed.auth, 200)):
        assert httpx.post(f"{composed.api}/deployments/filter", json={}, auth=auth).status_code == code


def test_what_was_set_up_is_there(composed: Composed) -> None:
    found = httpx.post(f"{composed.api}/deployments/filter", json={}, auth=composed.auth).json()
    file = YAML(typ="safe").load(SERVER.parent / "prefect.yaml")
    assert {one["name"] for one in found} == {one["name"] for one in file["deployments"]}
    found = httpx.post(f"{composed.api}/automations/filter", json={}, auth=composed.auth).json()
    wanted = YAML(typ="safe").load(SERVER.parent / "automations.yaml")
    ours = sorted(one["name"] for one in found if one["name"].startswith("gatespan-"))
    assert ours == sorted(one["name"] for one in wanted if not one.get("notify"))


def test_the_secrets_of_blocks_are_encrypted(composed: Composed) -> None:
    code = "from blocks import *; AlibabaCloudAccessKey(access_key_id='LTAI', access_key_secret='planted').save('kept')"
    subprocess.run([sys.executable, "-c", code], env=dict(composed.worker), check=True, timeout=60)
    read = "from blocks import *; print(AlibabaCloudAccessKey.load('kept').credentials().access_key_secret)"
    told = subprocess.run([sys.executable, "-c", read], env=dict(composed.worker), capture_output=True, timeout=60)
    assert told.stdout == b"planted\n", told.stderr
    dump = composed.dump()
    assert b"kept" in dump and b"planted" not in dump

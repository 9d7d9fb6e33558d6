"""What the pages name is there: files, links, commands, environment variables of the engine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from gatespan.cli.commands import app
from gatespan.resources.gateway.instance import RETIREMENT
from gatespan.settings import Settings
from tests.docs.reading import DOCS, ROOT, anchors, codes, links, prose

PAGES = sorted(path for path in DOCS.rglob("*.md"))
NAMES = [path.relative_to(DOCS).as_posix() for path in PAGES]
FOLDERS = ("flows", "tasks", "blocks", "gatespan", "tests", "examples", "docs", "deployments", "benchmarks")


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    text, broken = page.read_text(), []
    for link in links(text):
        if re.match(r"https?:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (anchor and anchor not in anchors(target.read_text())):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_named_paths_exist(page: Path) -> None:
    paths = {code for code in codes(page.read_text()) if re.fullmatch(rf"(?:{'|'.join(FOLDERS)})/[\w./-]*", code)}
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_no_absolute_path_of_a_machine(page: Path) -> None:
    assert re.findall(r"(?<![\w.}])/(?:home|root|work|tmp|usr|var|opt|Users)/", page.read_text()) == []


def test_the_index_has_every_page() -> None:
    linked = {link.partition("#")[0] for link in links((DOCS / "README.md").read_text())}
    assert {name for name in NAMES if name != "README.md"} - linked == set()


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_named_commands_and_options_exist(page: Path) -> None:
    """`gatespan COMMAND … --option`, in code."""
    known = get_command(app).commands  # type: ignore[attr-defined]
    for code in codes(page.read_text()):
        words = code.split()
        if words[:1] != ["gatespan"] or len(words) < 2 or words[1].startswith("-"):
            continue
        command = known[words[1]]
        if words[1] == "cloud" and len(words) > 2:
            command = command.commands[words[2]]
        options = {option for parameter in command.params for option in parameter.opts + parameter.secondary_opts}
        assert {word.partition("=")[0] for word in words if word.startswith("--")} <= options, code


def test_settings_that_are_named_exist() -> None:
    """GATESPAN_… is a field of the settings, wherever a page names one."""
    known = {f"GATESPAN_{name.upper()}" for name in Settings.model_fields}
    for name in ("real-account.md", "how-it-works.md"):
        assert set(re.findall(r"GATESPAN_[A-Z_]+", (DOCS / name).read_text())) <= known


def test_the_dates_of_the_retirement_are_the_engines() -> None:
    text = prose((DOCS / "real-account.md").read_text())
    for words, day in RETIREMENT.items():
        assert re.search(rf"\| {day} \| .*{words.rpartition(' ')[0]}", text), (words, day)


def test_the_credential_chain_is_the_librarys() -> None:
    """The order of the table, and every variable in it, as the installed library has them."""
    import inspect

    from alibabacloud_credentials.provider import default
    from alibabacloud_credentials.utils import auth_util

    source = inspect.getsource(default.DefaultCredentialsProvider.__init__)
    order = [
        "EnvironmentVariableCredentialsProvider",
        "OIDCRoleArnCredentialsProvider",
        "CLIProfileCredentialsProvider",
        "ProfileCredentialsProvider()",
        "EcsRamRoleCredentialsProvider",
        "URLCredentialsProvider",
    ]
    places = [source.rindex(name) for name in order if name != "ProfileCredentialsProvider()"]
    assert places == sorted(places)
    assert places[2] < source.index("append(ProfileCredentialsProvider()") < places[3]
    named = set(re.findall(r"ALIBABA_CLOUD_[A-Z_]+[A-Z]", (DOCS / "real-account.md").read_text()))
    read = set(re.findall(r"ALIBABA_CLOUD_[A-Z0-9_]+", inspect.getsource(auth_util)))
    assert len(named) >= 10
    assert named <= read

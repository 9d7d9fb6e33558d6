"""Loading: whatever the text is, the answer is a topology or a list of problems; and what is dumped loads again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gatespan.topology import Topology, TopologyErrors, dump, load, loads

from .strategies import topologies

EXAMPLES = Path(__file__).parents[2] / "examples"
EXAMPLE_FILES = sorted(EXAMPLES.glob("*.yaml"))
TEXTS = [path.read_text("utf-8") for path in EXAMPLE_FILES]
CROSS_REGION = (EXAMPLES / "cross-region.yaml").read_text("utf-8")

# Pieces that mean something to YAML or to the rules: mutations made of them reach further than noise does.
PIECES = st.sampled_from(
    [
        "\t",
        "\n",
        "  ",
        "- ",
        ": ",
        "&a ",
        "*a",
        "<<: ",
        "? ",
        "!!int ",
        "!x ",
        "[",
        "]",
        "{",
        "}",
        "'",
        '"',
        ">\n",
        "#",
        "null",
        "true",
        "-1",
        "1e9",
        ".nan",
        "0x10",
        "2024-01-01",
        "10.1.0.0/16",
        "name",
        "---\n",
        "%YAML 1.1\n",
        "\x00",
        "@",
        "é",
        "网关",
        "😀",
        "\ufeff",
        "\x85",
        "\u2028",
    ]
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """An example with up to six cuts, insertions and moved lines."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        put = draw(st.one_of(PIECES, st.just(""), st.text(max_size=5), st.just(text[start:end] * 2)))
        text = text[:start] + put + text[end:]
    return text


def problems_of(text: str) -> TopologyErrors | None:
    try:
        loads(text)
    except TopologyErrors as errors:
        return errors
    return None


def assert_well_told(text: str) -> None:
    """It loads; or every problem has a place that the text has, words, and a line of its own."""
    errors = problems_of(text)
    if errors is None:
        return
    assert errors.problems
    for problem in errors.problems:
        assert 1 <= problem.line <= len(text.splitlines()) + 1
        assert problem.column >= 1
        assert problem.message
    assert len(str(errors).split("\n")) == len(errors.problems)


@settings(max_examples=150, deadline=None)
@given(st.text())
def test_any_text_is_a_topology_or_problems(text: str) -> None:
    assert_well_told(text)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_any_mutated_example_is_a_topology_or_problems(text: str) -> None:
    assert_well_told(text)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(topologies())
def test_what_is_dumped_loads_again(topology: Topology) -> None:
    assert loads(dump(topology)).topology == topology


@pytest.mark.parametrize(
    "text",
    [
        "[" * 1000,
        "a: " + "{a: " * 400,
        "a: &a [x]\n"
        + "".join(f"b{n}: &b{n} [{', '.join(['*b' + str(n - 1) if n else '*a'] * 10)}]\n" for n in range(9)),
        "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}\n" for n in range(1, 9)),
        "name: &a\n  b: *a\n",
        "x: " + "y" * (1 << 20),
        "a: !!int x\nb: !!float y\nc: !!bool z\nd: !!binary '*'\ne: !!python/object:os.system x\n",
    ],
    ids=["brackets", "deep", "aliases of aliases", "merges of merges", "holds itself", "large", "lying tags"],
)
def test_hostile_texts_are_problems_and_cost_little(text: str) -> None:
    assert_well_told(text)
    with pytest.raises(TopologyErrors):
        loads(text)


def test_the_examples_load_from_their_folder() -> None:
    flows = {"cross-region", "on-premises-clients", "on-premises-backend", "hub"}
    assert {load(path).topology.flow for path in EXAMPLE_FILES} == flows
    for path in EXAMPLE_FILES:
        loaded = load(path)
        assert (loaded.topology.name, loaded.path, loaded.base) == (path.stem, path, path.parent)
        assert loaded.text == path.read_text("utf-8")


def test_sources_are_looked_for_beside_the_file(tmp_path: Path) -> None:
    file = tmp_path / "cross-region.yaml"
    text = (EXAMPLES / "cross-region.yaml").read_text("utf-8")
    file.write_text(text, "utf-8")
    with pytest.raises(TopologyErrors) as caught:
        load(file)
    (problem,) = caught.value.problems
    assert (problem.path, problem.message) == (
        "functions[0].source",
        "There is no folder `functions/hello` beside this file",
    )
    (tmp_path / "functions/hello").mkdir(parents=True)
    assert load(file).topology.function("hello").command == ("python3", "server.py")
    file.write_text(text.replace("    command: [python3, server.py]\n", ""), "utf-8")
    with pytest.raises(TopologyErrors, match="has no file `bootstrap`"):
        load(file)
    (tmp_path / "functions/hello/bootstrap").touch()
    assert load(file).topology.function("hello").command == ()


def test_files_that_cannot_be_read_are_told_like_any_problem(tmp_path: Path) -> None:
    with pytest.raises(TopologyErrors, match=r"absent\.yaml:1:1: There is no such file"):
        load(tmp_path / "absent.yaml")
    with pytest.raises(TopologyErrors, match="This is a directory"):
        load(tmp_path)
    with pytest.raises(TopologyErrors, match="cannot be read"):
        load(Path("nul\0l"))
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("name: a\ndescription: caf\u00e9\n".encode("latin-1"))
    with pytest.raises(TopologyErrors, match=r"latin\.yaml:2:17: The file is not UTF-8"):
        load(latin)


def test_windows_files_and_byte_order_marks_are_read(tmp_path: Path) -> None:
    text = (EXAMPLES / "cross-region.yaml").read_text("utf-8")
    file = tmp_path / "windows.yaml"
    (tmp_path / "functions/hello").mkdir(parents=True)
    file.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert load(file).topology == loads(text).topology


def test_merge_keys_and_anchors_save_typing() -> None:
    text = CROSS_REGION.replace("bandwidth:", "bandwidth: &unused", 1)
    merged = text.replace(
        "      - {name: vsw-3-h, zone: cn-beijing-h}\n      - {name: vsw-3-g, zone: cn-beijing-g}",
        "      - &first {name: vsw-3-h, zone: cn-beijing-h}\n      - {<<: *first, name: vsw-3-g, zone: cn-beijing-g}",
    )
    assert merged != text
    assert loads(merged).topology == loads(text).topology


def test_a_topology_made_in_code_obeys_the_rules_too() -> None:
    good = loads(CROSS_REGION).topology.model_dump(by_alias=True)
    assert Topology.model_validate(good).name == "cross-region"
    with pytest.raises(ValidationError, match=r"networks\[0\]\.cidr: `10\.1\.0\.0/16` overlaps"):
        Topology.model_validate({**good, "networks": [{**good["networks"][0], "cidr": "10.1.0.0/16"}]})

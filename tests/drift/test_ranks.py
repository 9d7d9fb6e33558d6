"""The table of ranks is complete: a row for every kind and field, and words for every sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from gatespan.planning.ranks import Cure, Difference, Row, field_row, row, table
from gatespan.resources import base
from gatespan.resources.base import Resource
from tests.drift.stage import Scene, Stage, scenes

WORDS = {
    *("key", "name", "label", "region", "cut", "attachment", "destination", "regions", "api", "app", "id", "why"),
    *("status", "what"),
}


def kinds() -> Iterator[type[Resource]]:
    """Every kind of resource that there is."""

    def below(cls: type[Resource]) -> Iterator[type[Resource]]:
        for sub in cls.__subclasses__():
            yield from ([sub] if "KIND" in vars(sub) else ())
            yield from below(sub)

    yield from sorted(set(below(base.Resource)), key=lambda cls: cls.KIND)


KINDS = {cls.KIND: cls for cls in kinds()}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_says_what_its_absence_breaks(kind: str) -> None:
    assert Difference.MISSING in table()[kind]
    assert all(row(kind, difference) for difference in Difference if difference is not Difference.CHANGED)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_watched_fields_have_rows_and_are_left_alone(kind: str) -> None:
    for field in KINDS[kind].WATCHED:
        assert field_row(kind, field).cure is Cure.LEAVE


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_costs_money_is_never_made_unasked(kind: str) -> None:
    if KINDS[kind].PAID:
        assert row(kind, Difference.MISSING).cure is not Cure.SAFE


def test_no_row_is_about_nothing() -> None:
    assert set(table()) - {"any", "strangers"} == set(KINDS)


@pytest.mark.parametrize("scene", list(scenes()), ids=[s.name for s in scenes()])
def test_every_field_that_is_compared_has_a_row(stage: Stage, scene: Scene) -> None:
    """Asked of the built thing: its fields, and what is wanted of them."""
    stage.set(scene)
    engine = stage.lab.engine(scene.loaded())
    for key in engine.graph.order:
        resource, found = engine.graph[key], engine.found(key)
        assert found is not None
        for field in set(resource.wants(engine)) | set(resource.watches(engine)):
            assert field_row(resource.KIND, field), f"{key}: {field}"


def test_sentences_use_words_that_exist() -> None:
    for kind, rows in table().items():
        if kind == "strangers":
            continue
        for one in _rows(rows):
            assert set(re.findall(r"\{(\w+)\}", one.sentence)) <= WORDS, one.sentence


def _rows(rows: object) -> Iterator[Row]:
    assert isinstance(rows, dict)
    for one in rows.values():
        yield from [one] if isinstance(one, Row) else _rows(one)

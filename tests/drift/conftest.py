"""One embedded cloud for all drift tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drift.stage import Stage
from tests.planning.lab import Lab, running


@pytest.fixture(scope="session")
def drift_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    home: Path = tmp_path_factory.mktemp("drift")
    with running(home) as lab:
        yield lab


@pytest.fixture(scope="session")
def stage(drift_lab: Lab) -> Stage:
    return Stage(drift_lab)


@pytest.fixture
def lab(drift_lab: Lab) -> Lab:
    """The lab with scenario 1's world as it is before anything is built."""
    drift_lab.world()
    return drift_lab

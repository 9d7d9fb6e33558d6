"""One embedded cloud for all planning tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.planning.lab import Lab, running


@pytest.fixture(scope="session")
def lab_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    home: Path = tmp_path_factory.mktemp("lab")
    with running(home) as lab:
        yield lab


@pytest.fixture
def lab(lab_process: Lab) -> Lab:
    """The lab with scenario 1's world as it is before anything is built."""
    lab_process.world()
    return lab_process

"""The lab of the planning tests."""

from __future__ import annotations

from tests.planning.conftest import *  # noqa: F403 - its fixtures are these tests' too

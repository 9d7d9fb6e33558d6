"""The lab of the planning tests, with a fresh scenario-1 world."""

from __future__ import annotations

from tests.planning.conftest import *  # noqa: F403 - its fixtures are these tests' too

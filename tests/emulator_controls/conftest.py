"""These tests share the running cloud of the emulator's tests."""

from tests.emulator.conftest import cloud, embedded_cloud

__all__ = ["cloud", "embedded_cloud"]

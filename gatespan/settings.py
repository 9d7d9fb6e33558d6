"""Where the cloud is, where Gatespan keeps its files, how hard to push: settings from ``GATESPAN_*`` variables.

Command-line options win over the environment, the environment over the defaults. No secret of a real account is a
setting of ours: those come from the vendor's own credential chain.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """``GATESPAN_HOME``, ``GATESPAN_CLOUD``, ``GATESPAN_WORKERS``, ``GATESPAN_ACCESS_KEY_ID``/``_SECRET`` (the embedded
    cloud's keys only)."""

    model_config = SettingsConfigDict(env_prefix="GATESPAN_", frozen=True)

    home: Path = Field(default_factory=lambda: Path.home() / ".gatespan", description="Files of the local cloud")
    cloud: str = Field(default="embedded", description="embedded, alibaba, a URL; in flows also a block")
    workers: int = Field(default=8, ge=1, le=64, description="Resources worked on at the same time")
    access_key_id: str = Field(default="embedded", description="Key of the embedded cloud's demo account")
    access_key_secret: str = Field(default="embedded-secret", repr=False)

"""What was seen and repaired before, per topology: plain data that the caller keeps, as a file or as a variable.

It answers two questions: since when is something wrong, and was it repaired a moment ago already? The cloud remains
the only truth about what is there; a lost history loses nothing but these.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from gatespan.planning.findings import Report
from gatespan.planning.ranks import Rank

KEPT = 500
"""Runs and repairs that are remembered."""


@dataclass(frozen=True)
class Mended:
    """One repair of one resource, tried at ``at`` (epoch seconds). ``why`` says what went wrong; empty: it is done."""

    key: str
    at: float
    did: str
    why: str = ""


@dataclass(frozen=True)
class Looked:
    """One drift run: how many findings of each rank."""

    at: float
    counts: Mapping[str, int]


@dataclass(frozen=True)
class History:
    """``seen``: when each finding that is still there was first seen, by its name (epoch seconds)."""

    seen: Mapping[str, float] = field(default_factory=dict)
    repairs: tuple[Mended, ...] = ()
    runs: tuple[Looked, ...] = ()

    def noted(self, report: Report) -> History:
        """With one more run. What is not found any more is forgotten."""
        seen = {f.name: self.seen.get(f.name, report.at) for f in report.findings}
        counts = {str(rank): len(report.of(rank)) for rank in Rank if report.of(rank)}
        return replace(self, seen=seen, runs=(*self.runs, Looked(report.at, counts))[-KEPT:])

    def mended(self, *repairs: Mended) -> History:
        return replace(self, repairs=(*self.repairs, *repairs)[-KEPT:])

    def of(self, key: str, *, since: float) -> tuple[Mended, ...]:
        """The repairs of one resource since then, the latest last."""
        return tuple(m for m in self.repairs if m.key == key and m.at >= since)

    def to_json(self) -> dict[str, Any]:
        return {
            "seen": dict(self.seen),
            "repairs": [asdict(m) for m in self.repairs],
            "runs": [{"at": r.at, "counts": dict(r.counts)} for r in self.runs],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> History:
        """The reverse of ``to_json``. Raises KeyError or TypeError for something else."""
        return cls(
            seen={str(k): float(v) for k, v in data["seen"].items()},
            repairs=tuple(Mended(**m) for m in data["repairs"]),
            runs=tuple(Looked(float(r["at"]), dict(r["counts"])) for r in data["runs"]),
        )

    @classmethod
    def load(cls, path: Path) -> History:
        """From a file; empty where there is none. Raises ValueError, naming the file, when it is not a history."""
        if not path.exists():
            return cls()
        try:
            return cls.from_json(json.loads(path.read_text()))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"{path} is no drift history ({error!r}). Remove it: only what was seen before is lost."
            ) from error

    def save(self, path: Path) -> None:
        """Whole or not at all: a run that is killed leaves the old one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.write_text(json.dumps(self.to_json(), indent=1) + "\n")
        draft.replace(path)

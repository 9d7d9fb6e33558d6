"""What drift finds: plain, frozen data that people, JSON and Prefect can read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gatespan.planning.model import FieldChange, plain
from gatespan.planning.ranks import Cure, Difference, Rank


@dataclass(frozen=True)
class Finding:
    """One thing that is not as the topology says.

    ``key`` is the resource that it is about (of an orphan: the one that its mark names). ``id``: the thing's in the
    cloud, where there is one. ``since``: when it was last changed, as the cloud writes it; empty when it does not say.
    ``watched``: these fields are reported only. ``follows``: keys of what differs only because of this.
    """

    difference: Difference
    rank: Rank
    cure: Cure
    key: str
    kind: str
    label: str
    region: str
    text: str
    id: str = ""
    fields: tuple[FieldChange, ...] = ()
    since: str = ""
    watched: bool = False
    follows: tuple[str, ...] = ()
    why: str = ""

    @property
    def name(self) -> str:
        """The same for the same difference in every run: what a history remembers."""
        what = "watched" if self.watched else str(self.difference)
        stranger = f" {self.id}" if self.difference in (Difference.FOREIGN, Difference.ORPHAN) and self.id else ""
        return f"{what} {self.key}{stranger}"

    def to_json(self) -> dict[str, Any]:
        fields = [{"name": f.name, "old": plain(f.old), "new": plain(f.new)} for f in self.fields]
        return {**vars(self), "name": self.name, "fields": fields, "follows": list(self.follows)}


@dataclass(frozen=True)
class Report:
    """What was found, the worst first. ``at``: epoch seconds; ``checked``: how many resources were compared;
    ``unread``: what the cloud refused to show."""

    topology: str
    target: str
    at: float
    checked: int
    findings: tuple[Finding, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        return not self.findings and not self.unread

    @property
    def exit_code(self) -> int:
        """0 clean, 2 drift, 1 where something could not be read."""
        return 1 if self.unread else 2 if self.findings else 0

    def of(self, *ranks: Rank) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.rank in ranks)

    def to_json(self) -> dict[str, Any]:
        return {
            "topology": self.topology,
            "target": self.target,
            "at": self.at,
            "clean": self.clean,
            "checked": self.checked,
            "counts": {str(rank): len(self.of(rank)) for rank in Rank if self.of(rank)},
            "findings": [f.to_json() for f in self.findings],
            "unread": list(self.unread),
        }

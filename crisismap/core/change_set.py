"""What changed between two revisions, as the situation reads it from the event log."""

from __future__ import annotations

from dataclasses import dataclass, field

from crisismap.core.layer.layer import LayerVersion
from crisismap.core.people.person import Person
from crisismap.core.report.report import CurrentReport


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Everything that the situation has to reload to reach `revision`."""

    revision: int
    reports: list[CurrentReport] = field(default_factory=list)  # new and changed, in order of arrival
    layers: list[LayerVersion] = field(default_factory=list)  # new versions
    people: list[Person] | None = None  # all people, when one was added or changed; else None
    withdrawn: list[str] = field(default_factory=list)  # ids of withdrawn layers

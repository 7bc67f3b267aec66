"""What the situation reads from the event log: everything, and what changed between two revisions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

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
    removing: bool = False  # personal data was removed, so that no copy of the reports of before may be left


class Source(Protocol):
    """What the situation follows."""

    def everything(self) -> Iterator[ChangeSet]:
        """Yield the whole store as of one revision: the layers first, then the reports in batches."""

    def changes(self, after: int) -> ChangeSet:
        """Return what changed after revision `after`, as of one moment: at least what this process has committed."""

    def when_committed(self, listener: Callable[[int], None]) -> None:
        """Call `listener` with each new revision, after it is on disk, from the writer's thread."""


class Resumable(Source, Protocol):
    """A source that the situation can follow from where it was."""

    def hash_of(self, revision: int) -> bytes | None:
        """Return the hash of one event, which stands for the whole log up to it; None for one that is not there."""

    def basis(self, versions: Mapping[str, int]) -> ChangeSet:
        """Return these versions of layers, by id and number, and all people as they are now. Raises NotFound."""

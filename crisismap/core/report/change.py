"""Changes: what a use case wants written of one report, and what changed between two revisions."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from crisismap.core.event import EventDraft
from crisismap.core.layer.layer import LayerVersion
from crisismap.core.people.person import Person
from crisismap.core.place.place import Placement
from crisismap.core.report.moderation import Moderation
from crisismap.core.report.report import Addition, Contact, CurrentReport, Report
from crisismap.core.report.request import Request
from crisismap.core.report.verification import Standing


@dataclass(frozen=True, slots=True)
class Change:
    """The new parts of one report, and the event that records them.

    `then`: more events of the same moment, such as the call that follows from giving up.
    """

    event: EventDraft
    request: Request | None = None
    placement: Placement | None = None
    standing: Standing | None = None
    moderation: Moderation | None = None
    addition: Addition | None = None
    then: tuple[EventDraft, ...] = ()
    photos: tuple[str, ...] = ()  # ids of photos that become part of an answer


@dataclass(frozen=True, slots=True)
class Rectification:
    """A report as its sender corrects it; what it said before is not kept."""

    event: EventDraft
    report: Report
    contact: Contact | None | msgspec.UnsetType = msgspec.UNSET  # unset: stays, None: goes


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Everything to be read again up to `revision`: by the situation, from the event log."""

    revision: int
    reports: list[CurrentReport] = field(default_factory=list)  # new and changed, in order of arrival
    layers: list[LayerVersion] = field(default_factory=list)  # new versions
    people: list[Person] | None = None  # everybody, when somebody was added or changed
    withdrawn: list[str] = field(default_factory=list)  # ids of layers

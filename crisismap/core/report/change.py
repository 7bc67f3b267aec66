"""Changes: what a use case wants written of one report."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from crisismap.core.event import EventDraft
from crisismap.core.place.place import Placement
from crisismap.core.report.moderation import Moderation
from crisismap.core.report.report import Addition, Contact, Report
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

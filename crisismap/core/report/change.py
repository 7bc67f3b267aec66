"""Changes: what a use case writes to one report."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from crisismap.core.event import EventDraft
from crisismap.core.need.need import Need
from crisismap.core.place.place import Placement
from crisismap.core.report.moderation import Moderation
from crisismap.core.report.report import Addition, Contact, Report
from crisismap.core.report.request import Request
from crisismap.core.report.verification import Standing


@dataclass(frozen=True, slots=True)
class Change:
    """The changed parts of one report, and the event that records them.

    `then`: further events of the same moment, such as the escalation after a request cannot be met.
    """

    event: EventDraft
    request: Request | None = None
    removes_request: bool = False  # the report is no request any more
    need: Need | None = None  # of the report; None: as the request says, unchanged without one
    places: tuple[Placement, ...] | None = None  # all of them; None: unchanged
    standing: Standing | None = None
    moderation: Moderation | None = None
    addition: Addition | None = None
    then: tuple[EventDraft, ...] = ()
    photos: tuple[str, ...] = ()  # ids of photos that become part of an answer
    photos_back: tuple[str, ...] = ()  # ids of photos that are part of an answer no more, but still a team's


@dataclass(frozen=True, slots=True)
class Rectification:
    """A report with other content: as corrected by its reporter, or as a newer row of its file says.

    The former content is not kept, unless `addition` holds it.
    """

    event: EventDraft
    report: Report
    contact: Contact | None | msgspec.UnsetType = msgspec.UNSET  # unset: unchanged, None: removed
    request: Request | None = None  # None: unchanged
    places: tuple[Placement, ...] | None = None
    addition: Addition | None = None
    then: tuple[EventDraft, ...] = ()

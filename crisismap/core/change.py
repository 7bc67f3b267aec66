"""A change to one report: the parts of it that are new, and the event that says so."""

from __future__ import annotations

from dataclasses import dataclass

from crisismap.core.event import EventDraft
from crisismap.core.place.place import Placement
from crisismap.core.report.moderation import Moderation
from crisismap.core.report.report import Addition
from crisismap.core.report.request import Request
from crisismap.core.report.verification import Standing


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be written about one report in one transaction.

    `then`: more events of the same moment, such as the escalation that follows from giving up.
    """

    event: EventDraft
    request: Request | None = None
    placement: Placement | None = None
    standing: Standing | None = None
    moderation: Moderation | None = None
    addition: Addition | None = None
    then: tuple[EventDraft, ...] = ()
    photos: tuple[str, ...] = ()  # ids of photos that become part of an answer

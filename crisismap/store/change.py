"""A change to one report: what a use case wants done, and how it is written."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from crisismap.core.event import EventDraft
from crisismap.core.place import Placement
from crisismap.core.report import Addition, CurrentReport
from crisismap.core.request import Request
from crisismap.core.verification import Standing
from crisismap.store import feed, joins, media, reports


@dataclass(frozen=True, slots=True)
class Change:
    """What a use case wants done to one report: the parts that are new, and the event that says so.

    `then`: more events of the same moment, such as the call that follows from giving up.
    """

    event: EventDraft
    request: Request | None = None
    placement: Placement | None = None
    standing: Standing | None = None
    addition: Addition | None = None
    then: tuple[EventDraft, ...] = ()
    photos: tuple[str, ...] = ()  # ids of photos that become part of an answer


def write(conn: Connection, now: CurrentReport, change: Change) -> list[feed.Draft]:
    """Write a change and whatever follows from it for reports that are joined; returns the events of all."""
    events: list[feed.Draft] = [(event, now.seq) for event in (change.event, *change.then)]
    if change.request is not None:
        reports.set_request(conn, now.seq, change.request)
        events += joins.follow(conn, now, change.request, change.event)
    if change.placement is not None:
        reports.add_placement(conn, now.seq, change.placement)
    if change.standing is not None:
        reports.set_standing(conn, now.seq, change.standing)
    if change.addition is not None:
        reports.add_words(conn, now.seq, change.addition)
    if change.photos:
        media.attach(conn, now.seq, change.photos)
    return events

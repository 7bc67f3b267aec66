"""SQL of changes to stored reports: of one with all consequences, and of many requests at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from crisismap.core.errors import CrisismapError
from crisismap.core.report.change import Change
from crisismap.core.report.photo import Use
from crisismap.core.report.report import CurrentReport
from crisismap.core.report.request import Request
from crisismap.store import event_log
from crisismap.store.tables import joins, photos, reports


def apply(conn: Connection, now: CurrentReport, change: Change) -> list[event_log.Draft]:
    """Write a change and its consequences for joined reports; return the events of all."""
    events = _events(now, change)
    if change.request is not None:
        reports.set_request(conn, now.seq, change.request)
        events += joins.follow(conn, now, change.request, change.event)
    elif change.removes_request:
        reports.remove_request(conn, now.seq)
    need = change.request.need if change.need is None and change.request is not None else change.need
    if need is not None and need is not now.report.need:
        reports.set_need(conn, now.seq, need)
    if change.places is not None:
        reports.set_places(conn, now.seq, change.places)
    if change.standing is not None:
        reports.set_standing(conn, now.seq, change.standing)
    if change.moderation is not None:
        reports.set_moderation(conn, now.seq, change.moderation)
    if change.addition is not None:
        reports.add_addition(conn, now.seq, change.addition)
    if change.photos:
        photos.attach(conn, now.seq, change.photos)
    if change.photos_back:
        photos.attach(conn, now.seq, change.photos_back, use=Use.TEAM)
    return events


def change_requests(
    conn: Connection, seqs: Sequence[int], decide: Callable[[CurrentReport], Change]
) -> tuple[list[CrisismapError], list[event_log.Draft]]:
    """Write the change that `decide` returns for each request, in a few statements; one for which it raises stays.

    Versions stay, because these changes are by time alone. Of a change only the request and the events are used.
    Return the errors and the events.
    """
    errors: list[CrisismapError] = []
    changes: list[tuple[CurrentReport, Request, Change]] = []
    for now in reports.by_seqs(conn, seqs):
        try:
            change = decide(now)
        except CrisismapError as refusal:
            errors.append(refusal)
            continue
        if now.request is not None and change.request is not None:
            changes.append((now, change.request, change))
    if not changes:
        return errors, []
    reports.lock(conn, [now for now, _, _ in changes])
    reports.set_requests(conn, {now.seq: request for now, request, _ in changes})
    events: list[event_log.Draft] = []
    for now, request, change in changes:
        events += _events(now, change)
        events += joins.follow(conn, now, request, change.event)
    return errors, events


def _events(now: CurrentReport, change: Change) -> list[event_log.Draft]:
    return [(event, now.seq) for event in (change.event, *change.then)]

"""Photos of reports and of completed work: who may add and who may view them."""

from __future__ import annotations

import os
from collections.abc import Sequence

import msgspec

from crisismap.core.errors import Invalid, NotFound
from crisismap.core.event import EventDraft
from crisismap.core.people.identity import new_id
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.ports import Store
from crisismap.core.report.photo import MAX_PER_REPORT, SEEN_BY_REQUESTER, Photo, Use
from crisismap.core.report.report import CurrentReport
from crisismap.layers.sandbox.photo import read_photo
from crisismap.services.reporter.tracking import require_code
from crisismap.services.runtime.context import Context, require
from crisismap.services.runtime.guards import ConcurrencyLimits


class PhotoReceipt(msgspec.Struct, frozen=True):
    """The answer to the sender of a photo."""

    id: str
    width: int
    height: int


def add(
    store: Store, turns: ConcurrencyLimits, now_ms: int, person: Person, report_id: str, body: bytes
) -> PhotoReceipt:
    """Add a team's photo that an answer can refer to, and wait until it is on disk."""
    require(person, "photo.add")
    store.reports.one(report_id)  # raises NotFound before the costly work
    return _store_photo(store, turns, now_ms, report_id, body, Use.TEAM, person)


def add_photo_by_code(context: Context, code: str, address: str, report_id: str, body: bytes) -> PhotoReceipt:
    """Add the requester's own photo. A wrong code is counted and raises NotFound, as for an unknown report."""
    now_ms = context.clock()
    require_code(context.store, context.keys, context.guards, now_ms, code, address, report_id)
    return _store_photo(context.store, context.guards.turns, now_ms, report_id, body, Use.REPORT, STRANGER)


def add_to_new(
    store: Store, turns: ConcurrencyLimits, now_ms: int, person: Person, report_id: str, body: bytes
) -> PhotoReceipt:
    """Add the photo sent with a new report; a repeated photo is not stored twice."""
    photos = store.photos.of_report(store.reports.one(report_id).seq)
    existing = next((photo for photo in photos if photo.use is Use.REPORT), None)
    if existing is not None:
        return PhotoReceipt(existing.id, existing.width, existing.height)
    return _store_photo(store, turns, now_ms, report_id, body, Use.REPORT, person)


def view_photo(context: Context, person: Person, code: str | None, address: str, photo_id: str) -> Photo:
    """Return a photo that this person or code holder may see. Raises NotFound alike for all others."""
    if person.may("situation.read_exact"):
        return context.store.photos.one(photo_id)
    if code is None:
        raise NotFound("no_photo")
    try:
        photo = context.store.photos.one(photo_id)
    except NotFound:
        photo = None
    try:
        of = photo.report_id if photo is not None else ""
        require_code(context.store, context.keys, context.guards, context.clock(), code, address, of)
    except NotFound:
        raise NotFound("no_photo") from None
    if photo is None or photo.use not in SEEN_BY_REQUESTER:
        raise NotFound("no_photo")
    return photo


def of_requester(store: Store, current: CurrentReport) -> tuple[Photo, ...]:
    """Return the photos that the tracking code's holder may see."""
    return tuple(photo for photo in store.photos.of_report(current.seq) if photo.use in SEEN_BY_REQUESTER)


def check_usable(store: Store, report_id: str, photo_ids: Sequence[str], person: Person) -> tuple[str, ...]:
    """Return the ids without repeats if each is a team's photo of this request. Raises Invalid with the wrong one.

    A colleague's photo counts too. The result goes into `Change.photos`; the store checks again in the transaction.
    """
    require(person, "photo.add")
    if len(photo_ids) > MAX_PER_REPORT:
        raise Invalid("photo_ids", len(photo_ids), "too_many_photos", most=MAX_PER_REPORT)
    photos = store.photos.of_report(store.reports.one(report_id).seq) if photo_ids else []
    usable = {photo.id for photo in photos if photo.use is not Use.REPORT}
    for photo_id in photo_ids:
        if photo_id.lower() not in usable:
            raise Invalid("photo_ids", photo_id, "not_a_team_photo")
    return tuple(dict.fromkeys(photo_id.lower() for photo_id in photo_ids))


def _store_photo(
    store: Store, turns: ConcurrencyLimits, now_ms: int, report_id: str, body: bytes, use: Use, person: Person
) -> PhotoReceipt:
    with turns.photos.turn():
        picture = read_photo(body)
    photo_id = new_id(now_ms, os.urandom(10))
    photo = Photo(photo_id, report_id.lower(), use, picture.width, picture.height, now_ms, person.id)

    def decide(_now: CurrentReport) -> EventDraft:
        return EventDraft("photo.add", report_id.lower(), person.id, now_ms, {"photo": photo_id, "use": str(use)})

    store.photos.add(photo, picture, decide).result()
    return PhotoReceipt(photo_id, picture.width, picture.height)

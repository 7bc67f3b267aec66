"""Photos in the store, the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import os

import pytest

from crisismap.core.errors import Invalid, NotFound, TooLarge
from crisismap.core.event import EventDraft
from crisismap.core.people.identity import new_id
from crisismap.core.report.change import Change
from crisismap.core.report.photo import MAX_PER_REPORT, Photo, PhotoBytes, Use
from crisismap.core.report.report import CurrentReport
from crisismap.store.store import Store
from tests.store.making import NOW, kept, new

PICTURE = PhotoBytes(4, 3, b"\xff\xd8\xff whole \x00\xff", b"\xff\xd8\xff small")


def added(store: Store, report_id: str, use: Use = Use.TEAM, at_ms: int = NOW) -> Photo:
    """A photo that must be kept."""
    photo = Photo(new_id(NOW, os.urandom(10)), report_id, use, 4, 3, at_ms, "" if use is Use.REPORT else "p-1")
    store.photos.add(photo, PICTURE, lambda now: EventDraft("photo.add", report_id, photo.by, at_ms)).result()
    return photo


def answering(*photo_ids: str):
    def decide(now: CurrentReport) -> Change:
        return Change(EventDraft("request.answer", now.report.id, "p-1", NOW), photos=photo_ids)

    return decide


def test_gives_back_what_was_kept(store: Store) -> None:
    report = kept(store, new())
    second, first = added(store, report.id, at_ms=NOW + 5), added(store, report.id, Use.REPORT)
    assert store.photos.of_report(store.reports.one(report.id).seq) == [first, second]
    assert store.photos.one(first.id) == first
    assert store.photos.jpeg(first.id, thumb=False) == PICTURE.image
    assert store.photos.jpeg(first.id, thumb=True) == PICTURE.thumb


def test_writes_an_event_and_leaves_the_version_alone(store: Store) -> None:
    report = kept(store, new())
    added(store, report.id)
    now = store.reports.one(report.id)
    assert [event.verb for event in store.events.of_report(now.seq)] == ["report.submit", "photo.add"]
    assert now.version == 1, "a responder adds a photo and then answers with the etag seen before"
    assert now.updated_revision == report.revision + 1
    assert store.events.verify().broken_at is None


def test_keeps_no_more_photos_of_a_report_than_it_may_have(store: Store) -> None:
    report, other = kept(store, new()), kept(store, new())
    for _ in range(MAX_PER_REPORT):
        added(store, report.id)
    before = store.events.revision()
    with pytest.raises(TooLarge, match="8 photos already"):
        added(store, report.id)
    assert store.events.revision() == before
    added(store, other.id)


@pytest.mark.parametrize("photo_id", ["", "no id", new_id(NOW, bytes(10))])
def test_knows_no_photo_that_was_not_added(store: Store, photo_id: str) -> None:
    kept(store, new())
    with pytest.raises(NotFound):
        store.photos.one(photo_id)
    with pytest.raises(NotFound):
        store.photos.jpeg(photo_id, thumb=True)
    with pytest.raises(NotFound):
        added(store, photo_id)


def test_makes_photos_part_of_an_answer(store: Store) -> None:
    report = kept(store, new())
    photo = added(store, report.id)
    store.requests.change(report.id, 1, answering(photo.id)).result()
    assert store.photos.one(photo.id).use is Use.ANSWER


def test_changes_nothing_when_one_photo_cannot_be_part_of_the_answer(store: Store) -> None:
    report, other = kept(store, new()), kept(store, new())
    good, own, foreign = added(store, report.id), added(store, report.id, Use.REPORT), added(store, other.id)
    for bad in (own.id, foreign.id, "no id", new_id(NOW, bytes(10))):
        with pytest.raises(Invalid, match="photo_ids"):
            store.requests.change(report.id, 1, answering(good.id, bad)).result()
    assert store.reports.one(report.id).version == 1
    assert {store.photos.one(photo.id).use for photo in (good, foreign)} == {Use.TEAM}

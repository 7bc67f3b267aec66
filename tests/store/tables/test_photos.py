"""Photos in their table: bytes beside what is known of them, at most so many a report."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from crisismap.core.errors import Invalid, NotFound, TooLarge
from crisismap.core.people.identity import new_id
from crisismap.core.report.photo import MAX_PER_REPORT, Photo, PhotoBytes, Use
from crisismap.store.store import Store
from crisismap.store.tables import photos
from tests.store.making import NOW, kept, new

BYTES = PhotoBytes(4, 3, b"whole \x00", b"small")
Reported = tuple[Connection, str, int]


@pytest.fixture
def reported(store: Store) -> Iterator[Reported]:
    """A transaction, and the id and row of a report."""
    report_id = kept(store, new()).id
    seq = store.reports.one(report_id).seq
    with store._write_engine.begin() as conn:
        yield conn, report_id, seq


def photo(report_id: str, number: int, use: Use = Use.TEAM) -> Photo:
    return Photo(new_id(NOW, bytes([number]) * 10), report_id, use, 4, 3, NOW + number, "p-1")


def test_gives_photos_back_oldest_first_and_their_bytes_apart(reported: Reported) -> None:
    conn, report_id, seq = reported
    later, earlier = photo(report_id, 2), photo(report_id, 1, Use.REPORT)
    for each in (later, earlier):
        photos.add(conn, seq, each, BYTES)
    assert photos.of_report(conn, seq) == [earlier, later]
    assert photos.one(conn, later.id) == later
    assert (photos.data(conn, later.id, thumb=False), photos.data(conn, later.id, thumb=True)) == (
        b"whole \x00",
        b"small",
    )


def test_refuses_one_more_than_a_report_may_have(reported: Reported) -> None:
    conn, report_id, seq = reported
    for number in range(MAX_PER_REPORT):
        photos.add(conn, seq, photo(report_id, number), BYTES)
    with pytest.raises(TooLarge):
        photos.add(conn, seq, photo(report_id, 99), BYTES)
    assert len(photos.of_report(conn, seq)) == MAX_PER_REPORT


def test_makes_only_photos_of_teams_part_of_an_answer(reported: Reported) -> None:
    conn, report_id, seq = reported
    team, own = photo(report_id, 1), photo(report_id, 2, Use.REPORT)
    for each in (team, own):
        photos.add(conn, seq, each, BYTES)
    photos.attach(conn, seq, [team.id])
    assert photos.one(conn, team.id).use is Use.ANSWER
    for bad in (own.id, "no id"):
        with pytest.raises(Invalid, match="photo_ids"):
            photos.attach(conn, seq, [bad])
    with pytest.raises(Invalid):
        photos.attach(conn, seq + 1, [team.id])


def test_knows_no_photo_by_what_is_no_id(conn: Connection) -> None:
    for photo_id in ("", "no id", new_id(NOW, bytes(10))):
        with pytest.raises(NotFound):
            photos.one(conn, photo_id)

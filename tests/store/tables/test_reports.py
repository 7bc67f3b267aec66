"""Reports in their tables: versions that must be current, rows in order of arrival."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from crisismap.core.errors import NotFound, Stale
from crisismap.core.place.place import Placement, PlacementStatus
from crisismap.core.report.new_report import NewReport
from crisismap.core.report.report import Addition
from crisismap.core.report.verification import Sender, Standing
from crisismap.store.contact_cipher import ContactCipher
from crisismap.store.tables import new_reports, reports
from tests.store.making import KEY, new

CIPHER = ContactCipher(KEY)


def add(conn: Connection, *news: NewReport) -> list[object]:
    outcomes = new_reports.add(conn, news, CIPHER).outcomes
    return list(outcomes)


def test_reads_a_report_with_all_that_belongs_to_it(conn: Connection) -> None:
    sent = new()
    add(conn, sent)
    seq = reports.one(conn, sent.report.id).seq
    declined = Placement(81.0, 14.0, 5.0, "call", "p-1", 7, PlacementStatus.DECLINED)
    places = (Placement(80.0, 13.0, 5.0, "call"), Placement(80.1, 13.1, None, "map", "p-2", 8), declined)
    for some in (places[:1], places):
        reports.set_places(conn, seq, some)
    reports.set_standing(conn, seq, Standing("verified", "p-1"))
    reports.set_standing(conn, seq, Standing("disputed", "p-2"))
    for at_ms in (5, 6):
        reports.add_addition(conn, seq, Addition(at_ms, f"more {at_ms}"))
    now = reports.one(conn, sent.report.id)
    assert now.report == sent.report
    assert now.places == places
    assert now.placement == places[1], "the last one that counts"
    assert now.standing == Standing("disputed", "p-2")
    assert [each.text for each in now.additions] == ["more 5", "more 6"]


def test_reads_some_in_order_of_arrival_with_gaps_or_without(conn: Connection) -> None:
    sent = [new() for _ in range(4)]
    add(conn, *sent)
    seqs = [reports.one(conn, each.report.id).seq for each in sent]
    for wanted in ([seqs[3], seqs[0]], seqs, [seqs[2]], []):
        assert [now.seq for now in reports.by_seqs(conn, wanted)] == sorted(wanted)
    assert [now.seq for part in reports.everything(conn) for now in part] == seqs


def test_advances_only_from_the_version_that_was_seen(conn: Connection) -> None:
    sent = new()
    add(conn, sent)
    now = reports.one(conn, sent.report.id)
    reports.advance(conn, now, 1)
    assert reports.one(conn, sent.report.id).version == 2
    for seen in (1, None):
        with pytest.raises(Stale):
            reports.advance(conn, now, seen)
    with pytest.raises(Stale):
        reports.lock(conn, [now])
    reports.lock(conn, [reports.one(conn, sent.report.id)])


def test_finds_reports_by_the_fingerprint_of_a_contact_newest_first(conn: Connection) -> None:
    sent = [new() for _ in range(3)]
    marked = [NewReport(each.report, sender=Sender(contact=b"c" * 16)) for each in sent[:2]]
    add(conn, *marked, sent[2])
    seqs = [reports.one(conn, each.report.id).seq for each in sent]
    assert reports.sent_by(conn, b"c" * 16, 5) == [seqs[1], seqs[0]]
    assert reports.sent_by(conn, b"c" * 16, 1) == [seqs[1]]
    assert set(reports.senders(conn, seqs)) == set(seqs[:2])


def test_knows_no_report_by_what_is_no_id(conn: Connection) -> None:
    for report_id in ("", "x", new().report.id):
        with pytest.raises(NotFound):
            reports.one(conn, report_id)

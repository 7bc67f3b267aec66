"""Erasure: what is not named as kept is gone, and a key that was used is remembered by its mark only."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, select

from crisismap.core.place.place import Placement
from crisismap.core.report.new_report import NewReport
from crisismap.core.report.report import AGED, COARSE, ERASED, Addition, Contact, CurrentReport
from crisismap.core.report.request import Answer, Request, State
from crisismap.core.report.verification import Sender, Standing
from crisismap.store import schema
from crisismap.store.contact_cipher import ContactCipher
from crisismap.store.store import Store
from crisismap.store.tables import erasure, new_reports, quarantine, reports
from tests.store.making import KEY, NOW, new

CIPHER = ContactCipher(KEY)
HOUR = 3_600_000


@pytest.fixture
def told(conn: Connection) -> CurrentReport:
    """A report of which every table knows something."""
    news = NewReport(
        new("key", sender="s1", network="n1").report,
        contact=Contact(phone="+91 98400 12345"),
        sender=Sender(contact=b"c" * 16),
    )
    new_reports.add(conn, [news], CIPHER)
    seq = reports.one(conn, news.report.id).seq
    reports.set_places(conn, seq, [Placement(80.1, 13.1, 5.0, "call")])
    reports.set_standing(conn, seq, Standing("verified", "p-1", "she told me"))
    reports.add_addition(conn, seq, Addition(NOW, "second floor"))
    return reports.one(conn, news.report.id)


def left(conn: Connection, seq: int) -> set[str]:
    """The tables that still have rows of a report."""
    return {
        table.name
        for table in erasure.belonging()
        if conn.execute(select(table).where(table.c.report_seq == seq)).all()
    }


def test_leaves_the_fact_and_the_hour_of_a_report_and_nothing_said(conn: Connection, told: CurrentReport) -> None:
    assert {"contact", "sender", "placement", "standing", "addition"} <= left(conn, told.seq), "the control"
    assert erasure.erase(conn, told, CIPHER) == Request(state=State.WITHDRAWN)
    now = reports.one(conn, told.report.id)
    assert left(conn, told.seq) == set()
    assert (now.report.text, now.report.place_text, now.report.fields, now.report.people) == ("", "", {}, None)
    assert (now.report.lon, now.report.source, now.report.sender, now.report.client_id) == (None, None, None, None)
    assert now.report.flags == (ERASED,)
    assert (now.report.category, now.report.channel) == (told.report.category, told.report.channel)
    assert now.report.received_at == now.report.observed_at == NOW - NOW % HOUR


def test_keeps_that_an_answer_was_given_without_its_words(conn: Connection, told: CurrentReport) -> None:
    answered = Request(State.ANSWERED, answer=Answer("p-1", NOW, "her name is Asha"))
    reports.set_request(conn, told.seq, answered)
    request = erasure.erase(conn, reports.one(conn, told.report.id), CIPHER)
    assert request is not None and request.state is State.ANSWERED
    now = reports.one(conn, told.report.id).request
    assert now is not None and now.answer == Answer("p-1", NOW, "")


def test_knows_an_erased_key_again_by_its_mark(conn: Connection, told: CurrentReport) -> None:
    assert erasure.erased_keys(conn, ["key", None, "other"], CIPHER) == set()
    erasure.erase(conn, told, CIPHER)
    assert erasure.erased_keys(conn, ["key", None, "other"], CIPHER) == {"key"}
    [row] = conn.execute(select(schema.erased_key))
    assert b"key" not in bytes(row.mark)
    assert erasure.erased_keys(conn, ["key"], ContactCipher(bytes(32))) == set(), "another secret makes another mark"


def test_keeps_a_mark_by_which_a_report_is_quarantined(conn: Connection, told: CurrentReport) -> None:
    quarantine.put(conn, "n1", NOW)
    erasure.age_contact(conn, told)
    now = reports.one(conn, told.report.id).report
    assert (now.sender, now.network) == (None, "n1")
    assert left(conn, told.seq).isdisjoint({"contact", "sender"})
    assert now.text == told.report.text


def test_takes_words_out_and_leaves_the_place(conn: Connection, told: CurrentReport) -> None:
    erasure.age_text(conn, told, CIPHER)
    now = reports.one(conn, told.report.id)
    assert (now.report.text, now.report.fields, now.standing.reason) == ("", {}, "")
    assert (now.report.lon, now.placement) == (told.report.lon, told.placement)
    assert AGED in now.report.flags
    assert "addition" not in left(conn, told.seq)


def test_puts_a_cell_in_place_of_every_exact_place(conn: Connection, told: CurrentReport) -> None:
    erasure.age_place(conn, told, (80.2, 13.0, 1200.0))
    now = reports.one(conn, told.report.id)
    assert (now.report.lon, now.report.lat, now.report.accuracy_m, now.report.place_text) == (80.2, 13.0, 1200.0, "")
    assert now.placement is None
    assert COARSE in now.report.flags and now.report.text == told.report.text


def test_cuts_the_log_of_the_database_when_nobody_reads_old_pages(store: Store) -> None:
    assert erasure.scrub(store._write_engine)

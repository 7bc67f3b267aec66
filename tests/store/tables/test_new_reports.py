"""New reports in their tables: repeats told by their key, contact details sealed."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from crisismap.core.errors import KeyReused
from crisismap.core.report.new_report import Acknowledgement, NewReport
from crisismap.core.report.report import Contact
from crisismap.store import schema
from crisismap.store.contact_cipher import ContactCipher
from crisismap.store.tables import new_reports, reports
from tests.store.making import KEY, new

CIPHER = ContactCipher(KEY)


def add(conn: Connection, *news: NewReport) -> new_reports.Added:
    return new_reports.add(conn, news, CIPHER)


def rows(conn: Connection) -> int:
    return int(conn.execute(select(func.count()).select_from(schema.report)).scalar_one())


def test_tells_a_repeat_within_one_transaction_from_a_key_that_is_reused(conn: Connection) -> None:
    first, other = new("key"), new("key", payload_hash=b"another payload!")
    told = add(conn, first, new("key"), other, new()).outcomes
    assert (told[0], told[3]) == (0, 1), "positions of their events"
    repeat, reused = told[1], told[2]
    assert isinstance(repeat, Acknowledgement)
    assert (repeat.id, repeat.repeated) == (first.report.id, True)
    assert isinstance(reused, KeyReused)
    assert rows(conn) == 2


def test_seals_contact_details_and_keeps_none_where_none_were_given(conn: Connection) -> None:
    phone = Contact(phone="+91 98400 12345")
    told, silent = new(contact=phone), new(contact=Contact())
    add(conn, told, silent)
    [row] = conn.execute(select(schema.contact))
    assert b"98400" not in bytes(row.sealed)
    assert reports.contact(conn, reports.one(conn, told.report.id), CIPHER) == phone
    assert reports.contact(conn, reports.one(conn, silent.report.id), CIPHER) == Contact()


def test_gives_what_it_wrote_as_it_is_read_back(conn: Connection) -> None:
    added = add(conn, new("key"), new("key"), new(contact=Contact(email="asha@example.org")))
    seqs = [seq for _, seq in added.events]
    written = added.reports(0, frozenset())
    assert [each.updated_revision for each in written] == [0, 1]
    assert [each.seq for each in written] == seqs
    for each, read in zip(written, reports.by_seqs(conn, [seq for seq in seqs if seq is not None]), strict=True):
        assert (each.report, each.request, each.version) == (read.report, read.request, read.version)

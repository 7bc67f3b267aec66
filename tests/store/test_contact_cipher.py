"""Contact details are sealed: not to be found in the database's files, opened only with the deployment's key."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from crisismap.core.errors import Forbidden, NotFound, Unavailable
from crisismap.core.event import EventDraft
from crisismap.core.report.report import Contact, CurrentReport
from crisismap.store.engine import open_engine
from crisismap.store.store import Store
from tests.store.making import NOW, kept, new, opened

PHONE = "+91-98765-43210"
CONTACT = Contact(phone=PHONE, name="Meenakshi Sundaram")


def looking(now: CurrentReport) -> EventDraft:
    return EventDraft("contact.read", now.report.id, "p-1", NOW)


def test_opens_what_it_has_sealed_and_writes_down_the_look(store: Store) -> None:
    receipt = kept(store, new(contact=CONTACT))
    done = store.requests.read_contact(receipt.id, looking).result()
    assert (done.value, done.revision) == (CONTACT, 2)
    assert [event.verb for event in store.events.of_report(1)] == ["report.submit", "contact.read"]


def test_writes_no_event_when_the_look_is_refused(store: Store) -> None:
    receipt = kept(store, new(contact=CONTACT))

    def refuse(now: CurrentReport) -> EventDraft:
        raise Forbidden("no")

    with pytest.raises(Forbidden):
        store.requests.read_contact(receipt.id, refuse).result()
    with pytest.raises(NotFound):
        store.requests.read_contact(new().report.id, looking).result()
    assert store.events.revision() == 1


def test_gives_empty_details_when_none_were_left(store: Store) -> None:
    receipt = kept(store, new(contact=Contact()))
    assert store.requests.read_contact(receipt.id, looking).result().value.empty()


def test_leaves_no_byte_of_a_phone_number_in_the_files(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'crisismap.sqlite3'}", tmp_path) as store:
        receipt = kept(store, new("key", contact=CONTACT, text="Findable words"))
        store.requests.read_contact(receipt.id, looking).result()
        found = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
        assert b"Findable words" in found, "the files that were searched are the right ones"
        for part in (PHONE, "98765", "43210", "Meenakshi"):
            assert part.encode() not in found


@pytest.mark.postgres
def test_leaves_no_phone_number_in_any_table(postgres_db: str, tmp_path: Path) -> None:
    with opened(postgres_db, tmp_path) as store:
        kept(store, new(contact=CONTACT, text="Findable words"))
        engine = open_engine(postgres_db, writes=True)
        with engine.connect() as conn:
            named = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'spatial_ref_sys'"
            tables = conn.execute(text(named)).scalars()
            everything = "".join(
                str(row) for table in tables.all() for row in conn.execute(text(f'SELECT t::text FROM "{table}" t'))
            )
        engine.dispose()
        assert "Findable words" in everything
        assert "43210" not in everything
        assert PHONE.encode().hex() not in everything


def test_does_not_open_with_another_key(url: str, tmp_path: Path) -> None:
    with opened(url, tmp_path) as store:
        receipt = kept(store, new(contact=CONTACT))
    with opened(url, tmp_path, key=bytes(32)) as other:
        with pytest.raises(Unavailable, match="key"):
            other.requests.read_contact(receipt.id, looking).result()
        assert other.events.revision() == 1


def test_does_not_open_details_moved_to_another_report(store: Store) -> None:
    kept(store, new(contact=CONTACT))
    other = kept(store, new(contact=Contact(phone="1")))

    def swap(conn: Connection) -> tuple[None, list[tuple[EventDraft, int | None]]]:
        conn.execute(text("UPDATE contact SET sealed = (SELECT sealed FROM contact WHERE report_seq = 1)"))
        return None, []

    store.writer.run(swap).result()
    with pytest.raises(Unavailable):
        store.requests.read_contact(other.id, looking).result()

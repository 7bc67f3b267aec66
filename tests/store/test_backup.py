"""Copies of a whole database: one moment, whole or not there, with its log proven."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from crisismap.core.errors import AlreadyRunning, Misconfigured, Unavailable
from crisismap.core.event import EventDraft
from crisismap.core.layer.layer import Layer, LayerVersion, Role
from crisismap.core.layer.original import Original
from crisismap.store import backup
from tests.store.making import NOW, kept, new, opened


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of a database with two reports, one of them erased, taken while the store is open."""
    folder = tmp_path / "data"
    folder.mkdir()
    url = f"sqlite:///{folder / 'crisismap.sqlite3'}"
    with opened(url, folder) as store:
        kept(store, new(text="on the roof"))
        gone = kept(store, new(text="a name to be forgotten"))
        store.reports.erase(gone.id, EventDraft("report.erase", gone.id, "", NOW)).result()
        backup.copy_out(url, tmp_path / "copy.sqlite3")
        kept(store, new(text="after the copy"))
    return tmp_path / "copy.sqlite3"


def test_holds_what_was_there_at_one_moment(copy: Path) -> None:
    found = backup.content(copy)
    assert found.reports == 2
    assert found.chain.broken_at is None
    assert backup.knows(found.schema)
    body = copy.read_bytes()
    assert b"on the roof" in body
    assert b"after the copy" not in body
    assert b"a name to be forgotten" not in body, "free pages are left out"


def test_is_one_file_for_its_owner_only(copy: Path) -> None:
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    backup.content(copy)
    assert sorted(path.name for path in copy.parent.iterdir()) == ["copy.sqlite3", "data"]


def test_tells_what_was_erased(copy: Path) -> None:
    [(report_id, at_ms)] = backup.erasures(copy)
    assert at_ms == NOW
    with closing(sqlite3.connect(copy)) as conn:
        assert conn.execute("SELECT subject FROM event WHERE verb = 'report.erase'").fetchone() == (report_id,)


def test_writes_a_fact_into_a_copy(copy: Path) -> None:
    for value in ("one", "two"):
        backup.set_fact(copy, "epoch", value)
    with closing(sqlite3.connect(copy)) as conn:
        assert conn.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchall() == [("two",)]


def test_finds_a_copy_that_was_tampered_with_or_damaged(copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as conn, conn:
        conn.execute("UPDATE event SET actor = 'p-somebody-else' WHERE revision = 1")
    assert backup.content(copy).chain.broken_at == 1
    copy.write_bytes(copy.read_bytes()[:5000])
    with pytest.raises(Misconfigured):
        backup.content(copy)


def test_leaves_no_half_of_a_copy(tmp_path: Path) -> None:
    broken = tmp_path / "crisismap.sqlite3"
    broken.write_bytes(b"SQLite format 3\x00" + bytes(5000))
    for source in (broken, tmp_path / "none.sqlite3"):
        with pytest.raises(Unavailable):
            backup.copy_out(f"sqlite:///{source}", tmp_path / "copy.sqlite3")
    assert [path.name for path in tmp_path.iterdir()] == ["crisismap.sqlite3"]


def test_locks_a_folder_once(tmp_path: Path) -> None:
    held = backup.lock(tmp_path)
    with pytest.raises(AlreadyRunning):
        backup.lock(tmp_path)
    held.close()
    backup.lock(tmp_path).close()


@pytest.mark.postgres
def test_goes_into_an_empty_postgres_once(copy: Path, postgres_db: str) -> None:
    backup.copy_in(copy, postgres_db)
    with opened(postgres_db, copy.parent / "data") as store:
        assert store.events.verify().broken_at is None
        assert kept(store, new()).revision == 4, "numbers go on after those of the copy"
    with pytest.raises(Misconfigured):
        backup.copy_in(copy, postgres_db)


def test_original_messages_are_in_a_copy_and_come_back_with_it(url: str, tmp_path: Path) -> None:
    signed = b'<alert>\r\n\xe9<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></alert>'
    original = Original(sha256(signed).hexdigest(), "met-1", True, signed)
    layer = Layer("flooded", "Flooded", Role.HAZARD)
    with opened(url, tmp_path) as store:
        version = LayerVersion(layer, 0, NOW, (), originals=(original,))
        store.layers.put(version, EventDraft("layer.put", "flooded", "", NOW)).result()
        backup.copy_out(url, tmp_path / "copy.sqlite3")
    (tmp_path / "later").mkdir()
    with opened(f"sqlite:///{tmp_path / 'copy.sqlite3'}", tmp_path / "later") as restored:
        assert restored.layers.version("flooded", 1).originals == (original,)
        assert restored.layers.original("flooded", original.id) == signed


@pytest.mark.postgres
def test_original_messages_come_back_into_postgresql(postgres_db: str, tmp_path: Path) -> None:
    signed = b"<alert>\r\n\xe9</alert>"
    original = Original(sha256(signed).hexdigest(), "met-1", True, signed)
    url = f"sqlite:///{tmp_path / 'crisismap.sqlite3'}"
    with opened(url, tmp_path) as store:
        version = LayerVersion(Layer("flooded", "F", Role.HAZARD), 0, NOW, (), originals=(original,))
        store.layers.put(version, EventDraft("layer.put", "flooded", "", NOW)).result()
        backup.copy_out(url, tmp_path / "copy.sqlite3")
    backup.copy_in(tmp_path / "copy.sqlite3", postgres_db)
    (tmp_path / "later").mkdir()
    with opened(postgres_db, tmp_path / "later") as restored:
        assert restored.layers.original("flooded", original.id) == signed

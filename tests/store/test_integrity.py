"""Damaged database files are refused with a sentence and left as they are (rows 8 and 9 of the fault list)."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from crisismap.core.errors import CrisismapError, Misconfigured
from crisismap.store.migrate import check_database
from crisismap.store.store import Store
from tests.store.making import KEY, kept, new, opened


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A closed database with some hundred reports."""
    path = tmp_path / "crisismap.sqlite3"
    with opened(f"sqlite:///{path}", tmp_path) as store:
        for _ in range(3):
            store.reports.submit([new(text="x" * 500) for _ in range(200)]).result()
    return path


def refused(path: Path) -> str:
    before = path.read_bytes()
    with pytest.raises(Misconfigured) as refusal:
        store = Store(f"sqlite:///{path}", path.parent, KEY)
        store.close()
    assert path.read_bytes() == before, "a damaged file is evidence: it must stay as it is"
    return str(refusal.value)


def test_refuses_random_bytes_in_place_of_a_database(database: Path) -> None:
    database.write_bytes(random.Random(1).randbytes(20_000))
    assert str(database) in refused(database)


def test_refuses_a_database_that_was_emptied(database: Path) -> None:
    database.write_bytes(b"")
    assert "backup" in refused(database)


def test_refuses_a_database_that_was_cut_off(database: Path) -> None:
    whole = database.read_bytes()
    database.write_bytes(whole[: len(whole) // 2])
    assert "backup" in refused(database)


def test_refuses_a_database_with_a_broken_page(database: Path) -> None:
    whole = bytearray(database.read_bytes())
    whole[4096 * 3 : 4096 * 8] = random.Random(2).randbytes(4096 * 5)
    database.write_bytes(whole)
    assert "backup" in refused(database)


def test_says_so_in_check_as_well(database: Path) -> None:
    check_database(f"sqlite:///{database}")
    database.write_bytes(random.Random(1).randbytes(20_000))
    with pytest.raises(CrisismapError) as refusal:
        check_database(f"sqlite:///{database}")
    assert str(database) in str(refusal.value)


def test_opens_what_was_not_closed(database: Path, tmp_path: Path) -> None:
    """A copy taken as a power cut leaves it: the log has not been written back."""
    with opened(f"sqlite:///{database}", tmp_path) as store:
        receipt = kept(store, new("last"))
        cut = tmp_path / "cut"
        cut.mkdir()
        for file in tmp_path.glob("crisismap.sqlite3*"):
            (cut / file.name).write_bytes(file.read_bytes())
    with opened(f"sqlite:///{cut / database.name}", cut) as again:
        assert again.reports.one(receipt.id).report.client_id == "last"
        assert again.events.revision() == 601
        assert again.events.verify().broken_at is None

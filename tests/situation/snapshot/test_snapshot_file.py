"""The snapshot of a data folder: it is read only when it fits, and what was erased is in no byte of it."""

from __future__ import annotations

import logging
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crisismap import bootstrap
from crisismap.core.event import EventDraft
from crisismap.core.layer.layer import Role
from crisismap.core.privacy import Audience
from crisismap.services.operations.restore import EPOCH
from crisismap.services.reporter.erasure import erase
from crisismap.settings import read_settings
from crisismap.situation.snapshot import content
from crisismap.situation.snapshot.snapshot_file import HALF, NAME, SnapshotFile
from tests.conftest import FakeClock
from tests.situation.crisis import HERE, Crisis, crisis, ward
from tests.situation.snapshot.test_equality import is_rebuilt, saved, started

WORD = b"zanzibar"


@pytest.fixture
def here(tmp_path: Path, clock: FakeClock) -> Iterator[Crisis]:
    with crisis(tmp_path, clock) as opened:
        yield opened


def refused(here: Crisis, caplog: pytest.LogCaptureFixture, why: str, **other: Any) -> None:
    """A start says why it does not use the snapshot, deletes it, and has everything all the same."""
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        found = started(here.context, **other)
    assert [why in record.getMessage() for record in caplog.records] == [True], caplog.text
    assert not (here.context.settings.data_dir / NAME).exists()
    assert found.board(Audience.AGENCY).n == here.board().n
    if not other:
        is_rebuilt(found, here.context, here.clock())


def test_says_from_where_it_started(here: Crisis, caplog: pytest.LogCaptureFixture) -> None:
    here.post(**HERE)
    saved(here)
    here.post(**HERE)
    here.board()
    with caplog.at_level(logging.INFO):
        found = started(here.context)
    assert "from the snapshot of revision 2" in caplog.text
    assert found.board(Audience.AGENCY).n == 2, "what came since was read from the store"
    assert stat.S_IMODE(saved(here).stat().st_mode) == 0o600


def test_refuses_another_program_rule_or_key(here: Crisis, caplog: pytest.LogCaptureFixture) -> None:
    here.post(**HERE)
    saved(here)
    refused(here, caplog, "by another program, by other rules or with another key", code_key=b"another")


def test_refuses_one_altered_byte(here: Crisis, caplog: pytest.LogCaptureFixture) -> None:
    here.post(**HERE)
    path = saved(here)
    whole = path.read_bytes()
    at = whole.index(b"as described")
    path.write_bytes(whole[:at] + b"A" + whole[at + 1 :])
    refused(here, caplog, "it is damaged")
    path.write_bytes(whole)
    is_rebuilt(started(here.context), here.context, here.clock())
    assert path.exists(), "the control: unaltered it is used"


def test_refuses_one_cut_in_half_and_an_empty_one(here: Crisis, caplog: pytest.LogCaptureFixture) -> None:
    here.post(**HERE)
    path = saved(here)
    for part in (path.read_bytes()[: path.stat().st_size // 2], b""):
        path.write_bytes(part)
        refused(here, caplog, "it is damaged")


def test_refuses_one_of_another_database(here: Crisis, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    here.post(text="theirs", **HERE)
    path = saved(here)
    with crisis(tmp_path / "other", FakeClock(here.clock() + 1)) as other:
        other.post(text="ours", **HERE)
        other.board()
        shutil.copy(path, other.context.settings.data_dir / NAME)
        refused(other, caplog, "of another database")


def test_refuses_one_newer_than_its_database(here: Crisis, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The database was put back to a copy of yesterday; what was said since is not known any more."""
    here.post(text="yesterday", **HERE)
    here.board()
    bootstrap.databases.copy_out(here.context.settings.database_url, tmp_path / "copy")
    here.post(text="today", **HERE)
    path = saved(here)
    (tmp_path / "back").mkdir()
    shutil.move(tmp_path / "copy", tmp_path / "back" / "crisismap.sqlite3")
    shutil.copy(path, tmp_path / "back" / NAME)
    environ = {"CRISISMAP_DATA_DIR": str(tmp_path / "back"), "CRISISMAP_SECRET_KEY": "x" * 40}
    with bootstrap.opened(read_settings(environ), clock=here.clock) as context:
        assert context.views.situation.board(Audience.AGENCY).n == 1
        assert context.store.upkeep.fact(EPOCH) is None
    assert "of another database, or newer than this one" in caplog.text


def test_refuses_one_whose_layers_are_not_kept_any_more(here: Crisis, caplog: pytest.LogCaptureFixture) -> None:
    here.put("wards", Role.AREA, ward(1, 80.15, 12.95))
    here.post(**HERE)
    saved(here)
    for n in range(2, 15):
        here.put("wards", Role.AREA, ward(n, 80.15, 12.95))
    here.context.store.writer.write(lambda conn: _prune(conn)).result()
    refused(here, caplog, "a version of a layer")


def _prune(conn: Any) -> None:
    from crisismap.store.tables import layers

    layers.prune(conn, "wards", 1)


def test_holds_nothing_of_what_was_erased(here: Crisis) -> None:
    context = here.context
    report = here.post(text=WORD.decode(), place=WORD.decode(), **HERE)
    path = saved(here)
    assert WORD in path.read_bytes(), "the search can find"
    (path.parent / "deleted").hardlink_to(path)  # as somebody finds it who looks for deleted files
    erase(context.store, context.views, context.settings, here.clock(), report, "")
    assert not path.exists(), "it is gone when the erasure is acknowledged"
    assert WORD not in (path.parent / "deleted").read_bytes()
    assert WORD not in saved(here).read_bytes()


def test_forgets_what_was_erased_by_a_process_that_was_killed(here: Crisis) -> None:
    """It was erased from the database, and the program was gone before it could delete the snapshot."""
    report = here.post(text=WORD.decode(), **HERE)
    path = saved(here)
    kept = path.read_bytes()
    context = here.context
    erase(context.store, context.views, context.settings, here.clock(), report, "")
    path.write_bytes(kept)
    found = started(context)
    assert not path.exists()
    is_rebuilt(found, context, here.clock())
    assert WORD not in found.heap.content()


def test_is_not_written_while_something_is_erased(here: Crisis, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was being written is given up, and holds up nobody."""
    report = here.post(text=WORD.decode(), **HERE)
    here.board()
    context, situation = here.context, here.context.views.situation
    real, seen = content.content_of, []

    def slow(*given: Any) -> content.Content:
        found = real(*given)
        if not seen:
            done = context.store.reports.erase(report, EventDraft("report.erase", report, "", here.clock())).result()
            seen.append(done.revision)
            while not situation._snapshot._removing:  # type: ignore[union-attr]
                pass
        return found

    monkeypatch.setattr(content, "content_of", slow)
    situation.save()
    assert situation.wait(seen[0])
    assert [path.name for path in context.settings.data_dir.glob(f"{NAME}*")] == []
    assert WORD not in saved(here).read_bytes()


def test_removes_what_a_killed_process_was_writing(here: Crisis) -> None:
    half = here.context.settings.data_dir / HALF
    half.write_bytes(WORD)
    started(here.context)
    assert not half.exists()


def test_goes_on_when_the_disk_is_full(
    here: Crisis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    here.post(**HERE)
    before = saved(here).read_bytes()
    here.post(**HERE)
    here.board()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        here.context.views.situation.save()
    assert "no snapshot of the situation: No space left on device" in caplog.text
    folder = here.context.settings.data_dir
    assert ((folder / NAME).read_bytes(), (folder / HALF).exists()) == (before, False)
    is_rebuilt(started(here.context), here.context, here.clock())


def test_leaves_the_rest_of_the_disk_to_the_database(
    here: Crisis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    here.post(**HERE)
    here.board()
    usage = shutil.disk_usage(here.context.settings.data_dir)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=100 << 20))
    here.context.views.situation.save()
    assert "only 100 MB of the disk are free" in caplog.text
    assert not (here.context.settings.data_dir / NAME).exists()


def test_is_due_when_there_is_none_and_when_it_is_old(here: Crisis) -> None:
    file = SnapshotFile(here.context.settings.data_dir, here.context.store.events)
    assert file.is_due(1, 600.0)
    here.post(**HERE)
    saved(here)
    assert file.read(here.context.views.situation._fingerprint) is not None
    assert not file.is_due(2, 0.0), "nothing has happened since"
    assert not file.is_due(3, 600.0), "it is new"
    assert file.is_due(3, 0.0)
    with file.removed():
        pass
    assert file.is_due(3, 600.0), "what was erased took it along"


def test_is_not_tried_again_at_once_when_it_could_not_be_written(here: Crisis, monkeypatch: pytest.MonkeyPatch) -> None:
    file = SnapshotFile(here.context.settings.data_dir, here.context.store.events)
    here.post(**HERE)
    here.board()
    usage = shutil.disk_usage(here.context.settings.data_dir)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=0))
    assert not file.write("f", here.context.views.situation._content)
    assert not file.is_due(1, 600.0)

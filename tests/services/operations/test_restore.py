"""A backup becomes the same deployment in an empty folder; a damaged or foreign one becomes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from crisismap import bootstrap
from crisismap.core.errors import Misconfigured
from crisismap.services.operations.backup import DATABASE, FILES, MANIFEST
from crisismap.services.operations.restore import HALF, Restored, check_finished, restore
from crisismap.services.runtime.context import Context
from crisismap.settings import Settings, read_settings
from tests.conftest import FakeClock
from tests.services.deployment import ask, opened
from tests.services.operations.test_backup import taken


@pytest.fixture
def backup(context: Context, tmp_path: Path) -> Path:
    """Of a deployment with one report and one photo, with its secret."""
    ask(context, text="the house behind the temple")
    (context.settings.data_dir / "photos").mkdir()
    (context.settings.data_dir / "photos" / "p1.jpg").write_bytes(b"jpeg")
    taken(context, tmp_path / "backup", with_secret=True)
    return tmp_path / "backup"


def into(folder: Path, **environ: str) -> Settings:
    return read_settings({"CRISISMAP_DATA_DIR": str(folder), **environ})


def restored(backup: Path, folder: Path, **environ: str) -> Restored:
    return restore(bootstrap.databases, into(folder, **environ), backup)


def test_becomes_the_same_deployment(context: Context, backup: Path, tmp_path: Path, clock: FakeClock) -> None:
    report, code = ask(context, text="after the backup")
    done = restored(backup, tmp_path / "new")
    assert (done.reports, done.has_secret, done.erasures) == (1, True, 0)
    assert (tmp_path / "new" / "photos" / "p1.jpg").read_bytes() == b"jpeg"
    with opened(tmp_path / "new", clock) as again:
        [row] = again.store.reports.some([1])
        assert row.report.text == "the house behind the temple"
        assert again.keys.tracking_code == context.keys.tracking_code
        assert again.views.epoch != context.views.epoch, "readers must not trust revisions that they saw before"


def test_wants_an_empty_folder(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "mine").write_text("x")
    with pytest.raises(Misconfigured):
        restored(backup, tmp_path / "new")
    assert (tmp_path / "new" / "mine").read_text() == "x"
    assert not (tmp_path / "new" / DATABASE).exists()


def test_refuses_a_backup_that_is_not_whole(backup: Path, tmp_path: Path) -> None:
    photo = backup / FILES / "photos" / "p1.jpg"
    photo.write_bytes(b"jpeG")
    with pytest.raises(Misconfigured):
        restored(backup, tmp_path / "new")
    photo.unlink()
    with pytest.raises(Misconfigured):
        restored(backup, tmp_path / "new")
    photo.write_bytes(b"jpeg")
    manifest = (backup / MANIFEST).read_bytes()
    (backup / MANIFEST).write_bytes(manifest.replace(b"photos/p1.jpg", b"../../p1.jpg"))
    with pytest.raises(Misconfigured):
        restored(backup, tmp_path / "new")
    (backup / MANIFEST).unlink()
    with pytest.raises(Misconfigured):
        restored(backup, tmp_path / "new")
    (backup / MANIFEST).write_bytes(manifest)
    assert restored(backup, tmp_path / "new").reports == 1, "the negative control: mended, it is taken"


def test_refuses_the_secret_of_another_deployment(backup: Path, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        restored(backup, tmp_path / "new", CRISISMAP_SECRET_KEY="x" * 64)
    assert not (tmp_path / "new" / DATABASE).exists()


def test_begins_again_where_it_was_interrupted(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "new" / HALF).mkdir(parents=True)
    (tmp_path / "new" / "photos").mkdir()
    with pytest.raises(Misconfigured):
        check_finished(tmp_path / "new")
    restored(backup, tmp_path / "new")
    check_finished(tmp_path / "new")

"""A backup becomes the same deployment in an empty folder; a damaged or foreign one becomes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crisismap import bootstrap
from crisismap.core.errors import Misconfigured
from crisismap.services.operations.backup import DATABASE, FILES, MANIFEST, sha256
from crisismap.services.operations.restore import HALF, Restored, check_finished, restore
from crisismap.services.runtime.context import Context
from crisismap.settings import SECRET_FILE, Settings, read_settings
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


def listed(backup: Path, *paths: str, without: str = "") -> None:
    """Write the manifest anew: with files that are there, without one that it names."""
    manifest = json.loads((backup / MANIFEST).read_bytes())
    manifest["files"] = [each for each in manifest["files"] if each["path"] != without] + [
        {"path": path, "bytes": (backup / path).stat().st_size, "sha256": sha256(backup / path)} for path in paths
    ]
    (backup / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    "name", ["files/server.json", "files/lock", "files/crisismap.sqlite3", "files/secret", "note.txt", "files/x.part"]
)
def test_takes_no_file_that_is_none_of_a_backup(backup: Path, tmp_path: Path, name: str) -> None:
    name = name.replace("secret", SECRET_FILE)
    (backup / name).write_text("{}")
    listed(backup, name)
    with pytest.raises(Misconfigured, match="no file of a backup"):
        restored(backup, tmp_path / "new")
    assert not (tmp_path / "new" / DATABASE).exists()


@pytest.mark.parametrize("link", ["file", "folder"])
def test_follows_no_link_inside_a_backup(backup: Path, tmp_path: Path, link: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "passwd").write_text("root")
    (backup / FILES / "taken").symlink_to(tmp_path / "elsewhere" / ("passwd" if link == "file" else ""))
    listed(backup, f"{FILES}/taken" + ("/passwd" if link == "folder" else ""))
    with pytest.raises(Misconfigured, match="no file of a backup"):
        restored(backup, tmp_path / "new")
    assert not list(tmp_path.glob("new/**/passwd"))


def test_takes_a_backup_that_lies_behind_a_link(backup: Path, tmp_path: Path) -> None:
    """The control: the operator's own way to it may hold links."""
    (tmp_path / "way").symlink_to(backup)
    assert restored(tmp_path / "way", tmp_path / "new").reports == 1


def test_leaves_nothing_of_a_backup_that_it_refuses(backup: Path, tmp_path: Path) -> None:
    before = (backup / MANIFEST).read_bytes()
    listed(backup, without=DATABASE)
    with pytest.raises(Misconfigured, match="is missing"):
        restored(backup, tmp_path / "new")
    manifest = json.loads(before)
    (backup / MANIFEST).write_text(json.dumps({**manifest, "revision": manifest["revision"] + 1}))
    with pytest.raises(Misconfigured, match="log"):
        restored(backup, tmp_path / "new")
    assert not (tmp_path / "new" / HALF).exists()
    (backup / MANIFEST).write_bytes(before)
    assert restored(backup, tmp_path / "new").reports == 1


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

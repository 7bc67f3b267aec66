"""A backup holds what was there when it began, proves it with a manifest, and leaves nothing behind when it fails."""

from __future__ import annotations

import stat
from pathlib import Path

import msgspec
import pytest

from crisismap import bootstrap
from crisismap.core.errors import Forbidden, Misconfigured, NotSignedIn, Unavailable
from crisismap.services.operations.backup import DATABASE, FILES, MANIFEST, Manifest, begins, data_files, make, sha256
from crisismap.services.runtime.context import COMMAND_LINE, Context
from crisismap.settings import SECRET_FILE
from tests.people import AGENCY, STRANGER
from tests.services.deployment import ask


def taken(context: Context, target: Path, *, with_secret: bool = False) -> Manifest:
    began = begins(context.store, context.clock(), COMMAND_LINE)
    return make(bootstrap.databases, context.settings, target, began, context.clock(), with_secret=with_secret)


def test_holds_every_report_and_says_so_in_its_manifest(context: Context, tmp_path: Path) -> None:
    ask(context)
    ask(context)
    made = taken(context, tmp_path / "backup")
    assert (made.reports, made.revision, made.made_at_ms) == (2, context.store.events.revision(), context.clock())
    written = msgspec.json.decode((tmp_path / "backup" / MANIFEST).read_bytes(), type=Manifest)
    assert written == made
    [database] = [each for each in made.files if each.path == DATABASE]
    assert database.sha256 == sha256(tmp_path / "backup" / DATABASE)


def test_takes_files_along_but_neither_secret_nor_what_is_of_this_run(context: Context, tmp_path: Path) -> None:
    folder = context.settings.data_dir
    (folder / "photos").mkdir()
    (folder / "photos" / "p1.jpg").write_bytes(b"jpeg")
    (folder / "photos" / "p2.jpg.part").write_bytes(b"half")
    (folder / "server.json").write_text("{}")
    (folder / "situation.snapshot").write_bytes(b"texts")
    assert [path.as_posix() for path in data_files(context.settings)] == ["photos/p1.jpg"]
    taken(context, tmp_path / "backup")
    assert (tmp_path / "backup" / FILES / "photos" / "p1.jpg").read_bytes() == b"jpeg"
    assert not (tmp_path / "backup" / SECRET_FILE).exists()
    taken(context, tmp_path / "with", with_secret=True)
    assert (tmp_path / "with" / SECRET_FILE).read_text().strip() == context.settings.secret_key


def test_is_readable_by_its_owner_only(context: Context, tmp_path: Path) -> None:
    taken(context, tmp_path / "backup")
    for path in (tmp_path / "backup").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_is_made_in_an_empty_folder_outside_the_data(context: Context, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        taken(context, context.settings.data_dir / "backup")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "other").write_text("x")
    with pytest.raises(Misconfigured):
        taken(context, tmp_path / "taken")
    assert [path.name for path in (tmp_path / "taken").iterdir()] == ["other"]


def test_leaves_nothing_when_the_copy_is_behind(context: Context, tmp_path: Path) -> None:
    ahead = context.store.events.revision() + 5
    with pytest.raises(Unavailable):
        make(bootstrap.databases, context.settings, tmp_path / "backup", ahead, context.clock())
    assert not (tmp_path / "backup").exists()


def test_is_for_admins(context: Context) -> None:
    for person, refusal in ((STRANGER, NotSignedIn), (AGENCY, Forbidden)):
        with pytest.raises(refusal):
            begins(context.store, context.clock(), person)

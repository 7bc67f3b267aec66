"""Restoring a verified backup into an empty data folder, in one step."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path, PurePosixPath

import msgspec

from crisismap.core.errors import Misconfigured, Unavailable
from crisismap.files import sync
from crisismap.services.operations.backup import (
    DATABASE,
    FILES,
    FORMAT,
    MANIFEST,
    Databases,
    Manifest,
    belongs,
    copy_synced,
    sha256,
)
from crisismap.services.reporter.erasure import LIST, PENDING, encode_erasures, read_erasures
from crisismap.settings import SECRET_FILE, Settings, make_folder

HALF = ".restoring"  # a folder in the data folder while a restore is unfinished
EPOCH = "epoch"  # key of a fact: after a restore, known revision numbers may belong to other content
_MAY_BE_THERE = frozenset({"lock", SECRET_FILE})


class Restored(msgspec.Struct, frozen=True):
    """What was restored, and whether the secret for its tracking codes and contacts is there."""

    revision: int
    reports: int
    made_at_ms: int
    has_secret: bool
    erasures: int  # later than the backup: repeated when the deployment next opens, before it serves requests


def restore(databases: Databases, settings: Settings, source: Path, lists: Sequence[Path] = ()) -> Restored:
    """Restore a backup into the empty data folder. Raises Misconfigured, AlreadyRunning, Unavailable.

    `lists` are further lists of erasures; those beside this backup are read automatically.
    If interrupted at any moment, `serve` refuses the folder and `restore` starts over.
    """
    manifest = read_manifest(databases, source)
    check_files(source, manifest)
    folder = settings.data_dir
    make_folder(folder)
    with closing(databases.lock(folder)):
        _check_target(folder, source)
        _check_secret(settings, source, manifest)
        half = folder / HALF
        try:
            try:
                _unpack(databases, settings, source, manifest)
                erasures = _write_pending(source, half, lists)
            except Exception:  # nothing has been moved in yet
                shutil.rmtree(half, ignore_errors=True)
                raise
            _move_in(half, folder, settings.sqlite_path)
        except OSError as problem:
            raise Unavailable("backup_not_restored", folder=str(folder), problem=problem.strerror) from None
        has_secret = bool(settings.secret_key) or (folder / SECRET_FILE).exists()
    return Restored(manifest.revision, manifest.reports, manifest.made_at_ms, has_secret, erasures)


def read_manifest(databases: Databases, source: Path) -> Manifest:
    """Return the manifest of a complete backup. Raises Misconfigured."""
    try:
        manifest = msgspec.json.decode((source / MANIFEST).read_bytes(), type=Manifest)
    except OSError:
        raise Misconfigured("backup_unfinished", backup=str(source), file=MANIFEST) from None
    except msgspec.MsgspecError as problem:
        raise Misconfigured("manifest_unreadable", file=str(source / MANIFEST), problem=str(problem)) from None
    if manifest.format != FORMAT or not databases.knows(manifest.schema):
        raise Misconfigured("backup_too_new", version=manifest.crisismap)
    return manifest


def check_files(source: Path, manifest: Manifest) -> None:
    """Raise Misconfigured unless every file of the manifest is in the backup, byte for byte, and can be one of ours.

    A backup may come from elsewhere: no link in it is followed, and nothing that a server makes for itself is taken.
    """
    if all(file.path != DATABASE for file in manifest.files):
        raise Misconfigured("backup_file_missing", file=DATABASE)
    whole = source.resolve()
    for file in manifest.files:
        path = source / file.path
        if not belongs(PurePosixPath(file.path)) or path.resolve() != whole / file.path:
            raise Misconfigured("manifest_path_outside", file=MANIFEST, name=repr(file.path))
        if not path.is_file():
            raise Misconfigured("backup_file_missing", file=file.path)
        if path.stat().st_size != file.bytes or sha256(path) != file.sha256:
            raise Misconfigured("backup_file_differs", file=file.path)


def _check_target(folder: Path, source: Path) -> None:
    if source.resolve().is_relative_to(folder.resolve()):
        raise Misconfigured("backup_in_data_folder", backup=str(source), folder=str(folder))
    names = sorted({path.name for path in folder.iterdir()} - _MAY_BE_THERE)
    if HALF in names:  # ours: everything else there is from the same interrupted restore
        for path in folder.iterdir():
            if path.name not in _MAY_BE_THERE:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    elif names:
        raise Misconfigured("data_folder_not_empty", folder=str(folder), file=names[0])


def _check_secret(settings: Settings, source: Path, manifest: Manifest) -> None:
    """Check the secret: another one would change all tracking codes and open no contact."""
    path = settings.data_dir / SECRET_FILE
    for where, secret in (
        ("CRISISMAP_SECRET_KEY", settings.secret_key),
        (str(path), path.read_text().strip() if path.exists() else ""),
    ):
        if secret and replace(settings, secret_key=secret).secret_check() != manifest.secret_check:
            raise Misconfigured("secret_of_another", file=str(where), backup=str(source))


def _unpack(databases: Databases, settings: Settings, source: Path, manifest: Manifest) -> None:
    half = settings.data_dir / HALF
    half.mkdir(mode=0o700)
    for file in manifest.files:
        copy_synced(source / file.path, half / file.path)
    content = databases.content(half / DATABASE)
    if (content.chain.events, content.chain.head) != (manifest.revision, manifest.head) or not content.chain.holds:
        raise Misconfigured("backup_log_differs")
    databases.set_fact(half / DATABASE, EPOCH, secrets.token_hex(4))
    database = settings.sqlite_path
    if database is None:
        databases.copy_in(half / DATABASE, settings.database_url)
        (half / DATABASE).unlink()
    elif database.exists():
        raise Misconfigured("database_exists", database=str(database))


def _write_pending(source: Path, half: Path, lists: Sequence[Path]) -> int:
    """List the erasures made after the backup as pending and return their number."""
    erased_before = {one.id for one in read_erasures([source / LIST])}
    for path in lists:
        if not path.is_file():
            raise Misconfigured("no_erasures", file=str(path))
    beside = sorted(source.resolve().parent.glob(f"*/{LIST}"))
    later = {one.id: one for one in read_erasures([*beside, *lists]) if one.id not in erased_before}
    if later:
        (half / PENDING).write_bytes(encode_erasures(later.values()))
        sync(half / PENDING)
    return len(later)


def _move_in(half: Path, folder: Path, database: Path | None) -> None:
    """Move everything in, the database last: without it there is nothing to serve."""
    files = half / FILES
    for path in sorted(files.iterdir()) if files.is_dir() else ():
        path.replace(folder / path.name)
    for name in (LIST, PENDING, SECRET_FILE):
        if (half / name).exists():
            (half / name).replace(folder / name)
    sync(folder)
    if database is not None:
        if not database.parent.samefile(folder):  # possibly on another disk, where a move is not atomic
            near = Path(shutil.copyfile(half / DATABASE, database.with_name(database.name + ".part")))
            sync(near)
            (half / DATABASE).unlink()
            near.replace(database)
        else:
            (half / DATABASE).replace(database)
        sync(database.parent)
    sync(folder)
    shutil.rmtree(half)
    sync(folder)


def check_finished(folder: Path) -> None:
    """Raise Misconfigured for a folder in which a restore was interrupted."""
    if (folder / HALF).exists():
        raise Misconfigured("restore_interrupted", folder=str(folder))

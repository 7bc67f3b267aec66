"""Extraction of untrusted zip files: number, sizes and names are checked before anything is written."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from crisismap.core.errors import Malformed, TooLarge

MAX_MEMBERS = 500
_ARCHIVES = {".zip", ".kmz", ".7z", ".gz", ".tar", ".tgz", ".bz2", ".xz", ".rar"}
_PIECE = 1 << 20


def unpack(source: Path, folder: Path, *, max_bytes: int, what: str) -> list[Path]:
    """Write the members of `source` under `folder`, at most `max_bytes`; return the files.

    Raises Malformed (broken, encrypted, a link, a path outside, an archive in the archive) and TooLarge.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _inspect(members, max_bytes, what)
            return list(_extract(archive, members, folder, max_bytes, what))
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError) as error:
        raise Malformed("zip_damaged", what=what, problem=str(error)) from None


def is_workbook(source: Path) -> bool:
    """Return whether this zip is an XLSX, by its directory; nothing is extracted."""
    try:
        with zipfile.ZipFile(source) as archive:
            return {"[Content_Types].xml", "xl/workbook.xml"} <= set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError):
        return False


def _inspect(members: list[zipfile.ZipInfo], max_bytes: int, what: str) -> None:
    if len(members) > MAX_MEMBERS:
        raise TooLarge("zip_too_many_files", what=what, count=len(members), most=MAX_MEMBERS)
    total = sum(member.file_size for member in members)
    if total > max_bytes:
        raise TooLarge("zip_too_large", what=what, size=total, most=max_bytes)
    for member in members:
        name = member.filename
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or "\x00" in name:
            raise Malformed("zip_path_outside", what=what, name=repr(name[:80]))
        if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
            raise Malformed("zip_not_plain", what=what, name=repr(name[:80]))
        if member.flag_bits & 0x1:
            raise Malformed("zip_encrypted", what=what)
        if path.suffix.lower() in _ARCHIVES:
            raise Malformed("zip_in_zip", what=what, name=repr(name[:80]))


def _extract(
    archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], folder: Path, max_bytes: int, what: str
) -> Iterator[Path]:
    """Extract the members; declared sizes can be wrong, so the extracted bytes are counted as well."""
    written = 0
    for member in members:
        target = folder / member.filename
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as source, target.open("xb") as sink:
            while piece := source.read(_PIECE):
                written += len(piece)
                if written > max_bytes:
                    raise TooLarge("zip_unpacks_too_large", what=what, most=max_bytes)
                sink.write(piece)
        yield target

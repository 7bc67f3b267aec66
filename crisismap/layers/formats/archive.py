"""Extraction of untrusted zip files: number, sizes and names are checked before anything is written."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from crisismap.core.errors import Malformed, TooLarge
from crisismap.core.text.encoding import guess

MAX_MEMBERS = 500
_ARCHIVES = {".zip", ".kmz", ".7z", ".gz", ".tar", ".tgz", ".bz2", ".xz", ".rar"}
_PIECE = 1 << 20
_UTF8_NAME = 0x800  # flag of a member whose name is in UTF-8
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"


def unpack(source: Path, folder: Path, *, max_bytes: int, what: str) -> list[Path]:
    """Write the members of `source` under `folder`, at most `max_bytes`; return the files.

    Raises Malformed (broken, encrypted, a link, a path outside, an archive in the archive) and TooLarge.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
            files = [pair for pair in zip(_names(members), members, strict=True) if not pair[0].endswith("/")]
            _inspect(files, max_bytes, what)
            return list(_extract(archive, files, folder, max_bytes, what))
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError) as error:
        raise Malformed("zip_damaged", what=what, problem=str(error)) from None


def _names(members: list[zipfile.ZipInfo]) -> Iterator[str]:
    """Yield the paths of members: older Windows writes backslashes, and names in its own code page."""
    # Names without the flag are bytes that zipfile took for cp437.
    raw = [each.filename.encode("cp437", "replace") if not each.flag_bits & _UTF8_NAME else b"" for each in members]
    encoding = guess(raw)
    for member, name in zip(members, raw, strict=True):
        path = member.filename if name.isascii() else name.decode(encoding, errors="replace")
        yield path.replace("\\", "/")


def is_workbook(source: Path) -> bool:
    """Return whether this zip is a workbook (XLSX, XLSB or ODS), by its directory; nothing is extracted."""
    try:
        with zipfile.ZipFile(source) as archive:
            names = set(archive.namelist())
            open_document = "mimetype" in names and archive.getinfo("mimetype").file_size == len(_ODS)
            return (
                {"[Content_Types].xml", "xl/workbook.xml"} <= names
                or {"[Content_Types].xml", "xl/workbook.bin"} <= names
                or (open_document and archive.read("mimetype") == _ODS)
            )
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError):
        return False


def _inspect(members: list[tuple[str, zipfile.ZipInfo]], max_bytes: int, what: str) -> None:
    if len(members) > MAX_MEMBERS:
        raise TooLarge("zip_too_many_files", what=what, count=len(members), most=MAX_MEMBERS)
    total = sum(member.file_size for _, member in members)
    if total > max_bytes:
        raise TooLarge("zip_too_large", what=what, size=total, most=max_bytes)
    for name, member in members:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or ":" in name or "\x00" in name:
            raise Malformed("zip_path_outside", what=what, name=repr(name[:80]))
        if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
            raise Malformed("zip_not_plain", what=what, name=repr(name[:80]))
        if member.flag_bits & 0x1:
            raise Malformed("zip_encrypted", what=what)
        if path.suffix.lower() in _ARCHIVES:
            raise Malformed("zip_in_zip", what=what, name=repr(name[:80]))


def _extract(
    archive: zipfile.ZipFile, members: list[tuple[str, zipfile.ZipInfo]], folder: Path, max_bytes: int, what: str
) -> Iterator[Path]:
    """Extract the members; declared sizes can be wrong, so the extracted bytes are counted as well."""
    written = 0
    for name, member in members:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as source, target.open("xb") as sink:
            while piece := source.read(_PIECE):
                written += len(piece)
                if written > max_bytes:
                    raise TooLarge("zip_unpacks_too_large", what=what, most=max_bytes)
                sink.write(piece)
        yield target

"""Compressed copies of static files, made once by set-up: `python -m crisismap.web.packed`.

Brotli at its best takes seconds for the largest script, so nothing is compressed while somebody waits. A copy is named
by the hash of what it holds: after an upgrade of Streamlit, or a change of a file, no older copy can be taken for it.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import brotli

from crisismap.files import STATIC, mark_of

PACKED = STATIC / "vendor" / "packed"
# What a smaller file would save is less than the headers around it.
SMALLEST = 256  # bytes
_TEXT = frozenset({".css", ".geojson", ".html", ".js", ".json", ".svg", ".txt"})
# In the order of preference: Brotli is a fifth smaller, but browsers take it over HTTPS and from this machine only.
CODINGS = ("br", "gzip")


def streamlit_files() -> Path:
    """Return the folder of the desk's own page, scripts and fonts."""
    spec = find_spec("streamlit")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("streamlit")
    return Path(spec.origin).parent / "static"


def compressed(content: bytes, coding: str, *, quickly: bool = False) -> bytes:
    """Return a content in one of the codings; `quickly`: in a fiftieth of the time, a tenth larger."""
    if coding == "br":
        packed: bytes = brotli.compress(content, quality=5 if quickly else 11)
        return packed
    return gzip.compress(content, 6 if quickly else 9, mtime=0)


def is_packable(path: Path, size: int) -> bool:
    """Return whether copies of a file of that many bytes are worth it; pictures and fonts are compressed already."""
    return size >= SMALLEST and path.suffix in _TEXT


def copy_of(mark: str, coding: str, folder: Path = PACKED) -> Path:
    """Return where the copy of a content is, whether it is there or not."""
    return folder / f"{mark}.{coding}"


def pack(*sources: Path, into: Path = PACKED) -> int:
    """Make the missing copies of all files below `sources`, remove all others; return how many were made."""
    into.mkdir(parents=True, exist_ok=True)
    wanted = {copy_of(mark, coding, into): path for path, mark in _files(sources) for coding in CODINGS}
    missing = [copy for copy in wanted if not copy.is_file() or not copy.stat().st_size]
    missing.sort(key=lambda copy: -wanted[copy].stat().st_size)  # the largest first, so that all cores end together
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        for _ in workers.map(lambda copy: _write(copy, wanted[copy]), missing):
            pass
    for other in set(into.iterdir()) - set(wanted):
        other.unlink(missing_ok=True)
    return len(missing)


def _files(sources: tuple[Path, ...]) -> Iterator[tuple[Path, str]]:
    for path in sorted(path for source in sources for path in source.rglob("*")):
        if path.is_file() and is_packable(path, path.stat().st_size):
            yield path, mark_of(path.read_bytes())


def _write(copy: Path, source: Path) -> None:
    """Write a copy under another name first, so that no half of one is ever served."""
    half = copy.with_name(f"{copy.name}.{os.getpid()}")
    half.write_bytes(compressed(source.read_bytes(), copy.suffix.removeprefix(".")))
    half.replace(copy)


def main() -> int:
    """Make the copies of all static files and print the result; return the exit status."""
    made = pack(streamlit_files(), STATIC)
    print(f"Compressed copies of static files made: {made}." if made else "Compressed static files are up to date.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Integrity check of a SQLite file before anything opens it for writing: a damaged file must not be modified."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.engine import make_url

from crisismap.core.errors import Misconfigured


def check_file(url: str) -> None:
    """Raise Misconfigured for a SQLite file that is empty, truncated or damaged; other databases are not checked.

    The program never leaves an empty file behind, so an empty one has lost its content.
    """
    address = make_url(url)
    path = Path(address.database or "")
    if address.get_backend_name() != "sqlite" or not path.is_file():
        return
    if path.stat().st_size == 0:
        raise _damaged(path, "the file is empty")
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as conn:
            result = conn.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError:
        return  # locked or unreadable: opening it reports that
    except sqlite3.DatabaseError as problem:
        raise _damaged(path, str(problem)) from problem
    if result != "ok":
        raise _damaged(path, " ".join(str(result).split()))


def _damaged(path: Path, what: str) -> Misconfigured:
    return Misconfigured("database_damaged", database=str(path), problem=what)

"""Refused rows, written beside the file with the reason, to be corrected and imported again."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

from crisismap.channels.file.read import detect_format
from crisismap.channels.file.rows import Row


def write_rejects(path: Path, rejects: Iterable[Row], folder: Path | None = None) -> Path | None:
    """Write refused rows beside the file (or into `folder`) as FILE.rejects.csv or .geojsonl, with the reason.

    The rows keep their content, so that they can be corrected and imported again. None when there are none.
    """
    rows = list(rejects)
    if not rows:
        return None
    table = detect_format(path, None) in ("csv", "workbook")
    target = (folder or path.parent) / f"{path.name}.rejects.{'csv' if table else 'geojsonl'}"
    part = target.with_name(target.name + ".part")
    with part.open("w", encoding="utf-8", errors="surrogateescape", newline="") as sink:
        write = _write_table if table else _write_lines
        write(sink, rows)
    shutil.copymode(path, part)  # the same permissions as the original
    os.replace(part, target)
    return target


def _write_table(sink: IO[str], rows: Sequence[Row]) -> None:
    writer = csv.writer(sink, lineterminator="\n")
    names = next((list(row.raw) for row in rows if not isinstance(row.raw, str)), ["line"])
    writer.writerow(["reason", "row", *names])
    for row in rows:
        cells = [row.raw] if isinstance(row.raw, str) else list(row.raw.values())
        writer.writerow([row.problem, row.number, *cells])


def _write_lines(sink: IO[str], rows: Sequence[Row]) -> None:
    for row in rows:
        item = {"type": "Feature", "geometry": None, "properties": {"raw": row.raw}}
        feature = item if isinstance(row.raw, str) else row.raw
        annotated = {**feature, "reason": row.problem, "row": row.number}
        line = json.dumps(annotated, ensure_ascii=False)
        try:
            line.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:  # half a surrogate pair: only its escape can be written
            line = json.dumps(annotated)
        sink.write(line + "\n")

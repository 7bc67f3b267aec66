"""Refused rows, written beside the file with the reason, to be corrected and imported again."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO

from crisismap.channels.file.lines import Lines
from crisismap.channels.file.read import detect_format
from crisismap.channels.file.rows import Row
from crisismap.channels.file.table import read_header


def write_rejects(path: Path, rejects: Iterable[Row], folder: Path | None = None) -> Path | None:
    """Write refused rows beside the file (or into `folder`) as FILE.rejects.csv or .geojsonl, with the reason.

    The rows keep their content, so that they can be corrected and imported again. None when there are none.
    """
    rows = iter(rejects)
    first = next(rows, None)
    if first is None:
        return None
    table = detect_format(path, None) == "csv"
    target = (folder or path.parent) / f"{path.name}.rejects.{'csv' if table else 'geojsonl'}"
    part = target.with_name(target.name + ".part")
    with part.open("w", encoding="utf-8", errors="surrogateescape", newline="") as sink:
        write = _write_table if table else _write_lines
        write(sink, chain((first,), rows), path)
    shutil.copymode(path, part)  # the same permissions as the original
    os.replace(part, target)
    return target


def _write_table(sink: IO[str], rows: Iterator[Row], path: Path) -> None:
    lines = Lines(path, "", [])
    cells, delimiter = read_header(lines, path.name)
    writer = csv.writer(sink, delimiter=delimiter, lineterminator="\n")
    writer.writerow(["reason", "row", *cells])
    for row in rows:
        cells = [row.raw] if isinstance(row.raw, str) else list(row.raw.values())
        writer.writerow([row.problem, row.number, *cells])


def _write_lines(sink: IO[str], rows: Iterator[Row], path: Path) -> None:
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

"""It writes refused rows beside the file, with the reason, so that they can be mended."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path

from crisismap.channels.file.rejects import write_rejects
from tests.channels.samples import CSV, at, collection, feature, put, rows


def test_writes_refused_rows_of_a_table_so_that_they_can_be_mended(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", CSV + ',"far, away",80,13\nflooding,"short\nother,fine,80,13\n')
    path.chmod(0o600)
    found = rows(path)
    target = write_rejects(path, [row for row in found if row.problem])
    assert target == tmp_path / "a.csv.rejects.csv"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with target.open(newline="") as handle:
        written = list(csv.reader(handle))
    assert written == [
        ["reason", "row", "category", "text", "lon", "lat"],
        ["category: is required (got None)", "3", "", "far, away", "80", "13"],
        ["a quotation mark is opened and never closed, or the row is cut off", "4", 'flooding,"short'],
    ]
    mended = put(tmp_path, "b.csv", target.read_text().replace(",3,,", ",3,flooding,"))
    assert [row.problem is None for row in rows(mended)] == [True, False]


def test_writes_refused_features_as_lines(tmp_path: Path) -> None:
    good, bad = feature(at(80, 13), category="other"), feature(at(80, 13), note="kept")
    path = put(tmp_path, "a.geojson", collection(good, bad))
    target = write_rejects(path, (row for row in rows(path) if row.problem))
    assert target == tmp_path / "a.geojson.rejects.geojsonl"
    (line,) = target.read_text().splitlines()
    assert json.loads(line) == bad | {"reason": "category: is required (got None)", "row": 2}


def test_writes_nothing_when_nothing_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", CSV)
    assert write_rejects(path, []) is None
    assert list(tmp_path.iterdir()) == [path]

"""It writes refused rows beside the file, with the reason, so that they can be mended."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path

from crisismap.channels.file.rejects import write_rejects
from tests.channels.samples import CSV, at, collection, feature, mapping, put, rows


def test_writes_refused_rows_of_a_table_so_that_they_can_be_mended(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", CSV + 'flooding,"far, away",999,13\nflooding,short\n')
    path.chmod(0o600)
    found = rows(path)
    target = write_rejects(path, [row for row in found if row.problem])
    assert target == tmp_path / "a.csv.rejects.csv"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with target.open(newline="") as handle:
        written = list(csv.reader(handle))
    assert written == [
        ["reason", "row", "category", "text", "lon", "lat"],
        ["lon: must lie between -180 and 180 (got 999.0)", "3", "flooding", "far, away", "999", "13"],
        ["2 cells under 4 column names", "4", "flooding,short"],
    ]
    mended = put(tmp_path, "b.csv", target.read_text().replace("999,13", "80,13"))
    assert [row.problem is None for row in rows(mended)] == [True, False]


def test_writes_refused_bytes_as_they_were(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", b"category,text,lon,lat\nother,Panam\xe1,80,13\n")
    strict = mapping(tmp_path, 'category = "category"\ntext = "text"\nencoding = "utf-8"\n')
    target = write_rejects(path, rows(path, strict))
    assert target is not None
    assert b"Panam\xe1" in target.read_bytes()


def test_writes_refused_features_as_lines(tmp_path: Path) -> None:
    good, bad = feature(at(80, 13), category="other"), feature(at(999, 13), category="other", note="kept")
    path = put(tmp_path, "a.geojson", collection(good, bad))
    target = write_rejects(path, (row for row in rows(path) if row.problem))
    assert target == tmp_path / "a.geojson.rejects.geojsonl"
    (line,) = target.read_text().splitlines()
    assert json.loads(line) == bad | {"reason": "lon: must lie between -180 and 180 (got 999.0)", "row": 2}
    assert rows(target)[0].problem is not None


def test_writes_nothing_when_nothing_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", CSV)
    assert write_rejects(path, []) is None
    assert list(tmp_path.iterdir()) == [path]

"""It tells by its content what a file is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crisismap.core.errors import Invalid, Malformed
from tests.channels.samples import at, collection, feature, mapping, put, rows


def test_reads_newline_geojson_under_another_name(tmp_path: Path) -> None:
    line = json.dumps(feature(at(80, 13), category="other"))
    assert len(rows(put(tmp_path, "a.geojson", f"{line}\n{line}\n"))) == 2


def test_refuses_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="a folder, not a file"):
        rows(tmp_path)


def test_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no such file"):
        rows(tmp_path / "none.csv")


@pytest.mark.parametrize(
    "content",
    [b"", b"  \n", b"\xef\xbb\xbf", b"PK\x03\x04zip", b"<kml/>", b"a\x00b", b'{"type": "Topology"}', b"[1, 2]"],
)
def test_refuses_what_is_no_report_file(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Malformed):
        rows(put(tmp_path, "a.csv", content))


def test_refuses_a_file_that_is_not_what_the_mapping_reads(tmp_path: Path) -> None:
    csv_only = mapping(tmp_path, 'format = "csv"\ncategory = { value = "other" }\n')
    with pytest.raises(Malformed, match="not csv, which the mapping m reads"):
        rows(put(tmp_path, "a.geojson", collection(feature(at(80, 13)))), csv_only)

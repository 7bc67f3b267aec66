"""The gazetteer file: read by its columns, wrong rows left out with the reason, unusable files refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from crisismap.core.errors import CrisismapError, Invalid, Malformed
from crisismap.core.place.gazetteer import Gazetteer
from crisismap.layers.formats.gazetteer import MOST_NOTES, read_gazetteer


def file(folder: Path, text: str | bytes) -> Path:
    path = folder / "places.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_reads_places_with_their_other_names(tmp_path: Path) -> None:
    head = "\ufeffName,lon,lat,accuracy_m,alternatives"
    rows = (head, "Chennai,80.27,13.08,9000,சென்னை;Madras| Chennai ", "Adyar,80.25,13.0,,")
    found = read_gazetteer(file(tmp_path, "\n".join(rows)))
    assert [named.name for named in found.names] == ["Chennai", "சென்னை", "Madras", "Adyar"]
    assert [named.accuracy_m for named in found.names] == [9000, 9000, 9000, 500]
    assert (found.places, found.refused, found.notes) == (2, 0, ())


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (",80,13", "name"),
        ("x" * 300 + ",80,13", "name"),
        ("Adyar,east,13", "lon: must be a number"),
        ("Adyar,nan,13", "lon"),
        ("Adyar,80,95", "lat"),
        ("Adyar,80", "lat"),
        ("Adyar,80,13,-4", "accuracy_m"),
    ],
)
def test_leaves_a_wrong_row_out_with_the_reason(tmp_path: Path, row: str, says: str) -> None:
    found = read_gazetteer(file(tmp_path, f"name,lon,lat,accuracy_m\n{row}\nGood,80,13,\n"))
    assert [named.name for named in found.names] == ["Good"]
    assert found.refused == 1
    assert found.notes[0].startswith("row 2: ")
    assert says in found.notes[0]


def test_tells_of_some_of_many_wrong_rows(tmp_path: Path) -> None:
    found = read_gazetteer(file(tmp_path, "name,lon,lat\n" + "x,y,z\n" * 100))
    assert (found.refused, len(found.notes)) == (100, MOST_NOTES)


@pytest.mark.parametrize(
    ("text", "refusal", "says"),
    [
        ("", Invalid, "lat, lon, name"),
        ("a,b\n1,2\n", Invalid, "has no column"),
        ('name,lon,lat\n"x,1,1\n', Malformed, "not a readable CSV"),
    ],
)
def test_refuses_a_file_that_is_none(
    tmp_path: Path, text: str | bytes, refusal: type[CrisismapError], says: str
) -> None:
    with pytest.raises(refusal, match=says):
        read_gazetteer(file(tmp_path, text))
    with pytest.raises(Invalid, match="cannot be read"):
        read_gazetteer(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("gbk", "龙华区避难所"),
        ("windows-1251", "Больница на улице Ленина"),
        ("windows-1256", "مدرسة الأطفال قرب المستشفى"),
        ("koi8-r", "Школа на площади Победы"),
        ("utf-16", "Đông Hải"),
    ],
)
def test_reads_a_file_in_any_code_page_and_shows_a_guess(tmp_path: Path, encoding: str, name: str) -> None:
    found = read_gazetteer(file(tmp_path, f"name,lon,lat\n{name},80,13\n".encode(encoding)))
    assert [named.name for named in found.names] == [name]
    assert ["guessed" in note for note in found.notes] == ([] if encoding == "utf-16" else [True])


@pytest.mark.realdata
def test_reads_the_names_of_real_towns_in_many_scripts(shared_data: Path) -> None:
    found = read_gazetteer(shared_data / "basemap" / "geonames_places_demo_areas.csv")
    assert found.refused == 0
    assert found.places > 100
    names = Gazetteer(found.names)
    for text, lon, lat in (
        ("flood in ambatur", 80.16, 13.10),
        ("சென்னையில் வெள்ளம், சென்னை", 80.28, 13.09),
        ("help, #Chennai", 80.28, 13.09),
        ("काठमाडौं मा सहयोग", 85.32, 27.70),
    ):
        best = names.find(text)[0]
        assert (best.place.lon, best.place.lat) == pytest.approx((lon, lat), abs=0.05), text

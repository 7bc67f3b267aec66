"""It reads GeoJSON, whole and by lines, and keeps the good features."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from crisismap.channels.file import geojson
from crisismap.channels.file.read import read_reports
from crisismap.core.errors import Malformed, TooLarge
from crisismap.core.report.read_draft import draft_from
from tests.channels.samples import at, collection, feature, put, rows


def test_reads_geojson_by_the_names_of_the_api(tmp_path: Path) -> None:
    path = put(
        tmp_path, "a.geojson", collection(feature(at(80, 13), category="other", text="x", client_id="k", lang="ta"))
    )
    (row,) = rows(path)
    assert (row.body, row.lang) == (
        {"category": "other", "text": "x", "client_id": "k", "lon": 80.0, "lat": 13.0},
        "ta",
    )


@pytest.mark.parametrize("mark", ["", "\x1e"])
def test_reads_newline_geojson_and_keeps_good_lines(tmp_path: Path, mark: str) -> None:
    lines = [
        json.dumps(feature(at(80, 13), category="other")),
        '{"type": "Feature", "geom',
        "[1]",
        '{"category": "rescue", "text": "y"}',
    ]
    found = rows(put(tmp_path, "a.geojsonl", "".join(f"{mark}{line}\n" for line in lines)))
    assert [row.problem is None for row in found] == [True, False, False, True]
    assert found[1].raw == lines[1]
    assert "not JSON" in (found[1].problem or "")


def test_keeps_a_feature_with_nan_as_it_is_written(tmp_path: Path) -> None:
    text = collection(feature(at(80, 13), category="other"), feature(at(float("nan"), 13), category="other"))
    good, odd = rows(put(tmp_path, "a.geojson", text))
    assert (good.body["lon"], odd.body["lon"]) == (80, "NaN")
    assert draft_from(odd.body).fields == {"as_written": "lon: NaN"}


def test_keeps_a_number_that_overflows_as_it_is_written(tmp_path: Path) -> None:
    text = collection(feature(at(80, 13), category="other"), feature(at(80, 777), category="other"))
    found = rows(put(tmp_path, "a.geojson", text.replace("777", "1e400")))
    assert [row.body["lat"] for row in found] == [13, "1e400"]


def test_refuses_a_truncated_geojson_and_says_where(tmp_path: Path) -> None:
    path = put(tmp_path, "a.geojson", collection(*[feature(at(80, n), category="other") for n in range(5)])[:-40])
    with pytest.raises(
        Malformed, match="ends in the middle at line 1, column .* after 4 whole features; nothing was taken"
    ):
        rows(path)


def test_salvages_a_truncated_geojson_when_told_to(tmp_path: Path) -> None:
    path = put(tmp_path, "a.geojson", collection(*[feature(at(80, n), category="other") for n in range(5)])[:-40])
    found = list(read_reports(path, salvage=True))
    assert [row.problem is None for row in found] == [True] * 4 + [False]
    assert isinstance(found[4].raw, str)
    assert found[4].raw.startswith('{"type": "Feature"')


def test_refuses_a_bomb_of_brackets(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="nested too deeply"):
        rows(put(tmp_path, "a.geojson", "[" * 300_000))


@pytest.mark.parametrize(
    ("crs", "position"),
    [
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}, (8905559.26, 1459732.27)),
        ({"type": "EPSG", "properties": {"code": 32644}}, (391555.26, 1437434.38)),
        ({"type": "name", "properties": {"name": "EPSG:102100"}}, (8905559.26, 1459732.27)),
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4326"}}, (80, 13)),
        (None, (80, 13)),
    ],
)
def test_moves_places_of_another_system_to_wgs84(tmp_path: Path, crs: object, position: tuple[float, float]) -> None:
    cry = feature(at(*position), category="rescue", text="help")
    [row] = rows(put(tmp_path, "a.geojson", collection(cry, crs=crs)))
    assert (row.body["lon"], row.body["lat"]) == pytest.approx((80, 13), abs=1e-3)
    assert isinstance(row.raw, dict)
    assert row.raw["geometry"]["coordinates"] == list(position), "as it is in the file"
    [line] = rows(put(tmp_path, "a.geojsonl", json.dumps({**cry, "crs": crs}) + "\n"))
    assert (line.body["lon"], line.body["lat"]) == pytest.approx((80, 13), abs=1e-3)


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs"}},
        {"type": "name", "properties": {"name": "the grid of our office"}},
        {"type": "name", "properties": {"name": "EPSG:999999"}},
        {"type": "name"},
        7,
    ],
)
def test_keeps_places_of_an_unknown_system_as_text(tmp_path: Path, crs: object) -> None:
    cry = feature(at(80, 13), category="rescue", text="help")
    reader = read_reports(put(tmp_path, "a.geojson", collection(cry, crs=crs)))
    [row] = reader
    assert row.problem is None
    assert "lon" not in row.body
    draft = draft_from(row.body)
    assert "80" in str(draft.fields), "and the request is not refused"
    assert any("kept as text" in note for note in reader.notes)
    [line] = rows(put(tmp_path, "a.geojsonl", json.dumps({**cry, "crs": crs}) + "\n"))
    assert "lon" not in line.body


def test_says_once_that_a_system_is_unknown_and_moves_places_of_a_truncated_file(tmp_path: Path) -> None:
    many = [feature(at(80, 13), category="other", text=f"t{n}") for n in range(5)]
    reader = read_reports(put(tmp_path, "a.geojson", collection(*many, crs={"type": "name"})))
    assert len([row for row in reader if "lon" not in row.body]) == 5
    assert len([note for note in reader.notes if "kept as text" in note]) == 1
    known = {"type": "name", "properties": {"name": "EPSG:3857"}}
    many = [feature(at(8905559.26, 1459732.27), category="other", text=f"t{n}") for n in range(5)]
    text = json.dumps({"type": "FeatureCollection", "crs": known, "features": many})
    first = next(iter(read_reports(put(tmp_path, "b.geojson", text[:-40]), salvage=True)))
    assert (first.body["lon"], first.body["lat"]) == pytest.approx((80, 13), abs=1e-3)


def test_keeps_a_place_beyond_its_system_as_text(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "EPSG:32644"}}
    body = collection(feature(at(1e30, 1e30), category="rescue", text="help"), crs=crs)
    [row] = rows(put(tmp_path, "a.geojson", body))
    assert (row.problem, "lon" in row.body) == (None, False)


def test_reads_latin1_geojson_and_says_so(tmp_path: Path) -> None:
    text = json.dumps(json.loads(collection(feature(at(80, 13), category="other", text="Panamá"))), ensure_ascii=False)
    reader = read_reports(put(tmp_path, "a.geojson", text.encode("latin-1")))
    assert next(reader).body["text"] == "Panamá"
    assert "was guessed: cp1252, as in “Panamá”" in reader.notes[0]


def test_keeps_a_text_that_ends_in_half_a_character(tmp_path: Path) -> None:
    text = collection(feature(at(80, 13), category="other", text="HALF"), feature(at(80, 13), category="no\ud800"))
    kept, other = rows(put(tmp_path, "a.geojson", text.replace("HALF", "help \\ud800")))
    assert kept.body["text"] == "help \ufffd"
    assert other.body["category"] == "no\ufffd"


def test_keeps_a_number_too_large_for_any_coordinate_as_it_is_written(tmp_path: Path) -> None:
    text = collection(*[feature(at(lon, 13), category="other") for lon in (10**400, 80)])
    odd, good = rows(put(tmp_path, "a.geojson", text))
    assert len(draft_from(odd.body).fields["as_written"]) > 400
    assert good.body["lon"] == 80


def large(features: int, *, indent: int | None = None, **members: object) -> str:
    """A collection of some megabytes whose texts and properties look like ends of features."""
    tricky = {"text": 'said: "}, {" and \\ then ]}', "list": [{"a": 1}, {"b": [{}, {}]}], "note": "é" * 100}
    found = [
        {**feature(at(80, 13), category="other", number=number), "properties": {"category": "other", "n": number}}
        for number in range(features)
    ]
    for each in found:
        each["properties"] |= tricky
    document = {"type": "FeatureCollection", "features": found, **members}
    return json.dumps(document, ensure_ascii=False, indent=indent)


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_reads_every_feature_of_a_file_in_parts(tmp_path: Path, indent: int | None, encoding: str) -> None:
    path = tmp_path / "a.geojson"
    path.write_bytes(large(8_000, indent=indent).encode(encoding))
    reader = read_reports(path)
    assert path.stat().st_size > 3 << 20
    assert [row.raw["properties"]["n"] for row in reader] == [*range(8_000)]
    assert reader.columns.unused().keys() >= {"n", "list"}


def test_knows_the_properties_of_the_last_feature_before_the_first_row(tmp_path: Path) -> None:
    text = large(5_000).removesuffix("]}") + "," + json.dumps(feature(at(80, 13), category="other", Boat=1)) + "]}"
    reader = read_reports(put(tmp_path, "a.geojson", text))
    list(reader)
    assert reader.columns.unused()["Boat"] == 1


def test_reads_a_large_file_in_little_memory(tmp_path: Path) -> None:
    path = put(tmp_path, "a.geojson", large(40_000))
    assert path.stat().st_size > 15 << 20
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_reports(path)) == 40_000
        assert tracemalloc.get_traced_memory()[1] < 12 << 20
    finally:
        tracemalloc.stop()


def test_moves_places_of_a_system_that_is_named_behind_the_features(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
    moved = rows(put(tmp_path, "a.geojson", large(3, crs=crs)))
    assert [round(each.body["lon"], 6) for each in moved] == [round(80 / 111_319.49, 6)] * 3
    assert len(rows(put(tmp_path, "b.geojson", large(3, crs=None)))) == 3


@pytest.mark.parametrize(
    ("broken", "where"),
    [
        (lambda text: text[: len(text) // 2], "ends in the middle at line"),
        (lambda text: text[:-1], "ends in the middle at line"),
        (lambda text: text.replace('"n": 3000,', '"n": oops,'), r"is not JSON \(Expecting value\) at line"),
        (lambda text: text.replace('"n": 3000,', '"n": 3000'), r"is not JSON \(Expecting ',' delimiter\) at line"),
    ],
)
def test_says_where_a_large_file_is_broken_and_keeps_what_is_above(tmp_path: Path, broken, where: str) -> None:
    text = broken(large(6_000, indent=1))
    path = put(tmp_path, "a.geojson", text)
    with pytest.raises(Malformed, match=where) as refusal:
        read_reports(path)
    kept = list(read_reports(path, salvage=True))
    assert [row.raw["properties"]["n"] for row in kept[:-1]] == [*range(len(kept) - 1)]
    assert len(kept) - 1 == refusal.value.details["whole"] >= 2_900
    line = int(str(refusal.value.details["where"]).split()[1].rstrip(","))
    if "oops" in text:
        assert "oops" in text.splitlines()[line - 1]
    assert kept[-1].problem


def test_reads_an_odd_feature_among_good_ones(tmp_path: Path) -> None:
    text = large(4_000).replace('"n": 2000,', '"n": NaN, "lost": 1e999,')
    found = [row.raw["properties"]["n"] for row in rows(put(tmp_path, "a.geojson", text))]
    assert found == [*range(2_000), "NaN", *range(2_001, 4_000)]


def test_refuses_a_feature_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geojson, "MAX_FEATURE", 2 << 20)
    text = collection(feature(at(80, 13), category="other", text="x" * (6 << 20)))
    with pytest.raises(TooLarge, match="one feature"):
        rows(put(tmp_path, "a.geojson", text))
    with pytest.raises(TooLarge, match="beside the features"):
        rows(put(tmp_path, "b.geojson", json.dumps({"name": "x" * (6 << 20), "features": []})))


@pytest.mark.parametrize("text", ["{", '{"features"', '{"features": [', '{"features": [{"type": "Fea', "{}"])
def test_refuses_the_beginning_of_a_file(tmp_path: Path, text: str) -> None:
    with pytest.raises(Malformed):
        rows(put(tmp_path, "a.geojson", text))


@pytest.mark.parametrize("crs", ["[[1 2]]", "x", "[" * 3000, "1" * 5000, '{"a":}'])
def test_keeps_all_rows_behind_a_crs_that_is_no_value(tmp_path: Path, crs: str) -> None:
    document = collection(feature(at(80, 13), category="other"))
    path = put(tmp_path, "a.geojson", document[:-1] + f', "crs": {crs}}}')
    try:
        found = rows(path)
    except Malformed as refusal:
        assert str(refusal)
    else:
        assert len(found) == 1


@pytest.mark.parametrize("value", ["[[1 2]]", "x", "[" * 3000])
def test_refuses_a_single_feature_with_a_broken_member_in_one_sentence(tmp_path: Path, value: str) -> None:
    path = put(tmp_path, "a.geojson", f'{{"type": "Feature", "properties": {value}, "geometry": null}}')
    with pytest.raises(Malformed):
        rows(path)

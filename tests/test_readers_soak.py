"""Every reader of reports and layers is given files that nobody wrote well: no crash, nothing lost in silence.

`make soak` gives it ten minutes; SOAK_MINUTES sets another time.
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock
from zipfile import ZipFile

import msgspec
import psutil
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from crisismap.cli.deployment import LocalDeployment
from crisismap.cli.importing import import_reports
from crisismap.core.errors import CrisismapError, Malformed
from crisismap.layers.read import read_layer
from crisismap.layers.sandbox import child, sandbox
from crisismap.services.runtime.context import Context
from tests.layers.formats.test_workbook import ods
from tests.layers.formats.test_workbook import workbook as xlsx
from tests.layers.samples import LAYER, write

MINUTES = float(os.environ.get("SOAK_MINUTES", "10"))
MOST_GROWTH = 400 << 20  # bytes of memory, after the first round
AT_ONCE = 40  # examples of one round; a later one has another seed
NOW_MS = 1_796_000_000_000


@dataclass(frozen=True)
class Hostile:
    """A file under its name, and how many rows, features or entries it has; None: it is broken, nobody can say.

    `named` are words of its parts that cannot be drawn, which must be told.
    """

    name: str
    content: bytes
    count: int | None
    named: tuple[str, ...] = ()


CELL = st.sampled_from(
    [
        *("", " ", "unknown", "N/A", "about 6", "27/11/2026", "13.01", "80,21", "0", "-9999", "1e999", "NaN", "Rescue"),
        *("fire", "\ufffd", "٣٫٥", "=1+1", "POINT (80 13)", "POLYGON ((0 0, 1", '{"type": "Point"}', "13.01, 80.21"),
        *("a" * 300, "1" * 5000, "x\u202ey", "\x0b", "12:00", "true", "null"),
    ]
) | st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=20)
REPORT_NAMES = ("category", "text", "lat", "lon", "people", "observed_at", "phone", "Latitude", "geometry", "id", "Ort")
LAYER_NAMES = ("name", "lat", "lon", "status", "capacity", "geometry", "pcode", "water_level", "x", "Breite", "")
MUST = 3  # the first names are in every table: without them the file as a whole is refused
NUMBER = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0, 13.01, 80.21, 179.9, -181, 10**400])
    | CELL
    | st.none()
)
POSITION = st.lists(NUMBER, max_size=4)
RING = st.lists(st.tuples(st.floats(-190, 190), st.floats(-95, 95)).map(list) | POSITION, max_size=6)
GEOMETRY = st.none() | st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["Point", "LineString", "Polygon", "MultiPolygon", "GeometryCollection", "Circle", "", 1]
        ),
        "coordinates": POSITION | RING | st.lists(RING, max_size=2) | st.none() | CELL,
    }
)
VALUE = st.recursive(
    NUMBER | st.booleans(), lambda each: st.lists(each, max_size=3) | st.dictionaries(CELL, each, max_size=2)
)
FEATURE = st.fixed_dictionaries(
    {
        "type": st.just("Feature"),
        "geometry": GEOMETRY,
        "properties": st.none()
        | st.dictionaries(st.sampled_from((*REPORT_NAMES, *LAYER_NAMES)), VALUE, max_size=5)
        | VALUE,
    },
    optional={"id": VALUE, "bbox": VALUE},
)
PLACES = st.sampled_from(
    [
        *("13.01 80.21", "13.00,80.20 13.00,80.24 13.04,80.24 13.00,80.20", " ", "", "80.21", "NaN NaN", "13,0 80,2"),
        *("13.01 80.21 13.02", "1e400 3", "13.02,80.22 3.5", "a b", "91 181", "-0 -0"),
    ]
)


@st.composite
def tables(draw: st.DrawFn, names: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """Names and rows, each of which has something in it; a row may be too short or too long."""
    head = [*names[:MUST], *draw(st.lists(st.sampled_from(names[MUST:]), max_size=4))]
    row = st.lists(CELL, min_size=1, max_size=len(head) + 1).filter(lambda cells: any(map(str.strip, cells)))
    return head, draw(st.lists(row, min_size=1, max_size=6))


@st.composite
def csv_files(draw: st.DrawFn, names: Sequence[str]) -> Hostile:
    head, rows = draw(tables(names))
    out = io.StringIO()
    csv.writer(out, delimiter=draw(st.sampled_from(",;\t|"))).writerows([head, *rows])
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "gbk"]))
    return Hostile("a.csv", out.getvalue().encode(encoding, "replace"), len(rows) if "utf" in encoding else None)


@st.composite
def workbooks(draw: st.DrawFn, names: Sequence[str]) -> Hostile:
    head, rows = draw(tables(names))
    clean = [["".join(c for c in escape(cell) if c.isprintable()) for cell in row] for row in [head, *rows]]
    kind, make = draw(st.sampled_from([("a.xlsx", xlsx), ("a.ods", ods)]))
    return Hostile(kind, make(clean), sum(any(map(str.strip, row)) for row in clean[1:]))


def dumped(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False)


@st.composite
def geojson_files(draw: st.DrawFn) -> Hostile:
    features = draw(st.lists(FEATURE, min_size=1, max_size=6))
    if draw(st.booleans()):
        return Hostile("a.geojsonl", "\n".join(map(dumped, features)).encode(), len(features))
    members = draw(st.dictionaries(st.sampled_from(["title", "crs", "bbox", "name"]), VALUE, max_size=2))
    if draw(st.booleans()):
        features[0]["properties"] = {"category": "rescue", "text": "we are here"}  # else the whole file is refused
    document = {"type": "FeatureCollection", **members, "features": features}
    return Hostile("a.geojson", dumped(document).encode(), len(features))


@st.composite
def feeds(draw: st.DrawFn) -> Hostile:
    entries = draw(
        st.lists(st.lists(st.tuples(st.sampled_from(["point", "polygon", "line", "box"]), PLACES)), min_size=1)
    )
    items = "".join(
        f"<item><title>t{number}</title><guid>{number}</guid>"
        + "".join(f"<georss:{tag}>{place}</georss:{tag}>" for tag, place in entry)
        + "</item>"
        for number, entry in enumerate(entries)
    )
    head = '<rss version="2.0" xmlns:georss="http://www.georss.org/georss"><channel><title>t</title>'
    return Hostile("a.xml", f"{head}{items}</channel></rss>".encode(), len(entries))


# The areas of a message are drawn as one.
DRAWN = (("polygon", "13.00,80.20 13.00,80.24 13.04,80.24 13.00,80.20"), ("circle", "13.02,80.22 3.5"))


@st.composite
def warnings(draw: st.DrawFn) -> Hostile:
    areas = draw(st.lists(st.tuples(st.sampled_from(["polygon", "circle"]), PLACES), min_size=1, max_size=4))
    told = "".join(
        f"<area><areaDesc>A{n}</areaDesc><{tag}>{place}</{tag}></area>" for n, (tag, place) in enumerate(areas)
    )
    text = (
        '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>i</identifier><sender>s</sender>'
        "<sent>2026-11-27T14:31:17+00:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>"
        "<info><category>Met</category><event>Flood</event><urgency>Expected</urgency><severity>Severe</severity>"
        f"<certainty>Likely</certainty>{told}</info></alert>"
    )
    lost = tuple(f"A{number}" for number, area in enumerate(areas) if area not in DRAWN)
    return Hostile("a.xml", text.encode(), None, lost)


@st.composite
def kml_files(draw: st.DrawFn) -> Hostile:
    marks = draw(st.lists(PLACES | CELL, min_size=1, max_size=5))
    told = "".join(
        f"<Placemark><name>P{n}</name><Point><coordinates>{escape(''.join(c for c in mark if c.isprintable()))}"
        "</coordinates></Point></Placemark>"
        for n, mark in enumerate(marks)
    )
    other = draw(st.sampled_from(["", "<GroundOverlay><name>o</name></GroundOverlay>", "<NetworkLink/>"]))
    text = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{other}<Folder>{told}</Folder></Document></kml>'
    return Hostile("a.kml", text.encode(), len(marks))


def drivers(folder: Path) -> Iterator[Hostile]:
    """A good file of each kind that GDAL reads; zips of them and of others."""
    for name, driver in (("a.gpkg", "GPKG"), ("a.fgb", "FlatGeobuf"), ("a.shp", "ESRI Shapefile")):
        write(folder / name, driver)
    yield from (Hostile(name, (folder / name).read_bytes(), 2) for name in ("a.gpkg", "a.fgb"))
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        for part in folder.glob("a.*"):
            if part.suffix not in (".gpkg", ".fgb"):
                archive.write(part, part.name)
    yield Hostile("a.zip", packed.getvalue(), 2)
    gpx = (
        '<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="13" lon="80"><name>w</name></wpt></gpx>'
    )
    yield Hostile("a.gpx", gpx.encode(), 1)


@st.composite
def broken(draw: st.DrawFn, files: st.SearchStrategy[Hostile]) -> Hostile:
    """The file with bytes cut out, doubled, replaced or put in; or cut off at the end."""
    file = draw(files)
    content = bytearray(file.content)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, max(len(content) - 1, 0)))
        end = min(len(content), start + draw(st.integers(0, 40)))
        match draw(st.sampled_from(["cut", "double", "replace", "end"])):
            case "cut":
                del content[start:end]
            case "double":
                content[start:start] = content[start:end] * draw(st.sampled_from([1, 3, 500]))
            case "replace":
                content[start:end] = draw(st.binary(max_size=40) | st.sampled_from([b"[" * 5000, b'"', b"<", b"\x00"]))
            case _:
                del content[start:]
    return Hostile(file.name, bytes(content), None)


def in_process(parser: str, documents: Sequence[bytes], kind: Any, what: str) -> list[Any]:
    """Parse as the sandbox's child does, but let what it would hide be seen."""
    found: list[Any] = []
    for document in documents:
        try:
            found.append(msgspec.json.decode(msgspec.json.encode(child.parser(parser)(document)), type=kind))
        except Malformed as refusal:
            found.append(refusal)
    return found


def import_whole(context: Context, file: Hostile) -> None:
    """Import a file of reports twice: each row is stored, updated, repeated or refused."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / file.name
        path.write_bytes(file.content)
        for _ in range(2):
            try:
                done = import_reports(LocalDeployment(context), path, None, progress=False)
            except CrisismapError as refusal:
                assert str(refusal)
                return
            assert done.read == done.stored + done.updated + done.repeated + done.refused
            assert bool(done.refused) is (done.rejects_file is not None)
            if file.count is not None:
                assert done.read == file.count


def read_whole(file: Hostile) -> None:
    """Read a file of a layer: each feature is there or refused, and what is refused is named."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / file.name
        path.write_bytes(file.content)
        try:
            version = read_layer(path, layer=LAYER, now_ms=NOW_MS, as_of_ms=None)
        except CrisismapError as refusal:
            assert str(refusal)
            return
    if version.refused:
        assert version.notes
    if file.count is not None:
        assert len(version.features) + version.refused == file.count, version.notes
    for word in file.named:
        assert word in f"{version.notes} {[each.properties for each in version.features]}", (word, version.notes)


def rounds(check: Callable[[Hostile], None], files: st.SearchStrategy[Hostile], share: float) -> int:
    """Try files for a share of the time, in rounds of other seeds; how many rounds. Memory stays bounded."""
    until, done, first = time.monotonic() + 60 * MINUTES * share, 0, 0
    while time.monotonic() < until:
        quiet = settings(max_examples=AT_ONCE, deadline=None, database=None, suppress_health_check=[*HealthCheck])
        seed(random.randrange(1 << 32))(quiet(given(files)(lambda file: check(file))))()
        rss = psutil.Process().memory_info().rss
        first = first or rss
        assert rss - first < MOST_GROWTH
        done += 1
    return done


@pytest.mark.soak
@pytest.mark.timeout(60 * MINUTES + 600)
def test_loses_no_row_of_any_file_of_reports(context: Context) -> None:
    files = csv_files(REPORT_NAMES) | workbooks(REPORT_NAMES) | geojson_files()
    with mock.patch.object(sandbox, "parse", in_process):
        assert rounds(lambda file: import_whole(context, file), files | broken(files), 0.4)


@pytest.mark.soak
@pytest.mark.timeout(60 * MINUTES + 600)
def test_loses_no_feature_of_any_document() -> None:
    files = csv_files(LAYER_NAMES) | workbooks(LAYER_NAMES) | geojson_files() | feeds() | warnings()
    with mock.patch.object(sandbox, "parse", in_process):
        assert rounds(read_whole, files | broken(files), 0.3)


@pytest.mark.soak
@pytest.mark.timeout(60 * MINUTES + 600)
def test_loses_no_feature_of_what_only_the_sandbox_reads(tmp_path: Path) -> None:
    files = st.sampled_from([*drivers(tmp_path)]) | kml_files()
    assert rounds(read_whole, files | broken(files), 0.3)


def test_notices_a_row_and_a_feature_that_vanish(context: Context) -> None:
    """The negative control: the same checks on a file that is said to hold one more."""
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [80.2, 13]},
        "properties": {"category": "fire"},
    }
    file = Hostile("a.geojson", dumped({"type": "FeatureCollection", "features": [feature]}).encode(), 2)
    with pytest.raises(AssertionError):
        import_whole(context, file)
    with pytest.raises(AssertionError):
        read_whole(file)

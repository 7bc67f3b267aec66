"""Memory per report, and how long a situation takes to build after a start."""

from __future__ import annotations

import ctypes
import gc
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks import data, servers
from benchmarks.figure import Figure, Side, Size, figure
from benchmarks.rounds import Piece, PieceResult, interleave
from benchmarks.seeding import seeded_folder
from benchmarks.source import KEY, rules, situation
from benchmarks.worker import Numbers
from crisismap.core.privacy import Audience
from crisismap.core.report.report import CurrentReport
from crisismap.settings import read_settings
from crisismap.situation.board.columns import LAYOUT
from crisismap.situation.situation import Situation

SIZES = {  # reports in the small and in the large situation, in the started server, areas
    "full": (100_000, 1_000_000, 100_000, 1_000),
    "quick": (20_000, 100_000, 20_000, 1_000),
    "tiny": (1_000, 1_000, 500, 20),
}
SHELTERS = 2_000


def resident_bytes() -> int:
    """Return bytes of memory of this process after releasing everything unused."""
    gc.collect()
    with suppress(OSError, AttributeError):  # other C libraries have no such call
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    rss: int = psutil.Process().memory_info().rss
    return rss


def ours(n: int, areas: int) -> Iterator[Numbers]:
    """Measure a whole situation: both audiences, texts, merged facts. One round, as memory is never all released."""
    layers = [data.areas(areas), data.shelters(min(SHELTERS, 2 * areas))]
    empty, _ = situation(1_000, layers=layers)  # code, rules and layers are loaded before the first measurement
    yield {}
    before = resident_bytes()
    found, read_s = situation(n, layers=layers)
    growth = resident_bytes() - before
    texts = len(found.heap)
    row = sum(kind().itemsize for kind in LAYOUT.values())
    rows = sum(found.board(audience).n for audience in Audience)
    yield {"bytes": growth / n, "us": 1e6 * read_s / n, "least": (rows * row + texts) / n}
    del empty


def objects(n: int) -> Iterator[Numbers]:
    """Measure the same reports as a list of the store's objects."""
    _ = list(data.reports(1_000))
    yield {}
    before = resident_bytes()
    reports = list(data.reports(n))
    yield {"bytes": (resident_bytes() - before) / n}
    del reports


def frame(n: int) -> Iterator[Numbers]:
    """Measure the same reports as a GeoDataFrame."""
    _ = _geo(list(data.reports(1_000)))
    yield {}
    before = resident_bytes()
    table = _geo(list(data.reports(n)))
    yield {"bytes": (resident_bytes() - before) / n}
    del table


def _geo(parts: list[list[CurrentReport]]) -> Any:
    import geopandas as gpd
    import pandas as pd

    rows = [
        {
            "id": one.report.id,
            "category": one.report.category,
            "text": one.report.text,
            "observed_at": one.report.observed_at,
            "received_at": one.report.received_at,
            "accuracy_m": one.report.accuracy_m,
            "people": one.report.people,
            "asks": one.asks,
            "state": str(one.request.state) if one.request else None,
            "lang": one.report.lang,
            "channel": one.report.channel,
            "lon": one.report.lon,
            "lat": one.report.lat,
        }
        for part in parts
        for one in part
    ]
    table = pd.DataFrame(rows)
    for name in ("category", "state", "lang", "channel"):
        table[name] = table[name].astype("category")
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs=4326)


def start(n: int, areas: int) -> Iterator[Numbers]:
    """Measure building the situation from a filled store, and the server's memory on it."""
    with tempfile.TemporaryDirectory() as folder:
        full = seeded_folder(Path(folder) / "full", n, areas).folder
        none = seeded_folder(Path(folder) / "none", 0, areas).folder
        yield {}
        while True:
            resident = [_server_rss(home) for home in (none, full)]
            yield {"s": _start_s(full), "bytes": (resident[1] - resident[0]) / n}


def _start_s(folder: Path) -> float:
    from crisismap.store.store import Store

    settings = read_settings(
        {"CRISISMAP_DATA_DIR": str(folder), "CRISISMAP_SECRET_KEY": "made up for a benchmark " * 2}
    )
    with closing(Store(settings.database_url, folder, settings.key("contact"))) as store:
        began = time.perf_counter()
        found = Situation(store.events, rules(), code_key=KEY)
        found.start()
        seconds = time.perf_counter() - began
        found.stop()
    return seconds


def _server_rss(folder: Path) -> int:
    with servers.crisismap(folder) as server:
        time.sleep(0.5)
        return server.rss()


def plain_start(n: int, areas: int) -> Iterator[Numbers]:
    """Measure the start of a plain geopandas program: read the table, make points, join the areas."""
    import geopandas as gpd
    import pandas as pd

    features = data.areas(areas).features
    shapes = np.array([one.geometry for one in features], object)
    districts = gpd.GeoDataFrame({"area": [one.code for one in features]}, geometry=shapes, crs=4326)
    with tempfile.TemporaryDirectory() as folder:
        path = seeded_folder(Path(folder) / "data", n).folder / "crisismap.sqlite3"
        yield {}
        while True:
            began = time.perf_counter()
            with closing(sqlite3.connect(path)) as connection:
                table = pd.read_sql_query(
                    "SELECT report.*, request.state, request.claimed_by, request.claim_until FROM report "
                    "LEFT JOIN request ON request.report_seq = report.seq",
                    connection,
                )
            points = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs=4326)
            gpd.sjoin(points, districts, how="left", predicate="intersects")
            yield {"s": time.perf_counter() - began}


class Memory:
    """The memory job; see docs/performance.md."""

    name = "memory"
    title = "Memory per report and start time"

    def run(self, size: Size) -> list[Figure]:
        """Measure situations of two sizes, a list of objects and a GeoDataFrame beside them, and starts of either."""
        small, large, behind, areas = SIZES[size.name]
        here = "benchmarks.jobs.memory"
        figures: list[Figure] = []
        for n in dict.fromkeys((small, large)):
            # Memory hardly varies between rounds, and each needs a new process: one is enough for the large one.
            rounds = [_memory(here, n, areas) for _ in range(1 if n == large else size.rounds)]
            figures += _figures(rounds, n)
        found = interleave(
            [
                Piece("start", f"{here}:start", {"n": behind, "areas": areas}),
                Piece("plain", f"{here}:plain_start", {"n": behind, "areas": areas}),
            ],
            size.rounds,
        )
        group = f"start with {behind:,} reports"
        return [
            *figures,
            figure(group, "situation from the store, all merged", found["start"].values("s"), "s", Side.OURS),
            figure(
                group, "pandas.read_sql and geopandas.sjoin", found["plain"].values("s"), "s", Side.PEER, "areas only"
            ),
            figure("server memory of a report", "crisismap serve", found["start"].values("bytes"), "bytes", Side.OURS),
        ]


def _memory(here: str, n: int, areas: int) -> dict[str, PieceResult]:
    return interleave(
        [
            Piece("ours", f"{here}:ours", {"n": n, "areas": areas}),
            Piece("objects", f"{here}:objects", {"n": n}),
            Piece("frame", f"{here}:frame", {"n": n}),
        ],
        1,
    )


def _figures(rounds: list[dict[str, PieceResult]], n: int) -> list[Figure]:
    def values(label: str, name: str) -> list[float]:
        return [found[label].rounds[0][name] for found in rounds]

    group = f"memory of one report, {n:,} of them"
    return [
        figure(group, "situation, both audiences, merged", values("ours", "bytes"), "bytes", Side.OURS),
        figure(group, "GeoDataFrame", values("frame", "bytes"), "bytes", Side.PEER, "one audience, nothing merged"),
        figure(
            group, "list of objects", values("objects", "bytes"), "bytes", Side.PEER, "one audience, nothing merged"
        ),
        figure(group, "columns and texts, no spare room", values("ours", "least"), "bytes", Side.NOTE, "computed"),
        figure(f"taking in one report, {n:,} of them", "situation", values("ours", "us"), "us", Side.OURS),
    ]

"""The list of unanswered requests: filtered, sorted, the first page of it as JSON."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import numpy as np

from benchmarks import data
from benchmarks.figure import Figure, Side, Size, figure
from benchmarks.rounds import Piece, interleave
from benchmarks.source import situation
from benchmarks.worker import Numbers
from crisismap.core.privacy import Audience
from crisismap.services.lists.read import request_rows
from crisismap.situation.board.selection import ALL, Selection
from crisismap.situation.board.unanswered import page
from crisismap.situation.record.features import Features

SIZES = {"full": (10_000, 1_000), "quick": (10_000, 1_000), "tiny": (300, 20)}  # unanswered requests, areas
REPEATS = 15
LIMIT = 100
BOX = (76.0, 12.0, 82.0, 18.0)
FILTER = Selection(bbox=BOX, category=("rescue", "water_food"), priority=(1, 2))


def ours(n: int, areas: int) -> Iterator[Numbers]:
    """Measure what GET /api/v1/requests does between request and response."""
    merged, _ = situation(n, mix=data.Mix(asking=1.0, open=1.0), layers=[data.areas(areas)])
    board, encoder = merged.board(Audience.AGENCY), Features(merged)

    def run(selection: Selection) -> int:
        found = page(board, request_rows(merged, board, selection, data.NOW_MS), limit=LIMIT)
        encoder.items(board, found.rows, data.NOW_MS)
        return found.total

    yield {}
    while True:
        yield {"all_ms": _cpu_ms(lambda: run(ALL)), "filtered_ms": _cpu_ms(lambda: run(FILTER)), "found": run(FILTER)}


def least(n: int) -> Iterator[Numbers]:
    """Measure only sorting by two columns; no lower bound, since SQL with an index need not sort at all."""
    rng = np.random.default_rng(1)
    priority, received = rng.integers(1, 5, n, dtype=np.uint8), rng.integers(0, data.SPAN_MS, n)
    yield {}
    while True:
        yield {"all_ms": _cpu_ms(lambda: np.lexsort((received, priority)))}


def _rows(n: int) -> list[dict[str, Any]]:
    """Return the same requests with the priorities that ours gave them."""
    merged, _ = situation(n, mix=data.Mix(asking=1.0, open=1.0))
    board = merged.board(Audience.AGENCY)
    encoder = Features(merged)
    found: list[dict[str, Any]] = msgspec.to_builtins(encoder.records(board, np.arange(board.n), data.NOW_MS))
    return found


def with_pandas(n: int) -> Iterator[Numbers]:
    """Measure a DataFrame: masks, sort_values, head, to_json."""
    import pandas as pd

    frame = pd.DataFrame(_rows(n))
    for name in ("hazards", "disagrees", "flags", "reasons", "area", "nearest_shelter"):
        frame[name] = frame[name].astype(str)
    west, south, east, north = BOX

    def run(filtered: bool) -> int:
        keep = frame["state"].isin(["open", "claimed"])
        if filtered:
            keep &= frame["category"].isin(FILTER.category) & frame["priority"].isin(["P1", "P2"])
            keep &= frame["lon"].between(west, east) & frame["lat"].between(south, north)
        found = frame[keep].sort_values(["priority", "received_at"])
        found.head(LIMIT).to_json(orient="records")
        return len(found)

    yield {}
    while True:
        yield {"all_ms": _cpu_ms(lambda: run(False)), "filtered_ms": _cpu_ms(lambda: run(True)), "found": run(True)}


def with_sqlite(n: int) -> Iterator[Numbers]:
    """Measure SQL on a table in memory with an index on (state, priority, received_at), and a count beside the page."""
    import msgspec

    connection = sqlite3.connect(":memory:")
    columns = ("id", "state", "priority", "received_at", "category", "lon", "lat", "text", "body")
    connection.execute(f"CREATE TABLE request ({', '.join(columns)})")
    rows = [
        tuple(row.get(name) for name in columns[:-1]) + (msgspec.json.encode(row).decode(),) for row in _rows(n)
    ]  # fmt: skip
    connection.executemany(f"INSERT INTO request VALUES ({', '.join('?' * len(columns))})", rows)
    connection.execute("CREATE INDEX listed ON request (state, priority, received_at)")
    connection.execute("ANALYZE")
    west, south, east, north = BOX
    narrow = " AND category IN ('rescue', 'water_food') AND priority IN ('P1', 'P2') AND lon BETWEEN ? AND ? AND lat BETWEEN ? AND ?"  # noqa: E501

    def run(filtered: bool) -> int:
        condition = "state IN ('open', 'claimed')" + (narrow if filtered else "")
        values = (west, east, south, north) if filtered else ()
        total: int = connection.execute(f"SELECT count(*) FROM request WHERE {condition}", values).fetchone()[0]
        page_query = f"SELECT body FROM request WHERE {condition} ORDER BY priority, received_at LIMIT {LIMIT}"
        "[" + ",".join(body for (body,) in connection.execute(page_query, values)) + "]"
        return total

    yield {}
    while True:
        yield {"all_ms": _cpu_ms(lambda: run(False)), "filtered_ms": _cpu_ms(lambda: run(True)), "found": run(True)}


def _cpu_ms(call: Callable[[], object]) -> float:
    """Return the median milliseconds of CPU time of this thread."""
    times = []
    for _ in range(REPEATS):
        began = time.thread_time()
        call()
        times.append(time.thread_time() - began)
    return 1000 * float(np.median(times))


class Unanswered:
    """The unanswered job; see docs/performance.md."""

    name = "unanswered"
    title = "List of unanswered requests"

    def run(self, size: Size) -> list[Figure]:
        """Measure all, and filtered ones, beside pandas and SQL on the same rows."""
        n, areas = SIZES[size.name]
        here = "benchmarks.jobs.unanswered"
        found = interleave(
            [
                Piece("ours", f"{here}:ours", {"n": n, "areas": areas}),
                Piece("pandas", f"{here}:with_pandas", {"n": n}),
                Piece("sqlite", f"{here}:with_sqlite", {"n": n}),
                Piece("least", f"{here}:least", {"n": n}),
            ],
            size.rounds,
        )
        totals = {label: found[label].rounds[0]["found"] for label in ("ours", "pandas", "sqlite")}
        if len(set(totals.values())) != 1:
            raise RuntimeError(f"the lists do not agree on how many fit: {totals}")
        figures = []
        for value, what in (("all_ms", "all"), ("filtered_ms", f"{totals['ours']:,.0f} by box, category and priority")):
            group = f"first {LIMIT} of {n:,} unanswered requests, {what}"
            figures.append(figure(group, "board, page, JSON", found["ours"].values(value), "ms CPU", Side.OURS))
            figures.append(figure(group, "pandas", found["pandas"].values(value), "ms CPU", Side.PEER))
            note = "rows and index ready, JSON made before"
            figures.append(figure(group, "SQLite in memory", found["sqlite"].values(value), "ms CPU", Side.PEER, note))
            if value == "all_ms":
                figures.append(figure(group, "ordering alone", found["least"].values(value), "ms CPU", Side.NOTE))
        return figures

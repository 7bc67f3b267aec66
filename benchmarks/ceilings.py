"""What this machine can do at most at the time of a run: bare HTTP answers and `executemany` rows a second.

The host of a virtual machine moves by three times from hour to hour. As a share of these, figures of two runs compare.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.figure import Figure, Side, Size
from benchmarks.rounds import Piece, interleave

SIZES = {"full": (8_000, 20_000), "quick": (4_000, 10_000), "tiny": (64, 1_000)}  # requests, rows
ROWS = ("reports/s", "posts/s")  # units of what is stored
SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
HERE = "benchmarks.jobs.ingest"


@dataclass(frozen=True, slots=True)
class Ceilings:
    """Answers a second of uvicorn that keeps nothing (64 connections), and rows a second of `sqlite3.executemany`."""

    answers: float
    rows: float


def measure(size: Size) -> Ceilings:
    """Measure both, for about a second each."""
    requests, rows = SIZES[size.name]
    found = interleave(
        [
            Piece("http", f"{HERE}:ceiling", {"count": requests}),
            Piece("rows", f"{HERE}:raw_sqlite", {"batch_count": rows}),
        ],
        1,
    )
    return Ceilings(found["http"].values("rate")[0], found["rows"].values("batch_rate")[0])


def mean(found: Sequence[Ceilings]) -> Ceilings:
    """Return the mean of those before and after a job."""
    return Ceilings(statistics.mean(one.answers for one in found), statistics.mean(one.rows for one in found))


def share(one: Figure, ceilings: Ceilings | None) -> str:
    """Return a rate in percent of the ceilings, a duration in bare answers; "" for what is neither, and for bounds."""
    if ceilings is None or not one.value > 0 or one.side in (Side.FLOOR, Side.CEILING):
        return ""
    if one.unit.endswith("/s"):
        shares = [(one.value / ceilings.answers, "bare HTTP")]
        if one.unit in ROWS:
            shares.append((one.value / ceilings.rows, "executemany"))
        return ", ".join(f"{_short(100 * value)} % of {name}" for value, name in shares)
    seconds = SECONDS.get(one.unit.removesuffix(" CPU"))
    if seconds is None:
        return ""
    return f"{_short(one.value * seconds * ceilings.answers)} bare answers"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"

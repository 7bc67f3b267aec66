"""How long it took until viewers were told of what was posted, and what of it the store holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SAMPLE = 2_000  # posts compared with every viewer
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stored:
    """Of the acknowledged reports: how many the store does not hold; of all: how many it holds twice."""

    acknowledged: int
    lost: int
    doubled: int
    unanswered_kept: int  # stored, although nobody could be told


def stored(database: Path, posts: Sequence[Path], before: int) -> Stored:
    """Compare files of posts with the reports of a database, which held `before` others. No server may run."""
    ours: set[str] = set()
    acknowledged: set[str] = set()
    for path in posts:
        with np.load(path) as kept:
            keys = kept["key"].astype("U36")
            ours.update(keys.tolist())
            acknowledged.update(keys[kept["revision"] > 0].tolist())
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        found = [key for (key,) in connection.execute("SELECT client_id FROM report") if key]
        total: int = connection.execute("SELECT count(*) FROM report").fetchone()[0]
    held = set(found)
    return Stored(
        acknowledged=len(acknowledged),
        lost=len(acknowledged - held),
        # One more row than keys is a report kept twice, whatever key the second has.
        doubled=total - before - len(ours & held),
        unanswered_kept=len((ours & held) - acknowledged),
    )


def delays(posts: Path, watched: Path, until: float) -> tuple[Floats, Floats]:
    """Return seconds from when a post was meant to be sent, and from its 201, until each viewer had a frame of it.

    A viewer who was never told counts with the time until the end of watching, `until`.
    """
    with np.load(posts) as kept:
        due, answered, revision = kept["due"], kept["answered"], kept["revision"]
    with np.load(watched) as kept:
        times, revisions, counts = kept["times"], kept["revisions"], kept["counts"]
    timely = np.flatnonzero((revision > 0) & (answered < until))
    chosen = timely[:: max(1, len(timely) // SAMPLE)]
    from_due, from_answer = [], []
    start = 0
    for count in counts.tolist():
        frames = np.maximum.accumulate(revisions[start : start + count])
        at = np.searchsorted(frames, revision[chosen])
        told = np.append(times[start : start + count], until)[at]
        from_due.append(told - due[chosen])
        from_answer.append(np.maximum(0, told - answered[chosen]))
        start += count
    return np.concatenate(from_due or [np.zeros(0)]), np.concatenate(from_answer or [np.zeros(0)])


def percentiles_ms(seconds: Floats) -> tuple[float, float]:
    """Return p50 and p99 in ms; 0 of nothing."""
    if not len(seconds):
        return 0.0, 0.0
    p50, p99 = 1000 * np.percentile(seconds, (50, 99))
    return float(p50), float(p99)

"""Posts rows of a real file to a running server in order of time, faster by a given factor."""

from __future__ import annotations

import json
import math
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from threading import Event
from typing import Any

import httpx

from crisismap.core.errors import Invalid
from crisismap.core.moment import rfc3339
from crisismap.demo.client import BATCH, Client, Refused

Body = dict[str, Any]
Row = tuple[int, Mapping[str, Any]]
NAMESPACE = uuid.UUID("5f0c1d6e-8a53-4b0e-9d59-6d0f6a0c7b11")
BATCH_WINDOW_S = 0.05  # rows due within this time go in one batch
PROGRESS_S = 2.0


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """The result of a replay. `sent` counts rows that the server answered before the stop."""

    read: int
    sent: int
    stored: int
    repeated: int
    refused: int


def replay(
    base_url: str, token: str, rows: Iterable[Row], speed: float, stop: Event, say: Callable[[str], object] = print
) -> ReplayResult:
    """Post each row's body (CONTRACT) with the gaps of `at_ms` divided by `speed`; `math.inf` leaves no gaps.

    `observed_at` is unchanged. A body without `client_id` gets one derived from its content, so a replay can be
    interrupted and repeated without storing anything twice. All rows are held in memory, to sort them. Waits until
    `stop` for a server that is away or busy. Raises Invalid for an invalid speed, and Refused if the server refuses a
    whole batch.
    """
    if not speed > 0:
        raise Invalid("speed", speed, "speed_not_positive")
    queue = sorted(with_ids(rows), key=lambda row: row[0])
    counts: Counter[str] = Counter()
    began = progress_at = time.monotonic()
    with Client(base_url, tries=10_000, rest=stop.wait) as client:
        start = 0
        while start < len(queue):
            if stop.wait(max(0.0, began + _due(queue, start, speed) - time.monotonic())):
                break
            end = _batch_end(queue, start, speed, time.monotonic() - began)
            bodies = [body for _, body in queue[start:end]]
            try:
                answers = client.post_batch(token, bodies)
            except (httpx.TransportError, Refused):
                if stop.is_set():
                    break
                raise
            counts.update(_outcome(answer) for answer in answers)
            start = end
            if time.monotonic() - progress_at >= PROGRESS_S or start == len(queue):
                progress_at = time.monotonic()
                say(f"replay: {start} of {len(queue)}, story time {rfc3339(queue[start - 1][0])}, {dict(counts)}")
    stored, repeated, refused = counts["stored"], counts["repeated"], counts["refused"]
    return ReplayResult(len(queue), counts.total(), stored, repeated, refused)


def with_ids(rows: Iterable[Row]) -> list[tuple[int, Body]]:
    """Return the rows with a `client_id` each. Identical rows remain separate reports."""
    counts: Counter[str] = Counter()
    result: list[tuple[int, Body]] = []
    for at_ms, members in rows:
        body = dict(members)
        if not body.get("client_id"):
            text = json.dumps([at_ms, body], sort_keys=True, ensure_ascii=False)
            counts[text] += 1
            body["client_id"] = str(uuid.uuid5(NAMESPACE, text if counts[text] == 1 else f"{text}#{counts[text]}"))
        result.append((at_ms, body))
    return result


def _due(queue: list[tuple[int, Body]], index: int, speed: float) -> float:
    """Return the seconds after the start at which a row is due."""
    gap_s = (queue[index][0] - queue[0][0]) / 1_000
    return 0.0 if math.isinf(speed) else gap_s / speed


def _batch_end(queue: list[tuple[int, Body]], start: int, speed: float, now_s: float) -> int:
    """Return the index after the last row that is due now or within BATCH_WINDOW_S."""
    end = start + 1
    while end < min(len(queue), start + BATCH) and _due(queue, end, speed) <= now_s + BATCH_WINDOW_S:
        end += 1
    return end


def _outcome(answer: Mapping[str, Any]) -> str:
    status = int(answer["status"])
    return "refused" if status >= 300 else "stored" if status == 201 else "repeated"

"""How long something takes with the machine to itself, told on a machine that is shared."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

QUIET = 0.15  # of all cores; when others use less, the clock on the wall is right


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds on the wall; that each thread of ours ran; that the cores were busy, all together."""

    wall: float
    ran: Mapping[str, float]
    busy: float


def now() -> Times:
    """The counters of this process's children (browser and server), and of the machine."""
    ran: dict[str, float] = {}
    for child in psutil.Process().children(recursive=True):
        for task in Path(f"/proc/{child.pid}/task").glob("*/schedstat"):
            try:
                ran[str(task)] = int(task.read_text().split()[0]) / 1e9
            except OSError:  # the thread has ended
                continue
    ticks = psutil.cpu_times()
    busy = ticks.user + ticks.nice + ticks.system + ticks.irq + ticks.softirq
    return Times(time.monotonic(), ran, busy)


def alone(before: Times, after: Times) -> float:
    """Seconds that it takes with the machine to itself: at most so many.

    On a quiet machine that is the time on the wall. On a busy one it is the time that our processes ran, all together:
    they would need no longer on a single core of their own. More work takes longer by either measure.
    """
    wall = after.wall - before.wall
    ran = sum(seconds - before.ran.get(thread, 0.0) for thread, seconds in after.ran.items())
    others = (after.busy - before.busy - ran) / (wall * (os.cpu_count() or 1))
    return wall if others <= QUIET else min(wall, ran)

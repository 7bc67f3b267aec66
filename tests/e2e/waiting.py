"""How long something would have taken without others on the machine: what its own processes waited is taken off."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

QUIET = 0.15  # of all cores; when others use less, the clock on the wall is right


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds on the wall; that our processes ran; that they stood in line for a core; that all cores were busy."""

    wall: float
    ran: float
    waited: float
    busy: float


def now() -> Times:
    """The counters of this process's children (browser and server), and of the machine."""
    ran = waited = 0
    for child in psutil.Process().children(recursive=True):
        for task in Path(f"/proc/{child.pid}/task").glob("*/schedstat"):
            try:
                on, line, _ = task.read_text().split()
            except OSError:  # the thread has ended
                continue
            ran, waited = ran + int(on), waited + int(line)
    ticks = psutil.cpu_times()
    busy = ticks.user + ticks.nice + ticks.system + ticks.irq + ticks.softirq
    return Times(time.monotonic(), ran / 1e9, waited / 1e9, busy)


def alone(before: Times, after: Times) -> float:
    """Seconds that it would have taken with the machine to itself.

    On a quiet machine that is the time on the wall. Else the time is shortened by as much as our processes were slowed
    down: what they ran against what they ran and waited. More work takes longer by either measure.
    """
    wall, ran = after.wall - before.wall, after.ran - before.ran
    others = (after.busy - before.busy - ran) / (wall * (os.cpu_count() or 1))
    if others <= QUIET or ran <= 0:
        return wall
    return wall * ran / (ran + after.waited - before.waited)

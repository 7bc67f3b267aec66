"""The registry of jobs, in the order in which they run."""

from __future__ import annotations

from benchmarks.figure import Job
from benchmarks.jobs.breaking import Breaking
from benchmarks.jobs.desk import Desk
from benchmarks.jobs.export import Export
from benchmarks.jobs.ingest import Ingest
from benchmarks.jobs.layers import Layers
from benchmarks.jobs.live import Live
from benchmarks.jobs.memory import Memory
from benchmarks.jobs.merge import Merge
from benchmarks.jobs.million import Million
from benchmarks.jobs.need import NeedInTexts
from benchmarks.jobs.screen import Screen
from benchmarks.jobs.similar import Similar
from benchmarks.jobs.tasks import Tasks
from benchmarks.jobs.tiles import Tiles
from benchmarks.jobs.together import Together
from benchmarks.jobs.unanswered import Unanswered
from benchmarks.jobs.visit import Visit

_ALL = (
    Ingest(),
    Merge(),
    Tiles(),
    Export(),
    Desk(),
    Screen(),
    Visit(),
    Tasks(),
    Memory(),
    Unanswered(),
    Similar(),
    Layers(),
    NeedInTexts(),
    Together(),
    Breaking(),
    Live(),
    Million(),
)
JOBS: dict[str, Job] = {job.name: job for job in _ALL}

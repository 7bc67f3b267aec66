"""The job that writes the situation: at once when there is none, and again when it has become old."""

from __future__ import annotations

from pathlib import Path

from crisismap.jobs.runner import SLOW_JOBS
from crisismap.situation.snapshot.snapshot_file import NAME
from tests.conftest import FakeClock
from tests.situation.crisis import HERE, crisis


def test_writes_the_first_one_and_leaves_it_while_it_is_new(tmp_path: Path, clock: FakeClock) -> None:
    with crisis(tmp_path, clock) as here:
        here.post(**HERE)
        here.board()
        SLOW_JOBS["snapshot"][1](here.context)
        first = (tmp_path / NAME).read_bytes()
        here.post(**HERE)
        here.board()
        SLOW_JOBS["snapshot"][1](here.context)
        assert (tmp_path / NAME).read_bytes() == first

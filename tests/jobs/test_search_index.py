"""The job that keeps the word index up, so that nobody who asks for similar reports waits for it."""

from __future__ import annotations

from pathlib import Path

from crisismap.jobs.runner import JOBS
from tests.conftest import FakeClock
from tests.services.deployment import ask, opened


def test_reads_what_came_and_what_was_added_since(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "data", clock) as context:
        ask(context, text="komplek Mokmer")
        JOBS["search index"][1](context)
        assert context.views.word_index.having(["mokmer"], 5).tolist() == [0]
        ask(context, text="jalan Laksana")
        assert context.views.word_index.having(["laksana"], 5).tolist() == []
        JOBS["search index"][1](context)
        assert context.views.word_index.having(["laksana"], 5).tolist() == [1]

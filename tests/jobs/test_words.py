"""The job that keeps the word index up, so that nobody who asks for similar reports waits for it."""

from __future__ import annotations

from pathlib import Path

from crisismap.jobs.runner import JOBS
from crisismap.jobs.words import index_words
from tests.conftest import FakeClock
from tests.services.deployment import ask, opened


def test_reads_what_came_and_what_was_added_since(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "data", clock) as context:
        ask(context, text="komplek Mokmer")
        index_words(context)
        assert context.views.word_index.having(["mokmer"], 5).tolist() == [0]
        ask(context, text="jalan Laksana")
        assert context.views.word_index.having(["laksana"], 5).tolist() == []
        index_words(context)
        assert context.views.word_index.having(["laksana"], 5).tolist() == [1]


def test_is_one_of_the_jobs() -> None:
    assert JOBS["words"][1] is index_words

"""MessageCounts: it counts up, by channel and result, from any thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from crisismap.services.intake.counts import MessageCounts, Result


def test_counts_each_channel_apart() -> None:
    counts = MessageCounts()
    counts.add("sms", Result.TAKEN)
    counts.add("sms", Result.LIMITED, 3)
    counts.add("web", Result.TAKEN)
    assert counts.of("sms") == dict.fromkeys(Result, 0) | {Result.TAKEN: 1, Result.LIMITED: 3}
    assert set(counts.of("nobody").values()) == {0}


def test_loses_no_count_between_threads() -> None:
    counts = MessageCounts()
    with ThreadPoolExecutor(8) as pool:
        for _ in range(8):
            pool.submit(lambda: [counts.add("sms", Result.TAKEN) for _ in range(2_000)])
    assert counts.of("sms")[Result.TAKEN] == 16_000

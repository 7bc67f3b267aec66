"""MessageCounts: it counts up, by channel and result, from any thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from crisismap.services.intake.receive import MessageCounts, MessageResult


def test_counts_each_channel_apart() -> None:
    counts = MessageCounts()
    counts.add("sms", MessageResult.TAKEN)
    counts.add("sms", MessageResult.LIMITED, 3)
    counts.add("web", MessageResult.TAKEN)
    assert counts.of("sms") == dict.fromkeys(MessageResult, 0) | {MessageResult.TAKEN: 1, MessageResult.LIMITED: 3}
    assert set(counts.of("nobody").values()) == {0}


def test_loses_no_count_between_threads() -> None:
    counts = MessageCounts()
    with ThreadPoolExecutor(8) as pool:
        for _ in range(8):
            pool.submit(lambda: [counts.add("sms", MessageResult.TAKEN) for _ in range(2_000)])
    assert counts.of("sms")[MessageResult.TAKEN] == 16_000

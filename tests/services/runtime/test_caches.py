"""It makes a value once for all who ask, and keeps a bounded number of them for one deployment."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crisismap.core.privacy import Audience
from crisismap.services.lists.queue import QueueQuery, queue
from crisismap.services.runtime.caches import Cache, IdentityKey
from tests.conftest import FakeClock
from tests.services.deployment import ask, opened


def test_makes_a_value_anew_when_its_stamp_moves():
    cache, made = Cache(4), []

    def make() -> int:
        made.append(1)
        return len(made)

    assert [cache.get("k", make, stamp=stamp) for stamp in (1, 1, 2, 2, 1)] == [1, 1, 2, 2, 3]


def test_remembers_that_the_answer_is_none():
    cache, made = Cache(4), []
    for _ in range(3):
        assert cache.get("k", lambda: made.append(1)) is None
    assert len(made) == 1


def test_lets_the_least_recently_used_go():
    cache = Cache(2)
    for key in ("a", "b", "a", "c"):
        cache.get(key, lambda key=key: key)
    assert len(cache) == 2
    assert cache.get("a", lambda: "made anew") == "a"
    assert cache.get("b", lambda: "made anew") == "made anew"


def test_keeps_nothing_of_a_failure():
    cache = Cache(2)
    with pytest.raises(ZeroDivisionError):
        cache.get("k", lambda: 1 // 0)
    assert cache.get("k", lambda: 1) == 1


def test_makes_it_once_for_all_who_ask_at_the_same_moment():
    cache, made = Cache(2), []

    def make() -> int:
        made.append(1)
        time.sleep(0.05)
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: cache.get("k", make), range(8))) == {1}
    assert len(made) == 1


def test_gives_what_is_there_while_something_else_is_made():
    cache, begun, go_on = Cache(2), threading.Event(), threading.Event()
    cache.get("there", lambda: 1)

    def slow() -> int:
        begun.set()
        go_on.wait(10)
        return 2

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(cache.get, "slow", slow)
        assert begun.wait(10)
        assert cache.get("there", lambda: 0) == 1
        go_on.set()
        assert other.result() == 2


def test_tells_objects_apart_that_are_only_equal():
    one, other = [1], [1]
    assert IdentityKey(one) == IdentityKey(one) and hash(IdentityKey(one)) == hash(IdentityKey(one))
    assert (
        IdentityKey(one) != IdentityKey(other)
        and IdentityKey(one) != IdentityKey(one, one)
        and IdentityKey() == IdentityKey()
    )


def test_shares_nothing_between_two_deployments(tmp_path: Path):
    clock = FakeClock(1_800_000_000_000)
    with opened(tmp_path / "one", clock) as one, opened(tmp_path / "two", clock) as two:
        ask(one)
        assert len(queue(one.views, one.rules, one.clock(), Audience.AGENCY, QueueQuery()).rows) == 1
        assert len(queue(two.views, two.rules, two.clock(), Audience.AGENCY, QueueQuery()).rows) == 0
        assert queue(one.views, one.rules, one.clock(), Audience.AGENCY, QueueQuery()) is queue(
            one.views, one.rules, one.clock(), Audience.AGENCY, QueueQuery()
        )

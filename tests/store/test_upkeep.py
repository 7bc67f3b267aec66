"""store.upkeep: facts about the deployment, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from crisismap.core.clock import Jump
from crisismap.core.errors import Unavailable
from crisismap.core.event import EventDraft
from crisismap.store.store import Store
from tests.store.making import NOW


def test_keeps_facts_about_the_deployment(store: Store) -> None:
    assert store.upkeep.fact("made_up") is None
    store.upkeep.set_fact("made_up", "no").result()
    store.upkeep.set_fact("made_up", "yes").result()
    assert store.upkeep.fact("made_up") == "yes"


def test_keeps_the_jumps_of_the_clock_with_the_claims_they_moved(store: Store) -> None:
    assert store.upkeep.clock_jumps() == []
    jump = Jump(NOW, NOW + 3_600_000)
    event = EventDraft("clock.jump", "", "system", NOW)
    done = store.requests.move_claims(jump.by_ms, event, [jump]).result()
    assert store.upkeep.clock_jumps() == [jump]
    assert (done.revision, store.upkeep.newest(), store.events.newest_ms()) == (1, 1, NOW)


def test_says_whether_the_database_answers(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.upkeep.check()
    assert (store.upkeep.writes_ok, store.upkeep.waiting) == (True, 0)
    monkeypatch.setattr(store.writer, "problem", lambda: Unavailable("last_write_failed"))
    assert not store.upkeep.writes_ok
    with pytest.raises(Unavailable, match="The last write"):
        store.upkeep.check()

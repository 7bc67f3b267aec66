"""What the log tells of each report's past."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crisismap.situation.board.history import VERBS, History
from tests import acts
from tests.conftest import FakeClock
from tests.people import RESPONDER
from tests.situation.crisis import HERE, Crisis, crisis


@pytest.fixture
def here(tmp_path: Path, clock: FakeClock) -> Iterator[Crisis]:
    with crisis(tmp_path, clock) as opened:
        yield opened


def test_reads_on_where_it_has_read_to(here: Crisis, clock: FakeClock) -> None:
    one = here.post(**HERE)
    acts.claim(here.context, RESPONDER, one, None).result()
    revision, events = here.context.store.events.about_reports(0, VERBS)
    half = History.empty().grown(revision, events)
    acts.answer(here.context, RESPONDER, one, None, note="done").result()
    later, more = here.context.store.events.about_reports(revision, VERBS)
    whole = half.grown(later, more)
    assert (len(half.seq), len(whole.seq), whole.revision) == (1, 2, here.context.store.events.revision())
    assert here.context.store.events.about_reports(later, VERBS) == (later, [])

"""The log is followed from end to end; a changed event, and a head of another log, are found."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crisismap.core.errors import Forbidden, NotSignedIn
from crisismap.services.operations.verify_log import verify_log
from crisismap.services.runtime.context import COMMAND_LINE, Context
from tests.conftest import FakeClock
from tests.people import AGENCY, STRANGER
from tests.services.deployment import ask, opened


def test_proves_a_whole_log(context: Context) -> None:
    ask(context)
    ask(context)
    found = verify_log(context.store, COMMAND_LINE)
    assert (found.holds, found.events, len(found.head)) == (True, context.store.events.revision(), 64)


def test_finds_a_changed_event(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "data", clock) as context:
        for _ in range(3):
            ask(context)
    with closing(sqlite3.connect(tmp_path / "data" / "crisismap.sqlite3")) as db, db:
        db.execute("UPDATE event SET actor = 'p-other' WHERE revision = 2")
    with opened(tmp_path / "data", clock) as context:
        found = verify_log(context.store, COMMAND_LINE)
    assert (found.holds, found.broken_at) == (False, 2)


def test_compares_with_a_head_that_was_kept(context: Context) -> None:
    ask(context)
    known = verify_log(context.store, COMMAND_LINE)
    ask(context)
    assert verify_log(context.store, COMMAND_LINE, (known.events, known.head)).holds
    assert not verify_log(context.store, COMMAND_LINE, (known.events, "0" * 64)).holds
    assert not verify_log(context.store, COMMAND_LINE, (known.events + 50, known.head)).holds


def test_is_for_admins(context: Context) -> None:
    for person, refusal in ((STRANGER, NotSignedIn), (AGENCY, Forbidden)):
        with pytest.raises(refusal):
            verify_log(context.store, person)

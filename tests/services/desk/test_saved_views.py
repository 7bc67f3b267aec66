"""Views are each person's own: kept by name, replaced, dropped, and bounded; their names stay out of the log."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crisismap.core.errors import Invalid, NotSignedIn
from crisismap.core.event import EventSearch
from crisismap.services.desk.saved_views import MAX_NAME, MAX_VIEWS, drop, list_views, save
from crisismap.services.operations import audit
from crisismap.services.runtime.context import Context
from tests.people import ADMIN, RESPONDER, STRANGER


def test_keeps_replaces_and_drops_a_view(context: Context) -> None:
    save(context.store, context.clock(), RESPONDER, " Roofs ", "category=rescue")
    save(context.store, context.clock(), RESPONDER, "Roofs", "category=medical")
    assert list_views(context.store, RESPONDER) == {"Roofs": "category=medical"}
    assert list_views(context.store, replace(RESPONDER, id="p-other")) == {}
    drop(context.store, context.clock(), RESPONDER, "Roofs")
    assert list_views(context.store, RESPONDER) == {}


@pytest.mark.parametrize("name", ["", "   ", "x" * (MAX_NAME + 1)])
def test_refuses_a_name_that_is_empty_or_too_long(context: Context, name: str) -> None:
    with pytest.raises(Invalid):
        save(context.store, context.clock(), RESPONDER, name, "")
    assert list_views(context.store, RESPONDER) == {}


def test_refuses_one_more_than_fits_but_still_replaces(context: Context) -> None:
    for number in range(MAX_VIEWS):
        save(context.store, context.clock(), RESPONDER, f"view {number}", "")
    with pytest.raises(Invalid):
        save(context.store, context.clock(), RESPONDER, "one more", "")
    save(context.store, context.clock(), RESPONDER, "view 0", "category=rescue")
    assert list_views(context.store, RESPONDER)["view 0"] == "category=rescue"
    assert len(list_views(context.store, RESPONDER)) == MAX_VIEWS


def test_leaves_the_name_out_of_the_log(context: Context) -> None:
    save(context.store, context.clock(), RESPONDER, "my own words", "category=rescue")
    [event] = audit.search(context.store, ADMIN, EventSearch(verbs=("view.keep",)))
    assert event.actor == RESPONDER.id
    assert "my own words" not in repr(event)


def test_is_for_people_with_an_account(context: Context) -> None:
    with pytest.raises(NotSignedIn):
        save(context.store, context.clock(), STRANGER, "x", "")
    with pytest.raises(NotSignedIn):
        list_views(context.store, STRANGER)

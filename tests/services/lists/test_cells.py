"""Cells of unanswered requests: counted for an audience, no finer than what is published."""

from __future__ import annotations

from crisismap.core.privacy import Audience
from crisismap.services.lists.cells import unanswered_cells
from crisismap.services.runtime.context import Context
from tests import acts
from tests.people import RESPONDER
from tests.services.deployment import ask


def test_has_no_cell_before_the_first_request(context: Context) -> None:
    assert unanswered_cells(context.views.situation, context.rules, Audience.PUBLIC) == []


def test_puts_the_fullest_cell_first(context: Context) -> None:
    ask(context, lon=80.10, lat=13.0)
    for _ in range(2):
        ask(context, lon=80.25, lat=13.05)
    assert [cell.count for cell in unanswered_cells(context.views.situation, context.rules, Audience.AGENCY)] == [2, 1]


def test_leaves_out_what_has_no_place_or_is_answered(context: Context) -> None:
    ask(context, lon=None, lat=None, place="behind the school")
    done, _ = ask(context)
    acts.answer(context, RESPONDER, done, None, note="all safe").result()
    assert context.views.situation.wait(context.store.events.revision())
    assert unanswered_cells(context.views.situation, context.rules, Audience.AGENCY) == []
    assert unanswered_cells(context.views.situation, context.rules, Audience.PUBLIC) == []

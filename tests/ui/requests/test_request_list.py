"""The list's data: one window of cards however long the list is, and only clicks of our own form."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from crisismap.core.privacy import Audience
from crisismap.services.lists.queue import Queue, QueueQuery, queue
from crisismap.services.runtime.context import Context
from crisismap.situation.board import unanswered
from crisismap.ui.requests.request_list import WINDOW, Click, ListOptions, click, payload
from tests.conftest import FakeClock
from tests.ui.open_desk import HOSTILE, put, shelter, told


def sent(context: Context, at: int = 0, audience: Audience = Audience.AGENCY) -> dict[str, object]:
    listed = ListOptions(
        queue(context.views, context.rules, context.clock(), audience, QueueQuery()), "10rem", ("", ""), "list"
    )
    found: dict[str, object] = json.loads(payload(listed, at))
    return found


def test_sends_a_window_of_a_long_list(desk: Context) -> None:
    for number in range(120):
        told(desk, text=f"trapped {number}")
    first, middle, beyond = sent(desk), sent(desk, 60), sent(desk, 10_000)
    assert first["total"] == 120
    assert len(first["cards"]) == WINDOW  # type: ignore[arg-type]
    assert (first["start"], middle["start"]) == (0, 48)
    assert middle["cards"][12]["text"] == "trapped 60"  # type: ignore[index]
    assert beyond["cards"][-1]["text"] == "trapped 119"  # type: ignore[index]


def test_makes_a_card_of_what_a_dispatcher_needs(desk: Context, clock: FakeClock) -> None:
    put(desk, "flood", "hazard")
    put(desk, "shelters", "shelter", shelter("School"))
    told(desk, text="trapped\n\non the roof", people=6)
    clock.advance(minutes=42)
    [card] = sent(desk)["cards"]  # type: ignore[misc]
    assert (card["priority"], card["wait"], card["late"]) == ("P1", "42 min", True)
    assert (card["category"], card["people"], card["text"]) == ("Rescue", 6, "trapped on the roof")
    assert (card["facts"], card["shelter"], card["area"]) == (["inside Adyar"], "1.1 km", "outside the loaded areas")
    assert card["version"] == 1


def test_sends_each_drawing_once_and_none_of_the_crowds(desk: Context) -> None:
    for _ in range(5):
        told(desk, text=HOSTILE)
    drawings = sent(desk)["symbols"]
    assert len(drawings) == 1  # type: ignore[arg-type]
    assert "onerror" not in str(drawings)


def test_gives_the_public_no_words(desk: Context) -> None:
    told(desk, text="at the blue gate", place="behind the mill", people=6)
    made = json.dumps(sent(desk, audience=Audience.PUBLIC))
    for word in ("gate", "mill", "6 people"):
        assert word not in made


def test_says_where_a_request_without_a_place_is_said_to_be(desk: Context) -> None:
    told(desk, lon=None, lat=None, place="behind the mill")
    [card] = sent(desk)["cards"]  # type: ignore[misc]
    assert (card["area"], card["place"], card["shelter"]) == ("location needed", "behind the mill", "")


@pytest.mark.parametrize(
    ("opened_", "claimed", "found"),
    [
        ("an-id", None, Click("open", "an-id")),
        (None, {"id": "an-id", "version": 3}, Click("claim", "an-id", 3)),
        (None, None, None),
        (7, None, None),
        (None, {"id": "an-id"}, None),
        (None, {"id": "an-id", "version": True}, None),
        (None, ["an-id", 3], None),
    ],
)
def test_takes_only_clicks_of_its_own_form(opened_: object, claimed: object, found: Click | None) -> None:
    assert click(opened_, claimed) == found


@pytest.mark.parametrize("staff", [True, False])
def test_tells_only_staff_who_takes_turns(desk: Context, staff: bool) -> None:
    """The lanes follow from who sent what, which the public must not learn."""
    told(desk)
    board = desk.views.situation.board(Audience.AGENCY)
    lanes = np.array([unanswered.BUSY_SENDER], np.uint8)
    listed = ListOptions(Queue(board, np.array([0]), None, lanes), "10rem", ("", ""), shows_text=staff)
    [card] = json.loads(payload(listed, 0))["cards"]
    assert bool(card["turn"]) is staff


def test_never_writes_text_as_markup() -> None:
    script = (Path(__file__).parents[3] / "crisismap/ui/requests/request_list.js").read_text()
    assert script.count("innerHTML") == 1, "the drawings of our own only"
    assert "insertAdjacentHTML" not in script
    assert "http" not in script

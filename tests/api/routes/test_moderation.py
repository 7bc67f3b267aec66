"""The text review queue: what waits, oldest first, what was decided, and page after page of it."""

from __future__ import annotations

import pytest

from tests.api.desk import Desk, problem

QUEUE = "/api/v1/moderation"
CONSENTED = {"consent": {"publish": True}}  # the text of a request waits, since it may tell where somebody is


def queue(desk: Desk, query: str = "") -> list[str]:
    """The ids of all pages, in their order."""
    found: list[str] = []
    path = f"{QUEUE}?limit=1{query}"
    while path:
        answer = desk.get(path, "responder")
        assert answer.status_code == 200, answer.text
        assert len(answer.json()["items"]) <= 1
        found += [item["id"] for item in answer.json()["items"]]
        path = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
    return found


def test_lists_what_waits_until_somebody_decides(desk: Desk) -> None:
    first, second = (desk.report(**CONSENTED)["id"] for _ in range(2))
    waiting = [id_ for id_ in queue(desk) if id_ in (first, second)]
    assert waiting == [first, second], "the oldest first"
    answer = desk.act("withhold", second, {"reason": "a number of somebody"})
    assert answer.status_code == 200, answer.text
    assert first in queue(desk)
    assert second not in queue(desk)
    decided = queue(desk, "&which=decided")
    assert second in decided
    assert first not in decided


def test_counts_all_that_waits_on_every_page(desk: Desk) -> None:
    desk.report(**CONSENTED)
    answer = desk.get(f"{QUEUE}?limit=1", "responder")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["total"] == len(queue(desk)) >= 1
    assert answer.json()["revision"] >= 1


@pytest.mark.parametrize("query", ["which=all", "limit=0", "limit=x", "limit=1000", "cursor=x", "page=2"])
def test_refuses_a_question_it_cannot_hear(desk: Desk, query: str) -> None:
    problem(desk.get(f"{QUEUE}?{query}", "responder"), 422, "invalid")


@pytest.mark.parametrize(("role", "status"), [(None, 401), ("volunteer", 403), ("agency", 403)])
def test_shows_no_text_to_others(desk: Desk, role: str | None, status: int) -> None:
    problem(desk.get(QUEUE, role), status)

"""Photos: who sees which, and bounds that fit together."""

from __future__ import annotations

from crisismap.core.report.photo import MAX_PIXELS, MAX_SIDE, SEEN_BY_REQUESTER, SIDE, THUMB_SIDE, Use


def test_shows_the_requester_their_own_and_those_of_an_answer_only() -> None:
    assert frozenset({Use.REPORT, Use.ANSWER}) == SEEN_BY_REQUESTER
    assert Use.TEAM not in SEEN_BY_REQUESTER, "a team's working photos are not for the requester"


def test_keeps_less_than_it_reads() -> None:
    assert THUMB_SIDE < SIDE < MAX_SIDE
    assert SIDE * SIDE < MAX_PIXELS

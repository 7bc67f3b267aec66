"""The map of an area over HTTP."""

from __future__ import annotations

import re

import pytest

from tests.api.desk import Desk, key, problem

PATH = "/api/v1/map.html"


def test_gives_an_agency_the_map_as_a_file(desk: Desk) -> None:
    words = f"mapped {key()}"
    desk.report(text=words, fields={"trapped": True}, contact={"phone": "+91 98400 55555"})
    answer = desk.get(PATH, "agency", params={"area": "marina"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["cache-control"] == "private, no-store"
    # Saved and never shown from here: under our own address it would be a page of ours.
    told = answer.headers["content-disposition"]
    assert re.fullmatch(r'attachment; filename="map-marina-\d{4}-\d\d-\d\d-\d{4}\.html"', told)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert words in answer.text
    assert "55555" not in answer.text
    assert words not in desk.get(PATH, "agency", params={"area": "W-2", "audience": "public"}).text


def test_gives_it_to_nobody_else(desk: Desk) -> None:
    problem(desk.get(PATH, params={"area": "W-2"}), 401, "not-signed-in")
    for role in ("volunteer", "responder"):
        for audience in ("public", "agency"):
            asked = {"area": "W-2", "audience": audience}
            problem(desk.get(PATH, role, params=asked), 403, "forbidden")


@pytest.mark.parametrize(
    "query",
    [{"area": "W-9"}, {}, {"area": '"\r\nX: y'}, {"area": "W-2", "ward": "W-2"}, {"area": "W-2", "audience": "all"}],
)
def test_names_what_it_does_not_know(desk: Desk, query: dict[str, str]) -> None:
    problem(desk.get(PATH, "agency", params=query), 422, "invalid")

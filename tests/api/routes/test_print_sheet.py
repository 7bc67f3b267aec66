"""The printed sheet over HTTP."""

from __future__ import annotations

import re

import pytest

from tests.api.desk import Desk, key, problem
from tests.paper import pages

PATH = "/api/v1/sheet.pdf"


def test_gives_a_team_the_sheet_of_an_area(desk: Desk) -> None:
    words = f"printed {key()}"
    desk.report(text=words, fields={"trapped": True}, contact={"phone": "+91 98400 55555"})
    for area in ("W-2", "marina"):
        answer = desk.get(PATH, "responder", params={"area": area})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        assert answer.headers["cache-control"] == "private, no-store"
        told = answer.headers["content-disposition"]
        assert re.fullmatch(r'inline; filename="requests-marina-\d{4}-\d\d-\d\d-\d{4}\.pdf"', told)
        found = " ".join(pages(answer.content))
        assert words in found
        assert "55555" not in found
    assert "page 1 of" in pages(desk.get(PATH, "agency").content)[0]


def test_gives_it_to_nobody_else(desk: Desk) -> None:
    problem(desk.get(PATH), 401, "not-signed-in")
    problem(desk.get(PATH, "volunteer"), 403, "forbidden")


@pytest.mark.parametrize("query", [{"area": "W-9"}, {"area": ""}, {"area": '"\r\nX: y'}, {"ward": "W-2"}])
def test_names_what_it_does_not_know(desk: Desk, query: dict[str, str]) -> None:
    problem(desk.get(PATH, "agency", params=query), 422, "invalid")


def test_writes_times_in_the_zone_that_is_asked_for(desk: Desk) -> None:
    [utc, there] = [desk.get(PATH, "responder", params=params) for params in ({}, {"zone": "Asia/Kathmandu"})]
    assert "times: UTC" in pages(utc.content)[0]
    assert "times: Nepal Time" in pages(there.content)[0]
    refused = desk.get(PATH, "responder", params={"zone": "../../etc/passwd"})
    assert (refused.status_code, refused.json()["field"]) == (422, "zone")


def test_names_the_file_of_an_export_by_area_and_time(desk: Desk) -> None:
    """Also an address with an area of another script, and one that no current layer has."""
    answer = desk.get("/api/v1/reports.geojson", "agency", params={"state": "open", "area": "W-2"})
    told = answer.headers["content-disposition"]
    assert re.fullmatch(r'attachment; filename="requests-marina-\d{4}-\d\d-\d\d-\d{4}\.geojson"', told)
    told = desk.get("/api/v1/reports.csv", "agency", params={"audience": "public"}).headers["content-disposition"]
    assert told.startswith('attachment; filename="public-reports-all-areas-')

"""The printed sheet over HTTP."""

from __future__ import annotations

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
        assert answer.headers["content-disposition"] == f'inline; filename="requests-{area}.pdf"'
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

"""The need of a report over HTTP: what staff read and choose by, and what the public must not learn of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.desk import Desk, problem


@pytest.mark.parametrize("path", ["reports.geojson", "requests", "tiles/0/0/0.mvt"])
def test_lets_only_staff_choose_by_need(desk: Desk, path: str) -> None:
    for need in ("asks", "may", "offer", "information"):
        problem(desk.get(f"/api/v1/{path}?need={need}"), 401)
        problem(desk.get(f"/api/v1/{path}?need={need}", "volunteer"), 403)
        assert desk.get(f"/api/v1/{path}?need={need}", "responder").status_code == 200


def test_tells_the_public_nothing_of_a_doubt(desk: Desk) -> None:
    """An answer of no in a category that asks is in doubt; to the public it is a request like every other."""
    said: dict[str, Any] = {"category": "water_food", "text": "as described"}
    doubted, asking = desk.report(**said, asks=False)["id"], desk.report(**said)["id"]
    assert [desk.item(each)["need"] for each in (doubted, asking)] == ["may", "asks"]
    assert desk.item(doubted)["due_at"] < desk.item(asking)["due_at"]
    public = [desk.item(each, None) for each in (doubted, asking)]
    for item in public:
        for own in ("id", "updated_revision", "waiting_s"):
            item.pop(own)
    assert public[0] == public[1]
    assert public[0]["need"] is None
    staff, stranger = desk.get("/api/v1/situation", "responder").json(), desk.get("/api/v1/situation").json()
    assert staff["may_need_help"] >= 1
    assert {"may_need_help", "offers"} & stranger.keys() == set()
    desk.act("triage", doubted, {"need": "asks", "priority": "P3"})
    assert desk.item(doubted)["need"] == "asks"

"""A past moment over HTTP."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.api.conftest import LAYERS
from tests.api.desk import Desk, key, problem


def test_gives_the_numbers_of_a_past_moment(desk: Desk) -> None:
    words = f"past {key()}"
    desk.report(text=words, fields={"trapped": True})
    now = desk.get("/api/v1/situation", "agency").json()
    long_ago = (datetime.now(UTC) - timedelta(days=400)).isoformat()
    then = desk.get("/api/v1/situation", "agency", params={"at": long_ago}).json()
    assert {*then} == {*now, "at"}
    assert (then["reports"], then["unanswered"], then["by_area"]) == (0, 0, [])
    # Other tests load layers that say they held long ago.
    assert {layer["id"] for layer in then["layers"]}.isdisjoint(LAYERS)
    assert then["at"].endswith(":00.000Z")
    assert desk.get("/api/v1/tiles/0/0/0.mvt", "agency", params={"at": long_ago}).content == b""
    assert now["reports"] > 0


def test_keeps_tiles_of_a_moment_by_their_tag(desk: Desk) -> None:
    at = (datetime.now(UTC) - timedelta(days=400)).isoformat()
    answer = desk.get("/api/v1/tiles/3/5/3.mvt", "agency", params={"at": at})
    assert answer.headers["cache-control"] == "private, no-cache"
    again = desk.get(
        "/api/v1/tiles/3/5/3.mvt", "agency", params={"at": at}, headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304


def test_gives_a_kept_version_of_a_layer(desk: Desk) -> None:
    path, name = "/api/v1/layers/flooded.geojson", desk.get("/api/v1/layers/flooded/versions").json()["versions"][-1]
    assert desk.get(path, params={"version": str(name["version"])}).json()["version"] == name["version"]
    problem(desk.get(path, params={"version": "999"}), 404, "not-found")
    problem(desk.get(path, params={"version": "x"}), 422, "invalid")


@pytest.mark.parametrize("query", [{"at": "yesterday"}, {"at": "2999-01-01T00:00:00Z"}, {"when": "now"}, {"at": ""}])
def test_names_what_it_cannot_take(desk: Desk, query: dict[str, str]) -> None:
    problem(desk.get("/api/v1/situation", params=query), 422, "invalid")


def test_lets_the_live_situation_go_on(desk: Desk) -> None:
    """A look at the past between two looks at now changes nothing of now."""
    before = desk.get("/api/v1/situation", "agency").json()
    at = datetime.fromtimestamp(time.time() - 3600, UTC).isoformat()
    assert desk.get("/api/v1/situation", "agency", params={"at": at}).status_code == 200
    after = desk.get("/api/v1/situation", "agency").json()
    same = ("revision", "reports", "requests", "by_area", "by_category")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}

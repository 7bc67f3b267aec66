"""The Situation page: findings in words, each with its table, from the caller's own columns only."""

from __future__ import annotations

import json
import re

import h3
import pytest

from crisismap.core.privacy import Audience
from crisismap.jobs.escalation import escalate
from crisismap.services.lists.cells import resolution_of, unanswered_cells
from crisismap.services.runtime.context import Context
from crisismap.ui.map import hexagons
from tests import acts
from tests.conftest import FakeClock
from tests.people import AGENCY, EVERYBODY, RESPONDER, STRANGER
from tests.ui.open_desk import HOSTILE, html, markdown, page, put, told, ward


def answered(desk: Context, report_id: str) -> None:
    acts.answer(desk, RESPONDER, report_id, None, note="all brought out").result()
    assert desk.views.situation.wait(desk.store.events.revision())


def words(test) -> str:
    return re.sub(r"<[^>]+>", " ", html(test))


@pytest.mark.parametrize("person", EVERYBODY)
def test_is_there_for_everybody(desk: Context, person, monkeypatch) -> None:
    put(desk, "wards", "area")
    told(desk)
    test = page("situation", person, monkeypatch)
    assert "Adyar has the most unanswered requests: 1" in words(test)
    assert len(test.get("vega_lite_chart")) + len(test.get("arrow_vega_lite_chart")) == 5


def test_says_what_to_do_before_the_first_report(desk: Context, monkeypatch) -> None:
    test = page("situation", STRANGER, monkeypatch)
    assert "No reports yet" in html(test)


def test_stands_when_reports_ask_for_nothing(desk: Context, monkeypatch) -> None:
    told(desk, category="flooding", text="knee deep")
    seen = words(page("situation", STRANGER, monkeypatch))
    for said in ("No request is waiting", "No requests for help yet", "No unanswered request has a location"):
        assert said in seen


def test_tells_how_long_people_waited(desk: Context, clock: FakeClock, monkeypatch) -> None:
    ids = [told(desk) for _ in range(5)]
    clock.advance(minutes=18)
    for each in ids[:3]:
        answered(desk, each)
    assert "Half of the 5 P1 requests are answered within 18 min" in words(page("situation", AGENCY, monkeypatch))
    # 06:30 and 06:40, as the public may know them, and ten minutes that it may be longer.
    assert "Half of the 5 P1 requests are answered within 20 min" in words(page("situation", STRANGER, monkeypatch))


def test_tells_the_first_answer_by_category_and_area_also_after_a_reopening(
    desk: Context, clock: FakeClock, monkeypatch
) -> None:
    put(desk, "wards", "area")
    ids = [told(desk) for _ in range(5)]
    clock.advance(minutes=20)
    for each in ids:
        answered(desk, each)
    clock.advance(hours=3)
    acts.by_code(desk, ids[0], "reopen", None).result()
    acts.by_code(desk, ids[1], "confirm", None).result()
    answered(desk, ids[0])
    seen = words(page("situation", AGENCY, monkeypatch))
    assert "Rescue waits longest: 9 of 10 requests are answered within 20 min" in seen
    assert "Adyar waits longest: 9 of 10 requests are answered within 20 min" in seen
    assert "5 requests answered, 1 of them confirmed by the requester" in seen
    public = words(page("situation", STRANGER, monkeypatch))
    assert "Rescue waits longest: 9 of 10 requests are answered within 30 min" in public


def test_counts_what_was_opened_again_and_tells_the_public_nothing_of_who_was_called(
    desk: Context, clock: FakeClock, monkeypatch
) -> None:
    one = told(desk)
    answered(desk, one)
    acts.by_code(desk, one, "reopen", None).result()
    clock.advance(hours=5)
    assert desk.views.situation.wait(desk.store.events.revision())
    escalate(desk)
    assert desk.views.situation.wait(desk.store.events.revision())
    seen = re.sub(r"\s+", " ", words(page("situation", AGENCY, monkeypatch)))
    assert "Reopened 1" in seen
    assert "escalated: 1" in seen
    assert "escalated" not in words(page("situation", STRANGER, monkeypatch))


def test_names_the_areas_with_people_that_sent_nothing(desk: Context, clock: FakeClock, monkeypatch) -> None:
    far = ward(HOSTILE, "W-2")
    far["geometry"]["coordinates"] = [[[80.4, 13.0], [80.5, 13.0], [80.5, 13.1], [80.4, 13.1], [80.4, 13.0]]]
    far["properties"]["POP_TOTAL"] = 41_000
    near = ward("Adyar", "W-1")
    near["properties"]["POP_TOTAL"] = "12,500"
    put(desk, "wards", "area", near, far)
    told(desk)
    test = page("situation", STRANGER, monkeypatch)
    assert "1 of 2 populated areas is without reports in the last 6 h: 41,000 people live there" in words(test)
    assert "<img src=x" not in html(test)
    clock.advance(hours=7)
    told(desk, category="other", text="somewhere", lon=None, lat=None)
    seen = words(page("situation", STRANGER, monkeypatch))
    assert "2 of 2 populated areas are without reports in the last 6 h: 53,500 people live there" in seen
    assert "1 report of this time without a location" in seen


def test_says_when_no_layer_knows_of_people(desk: Context, monkeypatch) -> None:
    put(desk, "wards", "area")
    told(desk)
    assert "no layer has population figures" in words(page("situation", STRANGER, monkeypatch))


def test_tells_by_how_much_the_unanswered_grew(desk: Context, clock: FakeClock, monkeypatch) -> None:
    told(desk)
    clock.advance(hours=3)
    for _ in range(2):
        told(desk)
    assert "Unanswered requests grew by 2 in the last hour, to 3" in words(page("situation", AGENCY, monkeypatch))


def test_keeps_from_the_public_what_it_may_not_know(desk: Context, monkeypatch) -> None:
    put(desk, "wards", "area")
    told(desk, lon=80.251234, lat=13.051234, text="on the roof of 77 Gandhi Street")
    for _ in range(4):
        told(desk, category="medical", text="insulin", lon=80.26, lat=13.06)
    test = page("situation", STRANGER, monkeypatch)
    deck = test.get("deck_gl_json_chart")[0].proto.json
    seen = html(test) + deck + markdown(test)
    assert "Gandhi" not in seen
    assert "80.2512" not in seen
    assert "80.26" not in seen
    medical = re.search(r"Medical</th>(.*?)</tr>", html(test))
    assert medical is not None
    assert re.findall(r">(\w+)</td>", medical[1]) == ["few", "few", "few", "few"]
    assert "Adyar has the most unanswered requests: 1" in words(test)
    assert "Adyar has the most unanswered requests: 5" in words(page("situation", AGENCY, monkeypatch))


def test_counts_cells_no_finer_than_a_published_place(desk: Context) -> None:
    told(desk, lon=80.2501, lat=13.0501)
    told(desk, lon=80.2502, lat=13.0502)
    told(desk, category="medical", lon=80.2503, lat=13.0503)
    told(desk, category="flooding", lon=80.2504, lat=13.0504, text="deep")
    (public,), (agency,) = (
        unanswered_cells(desk.views.situation, desk.rules, each) for each in (Audience.PUBLIC, Audience.AGENCY)
    )
    assert public.cell == agency.cell == h3.latlng_to_cell(13.05, 80.25, 7)
    assert (public.count, agency.count, agency.priority, agency.area) == (2, 3, 1, "")
    assert resolution_of(desk.rules) == 7


def test_sends_cells_and_counts_but_no_report(desk: Context) -> None:
    told(desk, text=HOSTILE, lon=80.2501234, lat=13.0501234)
    cells = unanswered_cells(desk.views.situation, desk.rules, Audience.AGENCY)
    drawn = hexagons.hexagons(desk.views, cells, dark=False).to_json()
    assert "80.2501234" not in drawn
    assert "evil.example" not in drawn
    assert not re.search(r"https?:|//[a-z]", drawn)
    (layers,) = json.loads(drawn)["layers"]
    assert [layer["@@type"] for layer in layers][-2:] == ["H3HexagonLayer", "TextLayer"]


def test_shows_hostile_names_as_words(desk: Context, monkeypatch) -> None:
    put(desk, "wards", "area", ward(HOSTILE, "W-1"))
    told(desk)
    test = page("situation", AGENCY, monkeypatch)
    assert "<img src=x" not in html(test)
    assert "evil.example" not in markdown(test)


def test_asks_the_browser_to_fetch_nothing_for_a_chart(desk: Context, monkeypatch) -> None:
    told(desk)
    test = page("situation", AGENCY, monkeypatch)
    charts = [*test.get("vega_lite_chart"), *test.get("arrow_vega_lite_chart")]
    for chart in charts:
        spec = json.loads(chart.proto.spec)
        spec.pop("$schema", None)
        assert "http" not in json.dumps(spec)
        assert '"href"' not in json.dumps(spec)

"""The Situation page: findings in words, each with its table, from the caller's own columns only."""

from __future__ import annotations

import json
import re
from datetime import UTC
from pathlib import Path

import h3
import pytest

from crisismap.core.place.place import Extent
from crisismap.core.privacy import Audience
from crisismap.jobs.escalation import escalate
from crisismap.services.lists.cells import resolution_of, unanswered_cells
from crisismap.services.lists.trends import Trend, Wait
from crisismap.services.runtime.context import Context
from crisismap.ui.frame.stylesheet import table_html
from crisismap.ui.map import hexagons
from crisismap.ui.map.fit_bounds import WORLD, aim
from crisismap.ui.numbers import findings
from crisismap.ui.numbers.charts import labels_of
from tests import acts
from tests.conftest import FakeClock
from tests.people import AGENCY, EVERYBODY, RESPONDER, STRANGER
from tests.ui.open_desk import HOSTILE, html, markdown, opened, page, put, told, ward


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock):
    with opened(tmp_path / "data", clock) as context:
        yield context


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
    assert "Adyar has the most unanswered: 1" in words(test)
    assert len(test.get("vega_lite_chart")) + len(test.get("arrow_vega_lite_chart")) == 5


def test_says_what_to_do_before_the_first_report(desk: Context, monkeypatch) -> None:
    test = page("situation", STRANGER, monkeypatch)
    assert "Nothing has been reported yet" in html(test)


def test_stands_when_reports_ask_for_nothing(desk: Context, monkeypatch) -> None:
    told(desk, category="flooding", text="knee deep")
    seen = words(page("situation", STRANGER, monkeypatch))
    for said in ("No request is waiting", "Nobody has asked for help yet", "No unanswered request has a place"):
        assert said in seen


def test_tells_how_long_people_waited(desk: Context, clock: FakeClock, monkeypatch) -> None:
    ids = [told(desk) for _ in range(5)]
    clock.advance(minutes=18)
    for each in ids[:3]:
        answered(desk, each)
    assert "Half of the 5 P1 requests were answered within 18 min" in words(page("situation", AGENCY, monkeypatch))
    # 06:30 and 06:40, as the public may know them, and ten minutes that it may be longer.
    assert "Half of the 5 P1 requests were answered within 20 min" in words(page("situation", STRANGER, monkeypatch))


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
    assert "Rescue waits longest: 9 of 10 answers came within 20 min" in seen
    assert "Adyar waits longest: 9 of 10 answers came within 20 min" in seen
    assert "5 requests answered, 1 of them confirmed by the one who asked" in seen
    public = words(page("situation", STRANGER, monkeypatch))
    assert "Rescue waits longest: 9 of 10 answers came within 30 min" in public


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
    assert "Opened again 1" in seen
    assert "others called: 1" in seen
    assert "others called" not in words(page("situation", STRANGER, monkeypatch))


def test_names_the_areas_with_people_that_sent_nothing(desk: Context, clock: FakeClock, monkeypatch) -> None:
    far = ward(HOSTILE, "W-2")
    far["geometry"]["coordinates"] = [[[80.4, 13.0], [80.5, 13.0], [80.5, 13.1], [80.4, 13.1], [80.4, 13.0]]]
    far["properties"]["POP_TOTAL"] = 41_000
    near = ward("Adyar", "W-1")
    near["properties"]["POP_TOTAL"] = "12,500"
    put(desk, "wards", "area", near, far)
    told(desk)
    test = page("situation", STRANGER, monkeypatch)
    assert "1 of 2 areas with people has sent nothing in the last 6 h: 41,000 people live there" in words(test)
    assert "<img src=x" not in html(test)
    clock.advance(hours=7)
    told(desk, category="other", text="somewhere", lon=None, lat=None)
    seen = words(page("situation", STRANGER, monkeypatch))
    assert "2 of 2 areas with people have sent nothing in the last 6 h: 53,500 people live there" in seen
    assert "1 report of this time without a place" in seen


def test_says_when_no_layer_knows_of_people(desk: Context, monkeypatch) -> None:
    put(desk, "wards", "area")
    told(desk)
    assert "no layer says how many people live where" in words(page("situation", STRANGER, monkeypatch))


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
    assert "Adyar has the most unanswered: 1" in words(test)
    assert "Adyar has the most unanswered: 5" in words(page("situation", AGENCY, monkeypatch))


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


@pytest.mark.parametrize(
    ("wait", "sentence"),
    [
        (Wait(1, 6, 3, 1_080_000, 600_000), "Half of the 6 P1 requests were answered within 18 min"),
        (Wait(1, 6, 3, 20_000, 20_000), "Half of the 6 P1 requests were answered within a minute"),
        (Wait(2, 40, 8, None, 60_000), "8 of 40 P2 requests (20 %) have been answered"),
        (Wait(3, 1, 0, None, None), "The one P3 request has not been answered yet"),
        (Wait(3, 4, 0, None, None), "None of the 4 P3 requests has been answered yet"),
        (Wait(1, 2, 2, 60_000, 60_000), "2 of 2 P1 requests (100 %) have been answered"),
    ],
)
def test_says_half_only_of_what_has_a_half(wait: Wait, sentence: str) -> None:
    assert findings.waiting(wait) == sentence


@pytest.mark.parametrize(
    ("waits", "sentence"),
    [
        ([("Food", Wait(0, 9, 4, None, 60_000, 60_000))], "Too few answers to compare yet: 4"),
        (
            [("Food", Wait(0, 9, 5, None, 60_000, 600_000)), ("Boats", Wait(1, 9, 5, None, 90_000, 300_000))],
            "Food waits longest: 9 of 10 answers came within 10 min",
        ),
    ],
)
def test_compares_waits_only_where_enough_were_answered(waits: list[tuple[str, Wait]], sentence: str) -> None:
    assert findings.slowest(waits) == sentence


def test_names_the_fullest_area_or_how_many_share_the_first_place() -> None:
    rows = [{"name": None, "unanswered": 9}, {"name": "A", "unanswered": 3}, {"name": "B", "unanswered": 3}]
    assert findings.fullest_area(rows) == "2 areas have 3 unanswered each, the most of all"
    assert findings.fullest_area(rows[:2]) == "A has the most unanswered: 3"
    assert findings.fullest_area(rows[:1]) == "No area has an unanswered request"


def test_tells_in_how_few_cells_half_of_them_lie() -> None:
    assert findings.crowded([5, 3, 1, 1]) == "Half of the unanswered requests lie in 1 cell of 4"
    assert findings.crowded([1, 1, 1]) == "Half of the unanswered requests lie in 2 cells of 3"


@pytest.mark.parametrize("counts", [[1], [1, 1, 1], [40, 12, 5, 3, 2, 1, 1], list(range(1, 200))])
def test_gives_every_count_a_class_of_the_legend(counts: list[int]) -> None:
    ends = hexagons.steps(counts)
    assert ends == sorted(set(ends))
    assert ends[-1] == max(counts)
    assert len(hexagons.legend(ends, dark=True)) == len(hexagons.colours_of(ends, dark=False)) == len(ends) <= 5
    assert all(count <= ends[hexagons.class_of(count, ends)] for count in counts)


@pytest.mark.parametrize(
    ("box", "lon", "lat"),
    [
        ((80.0, 13.0, 80.4, 13.2), 80.2, 13.1),
        ((179.0, -17.0, -179.0, -16.0), 180.0, -16.5),
        ((1.0, 2.0, 1.0, 2.0), 1.0, 2.0),
    ],
)
def test_aims_at_the_middle_of_a_box(box: Extent, lon: float, lat: float) -> None:
    view = aim(box)
    assert abs(view.lon) == pytest.approx(lon, abs=0.01)
    assert view.lat == pytest.approx(lat, abs=0.01)
    assert 1 <= view.zoom <= 15


def test_shows_the_world_where_there_is_no_box() -> None:
    assert aim(None) == WORLD


def test_labels_every_interval_differently() -> None:
    starts = tuple(1_449_000_000_000 + n * 3_600_000 for n in range(48))
    labels = labels_of(Trend(3_600_000, starts, (), (), (), ()), UTC)
    assert len(set(labels)) == 48
    assert labels[0] == "1 Dec 20:00"


def test_escapes_every_word_of_a_table() -> None:
    made = table_html((HOSTILE, "n"), [(HOSTILE, HOSTILE)], caption=HOSTILE, numbers=1, height_px=100)
    assert "<img" not in made
    assert made.count("&lt;img") == 4

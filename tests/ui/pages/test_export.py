"""The Export page: agencies take reports away, and the page says for whom, how many and how."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import httpx
import msgspec
import pytest

from crisismap.api.app import make_api
from crisismap.core.privacy import Audience
from crisismap.exports import EXPORTS
from crisismap.exports.format import Format, ReportTable
from crisismap.services.runtime.context import Context
from crisismap.ui.export.export_form import area_boxes, area_names
from crisismap.ui.requests.filters import Filters
from tests.conftest import FakeClock
from tests.people import ADMIN, AGENCY, RESPONDER, STRANGER, VOLUNTEER
from tests.ui.open_desk import HOSTILE, html, markdown, page, put, told, ward


def link(test) -> str:
    found = re.search(r'class="cm-take" href="([^"]+)"', html(test))
    assert found is not None
    return found[1].replace("&amp;", "&")


@pytest.mark.parametrize("person", [STRANGER, VOLUNTEER, RESPONDER])
def test_is_for_those_who_may_take_exports(desk: Context, person, monkeypatch) -> None:
    told(desk)
    test = page("export", person, monkeypatch)
    assert "Exports contain the exact locations of people in need" in html(test)
    assert "cm-take" not in html(test)
    assert not test.radio


@pytest.mark.parametrize("person", [AGENCY, ADMIN])
def test_links_to_everything_in_one_press(desk: Context, person, monkeypatch) -> None:
    told(desk)
    test = page("export", person, monkeypatch)
    assert link(test) == "/api/v1/reports.geojson?audience=agency"
    assert "1 report matches" in html(test)
    assert "Authorization: Bearer TOKEN" in test.code[0].value


def test_follows_what_was_chosen(desk: Context, monkeypatch) -> None:
    put(desk, "wards", "area")
    told(desk)
    told(desk, category="flooding", text="knee deep")
    test = page("export", AGENCY, monkeypatch)
    test.multiselect(key="export-category").set_value(["rescue"])
    test.multiselect(key="export-area").set_value(["W-1"])
    test.selectbox(key="export-box").set_value("Adyar")
    test.radio(key="export-format").set_value("csv").run()
    assert not test.exception
    query = dict(parse_qsl(urlsplit(link(test)).query))
    assert query == {
        "audience": "agency",
        "category": "rescue",
        "area": "W-1",
        "bbox": "80.200000,13.000000,80.300000,13.100000",
    }
    assert "1 report matches" in html(test)
    assert "knee deep" not in html(test)


def test_offers_a_byte_order_mark_for_csv_only(desk: Context, monkeypatch) -> None:
    told(desk, place="behind the blue temple", lon=None, lat=None, people=7)
    test = page("export", AGENCY, monkeypatch)
    assert not [each for each in test.checkbox if each.key == "export-bom"]
    test.radio(key="export-format").set_value("csv").run()
    test.checkbox(key="export-bom").check().run()
    assert link(test) == "/api/v1/reports.csv?audience=agency&bom=true"
    assert "behind the blue temple" in html(test)
    test.radio(key="export-format").set_value("geojson").run()
    assert link(test) == "/api/v1/reports.geojson?audience=agency"


def test_shows_the_public_only_what_is_the_publics(desk: Context, monkeypatch) -> None:
    told(desk, text="on the roof at Gandhi Street 77", lon=80.251234, lat=13.051234)
    told(desk, category="medical", text="insulin")
    test = page("export", AGENCY, monkeypatch)
    assert "Gandhi Street 77" in html(test)
    test.radio(key="export-audience").set_value(Audience.PUBLIC).run()
    seen = html(test)
    assert "1 report matches" in seen
    assert "Gandhi Street" not in seen
    assert "13.0512" not in seen
    assert "insulin" not in seen
    assert link(test).endswith("audience=public")


def test_says_what_to_do_when_nothing_fits(desk: Context, monkeypatch) -> None:
    test = page("export", AGENCY, monkeypatch)
    assert "No match" in html(test)
    assert 'class="cm-take"' not in html(test)


def test_tells_a_wrong_box_beside_its_field(desk: Context, monkeypatch) -> None:
    told(desk)
    test = page("export", AGENCY, monkeypatch)
    test.selectbox(key="export-box").set_value("Custom coordinates").run()
    test.text_input(key="export-bbox").set_value("1,2,3").run()
    assert "Must be four numbers: west,south,east,north; the map area is ignored." in html(test)
    assert "bbox" not in link(test)


def test_takes_a_window_of_time_in_the_browsers_zone(desk: Context, clock: FakeClock, monkeypatch) -> None:
    told(desk)
    clock.advance(hours=2)
    told(desk)
    test = page("export", AGENCY, monkeypatch)
    next(each for each in test.button_group if each.key == "export-window").set_value("1 h").run()
    assert not test.exception
    assert "since=2015-12-02T07%3A30%3A00.000Z" in link(test)
    assert "1 report matches" in html(test)


def test_is_filled_in_from_the_filters_of_the_desk_once(desk: Context, monkeypatch) -> None:
    put(desk, "wards", "area")
    told(desk)
    test = page("live_map", AGENCY, monkeypatch)
    test.session_state["desk-filters"] = Filters(
        area=("Adyar",), category=("rescue",), state=("open",), priority=(1,), hours=3, overdue=True
    )
    test.switch_page("pages/export.py").run()
    query = dict(parse_qsl(urlsplit(link(test)).query))
    assert {name: query[name] for name in ("area", "category", "state", "priority")} == {
        "area": "W-1",
        "category": "rescue",
        "state": "open",
        "priority": "P1",
    }
    assert "since" in query
    assert "The filters of the Live map are filled in, except overdue." in html(test)
    next(each for each in test.multiselect if each.key == "export-category").set_value([]).run()
    assert "category" not in link(test), "what is changed here stays"


def test_shows_hostile_words_as_words(desk: Context, monkeypatch) -> None:
    put(desk, "wards", "area", ward(HOSTILE, "W,1"))
    told(desk, text=HOSTILE)
    test = page("export", AGENCY, monkeypatch)
    assert "<img src=x" not in html(test)
    assert "evil.example" not in markdown(test)
    # Its code holds a comma, its name does not: the name stands for it.
    assert list(area_names(desk.views.situation)) == [HOSTILE]
    assert area_boxes(desk.views.situation)[HOSTILE] == (80.2, 13.0, 80.3, 13.1)


def test_offers_every_format_that_is_built(desk: Context, monkeypatch) -> None:
    offered = page("export", AGENCY, monkeypatch).radio(key="export-format")
    assert list(offered.options) == [form.label for form in EXPORTS.values()]


def test_offers_and_gives_a_format_by_its_one_line_in_the_list(desk: Context, monkeypatch) -> None:
    """The recipe "Add a format": nothing but this line makes it known to the page, the API and its document."""
    report = told(desk, text="on the roof of the mill")

    def ids(reports: ReportTable) -> Iterator[bytes]:
        for part in reports.features():
            yield b"".join(msgspec.json.decode(feature)["id"].encode() + b"\n" for feature in part)

    assert asked("/api/v1/reports.txt").status_code == 404
    monkeypatch.setitem(EXPORTS, "txt", Format("text/plain", ids, "Text: the ids, for those who know them"))

    answer = asked("/api/v1/reports.txt")
    assert (answer.status_code, answer.text) == (200, f"{report}\n")
    assert answer.headers["content-type"].startswith("text/plain")
    document = asked("/api/v1/openapi.json").json()
    assert "text/plain" in document["paths"]["/api/v1/reports.{form}"]["get"]["responses"]["200"]["content"]
    test = page("export", AGENCY, monkeypatch)
    assert "Text: the ids, for those who know them" in test.radio(key="export-format").options
    test.radio(key="export-format").set_value("txt").run()
    assert link(test) == "/api/v1/reports.txt?audience=agency"


def asked(path: str) -> httpx.Response:
    """What the application of this process answers a stranger."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(make_api([]))
        async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
            return await client.get(path)

    return asyncio.run(ask())


def test_offers_the_map_of_an_area_to_take_along(desk: Context, monkeypatch) -> None:
    assert "No area has reports yet" in html(page("export", AGENCY, monkeypatch))
    put(desk, "wards", "area")
    told(desk)
    test = page("export", AGENCY, monkeypatch)
    assert 'href="/api/v1/map.html?area=W-1&amp;audience=agency" download' in html(test)
    test.radio(key="export-audience").set_value(Audience.PUBLIC).run()
    assert 'href="/api/v1/map.html?area=W-1&amp;audience=public" download' in html(test)


def test_offers_the_sheet_of_an_area_on_paper(desk: Context, monkeypatch) -> None:
    put(desk, "wards", "area")
    told(desk)
    test = page("export", AGENCY, monkeypatch)
    assert 'href="/api/v1/sheet.pdf"' in html(test)
    test.selectbox(key="paper-area").set_value("W-1").run()
    assert not test.exception
    assert 'href="/api/v1/sheet.pdf?area=W-1"' in html(test)

"""The Live map: map, list and detail of the caller's audience, filtered and searched alike."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from crisismap.core.people.person import STRANGER
from crisismap.services.runtime.context import Context
from crisismap.ui.frame.wording import plain
from crisismap.ui.requests import filters, request_list
from crisismap.ui.requests.filters import Filters
from tests.conftest import FakeClock
from tests.people import AGENCY, RESPONDER
from tests.ui.listed import buttons, ids, listed, open_detail, press, rerun
from tests.ui.open_desk import HOSTILE, SQUARE, html, markdown, page, put, shelter, told, ward


def deck(test: AppTest) -> dict[str, object]:
    [chart] = test.get("deck_gl_json_chart")
    found: dict[str, object] = json.loads(chart.proto.json)
    return found


def reports(test: AppTest) -> dict[str, object]:
    return next(layer for layer in deck(test)["layers"][0] if layer["id"] == "reports")  # type: ignore[index]


def camera(test: AppTest) -> tuple[float, float, float]:
    view = deck(test)["initialViewState"]
    return round(view["longitude"], 3), round(view["latitude"], 3), round(view["zoom"], 2)  # type: ignore[index]


def search(test: AppTest, query: str) -> AppTest:
    next(each for each in test.text_input if each.key == "search").set_value(query).run()
    assert not test.exception, test.exception
    return test


def pick(test: AppTest, layer: str, **feature: object) -> AppTest:
    """What the browser sends when something on the map was clicked."""
    test.session_state["map"] = {"selection": {"indices": {layer: [0]}, "objects": {layer: [feature]}}}
    return rerun(test)


def test_says_what_to_do_while_there_is_nothing(desk: Context, monkeypatch) -> None:
    seen = listed(page("live_map", STRANGER, monkeypatch))
    assert seen["total"] == 0
    assert seen["empty"][0] == "No reports yet"


def test_lists_by_priority_and_waiting_time(desk: Context, clock: FakeClock, monkeypatch) -> None:
    food = told(desk, category="water_food", text="no food")
    clock.advance(minutes=1)
    first = told(desk, text="trapped")
    clock.advance(minutes=1)
    second = told(desk, text="trapped")
    test = page("live_map", AGENCY, monkeypatch)
    assert ids(test) == [first, second, food]
    assert [card["wait"] for card in listed(test)["cards"]] == ["1 min", "0 s", "2 min"]


def test_names_the_revision_in_the_address_of_the_tiles(desk: Context, monkeypatch) -> None:
    told(desk)
    test = page("live_map", AGENCY, monkeypatch)
    assert str(reports(test)["data"]).endswith(f"?v={desk.views.situation.revision}")
    told(desk)
    assert str(reports(rerun(test))["data"]).endswith(f"?v={desk.views.situation.revision}")


def test_keeps_the_camera_when_something_arrives(desk: Context, monkeypatch) -> None:
    put(desk, "wards", "area")
    told(desk)
    test = page("live_map", AGENCY, monkeypatch)
    before = camera(test)
    assert before[:2] == (80.25, 13.05)
    told(desk, lon=80.29, lat=13.09)
    assert camera(rerun(test)) == before


def test_filters_the_map_and_the_list_alike(desk: Context, clock: FakeClock, monkeypatch) -> None:
    put(desk, "wards", "area")
    inside = told(desk, text="trapped")
    told(desk, text="trapped", lon=80.5)
    told(desk, text="no food", category="water_food")
    test = page("live_map", AGENCY, monkeypatch)
    test.session_state["desk-filters"] = Filters(area=("Adyar",), priority=(1,), category=("rescue",), hours=6)
    rerun(test)
    assert ids(test) == [inside]
    address = str(reports(test)["data"])
    assert "area=Adyar" in address
    assert "priority=P1" in address
    assert "category=rescue" in address
    assert "since=2015-12-02T00%3A30" in address
    assert press(test, "Clear filters")
    assert listed(test)["total"] == 3


def test_goes_to_a_chosen_area_outlines_it_and_shows_it_as_a_chip(desk: Context, monkeypatch) -> None:
    far = {"type": "Point", "coordinates": [81.5, 13.05]}
    put(desk, "wards", "area", ward("Adyar", "W-1"), ward("Far", "W-2") | {"geometry": far})
    told(desk, lon=81.5, text="far away")
    inside = told(desk, text="trapped")
    test = page("live_map", AGENCY, monkeypatch)
    before = camera(test)
    assert not [layer for layer in deck(test)["layers"][0] if layer["id"].startswith("area-outline")]  # type: ignore[index]
    test.session_state["desk-filters"] = Filters(area=("Adyar",), priority=(1,))
    rerun(test)
    outline = [layer for layer in deck(test)["layers"][0] if layer["id"].startswith("area-outline")]  # type: ignore[index]
    assert {tuple(point) for point in outline[0]["data"][0]["path"]} == {tuple(point) for point in SQUARE}
    lon, lat, zoom = camera(test)
    assert (lon, lat) == (80.25, 13.05)
    assert zoom > before[2]
    assert {f"{plain('Area: Adyar')} ✕", "P1 ✕"} <= set(buttons(test))
    press(test, "P1 ✕")
    assert buttons(test).count("P1 ✕") == 0
    assert ids(test) == [inside]
    press(test, f"{plain('Area: Adyar')} ✕")
    assert listed(test)["total"] == 2
    assert camera(test) == (lon, lat, zoom), "taking the filter off moves nothing"


def test_shows_the_name_of_an_area_as_it_is(desk: Context, monkeypatch) -> None:
    put(desk, "wards", "area", ward(HOSTILE, "W-1"))
    told(desk)
    test = page("requests", AGENCY, monkeypatch)
    test.session_state["desk-filters"] = Filters(area=(HOSTILE,))
    rerun(test)
    assert "<img" not in html(test)
    assert not any("](javascript" in label for label in buttons(test))


def test_says_that_nothing_fits_instead_of_nothing(desk: Context, monkeypatch) -> None:
    told(desk)
    test = page("live_map", AGENCY, monkeypatch)
    test.session_state["desk-filters"] = Filters(category=("other",))
    assert listed(rerun(test))["empty"][0] == "No match"


def test_goes_on_drawing_what_has_a_place_while_the_unplaced_are_listed(desk: Context, monkeypatch) -> None:
    told(desk)
    lost = told(desk, lon=None, lat=None, place="behind the mill")
    test = press(page("live_map", AGENCY, monkeypatch), "Location needed **1**")
    assert ids(test) == [lost]
    assert "unplaced" not in str(reports(test)["data"])


@pytest.mark.parametrize(("accuracy_m", "closest", "furthest"), [(20, 14.5, 15), (2000, 11, 14)])
def test_shows_the_whole_circle_in_which_an_opened_request_may_be(
    desk: Context, monkeypatch, accuracy_m: int, closest: float, furthest: float
) -> None:
    id_ = told(desk, accuracy_m=accuracy_m)
    test = page("live_map", AGENCY, monkeypatch)
    clicks = [request_list.Click("open", id_, 1)]
    with monkeypatch.context() as clicked:
        clicked.setattr(request_list, "show", lambda *_, **__: clicks.pop() if clicks else None)
        rerun(test)
    lon, lat, zoom = camera(test)
    assert (lon, lat) == pytest.approx((80.25, 13.05), abs=1e-4)
    assert closest <= zoom <= furthest


@pytest.mark.parametrize(("shelter_lon", "least", "most"), [(80.26, 13.5, 14.9), (80.29, 12, 13.3), (80.5, 15, 15)])
@pytest.mark.parametrize("way", ["list", "map", "search"])
def test_shows_the_nearest_shelter_too_unless_the_place_would_be_lost(
    desk: Context, monkeypatch, way: str, shelter_lon: float, least: float, most: float
) -> None:
    """The request stays in the middle, and is not moved to again while its reader looks around."""
    near = shelter("School")
    near["geometry"]["coordinates"] = [shelter_lon, 13.05]
    put(desk, "shelters", "shelter", near)
    told(desk, lon=81, lat=13.5)
    id_ = told(desk, text="boat at the temple", accuracy_m=20)
    test = page("live_map", AGENCY, monkeypatch)
    if way == "map":
        pick(test, "reports", id=1, properties={"layerName": "reports"})
    else:
        if way == "search":
            search(test, "temple")
        clicks = [request_list.Click("open", id_, 1)]
        with monkeypatch.context() as clicked:
            clicked.setattr(request_list, "show", lambda *_, **__: clicks.pop() if clicks else None)
            rerun(test)
    lon, lat, zoom = camera(test)
    assert (lon, lat) == pytest.approx((80.25, 13.05), abs=1e-3)
    assert least <= zoom <= most
    before = deck(test)["initialViewState"]
    assert deck(rerun(test))["initialViewState"] == before


def test_folds_the_layers_with_their_ages_and_the_legend_out_beside_the_map(
    desk: Context, clock: FakeClock, monkeypatch
) -> None:
    put(desk, "wards", "area", title="Wards of the city")
    clock.advance(minutes=7)
    test = page("live_map", AGENCY, monkeypatch)
    assert "Official warnings" not in html(test)
    press(test, "Layers")
    assert "Official warnings" in html(test)
    [box] = [each for each in test.checkbox if "Wards of the city" in each.label]
    assert "updated 7 min ago" in box.label
    box.uncheck().run()
    assert "wards" not in str(deck(test))
    press(test, "Hide layers")
    assert "Official warnings" not in html(test)


def test_stays_readable_when_a_filter_matches_nothing(desk: Context, monkeypatch) -> None:
    put(desk, "wards", "area")
    told(desk)
    test = page("live_map", AGENCY, monkeypatch)
    before = camera(test)
    test.session_state["desk-filters"] = Filters(category=("other",), area=("Adyar",))
    assert listed(rerun(test))["empty"][0] == "No match"
    assert camera(test) == before
    assert "category=other" in str(reports(test)["data"])
    assert "Clear filters" in buttons(test)


def test_opens_the_detail_of_a_picked_report(desk: Context, monkeypatch) -> None:
    told(desk, text="first")
    told(desk, text="second one", lon=80.28)
    test = pick(page("live_map", AGENCY, monkeypatch), "reports", id=1, properties={"layerName": "reports"})
    assert "second one" in html(test)
    press(test, "← Back")
    assert listed(test)["total"] == 2


def test_lists_who_shares_a_point_that_is_too_full_to_draw_each(desk: Context, monkeypatch) -> None:
    for _ in range(9):
        told(desk, text="trapped")
    cluster = {"layerName": "clusters", "count": 9}
    test = pick(page("live_map", STRANGER, monkeypatch), "reports", id=0, properties=cluster)
    assert "9 reports in this part of the map" in html(test)
    assert listed(test)["total"] == 9


def test_lists_the_members_of_a_picked_cluster_and_goes_closer(desk: Context, monkeypatch) -> None:
    put(desk, "wards", "area")
    for number in range(5):
        told(desk, lon=80.25 + number / 1000)
    told(desk, lon=80.1, lat=13.3)
    test = page("live_map", AGENCY, monkeypatch)
    before = camera(test)
    pick(test, "reports", id=0, properties={"layerName": "clusters", "count": 5})
    assert "5 reports in this part of the map" in html(test)
    assert listed(test)["total"] == 5
    assert camera(test)[2] > before[2]


@pytest.mark.parametrize("number", [10**9, 7])
def test_ignores_a_pick_of_a_row_that_is_not_there(desk: Context, number: int, monkeypatch) -> None:
    told(desk)
    test = pick(page("live_map", STRANGER, monkeypatch), "reports", id=number, properties={"layerName": "reports"})
    assert listed(test)["total"] == 1


def test_tells_of_a_picked_official_feature_as_text(desk: Context, monkeypatch) -> None:
    put(desk, "shelters", "shelter", shelter(HOSTILE))
    test = page("live_map", STRANGER, monkeypatch)
    pick(test, "layer-shelters", id="1", properties={"name": HOSTILE, "status": "open", "free": 12})
    assert "<img src=x" not in html(test)
    assert "<dt>Free places</dt><dd>12</dd>" in html(test)


def test_says_the_numbers_of_a_picked_shelter_in_words(desk: Context, monkeypatch) -> None:
    put(desk, "evac", "shelter", shelter("School"), title="Schools of the city")
    test = page("live_map", STRANGER, monkeypatch)
    facts = {"name": "School", "status": "open", "max_capacity": 1200, "current_population": 500, "hall_colour": "red"}
    pick(test, "layer-evac", id="1", properties=facts)
    seen = html(test)
    assert "From the official layer Schools of the city." in seen
    for label, text in (("Capacity", "1,200"), ("People there", "500"), ("Hall colour", "red")):
        assert f"<dt>{label}</dt><dd>{text}</dd>" in seen
    assert "max_capacity" not in seen
    assert "current population" not in seen


def test_finds_places_words_and_coordinates(desk: Context, monkeypatch) -> None:
    put(desk, "wards", "area")
    told(desk, text="boat at the temple")
    test = search(page("live_map", AGENCY, monkeypatch), "temple")
    assert "Results for “temple”" in html(test)
    assert [card["text"] for card in listed(test)["cards"]] == ["boat at the temple"]
    search(test, "adyar")
    assert any("**Adyar**" in label for label in buttons(test))
    search(test, "13.09, 80.27")
    assert camera(test) == (80.27, 13.09, 15.0)
    search(test, "")
    assert "Results for" not in html(test)
    assert listed(test)["total"] == 1


def test_says_when_nothing_was_found_and_what_is_wrong(desk: Context, monkeypatch) -> None:
    test = search(page("live_map", AGENCY, monkeypatch), f"zzz {HOSTILE}"[:150])
    assert "No match for" in html(test)
    assert "<img src=x" not in html(test)
    assert "must lie between" in html(search(test, "181, 200"))


def test_finds_nothing_that_the_public_may_not_read(desk: Context, monkeypatch) -> None:
    told(desk, text="boat at the temple")
    assert "No match for" in html(search(page("live_map", STRANGER, monkeypatch), "temple"))


def test_takes_crowd_text_for_nothing_but_text(desk: Context, monkeypatch) -> None:
    put(desk, "wards", "area", ward(HOSTILE, "W-1"), title=HOSTILE)
    id_ = told(desk, text=HOSTILE, place=HOSTILE, fields={"trapped": True, "note": HOSTILE})
    test = page("live_map", RESPONDER, monkeypatch)
    search(test, "evil")
    assert "](https" not in markdown(test).replace("\\]\\(https", "")
    assert "<img src=x" not in html(test)
    open_detail(test, "map", id_)
    assert "<img src=x" not in html(test)
    assert "&lt;img src=x" in html(test)
    assert "evil.example" not in json.dumps(deck(test))


def test_moves_a_running_time_window_in_steps_that_desks_share() -> None:
    hour = Filters(hours=1)
    since = {filters.selection(hour, 1_449_037_800_000 + ms).since for ms in range(0, 300_000, 10_000)}
    assert len(since) == 1


def test_shows_a_found_place_on_the_map_of_a_phone_too(desk: Context, monkeypatch) -> None:
    told(desk, text="on the roof")
    test = search(page("live_map", AGENCY, monkeypatch), "13.09, 80.27")
    assert not test.exception
    hidden = ".st-key-pane-map{display:none}", ".st-key-map{display:none}"
    assert not any(each in html(test) for each in hidden)
    # Where words were found, the list stands below the search box.
    search(test, "roof")
    assert [each in html(test) for each in hidden] == [False, True]


def test_draws_the_way_to_the_nearest_shelter_of_what_is_open(desk: Context, monkeypatch) -> None:
    put(desk, "shelters", "shelter", shelter(f"School {HOSTILE}"))
    id_ = told(desk)
    test = open_detail(page("live_map", RESPONDER, monkeypatch), "map", id_)
    assert way(test) == [[80.25, 13.05], [80.26, 13.05]]
    assert "no road layer is loaded" in html(test)
    assert "Route to" not in html(test)
    street = {"type": "LineString", "coordinates": [[80.25, 13.0505], [80.26, 13.0505]]}
    put(desk, "roads", "transport", {"type": "Feature", "properties": {"name": HOSTILE}, "geometry": street})
    test = rerun(test)
    assert way(test) == [[80.25, 13.05], [80.25, 13.0505], [80.26, 13.0505], [80.26, 13.05]]
    seen = html(test)
    assert "along roads not known to be blocked" in seen
    assert "1.1 km along &lt;img" in seen
    assert "Route to School &lt;img" in seen
    assert "<img src=x" not in seen
    # The public's way begins at the published cell.
    public = way(open_detail(page("live_map", STRANGER, monkeypatch), "map", id_))
    assert public and public[0] != [80.25, 13.05]


def way(test: AppTest) -> list[list[float]] | None:
    found = next((layer for layer in deck(test)["layers"][0] if layer["id"] == "way-4"), None)  # type: ignore[index]
    return found["data"][0]["path"] if found else None

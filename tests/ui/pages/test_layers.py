"""The Layers page: what is live, how old and how sound, and a new version that is looked at before it is.

Long because every step of an upload begins with the same page and file.
"""

from __future__ import annotations

import io
import json
import re
from zipfile import ZipFile

import pytest

from crisismap.core.layer.layer import Role
from crisismap.services.layers.feeds import take_back
from crisismap.services.runtime.context import Context
from crisismap.ui.layers.layer_card import summary_html
from crisismap.ui.layers.layer_map import live_map, preview_map
from tests.conftest import FakeClock
from tests.people import ADMIN, AGENCY, RESPONDER, STRANGER, VOLUNTEER
from tests.ui.open_desk import HOSTILE, SQUARE, html, markdown, page, put, shelter, ward


def labels(test) -> list[str]:
    return [button.label for button in test.button]


def button(test, label: str):
    return test.button[labels(test).index(label)]


def press(test, label: str):
    test.button[labels(test).index(label)].click().run()
    assert not test.exception, test.exception
    return test


def field(test, name: str):
    kinds = ("text_input", "selectbox", "checkbox")
    return next(w for kind in kinds for w in test.get(kind) if (w.key or "").startswith(f"layer-{name}-"))


def keyed(test, key: str):
    return next(w for kind in ("text_input", "selectbox") for w in test.get(kind) if w.key == key)


def collection(*features: dict[str, object]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def uploaded(test, body: bytes, name: str = "New_Flood.geojson"):
    test.get("file_uploader")[0].set_value((name, body, "application/geo+json")).run()
    assert not test.exception, test.exception
    return test


def test_asks_a_stranger_to_sign_in(desk: Context, monkeypatch) -> None:
    put(desk, "wards", "area")
    test = page("layers", STRANGER, monkeypatch)
    assert "sign in" in html(test)
    assert "W-1" not in html(test)
    assert "Wards" not in html(test)


@pytest.mark.parametrize("person", [VOLUNTEER, RESPONDER])
def test_lets_the_signed_in_look_but_not_put(desk: Context, person, monkeypatch) -> None:
    put(desk, "wards", "area")
    test = page("layers", person, monkeypatch)
    assert "1 official layer<" in html(test)
    assert "layer-file-0" not in [each.key for each in test.get("file_uploader")]
    assert "Read and preview file" not in labels(test)


def test_says_how_old_and_how_sound_each_layer_is(desk: Context, clock: FakeClock, monkeypatch) -> None:
    broken = {"type": "Feature", "properties": {"name": "x"}, "geometry": None}
    put(desk, "wards", "area", ward("Adyar", "W-1"), broken, licence="CC0", attribution="City")
    clock.advance(seconds=40)
    seen = html(page("layers", AGENCY, monkeypatch))
    assert "updated 40 s ago" in seen
    assert '1 feature · <b class="warn">1 refused</b>' in seen
    assert "<li>refused, no geometry: row 2</li>" in seen
    assert "Licence: CC0 · City" in seen


def test_says_what_to_do_without_any_layer(desk: Context, monkeypatch) -> None:
    assert "No official layer yet" in html(page("layers", AGENCY, monkeypatch))


def test_opens_a_layer_with_its_map_and_its_features(desk: Context, monkeypatch) -> None:
    put(desk, "shelters", "shelter", shelter("School 4"))
    test = press(page("layers", VOLUNTEER, monkeypatch), "Show layer")
    assert "School 4" in html(test)
    deck = json.loads(test.get("deck_gl_json_chart")[0].proto.json)
    assert "/api/v1/layers/shelters.geojson?v=1" in json.dumps(deck)
    assert [each.url for each in test.get("link_button")] == ["/api/v1/layers/shelters.geojson"]


@pytest.mark.parametrize("person", [AGENCY, ADMIN])
def test_shows_a_file_before_it_is_live(desk: Context, person, monkeypatch) -> None:
    test = uploaded(page("layers", person, monkeypatch), collection(ward("Low ground", "1")))
    assert field(test, "id").value == "new-flood"
    press(test, "Read and preview file")
    assert "version 1 · 1 feature" in html(test)
    assert "Low ground" in html(test)
    assert desk.views.situation.layers == {}
    assert field(test, "role").value is None, "a role is suggested, never chosen"
    assert "Suggested: Hazard, because it is called “flood” and it has only areas." in html(test)
    assert button(test, "Publish layer").disabled
    field(test, "role").set_value(Role.HAZARD).run()
    press(test, "Publish layer")
    live = desk.views.situation.layers["new-flood"]
    assert (live.version, live.layer.role, live.features[0].name) == (1, Role.HAZARD, "Low ground")
    assert "is published as version 1." in html(test)


def test_replaces_a_layer_under_its_own_name(desk: Context, monkeypatch) -> None:
    put(desk, "wards", "area", title="City wards", licence="CC0")
    test = uploaded(page("layers", AGENCY, monkeypatch), collection(ward("Velachery", "W-2"), ward("Guindy", "W-3")))
    field(test, "target").set_value("wards").run()
    assert (field(test, "id").value, field(test, "title").value) == ("wards", "City wards")
    press(test, "Read and preview file")
    assert "Replaces version 1 with 1 feature, updated" in html(test)
    assert "1 of 1 feature would be gone: Adyar." in html(test)
    assert button(test, "Replace version 1").disabled
    field(test, "confirm").check().run()
    press(test, "Replace version 1")
    live = desk.views.situation.layers["wards"]
    assert (live.version, live.layer.title, live.layer.licence, len(live.features)) == (2, "City wards", "CC0", 2)


def sixty(count: int = 60) -> list[dict[str, object]]:
    """Shelters that differ."""
    made = []
    for at in range(count):
        geometry = {"type": "Point", "coordinates": [80.2 + at / 1000, 13.0]}
        properties = {"id": f"s{at}", "name": f"School {at}", "capacity": 100 + at, "warden": "see list"}
        made.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return made


def replacing(test, layer_id: str, body: bytes, name: str):
    uploaded(test, body, name)
    field(test, "target").set_value(layer_id).run()
    return press(test, "Read and preview file")


def test_names_a_great_loss_and_asks_for_a_word(desk: Context, monkeypatch) -> None:
    put(desk, "shelters", "shelter", *sixty())
    test = replacing(page("layers", AGENCY, monkeypatch), "shelters", collection(*sixty(3)), "shelters.geojson")
    seen = html(test)
    assert 'class="cm-loss" role="alert"' in seen
    assert "57 of 60 features would be gone: School 3, School 4" in seen
    for word in ("", "shelter"):
        field(test, "confirm").set_value(word)
        press(test, "Replace version 1")
        assert "Nothing was changed: type shelters" in html(test)
        assert desk.views.situation.layers["shelters"].version == 1
    field(test, "confirm").set_value("shelters")
    press(test, "Replace version 1")
    assert len(desk.views.situation.layers["shelters"].features) == 3


def test_names_a_change_of_role_and_asks_for_a_word(desk: Context, monkeypatch) -> None:
    put(desk, "shelters", "shelter", *sixty(4))
    test = replacing(page("layers", AGENCY, monkeypatch), "shelters", collection(*sixty(4)), "shelters.geojson")
    assert field(test, "role").value is Role.SHELTER
    assert 'cm-loss"' not in html(test)
    field(test, "role").set_value(Role.HAZARD).run()
    assert "The role changes from Shelters to Hazard: its shelters are no longer shown as the nearest." in html(test)
    assert "Suggested: Shelters, because" in html(test), "the suggestion stays while another role is chosen"
    press(test, "Replace version 1")
    assert desk.views.situation.layers["shelters"].layer.role is Role.SHELTER, "not without the word"
    field(test, "confirm").set_value("shelters")
    press(test, "Replace version 1")
    assert desk.views.situation.layers["shelters"].layer.role is Role.HAZARD


def test_replaces_without_a_question_where_nothing_is_lost(desk: Context, monkeypatch) -> None:
    put(desk, "shelters", "shelter", *sixty(4))
    test = replacing(page("layers", AGENCY, monkeypatch), "shelters", collection(*sixty(5)), "shelters.geojson")
    assert "By id: 1 new, 0 changed, 0 no longer there" in html(test)
    press(test, "Replace version 1")
    assert len(desk.views.situation.layers["shelters"].features) == 5


def test_says_what_was_used_for_what_and_shows_the_first_rows(desk: Context, monkeypatch) -> None:
    test = press(
        uploaded(page("layers", AGENCY, monkeypatch), collection(*sixty()), "places.geojson"), "Read and preview file"
    )
    assert "Suggested: Shelters, because it has the column “capacity” and it has only points." in html(test)
    rows = dict(re.findall(r"<th scope=\"row\">(\w+)</th><td[^>]*>([^<]*)</td>", html(test)))
    assert (rows["id"], rows["name"], rows["warden"]) == ("id", "name", "not used")
    assert rows["capacity"] == "capacity"
    assert "3 of 4 columns are used if the role is Shelters; the others are kept." in html(test)
    field(test, "role").set_value(Role.SHELTER).run()
    assert ">capacity</td>" in html(test)
    assert "The first 5 of 60 features" in html(test)
    assert "School 4" in html(test)


def test_says_what_is_used_with_the_role_that_is_chosen(desk: Context, monkeypatch) -> None:
    """A file is read before its role is known, and numbers of people are used with some roles only."""
    town = ward("Velachery", "W-2")
    town["properties"]["pop_2020"] = 700
    test = uploaded(page("layers", AGENCY, monkeypatch), collection(town), "towns.geojson")
    press(test, "Read and preview file")
    used = {}
    for role in (Role.SHELTER, Role.AREA):
        field(test, "role").set_value(role).run()
        rows = dict(re.findall(r"<th scope=\"row\">(\w+)</th><td[^>]*>([^<]*)</td>", html(test)))
        used[role] = rows["pop_2020"]
    assert used == {Role.SHELTER: "not used", Role.AREA: "number of people"}


def test_publishes_the_account_of_the_role_that_was_chosen(desk: Context, monkeypatch) -> None:
    """The notes of the first reading said that capacities are not used."""
    test = uploaded(page("layers", AGENCY, monkeypatch), collection(*sixty(3)), "places.geojson")
    press(test, "Read and preview file")
    field(test, "role").set_value(Role.AREA).run()
    assert "columns that look important, not used: 1 (“capacity”: a capacity)" in html(test)
    field(test, "role").set_value(Role.SHELTER).run()
    assert "a capacity" not in html(test)
    press(test, "Publish layer")
    live = desk.views.situation.layers["places"]
    assert live.notes == ("other columns, kept with the features, not used: 1 (warden)",)


FAR = {"type": "Point", "coordinates": [2.35, 48.85]}


def test_says_where_a_misplaced_layer_lies_and_takes_it_by_a_word(desk: Context, monkeypatch) -> None:
    put(desk, "wards", "area")
    lost = {"type": "Feature", "properties": {"name": "Paris"}, "geometry": FAR}
    test = press(uploaded(page("layers", AGENCY, monkeypatch), collection(lost), "a.geojson"), "Read and preview file")
    seen = html(test)
    assert "This layer does not lie where the incident is" in seen
    assert "Its only feature is far from the incident." in seen
    assert "longitude 2.35 to 2.35, latitude 48.85 to 48.85, 8,037 km from the incident" in seen
    assert "Read it with longitude and latitude swapped" not in labels(test)
    field(test, "role").set_value(Role.CONTEXT).run()
    press(test, "Publish layer")
    assert "a" not in desk.views.situation.layers, "not without the word"
    field(test, "confirm").set_value("a")
    press(test, "Publish layer")
    assert desk.views.situation.layers["a"].features[0].geometry.coords[0] == (2.35, 48.85)


def swapped(*features: dict[str, object]) -> list[dict[str, object]]:
    for each in features:
        each["geometry"]["coordinates"].reverse()
    return list(features)


def test_reads_a_swapped_layer_in_the_other_order_at_a_press(desk: Context, monkeypatch) -> None:
    put(desk, "wards", "area")
    test = uploaded(page("layers", AGENCY, monkeypatch), collection(*swapped(*sixty(3))), "schools.geojson")
    press(test, "Read and preview file")
    assert "Longitude and latitude look swapped: in the other order, all 3 features are at the incident." in html(test)
    field(test, "role").set_value(Role.SHELTER).run()
    press(test, "Read it with longitude and latitude swapped")
    assert "does not lie where" not in html(test)
    assert field(test, "role").value is Role.SHELTER, "the choice stays"
    press(test, "Publish layer")
    live = desk.views.situation.layers["schools"]
    assert live.features[1].geometry.coords[0] == pytest.approx((80.201, 13.0))
    assert live.mapping == {"layer": {"axes": "swapped"}}, "the next file is read in the same way"


def test_offers_to_swap_what_is_no_place_at_all(desk: Context, monkeypatch) -> None:
    """A latitude of 151 is none, so that nothing of the file could be read."""
    sydney = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [-33.87, 151.21]}}
    test = uploaded(page("layers", AGENCY, monkeypatch), collection(sydney), "a.geojson")
    press(test, "Read and preview file")
    assert "Longitude and latitude look swapped" in html(test)
    press(test, "Read it with longitude and latitude swapped")
    field(test, "role").set_value(Role.CONTEXT).run()
    press(test, "Publish layer")
    assert desk.views.situation.layers["a"].features[0].geometry.coords[0] == (151.21, -33.87)


def test_reads_a_file_again_with_the_columns_that_a_person_names(desk: Context, monkeypatch) -> None:
    rows = "Bezeichnung;Plätze;lon;lat\nSchule;120;80.2;13.0\n".encode("latin-1")
    test = press(uploaded(page("layers", AGENCY, monkeypatch), rows, "a.csv"), "Read and preview file")
    field(test, "role").set_value(Role.SHELTER).run()
    keyed(test, "layer-reading-0-name_field").set_value("Bezeichnung")
    keyed(test, "layer-reading-0-capacity_field").set_value("Plätze")
    press(test, "Read it again")
    press(test, "Publish layer")
    live = desk.views.situation.layers["a"]
    assert (live.features[0].name, live.features[0].properties["capacity"]) == ("Schule", "120")
    assert live.mapping == {"layer": {"name_field": "Bezeichnung", "capacity_field": "Plätze"}}


def test_keeps_the_preview_when_it_cannot_be_read_in_the_other_way(desk: Context, monkeypatch) -> None:
    test = press(
        uploaded(page("layers", AGENCY, monkeypatch), b"name,lon,lat\nA,80,13\n", "a.csv"), "Read and preview file"
    )
    keyed(test, "layer-reading-0-encoding").set_value("klingon")
    press(test, "Read it again")
    assert "It cannot be read like this" in html(test)
    assert "klingon" in html(test)
    assert "Publish layer" in labels(test)


def test_makes_an_id_and_a_title_of_a_name_in_another_script(desk: Context, monkeypatch) -> None:
    test = uploaded(page("layers", AGENCY, monkeypatch), collection(*sixty(2)), "ملاجئ_المدينة.geojson")
    assert (field(test, "id").value, field(test, "title").value) == ("layer", "ملاجئ المدينة")


def test_counts_on_after_a_layer_that_was_removed(desk: Context, monkeypatch) -> None:
    put(desk, "places", "shelter", *sixty(3))
    take_back(desk.store, desk.views, desk.clock(), AGENCY, "places")
    test = uploaded(page("layers", AGENCY, monkeypatch), collection(*sixty(3)), "places.geojson")
    press(test, "Read and preview file")
    assert "· version 2 ·" in html(test)


@pytest.mark.parametrize("name", ["shelters.geojson", "Shelters.csv.geojson"])
def test_refuses_a_new_layer_with_an_id_that_exists(desk: Context, monkeypatch, name: str) -> None:
    put(desk, "shelters", "shelter", *sixty(4), title="School shelters")
    test = press(uploaded(page("layers", AGENCY, monkeypatch), collection(*sixty(2)), name), "Read and preview file")
    assert "A layer with the id shelters exists: “School shelters”, Shelters, 4 features." in html(test)
    assert "Publish layer" not in labels(test)
    assert desk.views.situation.layers["shelters"].version == 1


def test_shows_the_difference_again_when_another_version_came_meanwhile(desk: Context, monkeypatch) -> None:
    put(desk, "shelters", "shelter", *sixty(4))
    test = replacing(page("layers", AGENCY, monkeypatch), "shelters", collection(*sixty(5)), "shelters.geojson")
    put(desk, "shelters", "shelter", *sixty(50))
    press(test, "Replace version 1")
    assert len(desk.views.situation.layers["shelters"].features) == 50
    assert "version 2 was published meanwhile" in html(test)
    assert "45 of 50 features would be gone" in html(test)
    press(test, "Replace version 2")
    assert len(desk.views.situation.layers["shelters"].features) == 50, "not without the word"


def test_refuses_an_id_that_was_taken_meanwhile(desk: Context, monkeypatch) -> None:
    test = press(
        uploaded(page("layers", AGENCY, monkeypatch), collection(*sixty(2)), "shelters.geojson"),
        "Read and preview file",
    )
    field(test, "role").set_value(Role.SHELTER).run()
    put(desk, "shelters", "shelter", *sixty())
    press(test, "Publish layer")
    assert len(desk.views.situation.layers["shelters"].features) == 60


def test_shows_a_hostile_file_as_words(desk: Context, monkeypatch) -> None:
    put(desk, "wards", "area")
    evil = ward(HOSTILE, "W-1")
    evil["properties"] |= {HOSTILE: HOSTILE}
    test = replacing(page("layers", AGENCY, monkeypatch), "wards", collection(evil), "a.geojson")
    assert "<img src=x" not in html(test)
    assert "evil.example" not in markdown(test)


def test_discards_what_was_read(desk: Context, monkeypatch) -> None:
    test = uploaded(page("layers", AGENCY, monkeypatch), collection(ward("a", "1")))
    press(press(test, "Read and preview file"), "Discard preview")
    assert desk.views.situation.layers == {}
    assert "Preview" not in markdown(test)


@pytest.mark.parametrize(
    ("body", "name", "sentence"),
    [
        (collection(), "a.geojson", "the layer is empty"),
        (b"{", "a.geojson", "The file was not read and nothing was changed."),
        (b"PK\x03\x04 no zip", "a.zip", "The file was not read and nothing was changed."),
        (b"\x00" * 40, "a.gpkg", "The file was not read and nothing was changed."),
    ],
)
def test_refuses_a_file_in_one_sentence(desk: Context, body: bytes, name: str, sentence: str, monkeypatch) -> None:
    test = press(uploaded(page("layers", AGENCY, monkeypatch), body, name), "Read and preview file")
    assert sentence in html(test)
    assert desk.views.situation.layers == {}


def test_refuses_an_id_that_cannot_be_an_address(desk: Context, monkeypatch) -> None:
    test = uploaded(page("layers", AGENCY, monkeypatch), collection(ward("a", "1")))
    field(test, "id").set_value("../x").run()
    press(test, "Read and preview file")
    assert "id: must be 1 to 64 of a-z" in html(test)


def test_shows_hostile_words_as_words(desk: Context, monkeypatch) -> None:
    put(desk, "shelters", "shelter", shelter(HOSTILE), title=HOSTILE, licence=HOSTILE, attribution=HOSTILE)
    test = press(page("layers", AGENCY, monkeypatch), "Show layer")
    assert "<img src=x" not in html(test)
    assert "evil.example" not in markdown(test)
    assert "evil.example" not in test.get("deck_gl_json_chart")[0].proto.json


def test_sends_only_shapes_in_a_preview(desk: Context) -> None:
    put(desk, "wards", "area", ward(HOSTILE, HOSTILE))
    version = desk.views.situation.layers["wards"]
    drawn = preview_map(version, [], dark=False).to_json()
    assert "evil.example" not in drawn
    assert str(SQUARE[0][0]) in drawn
    assert "/api/v1/tiles" not in drawn
    assert "/api/v1/tiles" not in live_map(version, [version], dark=True).to_json()
    assert "<img" not in summary_html(version, 0)


def zipped(**files: bytes) -> bytes:
    with io.BytesIO() as held:
        with ZipFile(held, "w") as archive:
            for name, body in files.items():
                archive.writestr(f"{name}.geojson", body)
        return held.getvalue()


def test_offers_the_layers_of_a_file_that_holds_several(desk: Context, monkeypatch) -> None:
    body = zipped(schools=collection(ward("School", "S-1")), roads=collection(ward("Road", "R-1"), ward("Lane", "R-2")))
    test = uploaded(page("layers", AGENCY, monkeypatch), body, "data.zip")
    press(test, "Read and preview file")
    assert "exactly one layer" in html(test)
    choice = next(each for each in test.selectbox if each.label == "Layer of this file to read")
    assert choice.options == ["schools.geojson", "roads.geojson"]
    choice.set_value("roads.geojson").run()
    press(test, "Read and preview file")
    assert "2 features" in html(test)
    assert "schools.geojson" in html(test), "what was left out is named"

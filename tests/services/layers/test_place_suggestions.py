"""Places for requests in words: from layers, from a file, from codes; only from words that the asker may read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crisismap.core.errors import Forbidden, Invalid, NotFound, NotSignedIn
from crisismap.core.place.geodesy import distance_m
from crisismap.demo.generator import layers as demo_layers
from crisismap.demo.reports import reports
from crisismap.services.layers.place_suggestions import NAME, PlaceSuggestion, places, places_of, put_gazetteer
from crisismap.services.layers.publish import put_layer_bytes
from crisismap.services.runtime.context import COMMAND_LINE, Context
from tests.people import AGENCY, RESPONDER, STRANGER, VOLUNTEER
from tests.services.deployment import ask

SEED = 2015
PUBLISH = {"publish": True}
ROAD = {"type": "LineString", "coordinates": [[80.1, 13.0], [80.2, 13.0]]}


def put(context: Context, layer_id: str, role: str, *features: tuple[str, dict[str, Any]]) -> None:
    made = [{"type": "Feature", "properties": {"name": n}, "geometry": g} for n, g in features]
    body = json.dumps({"type": "FeatureCollection", "features": made}).encode()
    put_layer_bytes(context, COMMAND_LINE, layer_id, role, body)
    assert context.views.situation.wait(context.store.events.revision())


def point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


def square(lon: float, lat: float, half: float) -> dict[str, Any]:
    w, s, e, n = lon - half, lat - half, lon + half, lat + half
    return {"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]}


def test_suggests_names_of_layers_of_every_role(context: Context) -> None:
    put(context, "wards", "area", ("Adyar", square(80.25, 13.0, 0.02)))
    put(context, "shelters", "shelter", ("Mullainagar School", point(80.20, 13.05)))
    put(
        context,
        "roads",
        "transport",
        ("Palmyra High Road", ROAD),
    )
    report, _ = ask(context, text="water", place="near mulainagar school", lon=None, lat=None)
    [found] = places(context.store, context.views, context.rules, context.settings, context.clock, RESPONDER, report)
    assert (found.lon, found.lat, found.accuracy_m) == (80.20, 13.05, 100)
    assert found.name == "Mullainagar School"
    assert 0.5 < found.confidence < 0.9
    assert found.reason == "the name Mullainagar School (shelters); spelt a little otherwise"
    assert [
        each.name for each in places_of(context.views, context.rules, context.settings, "palmyra high road is cut")
    ] == ["Palmyra High Road"]
    assert places_of(context.views, context.rules, context.settings, "adyar")[0].accuracy_m > 2_000


def test_offers_all_branches_and_prefers_the_one_in_a_ward_that_is_named(context: Context) -> None:
    put(context, "shops", "context", ("Saravana Stores", point(80.25, 13.0)), ("Saravana Stores", point(80.35, 13.2)))
    both = places_of(context.views, context.rules, context.settings, "stuck in saravana stores")
    assert [each.confidence for each in both] == [0.45, 0.45]
    put(context, "wards", "area", ("Adyar", square(80.25, 13.0, 0.02)))
    best = next(
        each
        for each in places_of(context.views, context.rules, context.settings, "saravana stores, adyar")
        if each.name == "Saravana Stores"
    )
    assert (best.lon, best.lat) == (80.25, 13.0)
    assert "inside Adyar" in best.reason


def test_reads_codes_by_the_middle_of_the_incident(context: Context) -> None:
    put(context, "wards", "area", ("All", square(80.27, 13.08, 0.2)))
    for text in ("369G+XP", "7M52369G+XP", "13.06994, 80.22681", "geo:13.06994,80.22681"):
        found = places_of(context.views, context.rules, context.settings, text)[0]
        assert (found.lon, found.lat) == pytest.approx((80.22681, 13.06994), abs=0.0001), text


def test_never_places_anything(context: Context) -> None:
    put(context, "shelters", "shelter", ("Mullainagar School", point(80.20, 13.05)))
    report, _ = ask(context, text="mullainagar school", lon=None, lat=None)
    before = context.store.events.revision()
    assert places(context.store, context.views, context.rules, context.settings, context.clock, RESPONDER, report)
    assert context.store.reports.one(report).point() is None
    assert context.store.events.revision() == before


def test_suggests_only_from_words_that_the_asker_may_read(context: Context) -> None:
    put(context, "shelters", "shelter", ("Mullainagar School", point(80.20, 13.05)))
    request, _ = ask(context, text="mullainagar school", place="mullainagar", lon=None, lat=None)
    told, _ = ask(context, category="flooding", text="mullainagar school", consent=PUBLISH, lon=None, lat=None)
    assert places(context.store, context.views, context.rules, context.settings, context.clock, RESPONDER, request)
    assert (
        places(context.store, context.views, context.rules, context.settings, context.clock, VOLUNTEER, request) == []
    )
    assert places(context.store, context.views, context.rules, context.settings, context.clock, VOLUNTEER, told)
    medical, _ = ask(context, category="medical", text="mullainagar school", lon=None, lat=None)
    with pytest.raises(NotFound):
        places(context.store, context.views, context.rules, context.settings, context.clock, VOLUNTEER, medical)


def test_asks_for_the_verb(context: Context) -> None:
    report, _ = ask(context)
    for person, refusal in ((STRANGER, NotSignedIn), (AGENCY, Forbidden)):
        with pytest.raises(refusal):
            places(context.store, context.views, context.rules, context.settings, context.clock, person, report)


def test_hears_of_a_new_file_and_a_new_layer_at_once(context: Context, tmp_path: Path) -> None:
    assert places_of(context.views, context.rules, context.settings, "Old Fort Road") == []
    file = tmp_path / "names.csv"
    file.write_text("name,lon,lat\nOld Fort Road,80.3,13.1\n")
    assert put_gazetteer(file, context.settings.data_dir).places == 1
    assert (
        places_of(context.views, context.rules, context.settings, "old fort road")[0].reason
        == "the name Old Fort Road (gazetteer)"
    )
    put(context, "roads", "transport", ("Mill Road", point(80.2, 13.0)))
    assert places_of(context.views, context.rules, context.settings, "mill road")


def test_keeps_the_old_file_when_the_new_one_is_of_no_use(context: Context, tmp_path: Path) -> None:
    folder = context.settings.data_dir
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("name,lon,lat\nAdyar,80.25,13.0\n")
    bad.write_text("name,lon,lat\nAdyar,east,13.0\n")
    put_gazetteer(good, folder)
    with pytest.raises(Invalid, match="row 2: lon"):
        put_gazetteer(bad, folder)
    assert (folder / NAME).read_text() == good.read_text()
    (folder / NAME).write_bytes(b"\xff\xfe")
    assert places_of(context.views, context.rules, context.settings, "adyar") == []


def test_finds_where_the_people_of_the_demo_are_by_their_words(context: Context) -> None:
    """Chennai as the demo makes it up: names in Latin letters and Tamil, misspelt, glued, in half sentences."""
    for layer, body in demo_layers(SEED):
        put_layer_bytes(context, COMMAND_LINE, layer.id, layer.role, json.dumps(body).encode())
    assert context.views.situation.wait(context.store.events.revision())
    start = 1_449_037_800_000
    told = [r.body for r in reports(SEED, 1500, start_ms=start, end_ms=start + 86_400_000) if "lon" in r.body]
    offered = [
        (body, places_of(context.views, context.rules, context.settings, f"{body.get('place', '')} {body['text']}"))
        for body in told
    ]
    named = [(body, found) for body, found in offered if found]
    first = [near(body, found[0]) for body, found in named]
    some = [any(near(body, each) for each in found) for body, found in named]
    assert len(named) > len(told) / 3
    assert sum(first) / len(named) > 0.63, (sum(first), sum(some), len(named), len(told))
    assert sum(some) / len(named) > 0.78, (sum(first), sum(some), len(named), len(told))


def near(body: dict[str, Any], found: PlaceSuggestion) -> bool:
    """Whether it is there: a landmark is named from round about, a road all along it."""
    return distance_m(body["lon"], body["lat"], found.lon, found.lat) <= found.accuracy_m + 1_000


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("near Quan Bac", "Quận Bắc"),
        ("gan quận bắc", "Quận Bắc"),
        ("boat needed in MYLAPORE", "மயிலாப்பூர்"),
        ("காப்பாற்றுங்கள் வேளச்சேரி", "Velachery"),
    ],
)
def test_suggests_names_without_accents_and_in_another_script(context: Context, text: str, name: str) -> None:
    names = ("Đông Hải", "Quận Bắc", "மயிலாப்பூர்", "Velachery")
    put(context, "wards", "area", *((each, square(80.2 + n / 10, 13.0, 0.02)) for n, each in enumerate(names)))
    found = places_of(context.views, context.rules, context.settings, text)
    assert [each.name for each in found] == [name]
    assert places_of(context.views, context.rules, context.settings, "send a boat to the school") == []

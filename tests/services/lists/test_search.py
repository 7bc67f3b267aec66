"""Search: words, places and coordinates, each audience in its own columns."""

from __future__ import annotations

import json
import unicodedata

import pytest

from crisismap.core.errors import Invalid
from crisismap.core.privacy import Audience
from crisismap.services.layers.publish import put_layer_bytes
from crisismap.services.lists.search import MAX_QUERY, coordinates, search
from crisismap.services.runtime.context import COMMAND_LINE, Context
from tests.people import AGENCY, EVERYBODY, RESPONDER, STRANGER
from tests.services.deployment import ask

SQUARE = [[80.2, 13.0], [80.3, 13.0], [80.3, 13.1], [80.2, 13.1], [80.2, 13.0]]
CHENNAI = (80.1, 12.9, 80.35, 13.25)


def put(context: Context, *names: str) -> None:
    shape = {"type": "Polygon", "coordinates": [SQUARE]}
    features = [{"type": "Feature", "properties": {"name": name}, "geometry": shape} for name in names]
    body = json.dumps({"type": "FeatureCollection", "title": "Wards", "features": features}).encode()
    put_layer_bytes(context, COMMAND_LINE, "wards", "area", body)
    assert context.views.situation.wait(context.store.events.revision())


def found(context: Context, query: str) -> list[str]:
    board = context.views.situation.board(Audience.AGENCY)
    return [
        record.id
        for record in context.views.features.records(
            board, list(search(context.views.situation, AGENCY, query).rows), context.clock()
        )
    ]


@pytest.mark.parametrize(
    ("query", "lon", "lat"),
    [
        ("13.08, 80.27", 80.27, 13.08),
        ("13.08 80.27", 80.27, 13.08),
        ("(13.08; 80.27)", 80.27, 13.08),
        ("80.27, 13.08", 80.27, 13.08),  # only this order lies in the incident
        ("80.27E 13.08N", 80.27, 13.08),
        ("13.08° N, 80.27° E", 80.27, 13.08),
        ("33.9S, 151.2E", 151.2, -33.9),
        ("-33.9, 151.2", 151.2, -33.9),
        ("120, 15", 120, 15),  # no latitude is 120
    ],
)
def test_reads_coordinates_as_people_write_them(query: str, lon: float, lat: float) -> None:
    spot = coordinates(query, CHENNAI)
    assert spot is not None
    assert (spot.lon, spot.lat) == (lon, lat)


@pytest.mark.parametrize("query", ["", "13.08", "13.08, x", "ward 13, 14 street", "1.2.3, 4", "13.08, 80.27, 5"])
def test_takes_nothing_else_for_coordinates(query: str) -> None:
    assert coordinates(query, CHENNAI) is None


def test_refuses_coordinates_outside_the_world(context: Context) -> None:
    with pytest.raises(Invalid):
        search(context.views.situation, STRANGER, "181, 200")


def test_refuses_an_endless_query(context: Context) -> None:
    with pytest.raises(Invalid):
        search(context.views.situation, STRANGER, "x" * (MAX_QUERY + 1))


def test_finds_a_report_by_all_its_words_in_any_case_and_script(context: Context) -> None:
    first, _ = ask(context, text="Two on the ROOF near the temple")
    ask(context, text="water in the street")
    tamil, _ = ask(context, text="உதவி வேண்டும்")
    assert found(context, "temple roof") == [first]
    assert found(context, "உதவி") == [tamil]
    assert found(context, "temple street") == []


@pytest.mark.parametrize("person", EVERYBODY)
def test_finds_words_of_requests_only_for_those_who_may_read_them(context: Context, person) -> None:
    ask(context, text="the blue gate, call 9840012345", place="behind the mill")
    for query in ("blue gate", "9840012345", "mill"):
        assert bool(search(context.views.situation, person, query).rows) is (person in (RESPONDER, AGENCY))


def test_finds_places_of_loaded_layers_the_closest_name_first(context: Context) -> None:
    put(context, "North Adyar Bridge", "Adyar", "Adyar West", "Velachery", "")
    told = search(context.views.situation, STRANGER, "adyar")
    assert [spot.name for spot in told.places] == ["Adyar", "Adyar West", "North Adyar Bridge"]
    assert told.places[0].about == "Wards"
    assert told.places[0].box == (80.2, 13.0, 80.3, 13.1)
    assert 80.2 < told.places[0].lon < 80.3


def test_leaves_features_without_a_shape_out(context: Context) -> None:
    body = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {"name": "A"}, "geometry": None}],
    }
    shape = {"type": "Polygon", "coordinates": [SQUARE]}
    body["features"].append({"type": "Feature", "properties": {"name": "AB"}, "geometry": shape})
    put_layer_bytes(context, COMMAND_LINE, "wards", "area", json.dumps(body).encode())
    assert context.views.situation.wait(context.store.events.revision())
    assert [spot.name for spot in search(context.views.situation, STRANGER, "a").places] == ["AB"]


def test_asks_for_nothing_with_an_empty_query(context: Context) -> None:
    ask(context)
    told = search(context.views.situation, AGENCY, "   ")
    assert (told.places, told.rows) == ((), ())


def test_reads_no_more_than_it_should(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crisismap.services.lists.search.REPORTS", 3)
    for number in range(5):
        ask(context, text=f"roof {number}")
    rows = search(context.views.situation, AGENCY, "roof").rows
    assert rows == (4, 3, 2), "the newest"


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("Quan Bac", "Quận Bắc"),
        ("quan ba", "Quận Bắc"),
        (unicodedata.normalize("NFD", "Đông Hải"), "Đông Hải"),
        ("DONG HAI", "Đông Hải"),
        ("st marys", "St. Mary's Ward"),
        ("Adyar", "அடையாறு"),
        ("அடையாறு", "அடையாறு"),
    ],
)
def test_finds_a_place_without_accents_and_in_another_script(context: Context, query: str, name: str) -> None:
    put(context, "Đông Hải", "அடையாறு", "Quận Bắc", "St. Mary's Ward")
    assert [spot.name for spot in search(context.views.situation, STRANGER, query).places] == [name]


def test_finds_no_place_by_another_vowel_sign_or_letter(context: Context) -> None:
    put(context, "Đông Hải", "கண்டி", "Quận Bắc")
    for query in ("Dang Hai", "கிண்டில்", "quanbac", "..."):
        assert search(context.views.situation, STRANGER, query).places == ()


def test_finds_texts_without_accents(context: Context) -> None:
    accented = ask(context, text="Nước ngập ở Đông Hải")[0]
    plain = ask(context, text="nuoc ngap o dong hai")[0]
    for query in ("nước ngập", "nuoc ngap", unicodedata.normalize("NFD", "ĐÔNG HẢI")):
        assert found(context, query) == [plain, accented]
    assert found(context, "nuoc nong") == []


@pytest.mark.parametrize(
    "query",
    [
        "https://www.google.com/maps/place/X/@13.0400,80.2300,15z/data=!8m2!3d13.0312!4d80.2212",
        "Lat 13.0312 Long 80.2212",
        "13 01 52 N, 80 13 16 E",
        "١٣٫٠٣١٢، ٨٠٫٢٢١٢",
        "44P 415554 1440715",
    ],
)
def test_goes_to_a_place_in_any_written_form(context: Context, query: str) -> None:
    put(context, "Adyar")
    [spot] = search(context.views.situation, STRANGER, query).places
    assert spot.kind == "coordinates"
    assert (spot.lat, spot.lon) == pytest.approx((13.0312, 80.2212), abs=2e-4)

"""Search: words, places and coordinates, each audience in its own columns."""

from __future__ import annotations

import json
import unicodedata

import pytest

from crisismap.core.errors import Invalid
from crisismap.core.people.identity import id_text
from crisismap.core.people.person import Person
from crisismap.core.privacy import Audience
from crisismap.services.layers.publish import put_layer_bytes
from crisismap.services.lists.search import MAX_QUERY, coordinates, near_place, search
from crisismap.services.runtime.context import COMMAND_LINE, Context
from tests import acts
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
            board, list(search(context.views, AGENCY, query).rows), context.clock()
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
        search(context.views, STRANGER, "181, 200")


def test_refuses_an_endless_query(context: Context) -> None:
    with pytest.raises(Invalid):
        search(context.views, STRANGER, "x" * (MAX_QUERY + 1))


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
        assert bool(search(context.views, person, query).rows) is (person in (RESPONDER, AGENCY))


def test_finds_places_of_loaded_layers_the_closest_name_first(context: Context) -> None:
    put(context, "North Adyar Bridge", "Adyar", "Adyar West", "Velachery", "")
    told = search(context.views, STRANGER, "adyar")
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
    assert [spot.name for spot in search(context.views, STRANGER, "a").places] == ["AB"]


def test_asks_for_nothing_with_an_empty_query(context: Context) -> None:
    ask(context)
    told = search(context.views, AGENCY, "   ")
    assert (told.places, told.rows) == ((), ())


def test_reads_no_more_than_it_should(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crisismap.services.lists.search.REPORTS", 3)
    for number in range(5):
        ask(context, text=f"roof {number}")
    rows = search(context.views, AGENCY, "roof").rows
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
    assert [spot.name for spot in search(context.views, STRANGER, query).places] == [name]


def test_takes_another_vowel_sign_or_letter_for_a_guess(context: Context) -> None:
    put(context, "Đông Hải", "கண்டி", "Quận Bắc")
    for query in ("Dang Hai", "கிண்டில்", "quanbac", "..."):
        told = search(context.views, STRANGER, query).places
        assert [spot for spot in told if spot.how == "written"] == []


def test_finds_texts_without_accents(context: Context) -> None:
    accented = ask(context, text="Nước ngập ở Đông Hải")[0]
    plain = ask(context, text="nuoc ngap o dong hai")[0]
    for query in ("nước ngập", "nuoc ngap", unicodedata.normalize("NFD", "ĐÔNG HẢI")):
        assert found(context, query) == [plain, accented]
    assert search(context.views, AGENCY, "nuoc nong").written == 0


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
    [spot] = search(context.views, STRANGER, query).places
    assert spot.kind == "coordinates"
    assert (spot.lat, spot.lon) == pytest.approx((13.0312, 80.2212), abs=2e-4)


def split(context: Context, query: str) -> tuple[list[str], list[str]]:
    """The reports that say it, and those that nearly say it."""
    ids, written = found(context, query), search(context.views, AGENCY, query).written
    return ids[:written], ids[written:]


def test_finds_misspelt_names_and_says_that_they_are_corrected(context: Context) -> None:
    put(context, "Velachery", "Tambaram East", "Tambaram West", "Kodambakkam", "Grand Mosque")
    for query, name in (("Velachary", "Velachery"), ("Tambaram Est", "Tambaram East"), ("mosqe", "Grand Mosque")):
        first = search(context.views, STRANGER, query).places[0]
        assert (first.name, first.how) == (name, "misspelt")
    [exact] = search(context.views, STRANGER, "velachery").places
    assert exact.how == "written"


def test_finds_a_place_by_its_name_in_another_language(context: Context) -> None:
    shape = {"type": "Polygon", "coordinates": [SQUARE]}
    names = {"name": "Velachery", "name_ta": "வேளச்சேரி", "alt_name": "Vedashreni"}
    body = {"type": "FeatureCollection", "title": "Wards", "features": [{"type": "Feature", "properties": names}]}
    body["features"][0]["geometry"] = shape
    put_layer_bytes(context, COMMAND_LINE, "wards", "area", json.dumps(body).encode())
    assert context.views.situation.wait(context.store.events.revision())
    for query, how in (("வேளச்சேரி", "written"), ("வேளசசேரி", "misspelt"), ("vedashreni", "written")):
        told = search(context.views, STRANGER, query)
        [spot] = told.places
        assert (spot.name, spot.how) == ("Velachery", how)
        assert spot.called in spot.about
        assert told.place_first


def test_tells_two_wards_of_one_name_apart(context: Context) -> None:
    put(context, "Rampur", "Rampur")
    one, other = search(context.views, STRANGER, "rampur").places
    assert one.about == other.about == "Wards · near 13.050, 80.250"


def test_corrects_words_of_reports_after_those_that_say_them(context: Context) -> None:
    right, _ = ask(context, text="roof of the mosque")
    wrong, _ = ask(context, text="two families at the mosqe gate")
    ask(context, text="moss on the wall")
    assert split(context, "mosque") == ([right], [wrong])
    assert split(context, "mosqe") == ([wrong], [right])
    told = search(context.views, AGENCY, "mosqeu gate")
    assert (told.written, told.words) == (0, ("mosqe",))
    assert not told.place_first


def test_corrects_no_number_and_no_short_word(context: Context) -> None:
    ask(context, text="call 9840012345, boat at 12 Kestrel Close")
    for query in ("9840012346", "bat", "13 kestrel"):
        assert split(context, query) == ([], [])


@pytest.mark.parametrize("person", EVERYBODY)
def test_corrects_to_no_word_that_the_person_may_not_read(context: Context, person: Person) -> None:
    ask(context, text="the blue gate behind zanzibar", place="behind the mill")
    told = search(context.views, person, "zanzibr gate")
    assert bool(told.rows) is (person in (RESPONDER, AGENCY))
    assert ("zanzibar" in repr(told)) is (person in (RESPONDER, AGENCY))


def test_finds_no_word_that_was_taken_back(context: Context) -> None:
    id_, _ = ask(context, category="flooding", text="knee deep at zanzibar", consent={"publish": True})
    assert search(context.views, STRANGER, "zanzibr").words == ("zanzibar",)
    done = acts.withhold(context, RESPONDER, id_, None, reason="a name").result()
    assert context.views.situation.wait(done.revision)
    told = search(context.views, STRANGER, "zanzibr")
    assert (told.rows, told.words) == ((), ())


@pytest.mark.parametrize("query", ["🐸", "🐸🐸 jetty", "🆘", "...", "¿?", "a" * 300, "x " * 200])
def test_finds_symbols_and_answers_odd_queries(context: Context, query: str) -> None:
    id_, _ = ask(context, text="boat at the jetty 🐸")
    assert found(context, query) == ([id_] if "🐸" in query else [])


def test_lists_requests_near_coordinates_by_distance_and_then_by_urgency(context: Context) -> None:
    metre = 1 / 111_195
    far, _ = ask(context, lat=13.05 + 800 * metre)
    low, _ = ask(context, category="water_food", text="no food", lat=13.05 + 100 * metre)
    high, _ = ask(context, lat=13.05 + 200 * metre)
    ask(context, lat=13.2)
    ask(context, category="flooding", text="knee deep")
    ask(context, lon=None, lat=None, place="behind the mill")
    told = search(context.views, AGENCY, "13.05, 80.25")
    assert told.place_first
    assert near(context, AGENCY, "13.05, 80.25") == [high, low, far]
    assert near_place(context.views, AGENCY, told.places[0]).inside == 0


def test_lists_the_requests_of_a_ward_and_then_those_around_it(context: Context) -> None:
    put(context, "Adyar")
    outside, _ = ask(context, lat=13.105)
    food, _ = ask(context, category="water_food", text="no food", lon=80.21, lat=13.01)
    inside, _ = ask(context, lon=80.29, lat=13.09)
    assert near(context, AGENCY, "adyar") == [inside, food, outside]
    [ward] = search(context.views, AGENCY, "adyar").places
    assert near_place(context.views, AGENCY, ward).inside == 2


def test_lists_near_a_place_only_where_the_public_map_has_a_request(context: Context) -> None:
    id_, _ = ask(context)
    ask(context, category="medical", text="oxygen")
    row = context.views.situation.board(Audience.PUBLIC)
    lon, lat = float(row["lon"][0]), float(row["lat"][0])
    assert near(context, STRANGER, f"{lat:.5f}, {lon:.5f}") == [id_]


def near(context: Context, person: Person, query: str) -> list[str]:
    place = search(context.views, person, query).places[0]
    queue = near_place(context.views, person, place).queue
    return [id_text(queue.board.id_raw(row)) for row in queue.rows.tolist()]

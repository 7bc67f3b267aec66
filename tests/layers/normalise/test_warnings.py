"""It makes features of warnings: where, from when to when, in which words, and none of what is not meant."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point

from crisismap.core.layer.alert import CLEAR, NO_TIME, Alert, AlertArea, Info
from crisismap.core.layer.layer import Layer, LayerVersion, Role
from crisismap.layers.normalise.warnings import HISTORY_MS, WarningBatch, circle, version

LAYER = Layer("warnings", "Warnings", Role.HAZARD)
HOUR = 3_600_000
RING = ((80.0, 13.0), (80.1, 13.0), (80.1, 13.1), (80.0, 13.0))
DRAWN = AlertArea("Adyar", polygons=(RING,))
NAMED = AlertArea("Velachery", geocodes=(("P-CODE", "IN33"),))


def alert(
    name: str, sent: int = 0, areas: tuple[AlertArea, ...] = (DRAWN,), infos: tuple[Info, ...] = (), **more
) -> Alert:
    infos = infos or (Info(event="Flood", headline="River over its banks", expires_ms=6 * HOUR, areas=areas),)
    made = {"status": "Actual", "kind": "Alert", "scope": "Public"} | more
    return Alert("met@example.org", name, sent, infos=infos, **made)


def made(*alerts: Alert, now: int = HOUR) -> LayerVersion:
    return version(WarningBatch(alerts), LAYER, now_ms=now)


def test_says_when_where_and_in_which_words():
    info = Info(event="Flood", severity="Severe", certainty="Likely", urgency="Immediate", expires_ms=9, areas=(DRAWN,))
    (feature,) = made(alert("a", 2, infos=(info,))).features
    assert (feature.id, feature.name, feature.valid_from_ms, feature.valid_to_ms) == ("a", "Flood", 2, 9)
    assert feature.geometry.bounds == (80.0, 13.0, 80.1, 13.1)
    assert {k: feature.properties[k] for k in ("severity", "certainty", "urgency", "area")} == {
        "severity": "Severe",
        "certainty": "Likely",
        "urgency": "Immediate",
        "area": "Adyar",
    }


def test_keeps_a_replaced_warning_until_the_moment_it_was_replaced():
    first = alert("a", 0)
    second = alert("b", HOUR, kind="Update", references=(first.key,))
    spans = {f.id: (f.valid_from_ms, f.valid_to_ms) for f in made(second, first).features}
    assert spans == {"a": (0, HOUR - 1), "b": (HOUR, 6 * HOUR)}


def test_one_bad_area_leaves_the_others_in_force_and_is_named():
    bad = AlertArea("Broken", geocodes=(("P-CODE", "IN33"),), problems=("polygon: needs three positions",))
    result = made(alert("a", areas=(DRAWN, bad)))
    drawn, named = result.features
    assert (drawn.id, drawn.geometry.bounds) == ("a", (80.0, 13.0, 80.1, 13.1))
    assert (named.id, named.geometry, named.properties["geocodes"]) == ("a~named", None, {"P-CODE": ["IN33"]})
    assert result.notes == ("a: area 'Broken': polygon: needs three positions",)
    assert (result.refused, made(alert("a", areas=(DRAWN,))).notes) == (0, ())


def test_an_area_with_a_good_and_a_bad_polygon_is_placed_by_both_outline_and_code():
    half = AlertArea("Half", polygons=(RING,), geocodes=(("P-CODE", "IN33"),), problems=("polygon: broken",))
    drawn, named = made(alert("a", areas=(half,))).features
    assert drawn.geometry is not None and named.geometry is None
    codeless = AlertArea("Half", polygons=(RING,), problems=("polygon: broken",))
    assert len(made(alert("a", areas=(codeless,))).features) == 1


def test_names_a_polygon_that_has_no_area():
    line = ((80.0, 13.0), (80.1, 13.0), (80.0, 13.0), (80.0, 13.0))
    result = made(alert("a", areas=(AlertArea("Line", polygons=(line, RING)),)))
    assert result.features[0].geometry is not None
    assert "area 'Line'" in result.notes[0] and "beyond repair" in result.notes[0]
    short = made(alert("a", areas=(AlertArea("Short", polygons=(RING[:2],)),)))
    assert (short.features[0].geometry, "at least three" in short.notes[0]) == (None, True)


def test_lists_the_first_bad_areas_and_counts_the_rest():
    bad = tuple(AlertArea(str(n), problems=("broken",)) for n in range(25))
    assert made(alert("a", areas=bad)).notes[-1] == "and 15 more of this kind"


def test_archived_messages_count_at_their_own_time_and_what_is_left_out_is_counted():
    old = alert("a", HOUR)
    late = HISTORY_MS * 60
    assert made(old, now=late).features == ()
    assert made(old, now=late).notes == ("ended more than 7 days before, left out: 1",)
    then = version(WarningBatch([old]), LAYER, now_ms=late, as_of_ms=HOUR)
    assert ([f.id for f in then.features], then.notes, then.moment_ms) == (["a"], (), HOUR)
    recalled = alert("b", 0, kind="Cancel", references=(("met@example.org", "a", HOUR),))
    assert "ended before they began, left out: 1" in made(old, recalled).notes


def test_never_drops_an_area_that_is_only_named():
    whole, rest = made(alert("a", areas=(DRAWN, NAMED))).features
    assert (whole.id, whole.properties["area"]) == ("a", "Adyar")
    assert (rest.id, rest.geometry, rest.properties["geocodes"]) == ("a~named", None, {"P-CODE": ["IN33"]})
    (nowhere,) = made(alert("b", areas=())).features
    assert nowhere.geometry is None


def test_puts_other_languages_beside_the_first():
    infos = tuple(Info(language=lang, event=word, areas=(DRAWN,)) for lang, word in (("en", "flood"), ("ta", "வெள்ளம்")))
    (feature,) = made(alert("a", infos=infos)).features
    assert feature.name == "flood"
    assert feature.properties["other_languages"]["ta"]["event"] == "வெள்ளம்"


def live(result: LayerVersion, hour: float) -> list[str]:
    """What is in force at an hour: name and languages."""
    found = [f for f in result.features if f.counts_at(round(hour * HOUR))]
    return [" ".join([f.name, f.properties["language"], *f.properties["other_languages"]]) for f in found]


def language(code: str, word: str, end_h: float, areas: tuple[AlertArea, ...] = (DRAWN,), **more) -> Info:
    return Info(language=code, event=word, expires_ms=round(end_h * HOUR), areas=areas, **more)


@pytest.mark.parametrize("as_of_h", [None, 1, 3, 5])
@pytest.mark.parametrize(("first", "second"), [(2, 4), (4, 2)])
def test_a_message_in_two_languages_is_in_force_until_the_later_end(first: int, second: int, as_of_h: int | None):
    infos = language("en", "flood", first), language("ta", "வெள்ளம்", second)
    as_of_ms = None if as_of_h is None else as_of_h * HOUR
    now_ms = HOUR if as_of_h is None else HISTORY_MS * 60
    result = version(WarningBatch([alert("a", HOUR, infos=infos)]), LAYER, now_ms=now_ms, as_of_ms=as_of_ms)
    later = "flood en" if first > second else "வெள்ளம் ta"
    assert [live(result, hour) for hour in (0.5, 1, 2, 3, 4, 4.1)] == [
        [],
        ["flood en ta"],
        ["flood en ta"],
        [later],
        [later],
        [],
    ]
    assert [f.id for f in result.features] == ["a", "a~2"]
    assert {f.geometry.bounds for f in result.features} == {(80.0, 13.0, 80.1, 13.1)}
    spans = {(f.properties["event_from"], f.properties["event_until"]) for f in result.features}
    assert spans == {("1970-01-01T01:00:00.000Z", "1970-01-01T04:00:00.000Z")}


@pytest.mark.parametrize(
    ("infos", "at"),
    [
        # One language begins later than the other.
        (
            (language("en", "flood", 3), language("ta", "வெள்ளம்", 5, effective_ms=2 * HOUR)),
            {1: ["flood en"], 2.5: ["flood en ta"], 4: ["வெள்ளம் ta"], 6: []},
        ),
        # Nothing is in force between them.
        (
            (language("en", "flood", 2), language("ta", "வெள்ளம்", 5, effective_ms=4 * HOUR)),
            {1.5: ["flood en"], 3: [], 4.5: ["வெள்ளம் ta"], 6: []},
        ),
        # Several infos of one language: other events, other places, other times.
        (
            (language("en", "flood", 2), language("en", "wind", 4), language("en", "slides", 6, (NAMED,))),
            {1.5: ["flood en", "wind en", "slides en"], 3: ["wind en", "slides en"], 5: ["slides en"], 7: []},
        ),
        # Two events in two languages, each with ends of its own.
        (
            (
                language("en", "rain", 2),
                language("en", "wind", 3),
                language("fr", "pluie", 4),
                language("fr", "vent", 5),
            ),
            {
                1.5: ["rain en fr", "wind en fr"],
                2.5: ["pluie fr", "wind en fr"],
                3.5: ["pluie fr", "vent fr"],
                4.5: ["vent fr"],
            },
        ),
        # Three languages, one of them without an end of its own.
        (
            (language("en", "flood", 2), language("ta", "வெள்ளம்", 3), Info("hi", "बाढ़", areas=(DRAWN,))),
            {1.5: ["flood en ta hi"], 2.5: ["வெள்ளம் ta hi"], 20: ["बाढ़ hi"], 26: []},
        ),
    ],
)
def test_every_info_counts_to_its_own_end(infos: tuple[Info, ...], at: dict[float, list[str]]):
    result = made(alert("a", HOUR, infos=infos))
    assert {hour: live(result, hour) for hour in at} == at


@pytest.mark.parametrize("kind", ["Update", "Cancel"])
@pytest.mark.parametrize(("hour", "before"), [(1.5, "flood en ta"), (3, "வெள்ளம் ta")])
def test_an_update_or_a_cancel_ends_all_languages_of_a_message(kind: str, hour: float, before: str):
    first = alert("a", HOUR, infos=(language("en", "flood", 2), language("ta", "வெள்ளம்", 4)))
    last = alert("b", round(hour * HOUR), infos=(language("en", "calm", 6),), kind=kind, references=(first.key,))
    result = made(last, first)
    assert live(result, hour - 0.01) == [before]
    assert live(result, hour) == (["calm en"] if kind == "Update" else [])
    assert live(result, 3.9) == (["calm en"] if kind == "Update" else [])


def test_a_language_has_its_own_texts_area_and_onset():
    areas = AlertArea("Adyar", polygons=(RING,)), AlertArea("அடையாறு", polygons=(RING,))
    infos = (
        language("en", "flood", 2, areas[:1], onset_ms=HOUR, web="https://a.example/en"),
        language("ta", "வெள்ளம்", 4, areas[1:], onset_ms=2 * HOUR, web="https://a.example/ta"),
    )
    both, tamil = made(alert("a", HOUR, infos=infos)).features
    assert (both.properties["area"], both.properties["onset"]) == ("Adyar", "1970-01-01T01:00:00.000Z")
    other = both.properties["other_languages"]["ta"]
    assert (other["area"], other["web"]) == ("அடையாறு", "https://a.example/ta")
    assert other["onset"] == tamil.properties["onset"] == "1970-01-01T02:00:00.000Z"
    assert (tamil.properties["area"], tamil.properties["web"]) == ("அடையாறு", "https://a.example/ta")


def test_places_of_two_languages_both_count():
    infos = language("en", "flood", 4), language("ta", "வெள்ளம்", 4, (NAMED,))
    first, second = made(alert("a", HOUR, infos=infos)).features
    assert first.geometry is not None and second.properties["geocodes"] == {"P-CODE": ["IN33"]}


def test_a_time_that_is_not_right_is_a_warning_and_the_message_stays():
    good = alert("a", HOUR)
    bad = alert("b", HOUR, infos=(Info(event="Flood", areas=(DRAWN,)),), problems=("expires 'soon' cannot be read",))
    silent = alert("c", HOUR, status="Exercise", problems=("sent 'x' cannot be read",))
    result = made(good, bad, silent)
    assert result.warnings == ("b: expires 'soon' cannot be read",)
    assert [(f.id, f.valid_to_ms, f.properties["end_assumed"]) for f in result.features] == [
        ("a", 6 * HOUR, False),
        ("b", 25 * HOUR, True),
    ]
    assert made(good).warnings == ()


@pytest.mark.parametrize(("as_of_h", "from_h"), [(None, 2), (5, 5)])
def test_a_message_without_any_time_counts_from_when_it_came(as_of_h: int | None, from_h: int):
    bare = alert("a", NO_TIME, infos=(Info(event="Flood", areas=(DRAWN,)),), sent_is_exact=False)
    as_of_ms = None if as_of_h is None else as_of_h * HOUR
    (feature,) = version(WarningBatch([bare]), LAYER, now_ms=2 * HOUR, as_of_ms=as_of_ms).features
    assert (feature.valid_from_ms, feature.valid_to_ms) == (from_h * HOUR, (from_h + 24) * HOUR)
    assert feature.properties["sent"] is None
    (kept,) = version(WarningBatch([bare.received(HOUR)]), LAYER, now_ms=9 * HOUR).features
    assert kept.valid_from_ms == HOUR


def test_a_feature_says_which_original_it_was_read_from():
    (feature,) = made(alert("a", original="0" * 64, signed=True)).features
    assert (feature.properties["original"], feature.properties["signed"]) == ("0" * 64, True)
    assert "signed" not in made(alert("a")).features[0].properties


def test_counts_what_is_not_shown():
    version = made(alert("a", status="Exercise"), alert("b", scope="Private"), alert("c", kind="Cancel"), alert("d"))
    assert [f.id for f in version.features] == ["d"]
    assert len(version.notes) == 3


def test_takes_no_message_for_a_calm_day_and_forgets_what_is_long_over():
    assert made().features == ()
    assert made(alert("a"), now=6 * HOUR + HISTORY_MS).features != ()
    assert made(alert("a"), now=6 * HOUR + HISTORY_MS + 1).features == ()


def test_marks_an_end_that_is_assumed_and_an_all_clear():
    infos = (Info(event="Flood", responses=("AllClear",), areas=(DRAWN,)),)
    (feature,) = made(alert("a", infos=infos)).features
    assert (feature.valid_to_ms, feature.properties["end_assumed"], feature.status) == (24 * HOUR, True, CLEAR)


def test_draws_a_circle_on_the_ground():
    edge = shapely.get_coordinates(circle(80.0, 60.0, 10.0))
    assert edge[:, 0].max() - 80.0 == pytest.approx(10 / (111.32 * 0.5), rel=0.01)
    assert edge[:, 1].max() - 60.0 == pytest.approx(10 / 111.4, rel=0.01)
    assert circle(80.0, 60.0, 0.0) == Point(80, 60)


@given(
    st.permutations(
        [alert("a"), alert("b", 5, kind="Cancel", references=(alert("a").key,)), alert("c", 7), alert("c", 7)]
    )
)
def test_is_the_same_for_any_order(order: list[Alert]):
    assert made(*order) == replace(made(*sorted(order, key=lambda a: a.sent_ms)))

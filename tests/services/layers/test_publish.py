"""A layer that is put is live with its credits; a wrong one changes nothing; packed and shipped ones are the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from crisismap.core.errors import CrisismapError, Forbidden, Invalid, Malformed, NotSignedIn, WouldLose
from crisismap.core.layer.original import MOST_BYTES, MOST_LISTED
from crisismap.core.moment import rfc3339
from crisismap.layers.read import read_layer_bytes
from crisismap.services.layers.feeds import go_back, take_back
from crisismap.services.layers.publish import (
    as_of_ms,
    load_shipped,
    make_layer,
    pack_layer,
    put_layer_bytes,
    put_packed,
)
from crisismap.services.runtime.context import Context
from tests.layers.samples import SQUARE, collection, feature, point, polygon
from tests.people import AGENCY, EVERYBODY, STRANGER

WARDS = collection(feature(polygon(SQUARE), name="Adyar", code="W-1"), title="Wards", licence="CC0", attribution="City")


def test_makes_a_layer_live_with_its_credits(context: Context) -> None:
    done = put_layer_bytes(context, AGENCY, "wards", "area", WARDS)
    live = context.views.situation.layers["wards"]
    assert (live.version, [each.name for each in live.features]) == (done.version, ["Adyar"])
    assert (live.layer.title, live.layer.licence, live.layer.attribution) == ("Wards", "CC0", "City")
    again = put_layer_bytes(context, AGENCY, "wards", "area", collection(feature(polygon(SQUARE), name="Guindy")))
    assert again.version == done.version + 1
    assert [each.name for each in context.views.situation.layers["wards"].features] == ["Guindy"]


@pytest.mark.parametrize(
    ("layer_id", "role", "body"),
    [
        ("Wards", "area", WARDS),
        ("../wards", "area", WARDS),
        ("", "area", WARDS),
        ("wards", "map", WARDS),
        ("wards", "area", b"{"),
        ("wards", "area", b""),
        ("wards", "area", WARDS.replace(b'"CC0"', b'"CC\\u0000"')),
    ],
)
def test_refuses_a_wrong_one_and_changes_nothing(context: Context, layer_id: str, role: str, body: bytes) -> None:
    with pytest.raises(CrisismapError):
        put_layer_bytes(context, AGENCY, layer_id, role, body)
    assert (context.store.events.revision(), context.views.situation.layers) == (0, {})


def test_keeps_the_moment_that_a_version_shows(context: Context) -> None:
    shown = context.clock() - 3_600_000
    assert put_layer_bytes(context, AGENCY, "wards", "area", WARDS, rfc3339(shown)).as_of_ms == shown
    assert as_of_ms("") is None
    for wrong in ("yesterday", "2015-12-02T06:30:00", "9999-12-31T23:59:59-12:00"):
        with pytest.raises(Invalid):
            as_of_ms(wrong)


CAP = (
    b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>a</identifier><sender>m@example.org</sender>'
    b"<sent>2015-12-02T12:00:00+05:30</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>"
    b"<info><event>Flood</event><area><areaDesc>Adyar</areaDesc><polygon>13,80.2 13,80.3 13.1,80.3 13,80.2</polygon>"
    b"</area></info></alert>\r\n"
)


def test_a_command_sends_the_original_of_a_warning_and_nothing_that_is_another(context: Context) -> None:
    layer = make_layer("warnings", "hazard")
    version = read_layer_bytes(CAP, layer=layer, now_ms=context.clock())
    put_packed(context, AGENCY, "warnings", "hazard", pack_layer(version))
    (original,) = context.views.situation.layers["warnings"].originals
    assert original.body is None, "the bytes lie in the store, not in memory"
    assert context.store.layers.original("warnings", original.id) == CAP
    (kept,) = version.originals
    forged = [replace(kept, body=CAP.strip()), replace(kept, body=None), replace(kept, body=bytes(MOST_BYTES + 1))]
    for originals in (*((each,) for each in forged), (kept,) * (MOST_LISTED + 1)):
        with pytest.raises(Malformed, match="original messages"):
            put_packed(context, AGENCY, "warnings", "hazard", pack_layer(replace(version, originals=originals)))
    go_back(context.store, context.views.situation, context.clock(), AGENCY, "warnings", 1)
    assert context.views.situation.layers["warnings"].originals == (original,)


def test_puts_what_a_command_has_packed(context: Context) -> None:
    put_layer_bytes(context, AGENCY, "wards", "area", WARDS)
    body = pack_layer(context.views.situation.layers["wards"])
    put_packed(context, AGENCY, "copy", "area", body)
    copy = context.views.situation.layers["copy"]
    assert (copy.layer.title, [each.code for each in copy.features]) == ("Wards", ["W-1"])
    with pytest.raises(Malformed):
        put_packed(context, AGENCY, "copy", "area", b"\xc1")


def test_loads_what_ships_once_and_lets_a_bad_file_stop_none(context: Context, tmp_path: Path) -> None:
    for name, body in (("good", WARDS), ("bad", b"{")):
        (tmp_path / f"{name}.geojson").write_bytes(body)
        (tmp_path / f"{name}.toml").write_text(
            f'id = "{name}"\ntitle = "{name}"\nrole = "area"\nfile = "{name}.geojson"\n'
            'licence = "CC0"\nattribution = "City"\n'
        )
    load_shipped(context.store, context.views, context.clock(), tmp_path)
    assert list(context.views.situation.layers) == ["good"]
    revision = context.store.events.revision()
    load_shipped(context.store, context.views, context.clock(), tmp_path)
    assert context.store.events.revision() == revision, "the same again is no news"


def test_is_for_agencies(context: Context) -> None:
    for person in EVERYBODY:
        if person != AGENCY:
            with pytest.raises(NotSignedIn if person == STRANGER else Forbidden):
                put_layer_bytes(context, person, "wards", "area", WARDS)
    assert context.views.situation.layers == {}


def points(count: int, **members: str) -> bytes:
    made = [feature(point(80.2 + at / 100, 13.0), at, name=f"Place {at}") for at in range(count)]
    return collection(*made, **members)


@pytest.mark.parametrize(
    ("role", "count", "code"),
    [
        ("hazard", 5, "role_would_change"),
        ("area", 1, "role_would_change"),
        ("shelter", 2, "features_would_be_lost"),
        ("shelter", 1, "features_would_be_lost"),
    ],
)
@pytest.mark.parametrize("confirm", [None, "", "yes", "other"])
def test_refuses_a_great_loss_without_its_id(
    context: Context, role: str, count: int, code: str, confirm: str | None
) -> None:
    put_layer_bytes(context, AGENCY, "shelters", "shelter", points(5))
    with pytest.raises(WouldLose) as refused:
        put_layer_bytes(context, AGENCY, "shelters", role, points(count), "", confirm)
    assert refused.value.code == code
    assert (refused.value.details["features_before"], refused.value.details["features_after"]) == (5, count)
    live = context.views.situation.layers["shelters"]
    assert (live.version, live.layer.role, len(live.features)) == (1, "shelter", 5)
    assert put_layer_bytes(context, AGENCY, "shelters", role, points(count), "", "shelters").version == 2


@pytest.mark.parametrize("count", [3, 5, 6])  # of five; half of an even number is tried below
def test_takes_what_loses_no_more_than_half(context: Context, count: int) -> None:
    put_layer_bytes(context, AGENCY, "shelters", "shelter", points(5))
    assert put_layer_bytes(context, AGENCY, "shelters", "shelter", points(count)).version == 2
    put_layer_bytes(context, AGENCY, "even", "shelter", points(4))
    assert put_layer_bytes(context, AGENCY, "even", "shelter", points(2)).version == 2


def test_leaves_credits_that_a_new_version_does_not_name(context: Context) -> None:
    put_layer_bytes(context, AGENCY, "camps", "shelter", points(1, title="Camps", licence="CC0", attribution="City"))
    put_layer_bytes(context, AGENCY, "camps", "shelter", points(1, attribution="Province"))
    layer = context.views.situation.layers["camps"].layer
    assert (layer.title, layer.licence, layer.attribution) == ("Camps", "CC0", "Province")


def test_asks_nothing_of_a_layer_that_was_removed(context: Context) -> None:
    put_layer_bytes(context, AGENCY, "camps", "shelter", points(5))
    take_back(context.store, context.views, context.clock(), AGENCY, "camps")
    assert put_layer_bytes(context, AGENCY, "camps", "hazard", points(1)).version == 2

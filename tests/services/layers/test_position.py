"""It stops a misplaced layer before it is live, whichever way it comes in."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Invalid
from crisismap.services.layers.publish import pack_layer, put_layer_bytes, put_packed
from crisismap.services.runtime.context import Context
from tests.layers.samples import SQUARE, collection, feature, point, polygon, read
from tests.services.layers.test_publish import AGENCY

WARDS = collection(feature(polygon(SQUARE), code="01"))
RIGHT = collection(feature(point(80.05, 13.05), name="A"), feature(point(80.06, 13.06), name="B"))
SWAPPED = collection(feature(point(13.05, 80.05), name="A"), feature(point(13.06, 80.06), name="B"))
FAR = collection(feature(point(2.35, 48.85), name="Paris"))


@pytest.fixture
def placed(context: Context) -> Context:
    put_layer_bytes(context, AGENCY, "wards", "area", WARDS)
    return context


@pytest.mark.parametrize(("body", "code"), [(SWAPPED, "layer_swapped"), (FAR, "layer_far_away")])
def test_refuses_it_and_keeps_the_version_before(placed: Context, body: bytes, code: str):
    put_layer_bytes(placed, AGENCY, "shelters", "shelter", RIGHT)
    with pytest.raises(Invalid) as refused:
        put_layer_bytes(placed, AGENCY, "shelters", "shelter", body)
    assert refused.value.code == code
    with pytest.raises(Invalid):
        put_packed(placed, AGENCY, "shelters", "shelter", pack_layer(read(body)))
    with pytest.raises(Invalid):
        put_layer_bytes(placed, AGENCY, "new", "hazard", body)
    live = placed.views.situation.layers
    assert live["shelters"].version == 1
    assert "new" not in live


def test_takes_it_when_a_person_confirms(placed: Context):
    done = put_layer_bytes(placed, AGENCY, "paris", "context", FAR, confirm="paris")
    assert (done.version, done.warnings) == (1, ("far from the incident: 1 of 1 features (Paris)",))


@pytest.mark.parametrize("confirm", [None, "halls"])
@pytest.mark.parametrize(
    ("odd", "warning"),
    [
        (point(2.35, 48.85), "far from the incident: 1 of 4 features (odd)"),
        (point(13.05, 80.05), "longitude and latitude look swapped, left as they are: 1 of 4 features (odd)"),
        (point(-80.05, 13.05), "far from the incident: 1 of 4 features (odd)"),
        (polygon([[2.0, 48.0], [3.0, 48.0], [3.0, 49.0], [2.0, 48.0]]), "far from the incident: 1 of 4 features (odd)"),
    ],
)
def test_names_single_misplaced_features_whether_confirmed_or_not(
    placed: Context, odd: object, warning: str, confirm: str | None
):
    good = [feature(point(80.05 + n / 100, 13.05), name=f"G{n}") for n in range(3)]
    done = put_layer_bytes(placed, AGENCY, "halls", "shelter", collection(*good, feature(odd, name="odd")), "", confirm)
    assert any(warning in each for each in done.warnings), done.notes


def test_has_no_warning_of_a_confirmed_layer_that_is_in_place(placed: Context):
    assert put_layer_bytes(placed, AGENCY, "halls", "shelter", RIGHT, confirm="halls").warnings == ()


def test_replaces_a_misplaced_layer_by_the_right_one(context: Context):
    """The wrong version says nothing about where the incident is."""
    turned = [[lat, lon] for lon, lat in SQUARE]
    put_layer_bytes(context, AGENCY, "wards", "area", collection(feature(polygon(turned))))
    assert put_layer_bytes(context, AGENCY, "wards", "area", WARDS).version == 2


def test_does_not_widen_the_incident_by_a_place_at_zero(context: Context):
    rows = b"name,lat,lon\nA,13.01,80.21\nB,0,0\nC,13.02,80.22\n"
    done = put_layer_bytes(context, AGENCY, "shelters", "shelter", rows)
    assert done.unlocated == 1
    assert context.views.situation.extent == pytest.approx((80.21, 13.01, 80.22, 13.02))

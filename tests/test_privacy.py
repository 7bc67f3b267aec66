"""No byte of any public output holds an exact place, a contact or the words of a request.

Digits, numbers and names are planted in everything that people can send; then every public output is fetched as a
stranger and as a volunteer, unpacked, and searched. The same search over what agencies get finds them: it can fail.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import msgspec
import pytest

from crisismap.core import moment
from crisismap.core.place.place import cell_place
from crisismap.core.privacy import Audience
from crisismap.situation.board import intake
from tests.planted import CATEGORIES, COUNT, Planted, clients, found_in, inside, outputs, place_of, plant, tile_of
from tests.server import serving
from tests.situation import vector_tile


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> Iterator[Planted]:
    """The real server, with everything planted."""
    with serving(tmp_path_factory.mktemp("planted")) as started:
        held = Planted(clients(started.url), started.token)
        plant(held)
        yield held


@pytest.mark.parametrize("role", [None, "volunteer"])
def test_tells_the_public_no_exact_place_no_contact_and_no_words_of_a_request(planted, role):
    with planted.client(planted.token(role) if role else None) as client:
        leaks = {path: found for path, body in outputs(planted, client) if (found := found_in(planted, body))}
    assert leaks == {}


def test_finds_them_in_what_agencies_get(planted):
    with planted.client(planted.token("agency")) as client:
        seen = {s for _, body in outputs(planted, client) for s in found_in(planted, body)}
    assert any(s.startswith(b"zanzibar") for s in seen)
    assert any(s.startswith(b"80.2") for s in seen)


def test_publishes_every_request_at_the_centre_of_its_cell(planted):
    with planted.client(None) as client:
        features = client.get("/api/v1/reports.geojson").json()["features"]
    cells = {cell_place(*place, 7)[:2] for place in [*planted.secret_places, (80.3334517, 13.1114913)]}
    placed = [feature for feature in features if feature["geometry"]]  # a place that cannot be read is none
    assert len(placed) > len(features) / 2
    for feature in placed:
        assert tuple(feature["geometry"]["coordinates"]) in cells
        assert feature["properties"]["place_kind"] == "cell"


def test_never_itemises_medical_requests_for_the_public(planted):
    with planted.client(None) as client:
        items = client.get("/api/v1/requests", params={"limit": 1000}).json()["items"]
        categories = {c["category"]: c for c in client.get("/api/v1/situation").json()["by_category"]}
    assert items
    assert "medical" not in {item["category"] for item in items}
    assert categories["medical"]["reports"] == COUNT // len(CATEGORIES)  # 8, not under 5


def test_tells_a_stranger_nothing_of_a_medical_request_by_its_id(planted):
    """Known and unknown ids are answered alike, to the byte, whatever is tried."""
    unknown = "01512345-6789-8abc-8def-0123456789ab"
    place = {"lon": 80.0, "lat": 13.0, "source": "a guess"}
    for role in (None, "volunteer"):
        with planted.client(planted.token(role) if role else None) as client:
            for one in planted.ids_of("medical")[:2]:
                for path in ("/api/v1/reports/{}", "/api/v1/requests/{}", "/api/v1/requests/{}/contact"):
                    known, none = client.get(path.format(one)), client.get(path.format(unknown))
                    assert known.status_code in (401, 403, 404)
                    assert (known.status_code, known.content) == (none.status_code, none.content)
                for etag in ("*", '"1"', '"9"'):
                    known, none = (
                        client.post(f"/api/v1/requests/{i}/place", json=place, headers={"If-Match": etag})
                        for i in (one, unknown)
                    )
                    assert (known.status_code, known.content) == (none.status_code, none.content)
    with planted.client(planted.token("agency")) as agency:
        seen = agency.get(f"/api/v1/reports/{planted.ids_of('medical')[0]}").json()
    assert seen["geometry"]["coordinates"][0] != 80.0, "a volunteer moved what they may not know of"


def test_draws_in_tiles_what_lists_publish_and_nothing_finer(planted):
    """Places in tiles are packed numbers that no search of bytes would find: they are unpacked and compared."""
    with planted.client(None) as client:
        features = client.get("/api/v1/reports.geojson").json()["features"]
        published = {tuple(f["geometry"]["coordinates"]) for f in features if f["geometry"]}
        for z in (12, 14, 16, 19):
            found, together = [], 0
            for x, y in {tile_of(*place, z) for place in published}:
                tile = vector_tile.read(client.get(f"/api/v1/tiles/{z}/{x}/{y}.mvt").content)
                legs = {leg.id: leg for leg in tile.get("legs", [])}  # of those that are drawn beside their place
                found += [place_of(legs.get(mark.id, mark), z, x, y) for mark in tile.get("reports", [])]
                together += sum(mark.properties["count"] for mark in tile.get("clusters", []))
            assert found
            assert len(found) + together == sum(f["geometry"] is not None for f in features)
            step = 360 / (1 << min(z, 14)) / 4096  # beyond zoom 14 the steps get no finer
            for lon, lat in found:
                assert any(abs(lon - a) <= step and abs(lat - b) <= step for a, b in published)
            secret = {tile_of(*place, z) for place in planted.secret_places}
            for x, y in secret - {tile_of(*place, z) for place in published}:
                assert client.get(f"/api/v1/tiles/{z}/{x}/{y}.mvt").content == b""


def test_answers_a_narrowing_box_as_if_the_place_were_the_cell(planted):
    lon, lat = planted.secret_places[0]
    centre_lon, centre_lat, _ = cell_place(lon, lat, 7)
    with planted.client(None) as client:
        for half in (0.02, 0.01, 0.005, 0.001, 0.0001):
            box = ",".join(str(v) for v in (lon - half, lat - half, lon + half, lat + half))
            ids = [f["id"] for f in client.get("/api/v1/reports.geojson", params={"bbox": box}).json()["features"]]
            inside = abs(centre_lon - lon) <= half and abs(centre_lat - lat) <= half
            assert (planted.ids[0] in ids) is inside


@pytest.mark.parametrize("output", ["/api/v1/reports.geojson", "/api/v1/requests"])
def test_finds_by_halving_boxes_the_published_cell_only(planted, output):
    """Somebody halves boxes round one request until nothing can be halved: the end is the centre of its cell."""
    target = planted.ids_of("water_food")[4]
    west, south, east, north = 80.0, 12.8, 80.5, 13.3

    def hit(client: httpx.Client, *box: float) -> bool:
        answer = client.get(output, params={"bbox": ",".join(map(repr, box)), **wide}).json()
        return target in [f["id"] for f in answer.get("features", answer.get("items"))]

    wide = {"limit": "1000"}
    with planted.client(None) as client:
        assert hit(client, west, south, east, north)
        while east - west > 1e-6:
            middle = (west + east) / 2
            west, east = (west, middle) if hit(client, west, south, middle, north) else (middle, east)
        while north - south > 1e-6:
            middle = (south + north) / 2
            south, north = (south, middle) if hit(client, west, south, east, middle) else (middle, north)
    centre = cell_place(*planted.secret_places[planted.ids.index(target)], 7)
    assert (west, south) == pytest.approx(centre[:2], abs=2e-6)


def test_finds_by_halving_times_the_step_of_ten_minutes_only(planted):
    """The same with `since` and `until`, to the millisecond."""
    target = planted.ids_of("rescue")[5]
    with planted.client(planted.token("agency")) as agency:
        true = moment.parse(agency.get(f"/api/v1/reports/{target}").json()["properties"]["observed_at"])[0]
    step = true - true % 600_000
    with planted.client(None) as client:
        for since in (step - 1, step, step + 1, true, true + 1):
            for name, hit in (("since", since <= step), ("until", since > step)):
                answer = client.get("/api/v1/reports.geojson", params={name: moment.rfc3339(since)}).json()
                assert (target in [f["id"] for f in answer["features"]]) is hit


def test_tells_by_no_header_what_changed_of_a_hidden_report(planted):
    """A medical report and a look at a contact move the revision, but neither the ETag of a public list nor a date."""
    paths = ("/api/v1/reports.geojson", "/api/v1/reports.csv", f"/api/v1/reports/{planted.ids_of('rescue')[0]}")
    with planted.client(None) as client:
        before = [client.get(path).headers for path in paths]
        body = {"category": "medical", "text": "another", "lon": 80.3, "lat": 13.0}
        assert client.post("/api/v1/reports", json=body).status_code == 201
        with planted.client(planted.token("agency")) as agency:
            revision = agency.get("/api/v1/situation").json()["revision"]
            deadline = time.monotonic() + 10
            while client.get("/api/v1/situation").json()["revision"] < revision and time.monotonic() < deadline:
                time.sleep(0.05)
        after = [client.get(path).headers for path in paths]
    assert [h["etag"] for h in after] == [h["etag"] for h in before]
    assert not any("last-modified" in h for h in before + after)


def test_gives_the_code_of_a_report_to_nobody_who_only_knows_its_key(planted):
    body = {"category": "rescue", "text": "first words", "client_id": "the-same-key"}
    with planted.client(None) as client:
        first = client.post("/api/v1/reports", json=body).json()
        other = client.post("/api/v1/reports", json={**body, "text": "a guess"})
    assert other.status_code == 422
    assert first["id"] not in other.text
    assert first["tracking_code"] not in other.text


def test_tells_the_public_times_in_steps_of_ten_minutes(planted):
    with planted.client(None) as client:
        features = client.get("/api/v1/reports.geojson").json()["features"]
    for feature in features:
        for name in ("observed_at", "received_at"):
            assert feature["properties"][name][15:] == "0:00.000Z"


LEAKS = {
    "exact place": {"lon", "lat", "accuracy_m"},
    "text": {"text"},
    "place in words": {"place_text"},
}


@pytest.mark.parametrize("leak", [None, *LEAKS, "sensitive"])
def test_would_find_a_leak(tmp_path, monkeypatch, leak):
    """Were the redaction to let one thing through, the search of the public outputs would find it."""
    honest = intake.redact

    def leaky(current, audience, category, rules):
        seen, whole = honest(current, audience, category, rules), honest(current, Audience.AGENCY, category, rules)
        if leak == "sensitive":
            return seen or whole
        return seen and msgspec.structs.replace(seen, **{name: getattr(whole, name) for name in LEAKS[leak]})

    if leak is not None:
        monkeypatch.setattr(intake, "redact", leaky)
    with inside(tmp_path) as planted, planted.client(None) as client:
        found = {s for _, body in outputs(planted, client) for s in found_in(planted, body)}
        assert client.get("/metrics").status_code == 401
    assert bool(found) is (leak is not None)

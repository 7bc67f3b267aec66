"""The versions of a layer through desk, API and command: what is restored is all of a version."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from crisismap.api.app import make_api
from crisismap.cli.deployment import LocalDeployment
from crisismap.core.layer.layer import Role
from crisismap.layers.normalise.mapping import LayerMapping
from crisismap.layers.read import read_layer_bytes
from crisismap.services.accounts import sign_in
from crisismap.services.accounts.sign_in import TokenRequest
from crisismap.services.layers.publish import make_layer
from crisismap.services.runtime.context import COMMAND_LINE, Context
from tests.conftest import FakeClock
from tests.layers.samples import collection, feature, point
from tests.people import AGENCY
from tests.ui.open_desk import html, opened, page

MAPPING = LayerMapping(name_field="NAAM", capacity_field="PLEKKEN", status={"vol": "full"}, status_field="STAAT")


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock) -> Iterator[Context]:
    with opened(tmp_path / "data", clock) as context:
        yield context


def api(context: Context, method: str, path: str, body: bytes = b"") -> Any:
    """What the application of this process answers an agency."""
    token = sign_in.make_token(context.store, context.clock(), COMMAND_LINE, TokenRequest("agency", "", 1, "", ()))

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(make_api([]))
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://desk", headers=headers) as client:
            return await client.request(method, f"/api/v1/layers{path}", content=body)

    answer = asyncio.run(ask())
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def test_restores_role_title_licence_attribution_and_mapping(desk: Context, monkeypatch) -> None:
    made = [feature(point(80 + n / 100, 13), n, NAAM=f"School {n}", PLEKKEN=50 + n, STAAT="Vol") for n in range(6)]
    layer = make_layer("schools", "shelter", title="Schools", licence="CC0", attribution="City")
    version = read_layer_bytes(collection(*made), layer=layer, mapping=MAPPING, now_ms=desk.clock())
    LocalDeployment(desk).put_layer(version)  # what the command does once it has read the file
    first = desk.views.situation.layers["schools"]
    gauges = json.dumps({**json.loads(collection(feature(point(80, 13), 1, name="Gauge"))), "title": "Gauges"}).encode()
    second = api(desk, "PUT", "/schools?role=context&confirm=schools", gauges)
    assert (second["version"], second["role"], second["title"]) == (2, "context", "Gauges")

    test = page("layers", AGENCY, monkeypatch)
    next(b for b in test.button if b.label == "Show layer").click().run()
    assert "The role changes from Context to Shelters" in html(test)
    next(b for b in test.button if b.label == "Restore version 1").click().run()
    assert desk.views.situation.layers["schools"].version == 2, "not without the word"
    next(w for w in test.text_input if w.label == "Type schools to confirm").set_value("schools")
    next(b for b in test.button if b.label == "Restore version 1").click().run()
    assert not test.exception

    live = desk.views.situation.layers["schools"]
    assert live.version == 3
    assert (live.layer, live.features, live.mapping) == (first.layer, first.features, MAPPING.tables())
    assert live.layer.role is Role.SHELTER
    newest = api(desk, "GET", "/schools/versions")["versions"][0]
    assert (newest["role"], newest["title"], newest["licence"], newest["attribution"]) == (
        "shelter",
        "Schools",
        "CC0",
        "City",
    )
    assert newest["mapping"] == MAPPING.tables()
    # The command reads the next file with that mapping, and need not name the credits again.
    again = replace(version, layer=make_layer("schools", "shelter"))
    assert LocalDeployment(desk).put_layer(again).version == 4
    assert desk.views.situation.layers["schools"].layer == first.layer
    # And back to the second by the API.
    back = api(desk, "POST", "/schools/versions/2")
    assert (back["version"], back["role"], back["title"], back["features"]) == (5, "context", "Gauges", 1)


def test_reads_a_new_file_on_the_desk_with_the_mapping_of_the_version(desk: Context, monkeypatch) -> None:
    made = feature(point(80, 13), 1, NAAM="School", PLEKKEN=50, STAAT="Vol")
    layer = make_layer("schools", "shelter")
    version = read_layer_bytes(collection(made), layer=layer, mapping=MAPPING, now_ms=desk.clock())
    LocalDeployment(desk).put_layer(version)
    test = page("layers", AGENCY, monkeypatch)
    test.get("file_uploader")[0].set_value(("new.geojson", collection(made), "application/geo+json")).run()
    next(w for w in test.selectbox if w.key.startswith("layer-target-")).set_value("schools").run()
    next(b for b in test.button if b.label == "Read and preview file").click().run()
    next(b for b in test.button if b.label == "Replace version 1").click().run()
    assert not test.exception
    live = desk.views.situation.layers["schools"]
    assert (live.version, live.mapping) == (2, MAPPING.tables())
    assert (live.features[0].name, live.features[0].status, live.features[0].properties["capacity"]) == (
        "School",
        "full",
        50,
    )


CAP = (
    b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>met-7</identifier><sender>m@example.org</sender>'
    b"<sent>2015-12-02T12:00:00+05:30</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>"
    b"<info><event>Flood</event><expires>soon</expires><area><areaDesc>Adyar</areaDesc>"
    b"<polygon>13,80.2 13,80.3 13.1,80.3 13,80.2</polygon></area></info>"
    b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></alert>'
)


def test_offers_the_original_messages_of_a_layer_and_names_a_bad_time(desk: Context, monkeypatch) -> None:
    version = read_layer_bytes(CAP, layer=make_layer("warnings", "hazard"), now_ms=desk.clock())
    LocalDeployment(desk).put_layer(version)
    test = page("layers", AGENCY, monkeypatch)
    next(b for b in test.button if b.label == "Show layer").click().run()
    assert not test.exception
    (original,) = version.originals
    assert f'href="/api/v1/layers/warnings/originals/{original.id}.xml"' in html(test)
    assert "met-7</a> (signed; the signature has not been checked)" in html(test)
    assert "expires 'soon' cannot be read and counts as absent" in unescape(html(test))

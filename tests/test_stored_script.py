"""Script in every text field, through every way in, looked at on every screen: it is text everywhere.

The program runs in this process, so that its pages, its API and the desk's pages look at the same reports.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from html.parser import HTMLParser
from pathlib import Path

import httpx
import numpy as np
import pytest
from playwright.sync_api import Page

from crisismap import bootstrap
from crisismap.channels.file.read import read_reports
from crisismap.core.people.identity import tracking_code
from crisismap.core.people.person import Person
from crisismap.core.place.place import Placement
from crisismap.exports import area_map
from crisismap.services.accounts import sign_in
from crisismap.services.exports.offline_map import area_map as make_area_map
from crisismap.services.intake.import_rows import ImportRow, keep_rows
from crisismap.services.lists import read
from crisismap.services.runtime.context import COMMAND_LINE, Context
from tests import acts
from tests.browser import PageFactory
from tests.people import STRANGER
from tests.planted import Planted, inside
from tests.ui.listed import listed, open_detail
from tests.ui.open_desk import html, markdown, page
from tests.web.visitor import Visitor

# Each would run, load or lead away in its own place: markup, attributes, Markdown, template literals, templates, CSS.
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)>"
    "![x](https://evil.example/x.png)[y](javascript:alert(4))${alert(5)}`{{7*7}}{%x%}</style></textarea></title>"
)
RAW = ("<script>alert(1)", "<img src=x", "<svg onload", "</textarea></title>")
LAYER = {
    "type": "FeatureCollection",
    "title": HOSTILE,
    "licence": HOSTILE,
    "attribution": HOSTILE,
    "features": [
        {
            "type": "Feature",
            "properties": {"name": HOSTILE, "code": HOSTILE, "id": HOSTILE, "status": HOSTILE},
            "geometry": {"type": "Polygon", "coordinates": [[[80, 12], [81, 12], [81, 14], [80, 14], [80, 12]]]},
        }
    ],
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Planted, Context, Person]]:
    folder = tmp_path_factory.mktemp("script")
    with inside(folder / "data") as held:
        context = bootstrap.current()
        responder = put_everywhere(held, context, folder)
        assert context.views.situation.wait(context.store.events.revision())
        yield held, context, responder


def body(**more: object) -> dict[str, object]:
    """A report with the words in every field that takes any."""
    return {
        "category": "rescue",
        "text": HOSTILE,
        "place": HOSTILE,
        "lon": 80.25,
        "lat": 13.05,
        "fields": {"note": HOSTILE, HOSTILE: HOSTILE, "status": HOSTILE},
        "contact": {"name": HOSTILE, "phone": HOSTILE, "email": HOSTILE},
        "consent": {"publish": True, "version": HOSTILE},
        "client_id": f"{HOSTILE}{len(more)}{sorted(more)}",
        **more,
    }


def put_everywhere(held: Planted, context: Context, folder: Path) -> Person:
    """Through the API, a batch, the plain form, a file, the desk's services; and what staff write."""
    with held.client(None) as anybody:
        assert anybody.post("/api/v1/reports", json=body()).status_code == 201
        assert anybody.post("/api/v1/reports", json=body(category="flooding", lon=0.0, lat=0.0)).status_code == 201
        assert anybody.post("/api/v1/reports", json=body(category="medical")).status_code == 201
        lines = json.dumps(body(text=f"batch {HOSTILE}"))
        assert anybody.post("/api/v1/reports:batch", content=lines).json()[0]["status"] == 201
        with Visitor(str(anybody.base_url)) as visitor:
            told = {"text": HOSTILE, "place": HOSTILE, "phone": HOSTILE, "email": HOSTILE, "name": HOSTILE}
            assert visitor.report(category="rescue", **told).page.status_code == 200
    file = folder / "hostile.csv"
    with file.open("w", newline="") as out:
        csv.writer(out).writerows([("category", "text", "place"), ("other", f"file {HOSTILE}", HOSTILE)])
    rows = [ImportRow(row.body, lang=HOSTILE, source=HOSTILE) for row in read_reports(file, None)]
    assert keep_rows(context.intake, context.store, context.views, COMMAND_LINE, rows)[0].id
    with held.client(held.admin) as admin:
        assert admin.put("/api/v1/layers/hostile?role=area", content=json.dumps(LAYER)).status_code == 201
    sign_in.make_token(
        context.store, context.clock(), COMMAND_LINE, sign_in.TokenRequest("responder", HOSTILE[:200], 5, HOSTILE[:200])
    )
    [credential] = [
        each
        for each in sign_in.tokens(context.store, context.clock(), COMMAND_LINE)
        if each.person.name == HOSTILE[:200]
    ]
    responder = credential.person
    assert context.views.situation.wait(context.store.events.revision())
    first, second, third = waiting(context, responder)[:3]
    acts.claim(context, responder, first, None).result()
    acts.claim(context, responder, second, None).result()
    acts.answer(context, responder, second, None, note=HOSTILE).result()
    acts.place(context, responder, third, None, Placement(80.2, 13.0, None, HOSTILE[:200])).result()
    return responder


def waiting(context: Context, responder: Person) -> list[str]:
    items = [
        json.loads(item)
        for item in read.requests(context.views, context.clock(), responder, read.ALL, limit=1000).items
    ]
    return [item["id"] for item in items if "alert(1)" in item["text"]]


class _Running(HTMLParser):
    """What a browser would run or follow in a page: scripts, handlers, and addresses that are script."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "script" and not told.get("src", "").startswith("/assets/"):
            self.found.append(f"<{tag} {told}>")
        for name, value in told.items():
            leads_away = name in ("href", "src", "action") and re.match(r"\s*(https?:)?//evil", value)
            if name.startswith("on") or re.match(r"\s*javascript:", value, re.IGNORECASE) or leads_away:
                self.found.append(f"<{tag} {name}={value}>")


def running(text: str) -> list[str]:
    reader = _Running()
    reader.feed(text)
    return reader.found


def test_sees_script_that_would_run() -> None:
    """The negative control: unescaped, every kind of it is found."""
    assert len(running(HOSTILE)) == 3
    assert running('<a href=" JavaScript:alert(1)">') and running('<a href="https://evil.example/">')
    assert running('<textarea name="x">' + HOSTILE.replace("<", "&lt;") + "</textarea>") == []


def code_of(context: Context, report_id: str) -> str:
    return tracking_code(context.keys.tracking_code, report_id)


def test_is_text_on_every_plain_page(planted: tuple[Planted, Context, Person]) -> None:
    held, context, responder = planted
    link = sign_in.invite(context.store, context.clock(), COMMAND_LINE, HOSTILE[:200], "agency", HOSTILE[:200])
    tracked = [f"/t/{code_of(context, each)}{more}" for each in every(context, responder) for more in ("", "/data")]
    asked = [f"/{name}" for name in ("t", "login", "report", "logout", "login/account", "api/v1/docs")]
    with held.client(None) as client:
        seen = 0
        for path in [*tracked, *asked, f"/login?invitation={link}"]:
            answer = client.get(path, follow_redirects=True)
            assert answer.headers["content-type"].startswith("text/html"), path
            assert running(answer.text) == [], path
            assert not [raw for raw in RAW if raw in answer.text], path
            policy = answer.headers["content-security-policy"]
            assert "script-src 'self'" in policy
            assert "unsafe" not in policy
            seen += "&lt;script&gt;alert(1)" in answer.text
        assert seen >= len(tracked) // 2, "the words are there, as text"
        for path in ("/t", "/login", "/report", "/logout"):
            for name in ("code", "invitation", "lang", "text"):
                answer = client.get(path, params={name: HOSTILE}, follow_redirects=True)
                assert running(answer.text) == [], (path, name)
        for path in ("/report", "/login", "/logout", "/login/account"):
            fields = ("text", "login", "invitation", "ticket", "place", "f.x")
            answer = client.post(path, data=dict.fromkeys(fields, HOSTILE))
            assert running(answer.text) == [], path


def every(context: Context, responder: Person) -> list[str]:
    board = context.views.situation.board(read.Audience.AGENCY)
    return [r.id for r in context.views.features.records(board, np.arange(board.n), context.clock())]


def test_is_no_page_in_any_answer_of_the_api(planted: tuple[Planted, Context, Person]) -> None:
    held, context, responder = planted
    ids = every(context, responder)
    paths = [
        *(f"/api/v1/reports.{form}" for form in ("geojson", "geojsonl", "csv")),
        *(f"/api/v1/reports/{each}" for each in ids),
        *(f"/api/v1/requests/{each}" for each in ids),
        *("/api/v1/requests", "/api/v1/layers", "/api/v1/layers/hostile.geojson", "/api/v1/situation"),
        *("/api/v1/tokens", "/api/v1/audit.csv", "/api/v1/openapi.json", "/metrics", "/api/v1/tiles.json"),
        *("/api/v1/tiles/0/0/0.mvt", f"/api/v1/reports.{HOSTILE[:8]}", f"/api/v1/layers/{HOSTILE[:8]}.geojson"),
        f"/api/v1/reports.csv?area={HOSTILE[:30]}&bbox={HOSTILE[:30]}",
    ]
    for token in (None, held.admin):
        with held.client(token) as client:
            for path in paths:
                answer = client.get(path)
                assert "html" not in answer.headers.get("content-type", ""), path
                assert answer.headers["x-content-type-options"] == "nosniff", path
                assert answer.headers["content-security-policy"].startswith("default-src 'none'"), path
                assert answer.headers["x-frame-options"], path


def test_is_no_formula_in_a_spreadsheet(planted: tuple[Planted, Context, Person]) -> None:
    held, _, _ = planted
    with held.client(None) as anybody:
        sent = anybody.post("/api/v1/reports", json={"category": "other", "text": "=1+1", "place": "@x"})
        assert sent.status_code == 201
    with held.client(held.admin) as admin:
        bootstrap.current().views.situation.wait(sent.json()["revision"])
        for path in ("/api/v1/reports.csv", "/api/v1/audit.csv"):
            rows = list(csv.reader(io.StringIO(admin.get(path).text, newline="")))
            words = [cell for row in rows[1:] for cell in row if not re.fullmatch(r"[-+]?[\d.]+(e-?\d+)?", cell)]
            assert not [cell for cell in words if cell[:1] in "=+-@\t\r\n" and cell]


PARTS = ("Sessions and tokens", "Sources and flags", "Audit log")
OUR_DRAWING = "icon.innerHTML = this.data.symbols[card.symbol]"  # chosen by name among drawings of ours
PAGES = ("live_map", "report", "call", "requests", "layers", "export", "situation", "profile", "admin")


@pytest.mark.parametrize("name", PAGES)
def test_is_text_on_every_page_of_the_desk(
    planted: tuple[Planted, Context, Person], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, context, responder = planted
    both = Person(responder.id, responder.name, responder.org, frozenset({"responder", "admin"}))
    for who in (both, STRANGER):
        test = page(name, who, monkeypatch)
        looks = [html(test)]
        if name == "admin" and who is both:
            for part in PARTS:
                [chooser] = [each for each in test.get("button_group") if "People" in each.options]
                chooser.set_value(part).run()
                assert not test.exception, test.exception
                looks.append(html(test))
        if name in ("live_map", "requests"):
            assert listed(test)  # words go to the list as data; its script writes them with textContent
            for report_id in waiting(context, responder)[:4] if who is both else ():
                looks.append(html(open_detail(test, "map" if name == "live_map" else "requests", report_id)))
        for shown in looks:
            assert running(shown) == [], name
            assert not [raw for raw in RAW if raw in shown], name
        assert "javascript:alert" not in re.sub(r"\\.", "", markdown(test)), name


def test_writes_into_the_list_by_text_only() -> None:
    """The desk's own script never makes markup of what it was sent."""
    folder = Path(__file__).resolve().parents[1] / "crisismap"
    scripts = [*folder.glob("ui/**/*.js"), *folder.glob("exports/*.js"), *folder.glob("web/static/*.js")]
    assert scripts
    for script in scripts:
        text = script.read_text()
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
            lines = [line for line in text.splitlines() if way in line and OUR_DRAWING not in line]
            assert lines == [], f"{script.name}: {way}"


def test_is_text_on_the_map_to_take_along(
    planted: tuple[Planted, Context, Person], page_factory: PageFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a browser opens the saved file, without a connection; `page_factory` fails it for what it asks of others."""
    held, context, _ = planted
    with held.client(held.admin) as admin:
        answer = admin.get("/api/v1/map.html", params={"area": HOSTILE})
        assert answer.status_code == 200
    seen = opened_file(page_factory, tmp_path / "map.html", answer.content)
    assert seen.ran == []
    for where in ("#title", "#list", "#legend"):
        assert HOSTILE in seen.page.locator(where).inner_text(), where
    seen.page.locator("#list li", has_text="alert(1)").first.locator("button").click()
    assert HOSTILE in seen.page.locator(".leaflet-popup-content").inner_text()
    assert seen.page.locator("img[src=x], svg[onload], aside a, .leaflet-popup-content a").count() == 0
    assert seen.ran == []

    # The negative control: without the escape and the policy, the same words do run.
    monkeypatch.setattr(area_map, "_UNSAFE", {})
    monkeypatch.setattr(area_map, "_policy", lambda _page: "")
    spoilt = area_map.write_area_map(
        make_area_map(context.views, context.rules, context.clock(), HOSTILE, read.Audience.AGENCY, UTC)
    )
    assert opened_file(page_factory, tmp_path / "spoilt.html", spoilt).ran


@dataclass
class Opened:
    """A page, and what ran in it that should not: dialogs, errors."""

    page: Page
    ran: list[str]


def opened_file(page_factory: PageFactory, path: Path, body: bytes) -> Opened:
    path.write_bytes(body)
    found = Opened(page_factory(offline=True), [])
    found.page.on("dialog", lambda dialog: (found.ran.append(dialog.message), dialog.dismiss()))
    found.page.on("pageerror", lambda error: found.ran.append(str(error)))
    found.page.goto(path.as_uri())
    return found


def test_asks_the_real_program(planted: tuple[Planted, Context, Person]) -> None:
    held, _, _ = planted
    with held.client(None) as client:
        assert isinstance(client, httpx.Client)
        assert HOSTILE in json.dumps(client.get("/api/v1/layers").json(), ensure_ascii=False).replace('\\"', '"')

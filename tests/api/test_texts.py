"""Row 23: words of any script come out as they went in, through every way in, or are refused; never cut."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from crisismap.channels.file.mapping import ReportMapping, load_mapping
from crisismap.channels.file.read import read_reports
from crisismap.core.errors import Malformed
from crisismap.core.report.report import MAX_TEXT
from crisismap.core.report.request import MAX_NOTE
from crisismap.services.intake.import_rows import ImportRow
from crisismap.services.requests.report_detail import report_detail
from tests import acts
from tests.api.desk import RESCUE, Desk, eventually, key, problem
from tests.conftest import FakeClock
from tests.paper import pages
from tests.people import RESPONDER
from tests.services.deployment import ask, opened
from tests.web.visitor import Visitor

NUL = "roof\x00water"
TEXTS = {
    "right to left": "نحن على السطح \u200f12\u200e \u202bשלום\u202c ٣٤",
    "combining": "e\u0301 \u00e9 n\u0303 क्षि தமிழ் ก็ Z\u0351\u036b\u0343 \u1112\u1161\u11ab",
    "four bytes": "👩‍👩‍👧‍👦 🏳️‍🌈 🇫🇯 𝔘 𠮷 🌊",
    "longest": "🌊" * (MAX_TEXT - 2) + "e\u0301",
    "nul": NUL,
}
# In characters, and in bytes: the last is one megabyte of two-byte letters, and cut in two it would be broken.
TOO_LONG = {"one more": "🌊" * (MAX_TEXT + 1), "a megabyte": "a" + "é" * (1 << 19)}


def kept(text: str) -> str:
    """What is to come out: a NUL cannot be kept everywhere and is shown as the replacement character."""
    return text.replace("\x00", "\ufffd")


def single(desk: Desk, text: str, _: Path) -> int:
    return desk.post("/api/v1/reports", {**RESCUE, "text": text}).status_code


def batch(desk: Desk, text: str, _: Path) -> int:
    answer = desk.post("/api/v1/reports:batch", json.dumps({**RESCUE, "text": text}, ensure_ascii=False).encode())
    return int(answer.json()[0]["status"]) if answer.status_code == 200 else answer.status_code


def form(desk: Desk, text: str, _: Path) -> int:
    with Visitor(desk.server.url) as visitor:
        return visitor.report(category="rescue", text=text, lon="80.25", lat="13.05").page.status_code


def from_csv(desk: Desk, text: str, folder: Path) -> int:
    file = folder / "said.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([("category", "text", "lon", "lat"), ("rescue", text, 80.25, 13.05)])
    return imported(desk, file)


def from_geojson(desk: Desk, text: str, folder: Path) -> int:
    file = folder / "said.geojson"
    properties = {"category": "rescue", "text": text, "client_id": key()}
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [80.25, 13.05]},
        "properties": properties,
    }
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return imported(desk, file)


def mapped(desk: Desk, text: str, folder: Path) -> int:
    mapping, file = folder / "theirs.toml", folder / "said.ndjson"
    mapping.write_text('category = { value = "rescue" }\ntext = { fields = ["words"] }\n')
    feature = {"type": "Feature", "geometry": None, "properties": {"words": text}}
    file.write_text(json.dumps(feature, ensure_ascii=False) + "\n", encoding="utf-8")
    return imported(desk, file, load_mapping(mapping))


def imported(desk: Desk, file: Path, mapping: ReportMapping | None = None) -> int:
    try:
        rows = [ImportRow(row.body) for row in read_reports(file, mapping) if not row.problem]
    except Malformed:
        return 422
    if not rows:
        return 413
    answer = desk.client.post("/api/v1/reports:import", content=msgspec.json.encode(rows), headers=desk.server.auth)
    assert answer.status_code == 200, answer.text
    return 413 if answer.json()[0].get("problem") else 201


WAYS: dict[str, Callable[[Desk, str, Path], int]] = {
    "single": single,
    "batch": batch,
    "form": form,
    "csv": from_csv,
    "geojson": from_geojson,
    "mapping": mapped,
}


def said(desk: Desk, mark: str) -> dict[str, str]:
    """Id and text of the reports with the mark; others of the shared server may have no text."""
    texts = {each["id"]: each["properties"]["text"] or "" for each in desk.features()}
    return {report_id: text for report_id, text in texts.items() if mark in text}


def fitted(mark: str, text: str) -> str:
    """The text with a mark in it by which it is known again, no longer than the longest."""
    room = MAX_TEXT - len(mark)
    return mark + text if len(text) <= room else mark + text[-room:]


@pytest.mark.parametrize("way", WAYS)
def test_keeps_every_character_of_every_way_in(desk: Desk, tmp_path: Path, way: str) -> None:
    mark = f"{way} {key()} "
    texts = {name: fitted(mark, text) for name, text in TEXTS.items()}
    if way == "csv":  # a table with a NUL near its begin is none
        assert WAYS[way](desk, texts.pop("nul"), tmp_path) == 422
    for text in texts.values():
        assert WAYS[way](desk, text, tmp_path) in (200, 201), way
    eventually(lambda: len(said(desk, mark)) == len(texts))
    found = said(desk, mark)
    held = sorted(found.values())
    assert held == sorted(map(kept, texts.values()))
    # Another text: its last character cut, or its letters put together.
    assert not {text[:-1] for text in held} & set(held)
    assert held != [unicodedata.normalize("NFC", text) for text in held]
    table = list(csv.DictReader(io.StringIO(desk.get("/api/v1/reports.csv", "agency").text, newline="")))
    items = [desk.get(f"/api/v1/requests/{report_id}", "responder").json() for report_id in found]
    lines = [json.loads(line) for line in desk.get("/api/v1/reports.geojsonl", "agency").content.splitlines()]
    assert sorted(row["text"] for row in table if mark in row["text"]) == held
    assert sorted(item["text"] for item in items) == held
    assert sorted(line["properties"]["text"] for line in lines if line["id"] in found) == held


@pytest.mark.parametrize("way", WAYS)
def test_refuses_as_a_whole_what_is_too_long(desk: Desk, tmp_path: Path, way: str) -> None:
    for text in TOO_LONG.values():
        assert WAYS[way](desk, text, tmp_path) in (413, 422), way
    assert not [text for text in said(desk, "").values() if text[:20] in {each[:20] for each in TOO_LONG.values()}]


def test_keeps_every_character_of_all_other_words(desk: Desk) -> None:
    for text in list(TEXTS.values())[:3]:
        receipt = desk.report(text=text, place=text)
        id_, code = receipt["id"], {"X-Tracking-Code": receipt["tracking_code"], "If-Match": "*"}
        item = desk.item(id_)
        assert (item["text"], item["place"]) == (text, text)
        added = desk.post(f"/api/v1/requests/{id_}/add", {"note": f"more {text}"}, headers=code)
        assert added.status_code == 200, added.text
        assert f"more {text}" in desk.item(id_)["text"]


def test_keeps_every_character_of_fields_and_notes(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "data", clock) as context:
        for text in list(TEXTS.values())[:3]:
            id_, _ = ask(context, text=text, fields={"note": text}, contact={"name": text})
            acts.claim(context, RESPONDER, id_, None).result()
            assert acts.read_contact(context, RESPONDER, id_).value.name == text
            acts.answer(context, RESPONDER, id_, None, note=text).result()
            held = context.store.reports.one(id_)
            assert held.report.fields == {"note": text}
            assert text in [
                step.note
                for step in report_detail(
                    context.store, context.views, context.rules, context.clock, RESPONDER, id_
                ).steps
            ]


def test_refuses_notes_that_are_too_long_and_half_characters(desk: Desk) -> None:
    receipt = desk.report()
    id_, code = receipt["id"], {"X-Tracking-Code": receipt["tracking_code"], "If-Match": "*"}
    for text in TOO_LONG.values():
        assert desk.post(f"/api/v1/requests/{id_}/add", {"note": text}, headers=code).status_code in (413, 422)
        assert desk.act("answer", id_, {"note": text}).status_code in (413, 422)
    problem(desk.act("answer", id_, {"note": "🌊" * (MAX_NOTE + 1)}), 422)
    assert desk.item(id_)["text"] == RESCUE["text"]
    assert desk.item(id_)["state"] == "open"
    # Half of a surrogate pair, and a character of four bytes cut after two: no text at all.
    for broken in (b'"\\ud83c"', b'"\xf0\x9f"'):
        answer = desk.post("/api/v1/reports", b'{"category":"other","text":' + broken + b"}")
        assert answer.status_code in (400, 422), answer.text


def test_prints_every_script(desk: Desk) -> None:
    for text in TEXTS.values():
        desk.report(text=text, place=kept(text)[:400])
    assert len(pages(desk.get("/api/v1/sheet.pdf", "agency").content)) >= 1

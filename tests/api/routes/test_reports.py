"""POST /api/v1/reports and the batch: what is kept, what is refused and what is flagged."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.api.desk import HERE, RESCUE, Desk, key, problem

REPORTS = "/api/v1/reports"


def test_keeps_a_report_and_answers_with_a_receipt(desk: Desk) -> None:
    answer = desk.post(REPORTS, RESCUE)
    assert answer.status_code == 201
    receipt = answer.json()
    assert set(receipt) == {"id", "tracking_code", "revision"}
    assert len(receipt["id"]) == 36
    groups = receipt["tracking_code"].split("-")
    assert [len(group) for group in groups] == [4, 4, 4]
    assert answer.headers["location"] == f"{REPORTS}/{receipt['id']}"
    desk.wait(receipt["revision"])
    assert desk.feature(receipt["id"])["properties"]["text"] == RESCUE["text"]


def test_can_be_asked_for_at_once(desk: Desk) -> None:
    for path in ("reports", "requests") * 5:
        receipt = desk.post(REPORTS, RESCUE).json()
        assert desk.get(f"/api/v1/{path}/{receipt['id']}", "agency").status_code == 200


@pytest.mark.parametrize("way", ["member", "header"])
def test_answers_a_repeat_with_the_first_body(desk: Desk, way: str) -> None:
    name = key()
    body = {**RESCUE, "client_id": name} if way == "member" else RESCUE
    headers = {"Idempotency-Key": name} if way == "header" else {}
    first = desk.post(REPORTS, body, headers=headers)
    again = desk.post(REPORTS, {**RESCUE, "client_id": name})  # the two ways are the same thing
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content
    other = desk.post(REPORTS, {**RESCUE, "text": "another"}, headers={"Idempotency-Key": name})
    assert "client_id" in problem(other, 422, "key-reused")["detail"]
    desk.wait(first.json()["revision"])
    assert desk.feature(first.json()["id"])["properties"]["text"] == RESCUE["text"]


def test_refuses_two_keys_that_differ(desk: Desk) -> None:
    answer = desk.post(REPORTS, {**RESCUE, "client_id": key()}, headers={"Idempotency-Key": key()})
    assert problem(answer, 422, "invalid")["field"] == "client_id"


def test_keeps_one_of_twenty_simultaneous_posts(desk: Desk) -> None:
    body = {**RESCUE, "client_id": key()}
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: httpx.post(desk.server.url + REPORTS, json=body, trust_env=False), range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.content for answer in answers}) == 1


# field: the member that the answer must name.
REFUSED: list[tuple[bytes, str]] = [
    (b'{"category": "rescue", "text": "x"', "body"),
    (b"", "body"),
    (b"[]", "body"),
    (b'"rescue"', "body"),
    (b"\xff\xfe", "body"),
    (b"[" * 100_000, "body"),
    (b'{"category":"rescue","fields":' + b'{"a":' * 20_000 + b"1" + b"}" * 20_001, "body"),
    (b'{"text": "no category"}', "category"),
    (b'{"category": "volcano", "text": "x"}', "category"),
    (b'{"category": 7, "text": "x"}', "category"),
    (b'{"category": "rescue"}', "text"),
    (b'{"category": "rescue", "text": "  \\n "}', "text"),
    (b'{"category": "rescue", "fields": {}}', "text"),
    (b'{"category": "rescue", "text": "x", "phone": "1"}', "phone"),
    (b'{"category": "rescue", "text": "x", "contact": {"fax": "1"}}', "contact.fax"),
    (b'{"category": "rescue", "text": "x", "client_id": ""}', "client_id"),
    (b'{"category": "rescue", "text": "x", "client_id": "a\\u0000b"}', "client_id"),
    (b'{"category": "rescue", "text": "x", "consent": {"version": "1\\u0000"}}', "consent.version"),
]


@pytest.mark.parametrize(("body", "field"), REFUSED, ids=[body[:70].decode("latin-1") for body, _ in REFUSED])
def test_refuses_and_names_the_field(desk: Desk, body: bytes, field: str) -> None:
    found = problem(desk.post(REPORTS, body), 422)
    if field == "body":
        assert found["type"].rsplit(":", 1)[1] in ("malformed", "invalid")
    else:
        assert found.get("field", "").startswith(field), found
        assert field in found["detail"]


def test_names_the_value_that_cannot_be(desk: Desk) -> None:
    found = problem(desk.post(REPORTS, {**RESCUE, "longitude": 181.5}), 422, "invalid")
    assert (found["field"], found["value"]) == ("longitude", "181.5")
    assert problem(desk.post(REPORTS, {**RESCUE, "category": "<b>fire</b>"}), 422)["value"] == "<b>fire</b>"


@pytest.mark.parametrize(
    "body",
    [
        b'{"category": "rescue", "text": "roof", "lon": 80.27, "lat": 93.0}',
        b'{"category": "rescue", "text": "roof", "lat": 13.0}',
        b'{"category": "rescue", "text": "roof", "lon": NaN, "lat": "unknown"}',
        b'{"category": "Rescue", "text": "roof", "people": "about 6"}',
        b'{"category": "rescue", "text": "roof", "observed_at": "27/11/2026 08:00"}',
    ],
)
def test_lists_a_cry_for_help_with_an_odd_value_as_unanswered(desk: Desk, body: bytes) -> None:
    answer = desk.post(REPORTS, body)
    assert answer.status_code == 201, answer.text
    desk.wait(answer.json()["revision"])
    [item] = [
        each for each in desk.get("/api/v1/requests", "agency").json()["items"] if each["id"] == answer.json()["id"]
    ]
    assert item["flags"] == ["value_unread"]
    assert (item["lon"], item["category"], item["text"]) == (None, "rescue", "roof")


def test_refuses_more_than_twenty_thousand_characters(desk: Desk) -> None:
    longest = "மழை🌊" * 5000
    assert len(longest) == 20_000
    kept = desk.report(text=longest)
    assert desk.feature(kept["id"])["properties"]["text"] == longest
    problem(desk.post(REPORTS, {**RESCUE, "text": longest + "x"}), 413, "too-large")
    problem(desk.post(REPORTS, {**RESCUE, "text": "x" * 1_000_000}), 413, "too-large")
    problem(desk.post(REPORTS, {**RESCUE, "fields": {"note": "x" * 20_001}}), 413, "too-large")


def test_keeps_every_script_as_it_is(desk: Desk) -> None:
    text = "‏النجدة e\u0301 ҙ 𝔘 🧑🏽‍🚒 \u202e x"
    assert desk.feature(desk.report(text=text)["id"])["properties"]["text"] == text
    assert desk.feature(desk.report(text="a\x00b")["id"])["properties"]["text"] == "a\ufffdb"


def ago(**delta: float) -> str:
    return (datetime.now(UTC) + timedelta(**delta)).strftime("%Y-%m-%dT%H:%M:%SZ")


FLAGGED: list[tuple[dict[str, Any], list[str], bool]] = [
    ({}, [], True),
    ({"observed_at": ago(days=3)}, ["time_future"], True),
    ({"observed_at": ago(minutes=5)}, [], True),
    ({"observed_at": "1970-01-01T00:00:00Z"}, ["time_ancient"], True),
    ({"observed_at": "0001-01-01T00:00:00Z"}, ["time_ancient"], True),
    ({"observed_at": "9999-12-31T23:59:59Z"}, ["time_future"], True),
    ({"observed_at": "2015-12-02T11:00:00"}, ["time_no_zone"], True),
    ({"lon": 0, "lat": 0}, ["zero_coordinates"], False),
    ({"lon": 13.05, "lat": 80.25}, ["swapped_axes"], False),
    ({"lon": -74.0, "lat": 40.7}, ["far_away"], False),
    ({"lon": 0, "lat": 0, "observed_at": "1970-01-01"}, ["time_no_zone", "time_ancient", "zero_coordinates"], False),
]


# Names without the hour: every worker must find the same tests.
@pytest.mark.parametrize(
    ("said", "flags", "drawn"), FLAGGED, ids=["+".join([*s, *f]) or "plain" for s, f, _ in FLAGGED]
)
def test_keeps_with_flags_what_is_unlikely(desk: Desk, said: dict[str, Any], flags: list[str], drawn: bool) -> None:
    receipt = desk.report(**said)
    feature = desk.feature(receipt["id"])
    assert sorted(feature["properties"]["flags"]) == sorted(flags)
    assert (feature["geometry"] is not None) == drawn
    assert feature["properties"]["place_kind"] == ("exact" if drawn else "none")
    assert desk.item(receipt["id"])["state"] == "open", "a wrong clock or place never refuses a cry for help"
    public = desk.feature(receipt["id"], None)
    assert public["properties"]["flags"] == []
    assert (public["geometry"] is not None) == drawn


def test_needs_no_more_than_a_category_and_one_thing(desk: Desk) -> None:
    for said in ({"text": "x"}, {"fields": {"depth_cm": 40}}, HERE, {"place": "behind the temple"}):
        assert desk.post(REPORTS, {"category": "flooding", **said}).status_code == 201


def test_takes_a_batch_and_answers_line_by_line(desk: Desk) -> None:
    name = key()
    lines = [
        json.dumps({**RESCUE, "client_id": name}),
        '{"category": "rescue"',
        "",
        json.dumps({**RESCUE, "client_id": name}),
        json.dumps({**RESCUE, "client_id": name, "text": "other"}),
        json.dumps({**RESCUE, "latitude": 91}),
        json.dumps({"category": "flooding", "place": "market"}),
    ]
    answer = desk.post(f"{REPORTS}:batch", "\n".join(lines).encode(), headers={"Content-Type": "application/x-ndjson"})
    assert answer.status_code == 200
    first, broken, again, reused, outside, last = answer.json()
    assert [line["status"] for line in (first, broken, again, reused, outside, last)] == [201, 422, 200, 422, 422, 201]
    assert {n: v for n, v in again.items() if n != "status"} == {n: v for n, v in first.items() if n != "status"}
    assert outside["problem"]["field"] == "latitude"
    assert reused["problem"]["type"].endswith("key-reused")
    desk.wait(last["revision"])
    assert desk.feature(last["id"])["geometry"] is None


def test_takes_a_thousand_in_one_batch_and_not_one_more(desk: Desk) -> None:
    before = desk.get("/api/v1/situation", "agency").json()
    line = json.dumps({"category": "flooding", "text": "batch", "lon": 80.05, "lat": 12.95}).encode()
    problem(desk.post(f"{REPORTS}:batch", b"\n".join([line] * 1001)), 413, "too-large")
    answer = desk.post(f"{REPORTS}:batch", b"\n".join([line] * 1000))
    receipts = answer.json()
    assert {receipt["status"] for receipt in receipts} == {201}
    revisions = [receipt["revision"] for receipt in receipts]
    assert revisions == list(range(revisions[0], revisions[0] + 1000)), "one commit, no gap"
    desk.wait(revisions[-1])
    after = desk.get("/api/v1/situation", "agency").json()
    assert after["reports"] - before["reports"] == 1000
    problem(desk.post(f"{REPORTS}:batch", b"\n\n"), 422)


def test_reads_words_of_need_in_any_category(desk: Desk) -> None:
    asking = desk.report(category="flooding", text="We are TRAPPED on the first floor")
    telling = desk.report(category="flooding", text="Knee deep water")
    assert desk.feature(asking["id"])["properties"]["asks"] is True
    feature = desk.feature(telling["id"])["properties"]
    assert (feature["asks"], feature["state"], feature["priority"]) == (False, None, None)

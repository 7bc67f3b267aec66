"""A body becomes a draft: a wrong name is refused and named, a value that cannot be read is kept as it was written."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.errors import CrisismapError, Invalid, Malformed
from crisismap.core.report.accept import accept
from crisismap.core.report.read_draft import draft_from, read_draft
from crisismap.core.report.report import AS_WRITTEN, Consent, Contact, CurrentReport
from tests.core.samples import ARRIVAL, CATEGORIES, CHENNAI, NOW, RULES, current, taken

HERE = {"lon": 80.25, "lat": 13.05}


def received(body: bytes) -> CurrentReport:
    """Return what becomes of a body of POST /api/v1/reports."""
    return current(msgspec.to_builtins(read_draft(body)))


@pytest.mark.parametrize(
    ("body", "field", "value"),
    [
        (b"[]", "body", "[]"),
        (b"3", "body", "3"),
        (b"{}", "category", "None"),
        (b'{"category": 7}', "category", "7"),
        (b'{"category": "other", "peeple": 3}', "peeple", "3"),
        (b'{"category": "other", "contact": {"fax": "1"}}', "contact.fax", "1"),
        (b'{"category": "other", "contact": ["98400"]}', "contact", "['98400']"),
        (b'{"category": "other", "client_id": [1]}', "client_id", "[1]"),
        (b'{"category": "other", "people": "six", "peeple": NaN}', "peeple", "NaN"),
    ],
)
def test_names_field_and_value_of_what_does_not_fit(body: bytes, field: str, value: str):
    with pytest.raises(Invalid) as refusal:
        read_draft(body)
    assert (refusal.value.field, refusal.value.details["value"]) == (field, value)
    assert field in str(refusal.value)
    assert value in str(refusal.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"category": "other"',
        b"category=other",
        b'{"category": "\xff"}',
        b'{"category": "other", "fields": ' + b'{"a": ' * 50_000 + b"1" + b"}" * 50_001,
        "<xml/>".encode("utf-16"),
    ],
)
def test_refuses_broken_json(body: bytes):
    with pytest.raises(Malformed):
        read_draft(body)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_never_fails_otherwise_on_any_bytes(body: bytes):
    for sent in (body, b'{"category":"other",' + body + b"}", b'{"category":"other","' + body + b'":1}'):
        with contextlib.suppress(Invalid, Malformed):
            read_draft(sent)


@given(st.dictionaries(st.text(max_size=20), st.integers() | st.text(max_size=9) | st.none() | st.floats(), max_size=4))
def test_never_fails_otherwise_on_any_row(row: dict[str, Any]):
    for body in (row, {"category": "other", "fields": row}, {"category": "other", "contact": row}):
        try:
            accept(draft_from(body), ARRIVAL, categories=CATEGORIES, detector=RULES.detector, extent=CHENNAI)
        except CrisismapError as refusal:
            msgspec.json.encode(refusal.details)  # what is refused can be said


def test_reads_a_row_like_a_body():
    body = {"category": "flooding", "text": "knee deep", **HERE, "fields": {"depth_cm": 50}}
    assert draft_from(body) == read_draft(msgspec.json.encode(body))
    with pytest.raises(Invalid, match="peeple"):
        draft_from({"category": "flooding", "peeple": 3})


def test_keeps_the_rest_of_a_text_with_half_a_character_in_a_row_but_neither_in_a_key_nor_in_json():
    with pytest.raises(Malformed):
        draft_from({"category": "other", "text": "help", "client_id": "help \ud83d"})
    draft = draft_from({"category": "other", "text": "help \ud83d", "place": "\udc00 bridge"})
    assert (draft.text, draft.place) == ("help \ufffd", "\ufffd bridge")
    with pytest.raises(Malformed):
        read_draft(b'{"category": "other", "text": "help \\ud83d"}')


# Odd values


ODD: list[tuple[bytes, str]] = [
    (b'"lon": 80.27, "lat": 93.0', "lon: 80.27; lat: 93.0"),
    (b'"lat": 13.02', "lat: 13.02"),
    (b'"lon": "unknown", "lat": "N/A"', "lon: unknown; lat: N/A"),
    (b'"lon": NaN, "lat": 1e400', "lon: NaN; lat: 1e400"),
    (b'"lon": true, "lat": [13]', "lon: true; lat: [13]"),
    (b'"lon": 80.2, "lat": "13 N or so"', "lat: 13 N or so; lon: 80.2"),
    (b'"people": "about 6"', "people: about 6"),
    (b'"people": -3', "people: -3"),
    (b'"people": 2.5', "people: 2.5"),
    (b'"people": 123456789012345678901234567890', "people: 123456789012345678901234567890"),
    (b'"people": "100-150"', "people: 100-150"),
    (b'"observed_at": "27/11/2026 08:00"', "observed_at: 27/11/2026 08:00"),
    (b'"observed_at": 1449037800', "observed_at: 1449037800"),
    (b'"observed_at": "0001-01-01T00:00:00+14:00"', "observed_at: 0001-01-01T00:00:00+14:00"),
    (b'"accuracy_m": -1', "accuracy_m: -1.0"),
    (b'"accuracy_m": "a street"', "accuracy_m: a street"),
    (b'"fields": "two boats"', "fields: two boats"),
    (b'"asks": "perhaps"', "asks: perhaps"),
    (b'"consent": {"publish": "ask me"}', "consent.publish: ask me"),
]


@pytest.mark.parametrize(("members", "written"), ODD, ids=[written for _, written in ODD])
def test_keeps_a_cry_for_help_with_an_odd_value_and_the_value_as_it_was_written(members: bytes, written: str):
    now = received(b'{"category": "rescue", "text": "help", ' + members + b"}")
    assert now.report.fields == {AS_WRITTEN: written}
    assert now.report.flags == ("value_unread",)
    assert (now.asks, now.point(), now.report.people, now.report.observed_at) == (True, None, None, NOW)
    assert not (now.report.consent.publish or now.report.consent.contact)


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        (b'{"a": {"b": 1}}', {"a": '{"b": 1}'}),
        (b'{"a": [1]}', {"a": "[1]"}),
        (b'{"depth_cm": 1e999}', {"depth_cm": "1e999"}),
        (b'{"depth_cm": "knee deep"}', {"depth_cm": "knee deep"}),
        (b'{"trapped": "some of us"}', {"trapped": "some of us"}),
        (b'{"elderly": "about 6"}', {"elderly": "about 6"}),
    ],
)
def test_keeps_a_field_with_an_odd_value_as_text(fields: bytes, kept: dict[str, Any]):
    report = received(b'{"category": "flooding", "text": "wet", "fields": ' + fields + b"}").report
    assert (report.fields, report.flags) == (kept, ("value_unread",))


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (b'"lon": "80.25", "lat": "13,05"', {"lon": 80.25, "lat": 13.05}),
        (b'"lon": "80\xc2\xb015\' E", "lat": "13\xc2\xb03\'0\\" N"', {"lon": 80.25, "lat": 13.05}),
        (b'"people": "1 200"', {"people": 1200}),
        (b'"people": "\xd9\xa6"', {"people": 6}),
        (b'"people": 6.0', {"people": 6}),
        (b'"people": "", "observed_at": " ", "lon": "", "lat": ""', {"people": None, "lon": None}),
        (b'"fields": {"depth_cm": "40", "trapped": "yes"}', {"fields": {"depth_cm": 40, "trapped": True}}),
        (b'"asks": "no"', {"asked": False}),
        (b'"consent": {"publish": "yes", "contact": 0}', {"consent": Consent(publish=True)}),
    ],
)
def test_reads_a_value_in_another_form_without_a_flag(members: bytes, expected: dict[str, Any]):
    report = received(b'{"category": "Flooding ", "text": "wet", ' + members + b"}").report
    assert {name: getattr(report, name) for name in expected} == expected
    assert (report.category, report.flags) == ("flooding", ())


def test_takes_a_contact_that_is_no_object_for_what_it_looks_like():
    for sent, contact in (
        (9447055555, Contact(phone="9447055555")),
        ("+91 (44) 705-5555", Contact(phone="+91 (44) 705-5555")),
        ("asha@example.org", Contact(email="asha@example.org")),
        ("Asha", Contact(name="Asha")),
        ({"phone": 98400}, Contact(phone="98400")),
    ):
        assert draft_from({"category": "other", "contact": sent}).contact == contact


def test_keeps_a_long_place_whole_and_says_that_it_was_too_long_for_a_line():
    report = taken({"category": "rescue", "place": "behind the temple " * 40})
    assert len(report.place_text) == 500
    assert report.fields[AS_WRITTEN] == f"place: {('behind the temple ' * 40).strip()}"


def test_adds_to_what_a_sender_wrote_down_before():
    report = taken({"category": "rescue", "lat": 13.0, "fields": {AS_WRITTEN: "people: a few"}})
    assert report.fields == {AS_WRITTEN: "people: a few; lat: 13.0"}

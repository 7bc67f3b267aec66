"""It keeps what a message was read from, under the hash of its bytes, and offers only what is for everybody."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import msgspec
import pytest

from crisismap.core.layer.alert import Alert
from crisismap.core.layer.original import MOST_BYTES, MOST_LISTED, has_its_id, is_offered, originals_of, with_original


def alert(name: str = "a", sent_ms: int = 5, **more: object) -> Alert:
    members = {"status": "Actual", "kind": "Alert", "scope": "Public"} | more
    return Alert("m@example.org", name, sent_ms, **members)  # type: ignore[arg-type]


def test_names_a_message_by_the_hash_of_its_bytes():
    body = b"<alert/>\r\n"
    found = with_original(alert(signed=True), body)
    assert found.original == sha256(body).hexdigest()
    (original,) = originals_of([found], {found.original: body})
    assert (original.identifier, original.signed, original.body) == ("a", True, body)
    assert has_its_id(original)
    assert not has_its_id(replace(original, body=body.strip()))
    assert not has_its_id(replace(original, body=None))


def test_keeps_no_more_bytes_than_it_says():
    found = with_original(alert(), bytes(MOST_BYTES + 1))
    assert (found.original, originals_of([found])) == ("", ())
    assert f"{MOST_BYTES + 1} bytes" in found.problems[0]
    assert with_original(alert(), bytes(MOST_BYTES)).problems == ()


@pytest.mark.parametrize(
    ("more", "offered"),
    [
        ({}, True),
        ({"kind": "Update"}, True),
        ({"kind": "Cancel"}, True),
        ({"kind": "Ack"}, False),
        ({"status": "Exercise"}, False),
        ({"status": "Draft"}, False),
        ({"scope": "Restricted"}, False),
        ({"scope": "Private"}, False),
    ],
)
def test_offers_only_what_is_said_to_everybody_in_earnest(more: dict[str, str], offered: bool):
    found = with_original(alert(**more), b"<alert/>")
    assert is_offered(found) is offered
    assert len(originals_of([found])) == offered


def test_lists_the_newest_and_each_once():
    many = [with_original(alert(str(n), n), str(n).encode()) for n in range(MOST_LISTED + 3)]
    listed = originals_of([*many, *many])
    assert len(listed) == MOST_LISTED
    assert listed[0].identifier == str(MOST_LISTED + 2)
    assert originals_of([msgspec.structs.replace(many[0], original="")]) == ()

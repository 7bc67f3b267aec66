"""A body becomes a draft; what is wrong with it is named, a number that is none by its own member."""

from __future__ import annotations

import pytest

from crisismap.api.http.body import decoded, draft_of, with_key
from crisismap.core.errors import Invalid, Malformed

SAID = b'{"category": "flooding", "text": "knee deep", "lon": 80.25, "lat": 13.05}'


def test_reads_a_draft() -> None:
    draft = draft_of(SAID)
    assert (draft.category, draft.text, draft.lon) == ("flooding", "knee deep", 80.25)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_names_the_member_that_is_no_number(number: str) -> None:
    with pytest.raises(Invalid) as refused:
        draft_of(SAID.replace(b"80.25", number.encode()))
    assert (refused.value.field, refused.value.code) == ("lon", "not_finite")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"category": NaN'])
def test_refuses_what_is_no_json(body: bytes) -> None:
    with pytest.raises(Malformed):
        draft_of(body)


def test_takes_an_empty_small_body_for_an_empty_object() -> None:
    assert decoded(b"", dict) == {}
    assert decoded(b'{"a": 1}', dict[str, int]) == {"a": 1}
    for wrong in (b'{"a": "x"}', b"\xff", b"[" * 100_000):
        with pytest.raises(Malformed):
            decoded(wrong, dict[str, int])


def test_takes_the_key_of_the_header_unless_the_body_says_another() -> None:
    draft = draft_of(SAID)
    assert with_key(draft, None) == draft
    keyed = with_key(draft, "k-1")
    assert keyed.client_id == "k-1"
    assert with_key(keyed, "k-1") == keyed
    with pytest.raises(Invalid):
        with_key(keyed, "k-2")

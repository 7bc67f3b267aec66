"""Bodies are decoded, and the key of a header becomes that of the draft."""

from __future__ import annotations

import pytest

from crisismap.api.http.body import decoded, with_key
from crisismap.core.errors import Invalid, Malformed
from crisismap.core.report.report import Draft


def test_takes_an_empty_small_body_for_an_empty_object() -> None:
    assert decoded(b"", dict) == {}
    assert decoded(b'{"a": 1}', dict[str, int]) == {"a": 1}
    for wrong in (b'{"a": "x"}', b"\xff", b"[" * 100_000):
        with pytest.raises(Malformed):
            decoded(wrong, dict[str, int])


def test_takes_the_key_of_the_header_unless_the_body_says_another() -> None:
    draft = Draft("flooding", text="knee deep")
    assert with_key(draft, None) == draft
    keyed = with_key(draft, "k-1")
    assert keyed.client_id == "k-1"
    assert with_key(keyed, "k-1") == keyed
    with pytest.raises(Invalid):
        with_key(keyed, "k-2")

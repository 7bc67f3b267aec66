"""It lets through what every database can keep."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Invalid
from crisismap.core.text.storable import check_length, check_no_nul, storable


def test_shows_a_nul_and_changes_nothing_else():
    assert storable("roof\x00water\r\n\u200d") == "roof\ufffdwater\r\n\u200d"


def test_refuses_a_nul_without_repeating_it():
    check_no_nul("client_id", "a\ufffdb")
    with pytest.raises(Invalid) as refusal:
        check_no_nul("client_id", "a\x00b")
    assert refusal.value.field == "client_id"
    assert "a\ufffdb" in str(refusal.value)


def test_refuses_one_character_too_many():
    check_length("place", "a" * 500, 500)
    with pytest.raises(Invalid, match="500"):
        check_length("place", "a" * 501, 500)

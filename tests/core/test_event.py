"""The chain of events: whatever is changed, dropped or moved shows."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.event import GENESIS, EventDraft, chain

EVENT = EventDraft("request.claim", "r-1", "p-1", 1_449_037_800_000, {"until": 1_449_041_400_000})


def test_is_sha_256_over_a_written_form():
    """Fixed for good: old chains must hold after every upgrade."""
    content = b'[7,"request.claim","r-1","p-1",1449037800000,{"until":1449041400000}]'
    assert chain(GENESIS, 7, EVENT) == hashlib.sha256(bytes(32) + content).digest()


@pytest.mark.parametrize(
    "change", [{"verb": "request.answer"}, {"subject": "r-2"}, {"actor": ""}, {"at_ms": 0}, {"data": {}}]
)
def test_changes_with_every_member(change: dict[str, Any]):
    assert chain(GENESIS, 7, msgspec.structs.replace(EVENT, **change)) != chain(GENESIS, 7, EVENT)


def test_changes_with_number_and_past():
    assert chain(GENESIS, 8, EVENT) != chain(GENESIS, 7, EVENT)
    assert chain(b"x" * 32, 7, EVENT) != chain(GENESIS, 7, EVENT)


def test_tells_members_apart():
    one = EventDraft("a", "bc", "", 0)
    other = EventDraft("ab", "c", "", 0)
    assert chain(GENESIS, 1, one) != chain(GENESIS, 1, other)


@given(st.dictionaries(st.text(max_size=5), st.integers(-(2**53), 2**53) | st.text(max_size=5), max_size=5))
def test_does_not_depend_on_the_order_of_data(data: dict[str, Any]):
    turned = dict(reversed(data.items()))
    one, other = (msgspec.structs.replace(EVENT, data=d) for d in (data, turned))
    assert chain(GENESIS, 1, one) == chain(GENESIS, 1, other)


def test_starts_from_nothing():
    assert bytes(32) == GENESIS

"""What was heard, stored with the report: the same again, and not of another detector or version."""

from __future__ import annotations

import pytest

from crisismap.core.need.need import Detection, Need
from crisismap.core.need.stored import decode_heard, encode_heard

HEARD = Detection(Need.MAY, 2, ("somebody is ill: “மருந்து”",), denied=True)


def test_returns_what_was_stored():
    assert decode_heard(encode_heard(HEARD, "abc"), "abc") == HEARD


@pytest.mark.parametrize("stored", ["", "[", "[1]", "null", '["abc","perhaps",4,[],false]'])
def test_takes_what_cannot_be_read_for_nothing(stored: str):
    assert decode_heard(stored, "abc") is None


def test_does_not_return_what_another_detector_heard():
    assert decode_heard(encode_heard(HEARD, "abc"), "abd") is None

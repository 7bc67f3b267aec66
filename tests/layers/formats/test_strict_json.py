"""JSON as the standard has it; what is none is refused with where it ends or breaks."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Malformed
from crisismap.layers.formats.strict_json import decode


def test_reads_utf8_with_and_without_a_byte_order_mark() -> None:
    body = '{"name": "அடையாறு"}'.encode()
    assert decode(body, "x") == decode(b"\xef\xbb\xbf" + body, "x") == {"name": "அடையாறு"}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_refuses_numbers_that_json_does_not_have(number: str) -> None:
    with pytest.raises(Malformed, match="not JSON"):
        decode(f"[{number}]".encode(), "x")


def test_says_after_how_many_bytes_a_file_was_cut_off() -> None:
    with pytest.raises(Malformed, match="after 8 bytes"):
        decode(b'{"a": [1', "x")


def test_refuses_a_bomb_of_brackets() -> None:
    with pytest.raises(Malformed, match="nested too deeply"):
        decode(b"[" * 200_000, "x")


def test_says_at_which_byte_a_file_is_not_utf8() -> None:
    with pytest.raises(Malformed, match=r"wards.*UTF-8"):
        decode(b'["Panam\xe1"]', "wards")

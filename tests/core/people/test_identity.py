"""Ids hide their time, tracking codes are derived and forgiving."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crisismap.core.people.identity import (
    CODE_BITS,
    ID_TIME_STEP_MS,
    code_number,
    code_text,
    derive_key,
    id_bytes,
    id_text,
    new_id,
    read_code,
    tracking_code,
)

NOW = 1_449_037_800_000
RANDOM = st.binary(min_size=10, max_size=10)
TIMES = st.integers(0, 2**48 - 1)
KEY = b"k" * 32


@given(TIMES, RANDOM)
def test_makes_a_uuid_of_version_8(now_ms: int, random: bytes):
    made = uuid.UUID(new_id(now_ms, random))
    assert (made.version, made.variant) == (8, uuid.RFC_4122)
    assert str(made) == new_id(now_ms, random)


@given(TIMES, st.integers(0, ID_TIME_STEP_MS - 1), RANDOM)
def test_tells_the_time_only_to_ten_minutes(now_ms: int, later: int, random: bytes):
    step = now_ms - now_ms % ID_TIME_STEP_MS
    assert new_id(step, random) == new_id(min(step + later, 2**48 - 1), random)
    assert int.from_bytes((id_bytes(new_id(now_ms, random)) or b"")[:6], "big") == step


@given(TIMES, TIMES, RANDOM, RANDOM)
def test_orders_ids_by_their_step_of_time(one: int, other: int, a: bytes, b: bytes):
    if one // ID_TIME_STEP_MS < other // ID_TIME_STEP_MS:
        assert new_id(one, a) < new_id(other, b)


def test_uses_122_bits_of_time_and_chance():
    """48 bits of time (some of them fixed by the step) and each of the 74 free random bits; the rest is layout."""
    base = int.from_bytes(id_bytes(new_id(0, bytes(10))) or b"", "big")
    seen = 0
    for bit in range(80):
        flipped = (1 << bit).to_bytes(10, "big")
        seen |= base ^ int.from_bytes(id_bytes(new_id(0, flipped)) or b"", "big")
    assert seen.bit_count() == 74
    assert seen < 1 << 80
    assert 48 + seen.bit_count() >= 122


@given(st.binary(min_size=16, max_size=16))
def test_writes_and_reads_ids(raw: bytes):
    assert id_bytes(id_text(raw)) == raw
    assert id_bytes(id_text(raw).upper()) == raw


@pytest.mark.parametrize("text", ["", "x", "g" * 36, "0" * 32, "00000000-0000-0000-0000-00000000000", "{" + "0" * 36])
def test_reads_no_id_where_there_is_none(text: str):
    assert id_bytes(text) is None


@given(st.integers(0, 2**CODE_BITS - 1))
@example(0)
@example(2**CODE_BITS - 1)
def test_reads_the_codes_it_writes(number: int):
    text = code_text(number)
    assert read_code(text) == number
    assert [len(part) for part in text.split("-")] == [4, 4, 4]
    assert not set(text) & set("ILOU")


@given(st.integers(0, 2**CODE_BITS - 1), st.data())
def test_forgives_how_people_type_a_code(number: int, data: st.DataObject):
    alike = {"0": "0Oo", "1": "1IiLl"}
    typed = "".join(
        data.draw(st.sampled_from(alike.get(c, c + c.lower() + chr(ord(c) + 0xFEE0)))) + data.draw(_GAPS)
        for c in code_text(number)
        if c != "-"
    )
    assert read_code(typed) == number


_GAPS = st.sampled_from(["", "", "-", " ", "\u2013", "\u2011", "\u00a0", ".", "\n"])


@pytest.mark.parametrize(
    "text", ["", "ABCD-EFGH-JKM", "ABCD-EFGH-JKMNP", "UUUU-UUUU-UUUU", "ABCD-EFGH-JKM\u0b95", "\u00df" * 12]
)
def test_reads_no_code_where_there_is_none(text: str):
    assert read_code(text) is None


def test_derives_the_code_from_key_and_id():
    """Fixed for good: a code given out must be found after every upgrade."""
    assert tracking_code(KEY, "00000000-0000-8000-8000-000000000000") == "EWGF-1KA1-X91W"
    assert tracking_code(KEY, "a") == tracking_code(KEY, "a")
    assert tracking_code(KEY, "a") != tracking_code(KEY, "b")
    assert tracking_code(KEY, "a") != tracking_code(b"l" * 32, "a")


def test_spreads_codes_evenly_over_60_bits():
    numbers = [code_number(KEY, str(i)) for i in range(4000)]
    assert len(set(numbers)) == len(numbers)
    assert max(numbers) < 2**CODE_BITS
    for bit in range(CODE_BITS):
        ones = sum(number >> bit & 1 for number in numbers)
        assert abs(ones - 2000) < 6 * 31.7, f"bit {bit}"  # six standard deviations


def test_shares_no_key_between_uses():
    keys = {derive_key(b"secret", use) for use in ("tracking-code", "payload-hash", "contact")}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}
    assert derive_key(b"secret", "contact") != derive_key(b"other", "contact")
    assert derive_key(b"secret" * 100, "contact") == derive_key(b"secret" * 100, "contact")

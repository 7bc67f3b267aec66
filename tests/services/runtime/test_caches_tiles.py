"""Packed tiles: made once for all who look at the same state."""

from __future__ import annotations

import gzip
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from crisismap.core.privacy import Audience
from crisismap.services.runtime.caches import TILES, PackedTiles
from crisismap.situation.board.selection import ALL


def test_encodes_and_packs_a_tile_once_for_all_who_look() -> None:
    packed, made = PackedTiles(), []

    def encode() -> bytes:
        made.append(1)
        return b"a tile" * 40

    key = (Audience.AGENCY, ALL, (7, 92, 59), (3, 5))
    first = packed.get(key, encode, 0)
    assert gzip.decompress(first) == b"a tile" * 40
    assert packed.get(key, encode, 0) is first
    assert len(made) == 1
    for state in ((4, 5), (3, 6)):  # another revision, another moment
        packed.get((Audience.AGENCY, ALL, (7, 92, 59), state), encode, 0)
    packed.get((Audience.PUBLIC, ALL, (7, 92, 59), (3, 5)), encode, 0)
    assert len(made) == 4


def test_lets_the_least_used_tile_go() -> None:
    packed = PackedTiles()
    for number in range(TILES + 1):
        packed.get((Audience.PUBLIC, ALL, (12, number, 0), (1, 1)), lambda: b"", 0)
    made = []
    packed.get((Audience.PUBLIC, ALL, (12, 0, 0), (1, 1)), lambda: made.append(1) or b"", 0)
    assert made


def test_lets_all_tiles_go_after_an_erasure() -> None:
    packed, key = PackedTiles(), (Audience.AGENCY, ALL, (7, 92, 59), (3, 5))
    assert gzip.decompress(packed.get(key, lambda: b"before", 0)) == b"before"
    assert gzip.decompress(packed.get(key, lambda: b"after", 0)) == b"before"
    assert gzip.decompress(packed.get(key, lambda: b"after", 1)) == b"after"


def test_encodes_a_tile_once_for_all_who_ask_at_the_same_moment() -> None:
    packed, made = PackedTiles(), []
    key = (Audience.AGENCY, ALL, (7, 92, 59), (3, 5))

    def encode() -> bytes:
        made.append(1)
        time.sleep(0.05)
        return b"tile"

    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: packed.get(key, encode, 0), range(20)))
    assert [gzip.decompress(each) for each in found] == [b"tile"] * 20
    assert len(made) == 1


def test_lets_the_next_one_try_when_an_encoding_fails() -> None:
    packed, key = PackedTiles(), (Audience.AGENCY, ALL, (7, 92, 59), (3, 5))

    def broken() -> bytes:
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError):
        packed.get(key, broken, 0)
    assert gzip.decompress(packed.get(key, lambda: b"tile", 0)) == b"tile"

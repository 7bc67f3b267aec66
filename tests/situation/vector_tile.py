"""A plain reader of vector tiles, written from the specification and not from our writer; checked against GDAL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass
class Seen:
    """A point, or a line by its two ends, as a client would see it."""

    id: int
    x: int
    y: int
    properties: dict[str, Any]
    end: tuple[int, int] | None = None


def read(tile: bytes) -> dict[str, list[Seen]]:
    """Layer name -> features."""
    layers = {}
    for number, content in _fields(tile):
        assert number == 3
        name, features = _layer(content)
        assert name not in layers
        layers[name] = features
    return layers


def _layer(content: bytes) -> tuple[str, list[Seen]]:
    parts: dict[int, list[Any]] = {}
    for number, value in _fields(content):
        parts.setdefault(number, []).append(value)
    assert parts[15] == [2]
    assert parts[5] == [4096]
    keys = [key.decode() for key in parts.get(3, [])]
    values = [_value(value) for value in parts.get(4, [])]
    return parts[1][0].decode(), [_feature(each, keys, values) for each in parts[2]]


def _feature(content: bytes, keys: list[str], values: list[Any]) -> Seen:
    parts = dict(_fields(content))
    command, *place = _varints(parts[4])
    assert command == 9, "one MoveTo"
    x, y = (_signed(number) for number in place[:2])
    end = None
    if parts[3] == 2:
        assert (place[2], len(place)) == (10, 5), "one LineTo"
        end = x + _signed(place[3]), y + _signed(place[4])
    else:
        assert (parts[3], len(place)) == (1, 2), "a point"
    tags = list(_varints(parts.get(2, b"")))
    pairs = {keys[key]: values[value] for key, value in zip(tags[::2], tags[1::2], strict=True)}
    assert len(pairs) == len(tags) // 2, "a key once"
    return Seen(parts[1], x, y, pairs, end)


def _signed(number: int) -> int:
    return number >> 1 ^ -(number & 1)


def _value(content: bytes) -> Any:
    [(number, value)] = _fields(content)
    read = {1: lambda: value.decode(), 5: lambda: value, 6: lambda: value >> 1 ^ -(value & 1), 7: lambda: value == 1}
    return read[number]()


def _fields(content: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(content):
        head, at = _varint(content, at)
        value, at = _varint(content, at)
        if head & 7 == 2:
            value, at = content[at : at + value], at + value
            assert at <= len(content)
        else:
            assert head & 7 == 0
        yield head >> 3, value


def _varints(content: bytes) -> Iterator[int]:
    at = 0
    while at < len(content):
        value, at = _varint(content, at)
        yield value


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (content[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if content[at - 1] < 128:
            return value, at

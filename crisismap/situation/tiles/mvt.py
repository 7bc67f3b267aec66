"""Mapbox Vector Tiles 2.1 of points, written with numpy in columns of fixed width.

Every varint of a feature is padded to its maximum width (valid protobuf, and read by GDAL, mapbox/vector-tile and
loaders.gl), so that all features of a layer have the same length and the layer is one two-dimensional array of bytes.
No protobuf library is needed. Wire format: https://github.com/mapbox/vector-tile-spec/tree/master/2.1
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Value = str | int | bool
FreeFeature = tuple[int, int, int, Sequence[str | int | None]]  # id, x, y, a value per key or None
Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.uint32]

EXTENT = 4096
ABSENT = 255  # code of a feature without the attribute
MAX_ID = (1 << 28) - 1  # four groups of seven bits
MAX_VALUES = 100  # every key and value index must fit one byte of varint, below 128
MAX_ATTRIBUTES = 50  # and so must the length of a feature

_ONE_GROUP = [bytes((number,)) for number in range(128)]
_VERSION = b"\x78\x02"
_EXTENT = b"\x28\x80\x20"


class PointLayer:
    """A layer whose attributes have fixed lists of values, known in advance."""

    __slots__ = ("_bases", "_header", "_keys", "_template", "_width")

    def __init__(self, name: str, attributes: Sequence[tuple[str, Sequence[Value]]]) -> None:
        """Set up a layer. `attributes`: (name, values) in order of the codes; at most MAX_ATTRIBUTES, MAX_VALUES."""
        sizes = [len(values) for _, values in attributes]
        self._keys = len(attributes)
        self._bases = np.cumsum([0, *sizes[:-1]]).astype(np.uint8)[: self._keys]
        self._header = layer_header(
            name, [key for key, _ in attributes], [value for _, values in attributes for value in values]
        )
        pairs = b"".join(bytes((key, 0)) for key in range(self._keys))
        body = b"".join((b"\x08\0\0\0\0", b"\x12", bytes((len(pairs),)), pairs, b"\x18\x01", b"\x22\x05\x09\0\0\0\0"))
        self._template = np.frombuffer(b"\x12" + bytes((len(body),)) + body, np.uint8)
        self._width = len(self._template)

    def encode(self, ids: Numbers, x: Numbers, y: Numbers, codes: Bytes) -> bytes:
        """Return the layer as a field of the tile; b"" without features.

        `ids` [n] up to MAX_ID; `x`, `y` [n] in 0 .. EXTENT - 1; `codes` [n, attributes], ABSENT or an index
        into the attribute's values.
        """
        if not len(ids):
            return b""
        table = np.empty((len(ids), self._width), np.uint8)
        table[:] = self._template
        _put(table, 3, _padded_ids(ids))
        _put(table, self._width - 4, _padded_points(x, y))
        features = self._with_tags(table, codes) if self._keys else table.tobytes()
        return field(3, self._header + features)

    def _with_tags(self, table: Bytes, codes: Bytes) -> bytes:
        first, last = 9, 9 + 2 * self._keys
        np.add(codes, self._bases, out=table[:, first + 1 : last : 2])
        absent = codes == ABSENT
        if not absent.any():
            return table.tobytes()
        savings = 2 * absent.sum(axis=1, dtype=np.uint8)
        table[:, 8] -= savings
        bare = savings == 2 * self._keys  # without tags there must be no tags field, or GDAL rejects the file
        table[:, 1] -= savings + np.where(bare, np.uint8(2), np.uint8(0))
        keep = np.ones(table.shape, np.bool_)
        keep[:, first:last:2] = keep[:, first + 1 : last : 2] = ~absent
        keep[bare, 7:9] = False
        return table[keep].tobytes()


def free_layer(name: str, keys: Sequence[str], features: Sequence[FreeFeature]) -> bytes:
    """Return a layer of a few points with arbitrary values, as a field; b"" without features."""
    if not features:
        return b""
    table: dict[str | int, int] = {}
    parts: list[bytes] = []
    for number, x, y, values in features:
        tags = bytearray()
        for key, value in enumerate(values):
            if value is not None:
                tags += varint(key) + varint(table.setdefault(value, len(table)))
        geometry = b"\x09" + varint(2 * x) + varint(2 * y)
        tag_field = field(2, bytes(tags)) if tags else b""
        parts.append(field(2, b"\x08" + varint(number) + tag_field + b"\x18\x01" + field(4, geometry)))
    return field(3, layer_header(name, keys, list(table)) + b"".join(parts))


def line_layer(name: str, ids: Sequence[int], lines: Sequence[Sequence[int]]) -> bytes:
    """Return a layer of straight lines (x, y, x, y) without attributes, as a field; b"" without lines."""
    if not ids:
        return b""
    parts = []
    for number, (x, y, end_x, end_y) in zip(ids, lines, strict=True):
        moved = varint(_zigzag(end_x - x)) + varint(_zigzag(end_y - y))
        geometry = b"\x09" + varint(2 * x) + varint(2 * y) + b"\x0a" + moved
        parts.append(field(2, b"\x08" + varint(number) + b"\x18\x02" + field(4, geometry)))
    return field(3, layer_header(name, (), ()) + b"".join(parts))


def layer_header(name: str, keys: Sequence[str], values: Sequence[Value]) -> bytes:
    """Return a layer without its features: version, name, extent, keys, values."""
    parts = [_VERSION, field(1, name.encode()), _EXTENT]
    parts += [field(3, key.encode()) for key in keys]
    parts += [field(4, encode_value(value)) for value in values]
    return b"".join(parts)


def encode_value(value: Value) -> bytes:
    """Return a Value message: text, boolean or integer (64 bits)."""
    if isinstance(value, bool):
        return b"\x38\x01" if value else b"\x38\x00"
    if isinstance(value, str):
        return field(1, value.encode())
    if value < 0:
        return b"\x30" + varint(_zigzag(value))
    return b"\x28" + varint(value)


def field(number: int, content: bytes) -> bytes:
    """Return a length-delimited field; `number` below 16."""
    return bytes((number << 3 | 2,)) + varint(len(content)) + content


def _zigzag(number: int) -> int:
    return 2 * number if number >= 0 else -2 * number - 1


def varint(number: int) -> bytes:
    """Return the shortest varint of a number from 0 up."""
    if number < 128:
        return _ONE_GROUP[number]
    return bytes((number & 127 | 128,)) + varint(number >> 7)


def _put(table: Bytes, column: int, words: Numbers) -> None:
    """Write each word over four bytes of its row, lowest byte first, wherever the row begins."""
    count, width = table.shape
    np.ndarray((count,), "<u4", table, column, (width,))[:] = words


def _padded_ids(ids: Numbers) -> Numbers:
    """Return varints of four bytes, as words."""
    words = (ids & 0x7F) | (ids & 0x3F80) << 1 | (ids & 0x1FC000) << 2 | (ids & 0xFE00000) << 3
    return (words | 0x808080).astype(np.uint32, copy=False)


def _padded_points(x: Numbers, y: Numbers) -> Numbers:
    """Return two zigzag varints of two bytes each, as one word."""
    shifted = x << 1 | y << 17
    return ((shifted & 0x7F007F) | 0x800080 | (shifted & 0x1F801F80) << 1).astype(np.uint32, copy=False)

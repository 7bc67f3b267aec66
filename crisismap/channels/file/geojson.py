"""GeoJSON, whole or newline-delimited, as raw rows; of a whole file a part at a time is in memory."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from crisismap.channels.file.lines import BLOCK, MAX_LINE, Lines, TextFile
from crisismap.channels.file.position import point_of_geometry
from crisismap.channels.file.rows import RawRow
from crisismap.channels.file.table import RowTable
from crisismap.core.errors import Invalid, Malformed, TooLarge, shorten
from crisismap.core.place.crs import crs_of_text, is_lon_lat, name_in_member, transformer_of
from crisismap.core.report.read_draft import finite_or_text
from crisismap.problems import sentence

if TYPE_CHECKING:
    from pyproj import Transformer

_MOST_SYSTEMS = 20  # unknown ones that a note names
MAX_FEATURE = 64 << 20  # bytes of one feature, and of all other members of a file
_TRIES = 4  # ends of a feature that may be none: they can stand in a text, or between objects in its properties
_END = 100  # characters; an error so near to the end of a part may be due to it
_GAP = re.compile(r"[\s,]*")
_MEMBER = re.compile(rb'[\s,]*("(?:[^"\\]|\\.)*+")\s*:\s*', re.DOTALL)
_BETWEEN = re.compile(rb"\}\s*,\s*(?=\{)")
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[{}\[\]]', re.DOTALL)
_SCALAR = re.compile(rb'(?:"(?:[^"\\]|\\.)*+"|[^\s,\]}"]+)(?=\s*[,}])', re.DOTALL)
_CLOSED = re.compile(rb"[\s,]*\}\s*")


def read_geojson(file: TextFile, salvage: bool, notes: list[str]) -> RowTable:
    """Return the features of a file: all properties, and the rows in one pass.

    The file is read once before the first row, so that a broken one is refused as a whole, with the place; `salvage`
    keeps the features above. Places of another coordinate system are moved to WGS 84, or kept as text. Raises
    Malformed, TooLarge.
    """
    notes += [note for note in (file.encoding.note, file.encoding.broken) if note]
    names: dict[str, None] = {}
    whole = 0
    crs: list[Any] = []
    try:
        for item in _features(file, crs):
            whole += 1
            names.update(dict.fromkeys(_names(item)))
    except _CutError as cut:
        if not salvage or not whole:
            raise Malformed("file_cut", what=file.path.name, cut=cut.cut, where=cut.where, whole=whole) from None
    return RowTable(list(names), _rows(file, _Places(crs[-1] if crs else None, notes)))


def _rows(file: TextFile, places: _Places) -> Iterator[RawRow]:
    try:
        for item in _features(file, []):
            yield places.moved(_raw_row(_loads(item) if isinstance(item, bytes) else item))
    except _CutError as cut:
        yield RawRow(cut.rest, problem=Malformed("feature_cut", cut=cut.cut, where=cut.where))


def read_geojson_lines(lines: Lines) -> Iterator[RawRow]:
    places = _Places(None, [])
    for line in lines:
        text = line.strip("\x1e \t\r\n")
        if not text:
            continue
        try:
            yield places.moved(_raw_row(_loads(text)))
        except (ValueError, RecursionError) as error:
            yield RawRow(text, problem=Malformed("line_not_json", problem=shorten(str(error))))


def _loads(text: str | bytes) -> Any:
    """Return a value; what strict JSON has not, such as NaN, is text. Raises ValueError, RecursionError."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError):
        plain = text.decode("utf-8", "surrogateescape") if isinstance(text, bytes) else text
        return json.loads(plain, parse_constant=str, parse_float=finite_or_text, parse_int=_int_or_text)


def _int_or_text(digits: str) -> int | str:
    """Return a whole number; one of more digits than Python reads is text."""
    try:
        return int(digits)
    except ValueError:
        return digits


def _value_or_text(value: bytes) -> Any:
    """Return a value, or as text what is no value; an unknown coordinate system costs places and not the file."""
    try:
        return _loads(value)
    except (ValueError, RecursionError):
        return value.decode("utf-8", "replace")


def _raw_row(item: Any) -> RawRow:
    """Return one item of a GeoJSON file: a Feature, or an object with the members of the API."""
    if not isinstance(item, dict):
        return RawRow(json.dumps(item), problem=Malformed("feature_not_an_object", given=shorten(item)))
    if item.get("type") != "Feature":
        return RawRow(item, item)
    properties = item.get("properties")
    if not isinstance(properties, dict | None):
        return RawRow(item, problem=Malformed("properties_not_an_object", given=shorten(properties)))
    return RawRow(item, properties or {}, item.get("geometry"))


def _names(item: Any) -> list[str]:
    """Return the names of the properties of an item."""
    if isinstance(item, bytes):
        try:
            members = msgspec.json.decode(item, type=dict[str, msgspec.Raw])
            if bytes(members.get("type", b"")) != b'"Feature"':
                return list(members)
            properties = members.get("properties", b"null")
            return list(msgspec.json.decode(properties, type=dict[str, msgspec.Raw] | None) or ())
        except (msgspec.DecodeError, UnicodeError):
            item = _loads(item)
    row = _raw_row(item)
    return [] if row.problem else list(row.properties)


class _Places:
    """Moves places to WGS 84 by the old `crs` member of a file, a feature or a geometry."""

    def __init__(self, member: Any, notes: list[str]) -> None:
        self._member, self._notes = member, notes
        self._transformers: dict[str, Transformer | None] = {}  # by the member; None: already in WGS 84
        self._unknown: dict[str, Invalid] = {}
        if member is not None:
            with suppress(Invalid):
                self._transformer(member)

    def moved(self, row: RawRow) -> RawRow:
        """Return the row with its geometry in WGS 84; with one that is kept as text where that is not possible."""
        geometry = row.geometry
        if not isinstance(geometry, dict):
            return row
        own = geometry.get("crs", row.raw.get("crs") if isinstance(row.raw, dict) else None)
        member = self._member if own is None else own
        if member is None:
            return row
        try:
            transformer = self._transformer(member)
            point = None if transformer is None else point_of_geometry(geometry)
            if transformer is None or point is None:
                return row
            lon, lat = transformer.transform(*point)
            if math.isfinite(lon) and math.isfinite(lat):
                return replace(row, geometry={"type": "Point", "coordinates": [lon, lat]})
        except (Invalid, ValueError, TypeError, ArithmeticError):
            pass  # an unknown system, or no point of it: left as it is written
        return replace(row, geometry={"crs": member, "geometry": geometry})

    def _transformer(self, member: Any) -> Transformer | None:
        """Return the way to WGS 84, None where it is that; say once which systems there are. Raises Invalid."""
        key = json.dumps(member, sort_keys=True, default=str)
        if key in self._unknown:
            raise self._unknown[key]
        if key not in self._transformers:
            try:
                name = name_in_member(member)
                system = None if name is None else crs_of_text(name)
                is_known = system is None or is_lon_lat(system)
                self._transformers[key] = None if system is None or is_known else transformer_of(system)
            except Invalid as refusal:
                self._unknown[key] = refusal
                if len(self._unknown) <= _MOST_SYSTEMS:
                    self._notes.append(f"places are kept as text: {sentence(refusal)}")
                raise
            if system is not None and not is_known:
                self._notes.append(f"places reprojected from {system.name} to WGS 84")
        return self._transformers[key]


class _CutError(Exception):
    """A file that ends in the middle or is broken: the sentence on that, the place, and the text from there on."""

    def __init__(self, cut: str, where: str, rest: str) -> None:
        super().__init__(cut)
        self.cut, self.where, self.rest = cut, where, rest


@dataclass(slots=True)
class _Part:
    """What was read of a file and not used yet, and the line and column where it begins."""

    blocks: Iterator[bytes]
    what: str
    data: bytes = b""
    line: int = 1
    column: int = 1

    def use(self, end: int) -> None:
        """Go on behind so many bytes."""
        self.line, self.column = self._place(end)
        self.data = self.data[end:]

    def more(self) -> bool:
        """Read on, as much again as there is; return whether there was anything. Raises TooLarge."""
        if len(self.data) > MAX_FEATURE:
            raise TooLarge("feature_too_large", what=self.what, most=MAX_FEATURE, where=self.where(0))
        found = [self.data]
        wanted = max(BLOCK, len(self.data))
        while wanted > 0 and (block := next(self.blocks, b"")):
            found.append(block)
            wanted -= len(block)
        self.data = b"".join(found)
        return len(found) > 1

    def cut(self, end: int, problem: str = "") -> _CutError:
        """Return the error of a file that ends at so many bytes, or is broken there."""
        while len(self.data) < MAX_LINE and self.more():
            pass
        rest = self.data[:MAX_LINE].decode("utf-8", "surrogateescape")
        return _CutError(f"is not JSON ({problem})" if problem else "ends in the middle", self.where(end), rest)

    def where(self, end: int) -> str:
        """Return the place of a byte, for people."""
        line, column = self._place(end)
        return f"line {line}, column {column}"

    def _place(self, end: int) -> tuple[int, int]:
        lines = self.data.count(b"\n", 0, end)
        return self.line + lines, end - self.data.rfind(b"\n", 0, end) if lines else self.column + end


def _features(file: TextFile, crs: list[Any]) -> Iterator[Any]:
    """Yield each feature of a collection, or the only one, as bytes or, where these are no strict JSON, as its value.

    An old `crs` member is added to `crs`. Raises Malformed, TooLarge; _CutError behind the last whole feature.
    """
    part = _Part(file.blocks(), file.path.name)
    part.more()
    part.use(len(part.data) - len(part.data.lstrip(b"\x1e \t\r\n")))
    if not part.data.startswith(b"{"):
        raise _not_a_collection(part)
    part.use(1)
    others: dict[str, bytes] = {}
    has_features = False
    while (member := _next_member(part)) is not None:
        name, value = member
        if name == "crs":
            crs.append(_value_or_text(value))
        if value == b"[":
            has_features = True
            yield from _listed(part)
        elif not has_features:
            others[name] = value
            if sum(map(len, others.values())) > MAX_FEATURE:
                raise TooLarge("feature_too_large", what=part.what, most=MAX_FEATURE, where=part.where(0))
    if not has_features:
        if others.get("type") != b'"Feature"':
            raise Malformed("not_a_collection", what=part.what)
        try:
            feature = {name: _loads(value) for name, value in others.items()}
        except (ValueError, RecursionError) as error:
            raise part.cut(0, shorten(str(error))) from None
        yield feature


def _not_a_collection(part: _Part) -> Malformed:
    try:
        _loads(part.data)
    except RecursionError:
        return Malformed("json_too_deep", what=part.what)
    except ValueError:
        pass  # a list that goes on
    return Malformed("not_a_collection", what=part.what)


def _next_member(part: _Part) -> tuple[str, bytes] | None:
    """Return the next member of the object, `[` for the features, which follow; None at its end. Raises _CutError."""
    while True:
        match = _MEMBER.match(part.data)
        if match is not None:
            name = str(_loads(match[1]))
            if name == "features" and part.data[match.end() : match.end() + 1] == b"[":
                part.use(match.end() + 1)
                return name, b"["
            end = _end_of_value(part.data, match.end())
            if end:
                value = part.data[match.end() : end]
                part.use(end)
                return name, value
        elif _CLOSED.match(part.data):
            return None
        if not part.more():
            end = len(part.data)
            raise part.cut(end, "" if match or not part.data.strip() else "the name of a member is missing")


def _end_of_value(data: bytes, start: int) -> int:
    """Return the end of the value that starts here, 0 when it is not there yet."""
    if data[start : start + 1] not in (b"{", b"["):
        match = _SCALAR.match(data, start)
        return match.end() if match else 0
    depth = 0
    for token in _TOKEN.finditer(data, start):
        depth += {b"{": 1, b"[": 1, b"}": -1, b"]": -1}.get(token[0], 0)
        if depth == 0:
            return token.end()
    return 0


def _listed(part: _Part) -> Iterator[Any]:
    """Yield the items of a list that has begun, up to its end. Raises _CutError, Malformed (nested too deeply)."""
    while True:
        if len(part.data) < BLOCK:
            part.more()
        items = _quickly(part)
        if items is not None:
            yield from items
            continue
        ended = yield from _one_by_one(part)
        if ended:
            return


def _quickly(part: _Part) -> list[bytes] | None:
    """Return the features up to the last one that ends for certain, as bytes; None when that is not to be seen."""
    data = part.data
    start = len(data) - len(data.lstrip(b", \t\r\n"))
    end = len(data)
    for _ in range(_TRIES):
        end = data.rfind(b"}", start, end)
        while end >= 0 and not _BETWEEN.match(data, end):
            end = data.rfind(b"}", start, end)
        if end < 0:
            return None
        try:
            found = msgspec.json.decode(b"[%b]" % data[start : end + 1], type=list[msgspec.Raw])
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            continue
        part.use(end + 1)
        return [bytes(item) for item in found]
    return None


def _one_by_one(part: _Part) -> Generator[Any, None, bool]:
    """Yield the items that are whole in what was read; return whether the list ended."""
    text = part.data.decode("utf-8", "surrogateescape")
    decoder = json.JSONDecoder(parse_constant=str, parse_float=finite_or_text)
    place = 0
    items = []
    problem: json.JSONDecodeError | None = None
    ended = False
    while not ended and problem is None:
        place = _gap_end(text, place)
        ended = text[place : place + 1] == "]"
        if ended or place >= len(text):
            break
        try:
            item, place = decoder.raw_decode(text, place)
        except RecursionError:
            raise Malformed("json_too_deep", what=part.what) from None
        except json.JSONDecodeError as error:
            problem = error
        else:
            items.append(item)
    part.use(len(text[: place + ended].encode("utf-8", "surrogateescape")))
    yield from items
    if ended:
        return True
    if problem is not None and problem.pos < len(text) - _END and not problem.msg.startswith("Unterminated"):
        raise part.cut(len(text[place : problem.pos].encode("utf-8", "surrogateescape")), problem.msg)
    if not items and not part.more():
        raise part.cut(len(part.data))
    return False


def _gap_end(text: str, place: int) -> int:
    match = _GAP.match(text, place)
    return match.end() if match else place

"""Text of a shapefile's table in its own encoding: by mapping, .cpg file, the table's own mark, or detection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from crisismap.core.errors import Malformed
from crisismap.core.text.encoding import UTF8, declared_encoding, guess, guess_note, python_encoding, sample
from crisismap.layers.formats.raw import RawFeature, RawLayer
from crisismap.layers.normalise.mapping import LayerMapping

TRANSPORT = "ISO-8859-1"  # in which the sandbox hands over bytes as text: each byte is a character
_MARK_AT = 29  # of the byte of a dbf that names its code page
_LONGEST_CPG = 100
_TAIL = 3  # bytes of a character that the width of a column may have cut
_MARKS = {
    **dict.fromkeys((0x01, 0x09, 0x0B, 0x0D, 0x0F, 0x11, 0x15, 0x18, 0x19, 0x1B), "cp437"),
    **dict.fromkeys((0x02, 0x0A, 0x0E, 0x10, 0x12, 0x14, 0x16, 0x1A, 0x1D, 0x25, 0x37), "cp850"),
    **dict.fromkeys((0x1F, 0x22, 0x23, 0x40, 0x64, 0x87), "cp852"),
    **dict.fromkeys((0x26, 0x65), "cp866"),
    **dict.fromkeys((0x08, 0x17, 0x66), "cp865"),
    **dict.fromkeys((0x13, 0x7B), "cp932"),
    **dict.fromkeys((0x4D, 0x7A), "gb18030"),
    **dict.fromkeys((0x4E, 0x79), "cp949"),
    **dict.fromkeys((0x4F, 0x78), "cp950"),
    **dict.fromkeys((0x50, 0x7C), "cp874"),
    **dict.fromkeys((0x6A, 0x86), "cp737"),
    **dict.fromkeys((0x6B, 0x88), "cp857"),
    **{0x67: "cp861", 0x6C: "cp863", 0x24: "cp860", 0x7D: "cp1255", 0x7E: "cp1256", 0x04: "mac_roman"},
    **{0xC8: "cp1250", 0xC9: "cp1251", 0xCA: "cp1254", 0xCB: "cp1253", 0xCC: "cp1257", 0x96: "mac_cyrillic"},
}  # 0x03, 0x57, 0x58 and 0x59 are left out: programs write them whatever the text is in


def decoded(layer: RawLayer, path: Path, mapping: LayerMapping, what: str) -> RawLayer:
    """Return the layer that the sandbox read, with its texts decoded; `path` is the copy of the .shp.

    Raises Invalid for an encoding that nobody knows, Malformed for text that is not in the mapping's encoding.
    """
    foreign = list(_foreign(layer.features))
    if not foreign:
        return layer
    name, note = _encoding(path, mapping, foreign)
    decoder = _Decoder(name)
    features = [_with_text(feature, decoder) for feature in layer.features]
    if decoder.broken and mapping.encoding:
        raise Malformed("text_not_encoded", what=what, encoding=mapping.encoding, count=decoder.broken)
    notes = [note] if note else []
    if decoder.cut:
        notes.append(f"texts that end within a character, which was taken off: {decoder.cut}")
    if decoder.broken:
        notes.append(f"texts with characters that are no {name}, replaced by �: {decoder.broken}")
    return replace(layer, features=features, notes=[*layer.notes, *notes])


def _foreign(features: list[RawFeature]) -> Iterator[bytes]:
    for feature in features:
        for name, value in feature.properties.items():
            if not name.isascii():
                yield name.encode(TRANSPORT)
            if isinstance(value, str) and not value.isascii():
                yield value.encode(TRANSPORT)


def _encoding(path: Path, mapping: LayerMapping, foreign: list[bytes]) -> tuple[str, str]:
    """Return the encoding and a note on how it is known, "" where it is declared and fits."""
    if mapping.encoding:
        return declared_encoding(mapping.encoding), ""
    guessed = guess(_without_tails(foreign))
    declared, where = _declared(path)
    name = python_encoding(declared) if declared else None
    shown = sample("\n".join(value.decode(guessed, errors="ignore") for value in foreign[:200]))
    if name is not None and name != guessed:
        if guessed != UTF8 and _fits(foreign, name):
            return name, ""
        return guessed, f"{where} says {declared}, but the text is {guessed}, as in “{shown}”"
    if guessed == UTF8 or name == guessed:
        return guessed, ""
    unknown = f"; {where} says {declared}, which is no known encoding" if declared else ""
    return guessed, guess_note(guessed, shown, unknown)


def _declared(path: Path) -> tuple[str, str]:
    """Return the encoding that the .cpg file or the table itself names, and which of the two; "" for none."""
    cpg, dbf = path.with_suffix(".cpg"), path.with_suffix(".dbf")
    if cpg.exists():
        text = cpg.read_bytes()[:_LONGEST_CPG].decode("ascii", errors="ignore").strip("\x00 \t\r\n")
        if text:
            return text, "the .cpg file"
    if dbf.exists():
        with dbf.open("rb") as file:
            head = file.read(_MARK_AT + 1)
        mark = head[_MARK_AT] if len(head) > _MARK_AT else 0
        return _MARKS.get(mark, ""), "the table"
    return "", ""


def _without_tails(values: list[bytes]) -> Iterator[bytes]:
    """Yield values without the beginning of a UTF-8 character at their end, which the width of the column cut."""
    for value in values:
        try:
            value.decode(UTF8)
        except UnicodeDecodeError as error:
            yield value[: error.start] if error.start and error.start >= len(value) - _TAIL else value
        else:
            yield value


def _fits(values: list[bytes], name: str) -> bool:
    decoder = _Decoder(name)
    for value in values:
        decoder.text(value)
    return decoder.broken == 0


class _Decoder:
    """Decodes values of one encoding, and counts those that were cut within a character or are no text in it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.cut = self.broken = 0

    def text(self, value: bytes) -> str:
        """Return the text of a value."""
        try:
            return value.decode(self.name)
        except UnicodeDecodeError as error:
            if error.start and error.start >= len(value) - _TAIL and error.end == len(value):
                self.cut += 1
                return value[: error.start].decode(self.name)
            self.broken += 1
            return value.decode(self.name, errors="replace")


def _with_text(feature: RawFeature, decoder: _Decoder) -> RawFeature:
    def text(value: Any) -> Any:
        return value if not isinstance(value, str) or value.isascii() else decoder.text(value.encode(TRANSPORT))

    return replace(feature, properties={text(name): text(value) for name, value in feature.properties.items()})

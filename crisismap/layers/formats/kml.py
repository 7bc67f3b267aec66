"""KML as one list of placemarks: folders become a field, and what is no place is named. Runs in the sandbox.

GDAL makes a layer of each folder, loses folders within folders, and reads the frame of an overlaid picture as a place.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from crisismap.core.errors import Malformed, shorten

# Elements that are no places, as messages call them.
LEFT_OUT = {
    "GroundOverlay": "pictures laid over the ground",
    "ScreenOverlay": "pictures laid over the screen",
    "PhotoOverlay": "photographs",
    "NetworkLink": "links to other files, not followed",
    "Tour": "tours",
}
_CONTAINERS = ("Folder", "Document")
_CUT = ("Placemark", "Schema", *LEFT_OUT)
_LONGEST = 100  # characters of a name
_MOST_DEEP = 100
_STEP = " / "  # between a folder and one within it
_DECLARATION = re.compile(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"'][^>]*\?>")


@dataclass(slots=True)
class KmlContent:
    """A KML file: its placemarks as KML without folders, the folder of each, and what is no place by kind."""

    flat: bytes = b""
    folders: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)  # folders that were not wanted
    left_out: dict[str, list[str]] = field(default_factory=dict)


def flatten(data: bytes, folder: str = "") -> KmlContent:
    """Return the content of a KML file, of the placemarks only those in `folder` when it is named.

    Raises Malformed for XML that is broken or has a document type.
    """
    data = _as_utf8(data)
    reader = _Reader(data, folder)
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise Malformed("xml_broken", problem=shorten(str(error), 80)) from None
    return reader.content()


class _Reader:
    """Cuts placemarks out of the bytes, so that nothing within them changes."""

    def __init__(self, data: bytes, wanted: str) -> None:
        self.parser: Any = expat.ParserCreate("UTF-8")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self._data, self._wanted = data, wanted
        self._root, self._root_name = b"", ""
        self._path: list[str] = []
        self._folders: list[str] = []  # of the containers around the current place; "" for a document
        self._start_of_cut = self._depth_of_cut = 0  # of the element that is being cut out; 0 for none
        self._words: dict[str, str] = {}  # name and href of that element
        self._pieces: list[bytes] = []
        self._schemas: list[bytes] = []
        self._found = KmlContent()

    def content(self) -> KmlContent:
        prefix, colon, _ = self._root_name.rpartition(":")
        document = f"{prefix}{colon}Document"
        start, end = f"<{document}>".encode(), f"</{document}></{self._root_name}>".encode()
        self._found.flat = b"".join((self._root, start, *self._schemas, *self._pieces, end))
        return self._found

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        if not self._path:
            root = self._data[self._here() : self._behind()]
            self._root, self._root_name = root.removesuffix(b"/>").removesuffix(b">") + b">", name
        local = name.rpartition(":")[2]
        self._path.append(local)
        if len(self._path) > _MOST_DEEP:
            raise Malformed("xml_broken", problem=f"more than {_MOST_DEEP} elements within each other")
        if self._depth_of_cut:
            return
        if local in _CUT:
            self._start_of_cut, self._depth_of_cut, self._words = self._here(), len(self._path), {}
        elif local in _CONTAINERS:
            self._folders.append("")

    def _end(self, _name: str) -> None:
        depth, local = len(self._path), self._path.pop()
        if depth == self._depth_of_cut:
            self._depth_of_cut = 0
            self._take(local, self._data[self._start_of_cut : self._behind()])
        elif local in _CONTAINERS and not self._depth_of_cut:
            self._folders.pop()

    def _take(self, local: str, piece: bytes) -> None:
        folders = [each for each in map(str.strip, self._folders) if each]
        path = _STEP.join(folders)
        if local == "Placemark" and self._wanted in ("", path, *folders):
            self._pieces.append(piece)
            self._found.folders.append(path)
        elif local == "Placemark":
            if path not in self._found.others:
                self._found.others.append(path)
        elif local == "Schema":
            self._schemas.append(piece)
        else:
            name, href = (shorten(self._words.get(key, "").strip(), _LONGEST) for key in ("name", "href"))
            text = f"{name} ({href})" if name and href and local == "NetworkLink" else name or href or "without a name"
            self._found.left_out.setdefault(local, []).append(text)

    def _text(self, text: str) -> None:
        here = self._path[-1] if self._path else ""
        if here in ("name", "href") and self._depth_of_cut:
            self._words[here] = (self._words.get(here, "") + text)[: _LONGEST * 2]
        elif here == "name" and self._path[-2] == "Folder":
            self._folders[-1] = (self._folders[-1] + text)[:_LONGEST]

    def _doctype(self, *_declaration: Any) -> None:
        raise Malformed("xml_with_entities")

    def _here(self) -> int:
        return int(self.parser.CurrentByteIndex)

    def _behind(self) -> int:
        """Return the position behind the tag that begins here."""
        quote = 0
        for place in range(self._here(), len(self._data)):
            byte = self._data[place]
            if quote:
                quote = 0 if byte == quote else quote
            elif byte in b"\"'":
                quote = byte
            elif byte == 0x3E:
                return place + 1
        return len(self._data)


def _as_utf8(data: bytes) -> bytes:
    """Return the document in UTF-8 without its XML declaration, which may name another encoding."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data.decode("utf-16", errors="replace").encode()
        name = "utf-8"
    else:
        declared = _DECLARATION.match(data.removeprefix(codecs.BOM_UTF8))
        name = declared[1].decode() if declared else "utf-8"
    data = re.sub(rb"^\s*<\?xml[^>]*\?>", b"", data.removeprefix(codecs.BOM_UTF8), count=1)
    try:
        if codecs.lookup(name).name != "utf-8":
            return data.decode(name, errors="replace").encode()
    except LookupError:
        raise Malformed("xml_broken", problem=f"there is no encoding {name}") from None
    return data

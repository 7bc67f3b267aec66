"""Reading of multipart forms: every text value, and of the file as many bytes as a photo may have.

A file that is too large is discarded while it arrives, because the text beside it may be a request for help and must
not be lost with it. Nothing is written to disk, because a photo that has not been cleaned contains the place where it
was taken.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from crisismap.core.errors import Malformed, TooLarge
from crisismap.core.report.photo import MAX_BYTES

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MAX_FILE = 64 << 20  # bytes of a file that are read, kept or not


@dataclass(frozen=True, slots=True)
class FormUpload:
    """The file of a form. `cut`: it was larger than a photo may be, and `body` is not complete."""

    body: bytes = b""
    cut: bool = False

    def __bool__(self) -> bool:
        return bool(self.body) or self.cut


NO_UPLOAD = FormUpload()


def is_multipart(content_type: str) -> bool:
    """Return whether a body is a multipart form."""
    return content_type.lower().startswith("multipart/form-data")


async def read_multipart(
    content_type: str, stream: AsyncIterator[bytes], *, max_text: int, max_values: int
) -> tuple[list[tuple[str, str]], FormUpload]:
    """Return the values and the file of a form. Raises TooLarge, Malformed."""
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    reader = _Reader(max_text, max_values)
    try:
        parser = MultipartParser(boundary, reader.callbacks())
        async for part in stream:
            parser.write(part)
        parser.finalize()
    except FormParserError as problem:
        raise Malformed("form_unreadable", problem=str(problem)) from None
    if not reader.whole:
        raise Malformed("form_cut")
    return reader.pairs, FormUpload(bytes(reader.file), reader.cut)


class _Reader:
    """Callbacks that collect the parts which the parser finds."""

    def __init__(self, max_text: int, max_values: int) -> None:
        self.pairs: list[tuple[str, str]] = []
        self.file = bytearray()
        self.cut = False
        self.whole = False
        self._max_text, self._max_values = max_text, max_values
        self._text_bytes = self._file_bytes = self._parts = 0  # read so far
        self._field, self._content = bytearray(), bytearray()  # of the current header
        self._disposition = b""
        self._name = ""
        self._value: bytearray | None = None  # None: the current part is a file

    def callbacks(self) -> MultipartCallbacks:
        """Return the functions that the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._field.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._content.extend(data[start:end]),
            "on_header_end": self._header,
            "on_headers_finished": self._headers,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > self._max_values:
            raise TooLarge("form_too_many_values", most=self._max_values)
        self._disposition = b""

    def _header(self) -> None:
        if self._field.lower() == b"content-disposition":
            self._disposition = bytes(self._content)
        self._field.clear()
        self._content.clear()

    def _headers(self) -> None:
        options = parse_options_header(self._disposition)[1]
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        self._value = None if b"filename" in options else bytearray()

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._value is None:
            self._file_data(data[start:end])
            return
        self._text_bytes += end - start
        if self._text_bytes > self._max_text:
            raise TooLarge("body_too_large", body="form", most=self._max_text)
        self._value += data[start:end]

    def _file_data(self, data: bytes) -> None:
        self._file_bytes += len(data)
        if self._file_bytes > MAX_FILE:
            raise TooLarge("file_too_large_mb", most=MAX_BYTES >> 20)
        if self.cut or len(self.file) + len(data) > MAX_BYTES:
            self.cut = True
            self.file.clear()
        else:
            self.file += data

    def _end(self) -> None:
        if self._value is not None and self._name:
            self.pairs.append((self._name, self._value.decode("utf-8", "replace")))

    def _finish(self) -> None:
        self.whole = True

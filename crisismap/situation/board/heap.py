"""The heap: all texts of a situation, as JSON in UTF-8, so that an export copies them without encoding."""

from __future__ import annotations

NO_TEXT = (0, len(b'""'))  # position of ""


class Heap:
    """An append-only buffer of texts."""

    def __init__(self) -> None:
        self._bytes = bytearray(b'""')

    def add(self, encoded: bytes) -> tuple[int, int]:
        """Append a JSON string or object; return its position and length."""
        if encoded == b'""':
            return NO_TEXT
        at = len(self._bytes)
        self._bytes += encoded
        return at, len(encoded)

    def take(self, at: int, length: int) -> bytes:
        """Return what was added."""
        return bytes(self._bytes[at : at + length])

    def blank(self, at: int, length: int) -> None:
        """Overwrite a JSON string or object with spaces, so that older boards cannot read it either."""
        if length > len(b'""'):
            self._bytes[at + 1 : at + length - 1] = b" " * (length - 2)

    def __len__(self) -> int:
        return len(self._bytes)

"""The heap: all texts of a situation, as JSON strings in UTF-8, so that an export copies them as they are."""

from __future__ import annotations

NO_TEXT = (0, len(b'""'))  # where "" lies


class Heap:
    """Text that only grows."""

    def __init__(self) -> None:
        self._bytes = bytearray(b'""')

    def add(self, quoted: bytes) -> tuple[int, int]:
        """Keep a JSON string; returns where it starts and how long it is."""
        if quoted == b'""':
            return NO_TEXT
        at = len(self._bytes)
        self._bytes += quoted
        return at, len(quoted)

    def take(self, at: int, length: int) -> bytes:
        """The JSON string again."""
        return bytes(self._bytes[at : at + length])

    def blank(self, at: int, length: int) -> None:
        """Overwrite a JSON string with spaces, for whoever still holds its place."""
        if length > len(b'""'):
            self._bytes[at : at + length] = b'"' + b" " * (length - 2) + b'"'

    def __len__(self) -> int:
        return len(self._bytes)

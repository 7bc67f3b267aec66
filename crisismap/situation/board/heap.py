"""The heap: all texts of a situation, as JSON in UTF-8, so that an export copies them without encoding."""

from __future__ import annotations

EMPTY = b'""'
NO_TEXT = (0, len(EMPTY))  # position of ""
BLOCK = 1 << 20  # bytes; a longer text has a block of its own
_SHIFT = 40  # a position is the number of its block, and the place in it in so many bits
_PLACE = (1 << _SHIFT) - 1
Mark = tuple[int, int]  # number of blocks, bytes used of the last


class Heap:
    """A buffer of texts in blocks that never move, so that readers need no lock. Written by one thread."""

    def __init__(self) -> None:
        self._blocks = [memoryview(bytearray(BLOCK))]
        self._used = 0
        self._put(EMPTY)

    def begin(self, texts: bytearray) -> None:
        """Take texts that stand one after the other into an empty heap; the first is then at `FIRST`."""
        if len(self) > len(EMPTY):
            raise ValueError("the heap has texts")
        if texts:
            self._blocks.append(memoryview(texts))
            self._used = len(texts)

    def add(self, encoded: bytes) -> tuple[int, int]:
        """Append a JSON string or object; return its position and length."""
        if encoded == EMPTY:
            return NO_TEXT
        if self._used + len(encoded) > len(self._blocks[-1]):
            self._blocks.append(memoryview(bytearray(max(BLOCK, len(encoded)))))
            self._used = 0
        return self._put(encoded)

    def _put(self, encoded: bytes) -> tuple[int, int]:
        at = self._used
        self._used = end = at + len(encoded)
        self._blocks[-1][at:end] = encoded
        return (len(self._blocks) - 1) << _SHIFT | at, len(encoded)

    def take(self, at: int, length: int) -> bytes:
        """Return what was added."""
        place = at & _PLACE
        return self._blocks[at >> _SHIFT][place : place + length].tobytes()

    def part(self, at: int, length: int) -> memoryview:
        """Return what was added, or several texts that follow each other in one block, without a copy."""
        place = at & _PLACE
        return self._blocks[at >> _SHIFT][place : place + length]

    def blank(self, at: int, length: int) -> None:
        """Overwrite a JSON string or object with spaces, so that older boards cannot read it either."""
        if length > len(EMPTY):
            self.part(at + 1, length - 2)[:] = b" " * (length - 2)

    def mark(self) -> Mark:
        """Return where the next text will be, for `rewind`."""
        return len(self._blocks), self._used

    def position(self, mark: Mark) -> int:
        """Return a position up to the one of every text that was added since a mark, and above those of before."""
        blocks, used = mark
        return (blocks - 1) << _SHIFT | used

    def rewind(self, mark: Mark) -> None:
        """Remove what was added since a mark and is in no board."""
        blocks, used = mark
        end = self._used if len(self._blocks) == blocks else len(self._blocks[blocks - 1])
        del self._blocks[blocks:]
        self._blocks[-1][used:end] = bytes(end - used)
        self._used = used

    def content(self) -> bytes:
        """Return everything that it holds, in order."""
        return b"".join([*self._blocks[:-1], self._blocks[-1][: self._used]])

    def __len__(self) -> int:
        return sum(map(len, self._blocks[:-1])) + self._used


FIRST = 1 << _SHIFT  # position of the first text of `begin`

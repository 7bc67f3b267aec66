"""A form's words come whole; a file that is too large is let go, and broken forms are refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from crisismap.core.errors import Malformed, TooLarge
from crisismap.core.report.photo import MAX_BYTES
from crisismap.web.multipart import MAX_FILE, NO_UPLOAD, FormUpload, is_multipart, read_multipart

KIND = 'multipart/form-data; boundary="edge"'
FILE = b'Content-Disposition: form-data; name="photo"; filename="p.jpg"\r\nContent-Type: image/jpeg'


def part(head: bytes, body: bytes) -> bytes:
    return b"--edge\r\n" + head + b"\r\n\r\n" + body + b"\r\n"


def word(name: str, value: str) -> bytes:
    return part(f'Content-Disposition: form-data; name="{name}"'.encode(), value.encode())


END = b"--edge--\r\n"


def read(
    *parts: bytes, size: int = 1000, kind: str = KIND, values: int = 20
) -> tuple[list[tuple[str, str]], FormUpload]:
    """What is read of a body that arrives in pieces of `size` bytes."""
    body = b"".join(parts)

    async def stream() -> AsyncIterator[bytes]:
        for at in range(0, len(body), size):
            yield body[at : at + size]

    return asyncio.run(read_multipart(kind, stream(), max_text=10_000, max_values=values))


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_reads_words_and_a_file_however_they_arrive(size: int) -> None:
    pairs, upload = read(word("text", "im Wasser ü"), part(FILE, b"\xff\xd8jpeg"), word("people", "3"), END, size=size)
    assert pairs == [("text", "im Wasser ü"), ("people", "3")]
    assert upload == FormUpload(b"\xff\xd8jpeg")
    assert upload


def test_keeps_the_words_beside_a_file_that_is_too_large() -> None:
    pairs, upload = read(part(FILE, b"x" * (MAX_BYTES + 1)), word("text", "help"), END, size=1 << 20)
    assert pairs == [("text", "help")]
    assert upload == FormUpload(cut=True)
    assert upload, "somebody meant to send one"


def test_ends_what_goes_on_for_ever() -> None:
    with pytest.raises(TooLarge):
        read(part(FILE, b"x" * (MAX_FILE + 1)), END, size=1 << 20)
    with pytest.raises(TooLarge):
        read(word("text", "x" * 10_001), END)
    with pytest.raises(TooLarge):
        read(*[word("a", "1")] * 21, END)


@pytest.mark.parametrize("body", [b"", b"no form", word("text", "cut off")[:-20], word("text", "never ended")])
def test_refuses_a_form_that_is_broken_or_cut(body: bytes) -> None:
    with pytest.raises(Malformed):
        read(body)


def test_tells_a_multipart_form_by_its_type() -> None:
    assert is_multipart("Multipart/Form-Data; boundary=x")
    assert not is_multipart("application/x-www-form-urlencoded")
    assert not NO_UPLOAD

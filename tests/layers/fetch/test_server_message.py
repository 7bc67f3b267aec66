"""The words of an error document: short, on one line, and without anything that a page could execute."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.layers.fetch.server_message import server_message


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": {"code": 498, "message": "Invalid token", "details": ["Expired"]}}', "Invalid token Expired"),
        (b'{"title": "Not found", "detail": "no such collection"}', "no such collection Not found"),
        (b'{"exceptions": [{"code": "x", "text": "Layer unknown"}]}', "Layer unknown"),
        (b"<html><head><style>p{}</style></head><p>Down&nbsp;for <b>maintenance</b>", "Down for maintenance"),
        (b"<!-- secret --><p>Busy", "Busy"),
        (b"Service Unavailable\r\n", "Service Unavailable"),
        ("Không tìm thấy".encode(), "Không tìm thấy"),
        (b'{"features": []}', ""),
        (b"", ""),
    ],
)
def test_finds_the_words(body: bytes, said: str) -> None:
    assert server_message(body) == said


def test_cuts_long_words() -> None:
    assert len(server_message(b"<p>" + b"word " * 10_000)) == 160


@given(body=st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_no_answer_brings_markup_or_line_ends(body: bytes) -> None:
    said = server_message(body)
    assert not set(said) & set("<>[]`*_~#|\\$“”\n\r\u202e\x00")
    assert len(said) <= 160


@pytest.mark.parametrize("bomb", ["[" * 4000, '{"error":' * 400, "<" * 4000, "<script>" * 500])
def test_hostile_documents_are_no_matter(bomb: str) -> None:
    assert len(server_message(bomb.encode())) <= 160

"""What a server says in an answer that is an error: its own words, as one short line of plain text."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import msgspec

from crisismap.core.errors import shorten

MOST_BYTES = 4096  # of an answer that are read
_MOST_LETTERS = 160
_MEMBERS = ("message", "details", "detail", "description", "title", "text", "error", "exceptions")
_INVISIBLE = re.compile(r"<(script|style)\b.*?(</\1\s*>|$)|<!--.*?(-->|$)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]{0,1000}(>|$)")


def server_message(body: bytes) -> str:
    """Return the words of an error document (JSON, XML, HTML or text), "" if it has none.

    The server is a stranger's: markup is removed, and every sign that a page or Markdown could take for its own.
    """
    text = body[:MOST_BYTES].decode("utf-8", "replace")
    try:
        words = " ".join(_of_json(msgspec.json.decode(text)))
    except (msgspec.DecodeError, RecursionError):
        words = html.unescape(_TAG.sub(" ", _INVISIBLE.sub(" ", text)))
    plain = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in words)
    return shorten(re.sub(r"[<>\[\]`*_~#|\\$“”]+", " ", plain).strip(), _MOST_LETTERS)


def _of_json(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield the texts of the members that hold messages in ArcGIS, OGC API and RFC 9457."""
    if depth > 4:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value[:5]:
            yield from _of_json(each, depth + 1)
    elif isinstance(value, dict):
        for name in _MEMBERS:
            yield from _of_json(value.get(name), depth + 1)

"""Small pieces of text for people: ages, distances, counts, and crowd text made harmless for markdown."""

from __future__ import annotations

import re

from crisismap.core.text.wording import age, ago, count_phrase, distance, number

__all__ = ["age", "ago", "count_phrase", "distance", "number", "plain"]

# Everything that Streamlit's markdown could read as a link, an image, an icon, a formula or a tag.
_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=@/&])")


def plain(text: str) -> str:
    """Text that a markdown label shows as it is; one line. Never trust it where HTML is allowed."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))

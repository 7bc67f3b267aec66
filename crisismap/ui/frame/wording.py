"""Short texts for people: ages, distances, counts, roles, and reported text escaped for Markdown."""

from __future__ import annotations

import re

from crisismap.core.text.wording import age, ago, count_phrase, distance, number

__all__ = ["age", "ago", "count_phrase", "distance", "number", "plain", "role_group"]

_GROUPS = {"volunteer": "volunteers", "responder": "responders", "agency": "agencies", "admin": "administrators"}

# Every character that Streamlit's Markdown could read as a link, an image, an icon, a formula or a tag.
_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=@/&])")


def plain(text: str) -> str:
    """Return text that a Markdown label shows literally, in one line. It is not safe where HTML is allowed."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def role_group(role: str) -> str:
    """Return the people who have a role: `responders` for `responder`; an unknown role as it is."""
    return _GROUPS.get(role, role)

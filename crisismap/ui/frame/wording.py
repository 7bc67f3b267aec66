"""Short texts for people: ages, distances, counts, roles, categories, and reported text escaped for Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from crisismap.core.errors import shorten
from crisismap.core.layer.original import Original
from crisismap.core.text.wording import age, ago, count_phrase, distance, number
from crisismap.i18n import english

__all__ = ["age", "ago", "category_names", "count_phrase", "distance", "number", "original_link", "plain", "role_group"]

_GROUPS = {"volunteer": "volunteers", "responder": "responders", "agency": "agencies", "admin": "administrators"}

# Every character that Streamlit's Markdown could read as a link, an image, an icon, a formula or a tag.
_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=@/&])")


def plain(text: str) -> str:
    """Return text that a Markdown label shows literally, in one line. It is not safe where HTML is allowed."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def role_group(role: str) -> str:
    """Return the people who have a role: `responders` for `responder`; an unknown role as it is."""
    return _GROUPS.get(role, role)


def category_names(categories: Iterable[str]) -> dict[str, str]:
    """Return the name of each category by its id."""
    return {category: english().category(category) for category in categories}


def original_link(layer_id: str, original: Original) -> str:
    """Return a link to an original message as HTML, with whether it is signed."""
    signed = "signed; the signature has not been checked" if original.signed else "not signed"
    address = f"/api/v1/layers/{layer_id}/originals/{original.id}.xml"
    return f'<a href="{escape(address)}" download>{escape(shorten(original.identifier, 80))}</a> ({signed})'

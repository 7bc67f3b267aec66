"""Checks what is said of a source: of the formats of its kind, within bounds, at an address of the web."""

from __future__ import annotations

import re

from crisismap.core.errors import Invalid, Misconfigured
from crisismap.core.layer import Role
from crisismap.core.source import FORMATS, Kind, Source
from crisismap.layers.address import check_url
from crisismap.layers.mapping import parse_layer_mapping

DAY_S = 86_400
SHORTEST_S = 30  # nobody's server is asked more often
LONGEST_NAME = 500
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def checked(source: Source) -> Source:
    """The source if its texts and numbers can be taken. Raises Invalid naming the field."""
    if not _ID.fullmatch(source.layer_id):
        raise Invalid("id", source.layer_id, "must be 1 to 64 of a-z, 0-9, - and _, not beginning with - or _")
    if source.role not in set(Role):
        raise Invalid("role", source.role, f"must be one of {', '.join(Role)}")
    formats = FORMATS[source.kind]
    if source.format not in formats:
        raise Invalid("format", source.format, f"a {source.kind} has one of: {', '.join(formats) or 'nothing'}")
    if not SHORTEST_S <= source.refresh_s <= 30 * DAY_S:
        raise Invalid("refresh_s", source.refresh_s, f"must be {SHORTEST_S} to {30 * DAY_S} seconds")
    if not 0 < source.validity_h <= 24 * 366:
        raise Invalid("validity_h", source.validity_h, "must be more than 0 and at most 8784 hours")
    _check_texts(source)
    check_url(source.url)
    try:
        parse_layer_mapping(source.mapping, "mapping")
    except Misconfigured as wrong:
        raise Invalid("mapping", source.mapping, wrong.detail) from None
    if source.kind is Kind.SERVICE and source.format != "arcgis" and not source.name:
        raise Invalid("name", "", "say which collection or feature type is asked for")
    return source


def _check_texts(source: Source) -> None:
    for field in ("title", "licence", "attribution", "name"):
        value: str = getattr(source, field)
        if len(value) > LONGEST_NAME or "\x00" in value:
            raise Invalid(field, value, f"must be at most {LONGEST_NAME} characters, without a NUL")

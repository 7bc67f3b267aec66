"""The name of an exported file: whose it is, what is in it, of which area, and when it was made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from crisismap.core.errors import Invalid
from crisismap.core.privacy import Audience
from crisismap.core.text.file_name import file_name
from crisismap.services.runtime.views import Views
from crisismap.situation.board.selection import Selection, area_numbers


def report_file_name(
    views: Views, selection: Selection, audience: Audience, at_ms: int, zone: tzinfo, form: str
) -> str:
    """Return `requests-velachery-2026-11-28-0310.geojson`; a file for the public, or a made-up one, says so."""
    only_requests = selection.state or selection.priority or selection.overdue or selection.need == ("asks",)
    public = "public-" if audience is Audience.PUBLIC else ""
    kind = f"{public}{'requests' if only_requests else 'reports'}"
    return area_file_name(views, kind, selection.area, at_ms, zone, form)


def area_file_name(views: Views, kind: str, areas: Sequence[str], at_ms: int, zone: tzinfo, form: str) -> str:
    """Return the name of a file of areas, given by code or name; a made-up one says so."""
    names = [_name(views, area) for area in areas]
    return file_name(f"{'made-up-' if views.made_up else ''}{kind}", names, at_ms, zone, form)


def _name(views: Views, area: str) -> str:
    """Return the name of an area that a code or name means; the text itself where it means none."""
    known = views.situation.areas
    try:
        found = known[area_numbers([area], known)[0]]
    except Invalid:
        return area
    return found.name or found.code or area

"""The reports to export, as a selection and as the URL of the file."""

from __future__ import annotations

from dataclasses import dataclass, replace

from crisismap.core.place.place import Extent
from crisismap.core.privacy import Audience
from crisismap.situation.board.selection import Selection
from crisismap.ui.requests import filters

CONTAINS: dict[Audience, tuple[str, ...]] = {
    Audience.AGENCY: (
        "Every report with its exact location, the place as described, text, number of people, fields of its category, "
        "number of photos, channel, flags and the reasons for its priority.",
        "How each request is handled: who claimed it until when, the answer, and whether it was confirmed or reopened.",
        "No phone number, e-mail address or name: only the team that claimed the request can see those.",
        "Handle it like the requests themselves: it says where people in need are. The download is logged.",
    ),
    Audience.PUBLIC: (
        "Requests at the centre of a cell of about 5 km², with category, status and priority, times to ten minutes.",
        "Text only where the sender agreed and nothing in it could identify a person. No text of requests.",
        "Medical and other sensitive reports are left out. Safe to publish.",
    ),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """The options selected on the page."""

    audience: Audience
    form: str = "geojson"
    selection: Selection = Selection()
    bom: bool = False  # whether the file begins with a byte order mark

    def address(self, **also: str) -> str:
        """Return the path and query of the file on this server, with further parameters."""
        first = [("audience", str(self.audience)), *([("bom", "true")] if self.bom else []), *also.items()]
        return f"/api/v1/reports.{self.form}?{filters.query(self.selection, *first)}"


def within(choice: Choice, box: Extent | None) -> Choice:
    """Return the choice limited to a box, rounded as in the URL so that preview and file agree."""
    bounds = None if box is None else (round(box[0], 6), round(box[1], 6), round(box[2], 6), round(box[3], 6))
    return replace(choice, selection=replace(choice.selection, bbox=bounds))


def curl(url: str, choice: Choice) -> str:
    """Return the `curl` command for a program; TOKEN stands for the output of `crisismap token create`."""
    head = "curl --fail --compressed -H 'Authorization: Bearer TOKEN'"
    return f"{head} \\\n  --remote-name --remote-header-name '{url}{choice.address()}'"

"""What is to be exported, as a selection and as the address that gives it. No Streamlit here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from crisismap.core import moment
from crisismap.core.place.place import Extent
from crisismap.core.privacy import Audience
from crisismap.situation.board.selection import Selection

CONTAINS: dict[Audience, tuple[str, ...]] = {
    Audience.AGENCY: (
        "Every report with its exact place, words, channel, flags and the reasons of its priority.",
        "Never a phone number, e-mail address or name: those stay with the team that took the request on.",
        "Handle it like the requests themselves: it says where people in need are. Who took it is written down.",
    ),
    Audience.PUBLIC: (
        "Requests at the centre of a cell of about 5 km², with category, state and priority, times to ten minutes.",
        "Words only where the sender agreed and nothing in them could find a person. No words of requests.",
        "Medical and other sensitive reports are left out. Safe to publish.",
    ),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose on the page."""

    audience: Audience
    form: str = "geojson"
    selection: Selection = Selection()

    def address(self) -> str:
        """The path and query that give it, below our own host."""
        return f"/api/v1/reports.{self.form}?{urlencode(self._words())}"

    def file_name(self, made_up: bool) -> str:
        """How the file is called once it is saved."""
        return f"{'made-up-' if made_up else ''}reports-{self.audience}.{self.form}"

    def _words(self) -> list[tuple[str, str]]:
        chosen = self.selection
        words = [("audience", str(self.audience))]
        words += [(name, value) for name in ("category", "state", "area") for value in getattr(chosen, name)]
        words += [
            (name, moment.rfc3339(ms)) for name in ("since", "until") if (ms := getattr(chosen, name)) is not None
        ]
        if chosen.bbox is not None:
            words.append(("bbox", ",".join(f"{degrees:.6f}" for degrees in chosen.bbox)))
        return words


def within(choice: Choice, box: Extent | None) -> Choice:
    """The choice held to a box, rounded as it is in the address so that both give the same."""
    rounded = None if box is None else (round(box[0], 6), round(box[1], 6), round(box[2], 6), round(box[3], 6))
    return replace(choice, selection=replace(choice.selection, bbox=rounded))


def curl(url: str, choice: Choice, made_up: bool) -> str:
    """The line for a program. TOKEN stands for what `crisismap token create` printed."""
    head = "curl --fail --compressed -H 'Authorization: Bearer TOKEN'"
    return f"{head} \\\n  -o {choice.file_name(made_up)} '{url}{choice.address()}'"

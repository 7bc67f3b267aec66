"""What the preview of a layer says when it does not lie where the incident is."""

from __future__ import annotations

import streamlit as st

from crisismap.core.errors import Invalid
from crisismap.ui.frame import shell
from crisismap.ui.frame.wording import count_phrase, number
from crisismap.ui.layers import layer_preview

SWAP = "Read it with longitude and latitude swapped"
_WRONG = {
    "layer_swapped": "Longitude and latitude look swapped: in the other order, {features} at the incident.",
    "layer_far_away": "{features} far from the incident. Is it the right file?",
}


def show(problem: Invalid, *, key: str) -> bool:
    """Draw where the layer lies; return whether the person wants longitude and latitude swapped, where that helps."""
    details = problem.details
    count = int(details["count"])
    features = f"all {count_phrase(count, 'feature')} are" if count > 1 else "its only feature is"
    wrong = _WRONG[problem.code].format(features=features)
    where = f"As it is, it lies at {details['value']}, {number(int(details['away_km']))} km from the incident"
    place = shell.context().views.incident().place or shell.context().views.situation.extent
    if place is not None:
        west, south, east, north = place
        where += f" (longitude {west:.2f} to {east:.2f}, latitude {south:.2f} to {north:.2f})"
    taken = "If it is right, type the id below: it is then published as it is."
    layer_preview.red_box(
        "This layer does not lie where the incident is", [wrong[:1].upper() + wrong[1:], f"{where}.", taken]
    )
    return problem.code == "layer_swapped" and st.button(SWAP, key=key, icon=":material/swap_horiz:")

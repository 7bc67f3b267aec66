"""The page of `map_server`: a map refreshed every second, a list of two places, and what was picked.

Not beside `pages/`: Streamlit would list that folder in a sidebar over the map.
"""

from __future__ import annotations

import json
import urllib.request

import streamlit as st

from crisismap.core.layer.layer import Role
from crisismap.ui.map import map as desk_map
from crisismap.ui.map.base_map import LayerView
from crisismap.ui.map.place_picker import place_picker

CENTRE = (80.24, 13.05)
HAZARD = [LayerView("flood", Role.HAZARD, 1)]


def revision() -> int:
    host = st.context.headers["Host"]
    with urllib.request.urlopen(f"http://{host}/api/v1/tell", timeout=5) as answer:
        number: int = json.load(answer)["revision"]
    return number


@st.fragment(run_every=1)
def live() -> None:
    event = desk_map.take_selection()
    if event is not None:
        st.session_state["said"] = f"{event.kind} {event.id}"
    chosen = desk_map.Highlight(*CENTRE) if event else None
    scene = desk_map.Scene(revision(), st.session_state["camera"], layers=HAZARD, highlight=chosen)
    desk_map.show(desk_map.deck(scene), height=420, alt="Live map")
    st.text(f"picked: {st.session_state.get('said', 'nothing')}")


st.session_state.setdefault("camera", desk_map.Camera(*CENTRE, 15))
if st.query_params.get("page") == "place":
    st.text(f"place: {place_picker(desk_map.Camera(*CENTRE, 13), layers=HAZARD)}")
else:
    if st.button("Far row"):
        st.session_state["camera"] = st.session_state["camera"].moved_to(80.5, 13.2, 15)
    live()

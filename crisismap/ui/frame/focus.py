"""The focus of the keyboard, moved to what was just opened: Streamlit leaves it on what is no longer on the page."""

from __future__ import annotations

import msgspec

from crisismap.ui.frame import custom_component


def move_to(container: str, token: str) -> None:
    """Move the focus to the first heading in the container with this key, once for each `token`."""
    data = msgspec.json.encode({"container": container, "token": token})
    custom_component.draw(__file__, key=f"focus-{container}", data=data, height=1)

"""Components of our own: HTML, style and script from the files beside the module that draws them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Protocol

import streamlit as st


class Mount(Protocol):
    """Draws a component, with Streamlit's words for its data and callbacks."""

    def __call__(self, **how: Any) -> Any: ...


@cache
def component(module: str, html: str) -> Mount:
    """The component of a module's file (`__file__`): MODULE.css and MODULE.js lie beside it."""
    here = Path(module)
    return st.components.v2.component(
        f"crisismap_{here.stem}",
        html=html,
        css=here.with_suffix(".css").read_text(encoding="utf-8"),
        js=here.with_suffix(".js").read_text(encoding="utf-8"),
    )


def nothing() -> None:
    """Streamlit reports only what has a callback."""

"""Custom components: HTML, CSS and JavaScript from the files beside the module that draws them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Protocol

import streamlit as st


class Mount(Protocol):
    """Draw a component, with Streamlit's names for its data and callbacks."""

    def __call__(self, **how: Any) -> Any: ...


@cache
def component(module: str, html: str) -> Mount:
    """Return the component of a module's file (`__file__`), with MODULE.css and MODULE.js from the same folder."""
    here = Path(module)
    return st.components.v2.component(
        f"crisismap_{here.stem}",
        html=html,
        css=here.with_suffix(".css").read_text(encoding="utf-8"),
        js=here.with_suffix(".js").read_text(encoding="utf-8"),
    )


def nothing() -> None:
    """Do nothing: Streamlit reports only the values that have a callback."""

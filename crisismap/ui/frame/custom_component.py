"""Custom components: HTML, CSS and JavaScript from the files beside the module that draws them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st


@cache
def component(module: str) -> Callable[..., Any]:
    """Return the component of a module's file (`__file__`): MODULE.html, MODULE.css and MODULE.js from its folder."""
    here = Path(module)
    html, css, js = (here.with_suffix(end).read_text(encoding="utf-8") for end in (".html", ".css", ".js"))
    return st.components.v2.component(f"crisismap_{here.stem}", html=html, css=css, js=js)


def draw(module: str, *values: str, **options: Any) -> Any:
    """Draw the component of a module's file and return what the browser sent of these values.

    `on_VALUE_change` among the options is called before the page runs again, when its value is in the session's state.
    """
    callbacks = {f"on_{value}_change": _nothing for value in values}
    return component(module)(**{**callbacks, **options})


def _nothing() -> None:
    """Do nothing: Streamlit reports only the values that have a callback."""

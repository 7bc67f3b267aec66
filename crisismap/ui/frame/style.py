"""The desk's style sheet: a spacing unit of 8 px, system fonts, light and dark theme."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from crisismap.core.text import symbols

# System fonts only: a web font would be fetched from another server.
FONT = '-apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, system-ui, sans-serif'
# The colour of controls, different from the four priority colours so that none is read as a priority.
ACCENT, ACCENT_DARK = "#1D5A66", "#7CC4CF"
SHEET = Path(__file__).with_suffix(".css")


def options() -> dict[str, Any]:
    """Return the theme as Streamlit options, for `server.options`."""
    light, dark = symbols.LIGHT, symbols.DARK
    return {
        "theme.font": FONT,
        "theme.headingFont": FONT,
        "theme.baseRadius": "6px",
        "theme.light.primaryColor": ACCENT,
        "theme.light.backgroundColor": light.surface,
        "theme.light.secondaryBackgroundColor": "#F3F5F6",
        "theme.light.textColor": light.choice,
        "theme.dark.primaryColor": ACCENT_DARK,
        "theme.dark.backgroundColor": dark.surface,
        "theme.dark.secondaryBackgroundColor": "#1B222A",
        "theme.dark.textColor": "#E8EBEE",
    }


def variables(*, dark: bool) -> str:
    """Return the colours of the theme as CSS variables."""
    colours = symbols.palette(dark)
    names = {f"--cm-p{n}": colour for n, colour in enumerate(colours.priority)}
    names |= {"--cm-surface": colours.surface, "--cm-ink": colours.ink, "--cm-hazard": colours.hazard}
    names |= {"--cm-accent": ACCENT, "--cm-focus": ACCENT_DARK}
    names |= {"--cm-line": "#2C343C" if dark else "#DFE3E6", "--cm-soft": "#A3AEB8" if dark else "#55606A"}
    names |= {"--cm-on-accent": "#10151A" if dark else "#FFFFFF"}
    names |= {"--cm-raised": "#171D23" if dark else "#F7F8F9", "--cm-text": "#E8EBEE" if dark else "#14181C"}
    return ":root{" + "".join(f"{name}:{value};" for name, value in names.items()) + "}"


def data_url(svg: str) -> str:
    """Return an SVG as a URL that holds it."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def image(svg: str, size: int) -> str:
    """Return an SVG as an `img` element: Streamlit removes inline SVG."""
    return f'<img src="{data_url(svg)}" width="{size}" height="{size}" alt="">'


def dark() -> bool:
    """Return whether this browser shows the dark theme."""
    return st.context.theme.type == "dark"


def reader_language() -> str:
    """Return the language of this browser, such as `ta`; "" where it tells none."""
    told = st.context.locale
    language = told.split("-")[0].lower() if isinstance(told, str) else ""
    return language if language.isascii() and language.isalpha() else ""


def apply() -> None:
    """Put the style sheet on the page."""
    st.html(f"<style>{variables(dark=dark())}</style>")
    st.html(SHEET)


def notice(kind: str, text: str, *, role: str = "status") -> None:
    """Draw a message of one kind: success, warning or error. The text is escaped here."""
    st.html(f'<div class="cm-notice {kind}" role="{role}">{escape(text)}</div>')


def section(title: str, lines: Sequence[str]) -> str:
    """Return a small heading and a list as HTML, both escaped here; "" without lines."""
    if not lines:
        return ""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    head = f"<h4>{escape(title)}</h4>" if title else ""
    return f'<div class="cm-section">{head}<ul>{items}</ul></div>'

"""The pages of the desk: file, title and URL path."""

from __future__ import annotations

from typing import NamedTuple


class DeskPage(NamedTuple):
    """One page of the desk."""

    file: str
    title: str
    path: str


# Streamlit serves the default page at / only, not at its own path.
PAGES = (
    DeskPage("live_map", "Live map", "live-map"),
    DeskPage("report", "Report", "new-report"),
    DeskPage("call", "Call", "call"),
    DeskPage("requests", "Requests", "requests"),
    DeskPage("layers", "Layers", "layers"),
    DeskPage("export", "Export", "export"),
    DeskPage("situation", "Situation", "situation"),
    DeskPage("profile", "My profile", "profile"),
    DeskPage("admin", "Admin", "admin"),
)
DEFAULT = PAGES[0]

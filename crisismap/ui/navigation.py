"""The pages of the desk: their file, their title, and their path in the address."""

from __future__ import annotations

from typing import NamedTuple


class DeskPage(NamedTuple):
    """One page."""

    file: str
    title: str
    path: str


# The first is the default page: Streamlit serves it at / only, not at its own path.
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

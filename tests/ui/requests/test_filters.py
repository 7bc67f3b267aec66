"""Filters are written as the API reads them."""

from __future__ import annotations

from crisismap.ui.requests import filters
from crisismap.ui.requests.filters import Filters


def test_writes_filters_as_the_api_reads_them() -> None:
    chosen = filters.selection(Filters(area=("Æ & b",), state=("open",), overdue=True), 0)
    assert filters.query(chosen) == "state=open&area=%C3%86+%26+b&overdue=true"

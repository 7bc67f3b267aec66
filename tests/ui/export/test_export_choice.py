"""A choice on the page is the same choice at the API."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import QueryParams

from crisismap.api.http.query import selection_of
from crisismap.core.privacy import Audience
from crisismap.situation.board.selection import Selection
from crisismap.ui.export.export_choice import Choice, curl, within


def test_gives_an_address_that_the_api_reads_as_the_same_choice() -> None:
    selection = Selection(
        category=("medical", "rescue"),
        state=("claimed", "open"),
        area=("W'1 & co", "Ünter"),
        since=1_449_037_800_000,
        until=1_449_041_400_123,
    )
    choice = within(Choice(Audience.AGENCY, "csv", selection), (80.12345678, 12.9, 80.4, 13.25))
    params = QueryParams(urlsplit(choice.address()).query)
    assert selection_of(params, also=("audience",)) == choice.selection
    line = curl("https://map.example", choice)
    assert line.count("'") == 4  # nothing chosen can end the quotes of a shell
    assert "--remote-name --remote-header-name" in line

"""An answer has one tag for its content, audience, form and encoding, and only the public's is shared."""

from __future__ import annotations

from itertools import product

import pytest
from starlette.requests import Request

from crisismap.api.http.responses import accepts_gzip, cache_headers, not_modified
from crisismap.core.privacy import Audience


def request(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": raw})


@pytest.mark.parametrize(
    ("offer", "taken"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("br, identity", False),
        ("", False),
    ],
)
def test_compresses_only_for_who_can_take_it(offer: str, taken: bool) -> None:
    assert accepts_gzip(request(accept_encoding=offer)) is taken


def test_gives_each_content_audience_form_query_and_encoding_a_tag_of_its_own() -> None:
    said = product((Audience.PUBLIC, Audience.AGENCY), ("1", "2"), ("csv", "mvt"), ("?a", "?b"), (True, False))
    tags = [cache_headers(*each)["ETag"] for each in said]
    assert len(set(tags)) == len(tags) == 32
    assert (
        cache_headers(Audience.PUBLIC, "1", "csv", "", True)["ETag"]
        == (cache_headers(Audience.PUBLIC, "1", "csv", "", True)["ETag"])
    )


def test_keeps_what_is_not_the_publics_out_of_shared_caches() -> None:
    public, agency = (cache_headers(each, "1", "csv", "", False) for each in (Audience.PUBLIC, Audience.AGENCY))
    assert (public["Cache-Control"], agency["Cache-Control"]) == ("no-cache", "private, no-cache")
    assert {"Authorization", "Cookie"} <= set(agency["Vary"].split(", "))
    assert "Content-Encoding" not in public


def test_knows_a_tag_again_weak_or_strong_and_no_other() -> None:
    headers = cache_headers(Audience.PUBLIC, "1", "csv", "", False, weak=True)
    tag = headers["ETag"]
    assert tag.startswith('W/"')
    for known in (tag, tag.removeprefix("W/"), f'"x", {tag}', "*"):
        assert not_modified(request(if_none_match=known), headers)
    for other in ('"x"', "", tag.replace('"', "")):
        assert not not_modified(request(if_none_match=other), headers)
    assert not not_modified(request(), headers)

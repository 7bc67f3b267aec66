"""Entries of Atom and RSS as plain data: links, times, places, and the words of GDACS."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Malformed
from crisismap.layers.formats.rss import parse

RSS = """<rss version="2.0" xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#" xmlns:gdacs="http://www.gdacs.org">
<channel><title>Alerts</title><item><title>Flood in Chennai</title><guid>FL-1</guid>
<link>https://example.org/fl-1</link><pubDate>Wed, 02 Dec 2015 06:30:00 GMT</pubDate>{}</item></channel></rss>"""


def one(inside: str) -> dict[str, object]:
    [entry] = parse(RSS.format(inside).encode())["entries"]
    found: dict[str, object] = entry
    return found


def test_reads_an_entry_of_rss() -> None:
    feed = parse(RSS.format("").encode())
    assert feed["title"] == "Alerts"
    [entry] = feed["entries"]
    assert (entry["id"], entry["title"], entry["link"]) == ("FL-1", "Flood in Chennai", "https://example.org/fl-1")
    assert entry["updated"] == 1_449_037_800_000
    assert (entry["geometry"], entry["fields"]) == (None, {})


def test_turns_the_older_latitude_and_longitude() -> None:
    entry = one("<geo:lat>13.05</geo:lat><geo:long>80.25</geo:long>")
    assert entry["geometry"] == {"type": "Point", "coordinates": [80.25, 13.05]}


def test_writes_the_times_of_gdacs_as_we_do_and_leaves_what_is_none() -> None:
    fields = one(
        "<gdacs:fromdate>Wed, 02 Dec 2015 06:30:00 GMT</gdacs:fromdate><gdacs:todate>soon</gdacs:todate>"
        "<gdacs:alertlevel>Orange</gdacs:alertlevel><gdacs:title>of a resource</gdacs:title>"
    )["fields"]
    assert fields == {
        "gdacs_fromdate": "2015-12-02T06:30:00.000Z",
        "gdacs_todate": "soon",
        "gdacs_alertlevel": "Orange",
    }


def test_prefers_the_link_that_says_it_is_an_alert() -> None:
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>a</id><title>t</title>
    <link href="https://example.org/page"/>
    <link href="https://example.org/a.cap" type="application/cap+xml"/></entry></feed>"""
    [entry] = parse(atom.encode())["entries"]
    assert (entry["link"], entry["alert_link"]) == ("https://example.org/page", "https://example.org/a.cap")


def test_keeps_script_as_the_text_that_it_is() -> None:
    """Whoever shows it escapes it; nothing is rewritten on the way, so that nobody relies on that."""
    assert "<b>bold</b>" in str(one("<description>&lt;b&gt;bold&lt;/b&gt;</description>")["summary"])


def test_refuses_a_document_that_is_no_feed() -> None:
    with pytest.raises(Malformed, match="html"):
        parse(b"<html><body/></html>")
    with pytest.raises(Malformed):
        parse(RSS.format("").encode()[:-20])


def test_prefers_the_time_of_the_last_update() -> None:
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>a</id><title>t</title>
    <published>2015-12-01T00:00:00Z</published><updated>2015-12-02T06:30:00Z</updated></entry>
    <entry><id>b</id><title>t</title></entry></feed>"""
    assert [entry["updated"] for entry in parse(atom.encode())["entries"]] == [1_449_037_800_000, None]

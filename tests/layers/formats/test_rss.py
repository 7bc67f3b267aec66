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


def test_each_entry_has_its_own_place() -> None:
    items = "".join(f"<item><guid>{n}</guid><geo:lat>{n}</geo:lat><geo:long>80</geo:long></item>" for n in (1, 2, 3))
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#"><channel><title>t</title></channel>'
        + items
        + "</rdf:RDF>"
    )
    for document in (RSS.replace("<item>", f"{items}<item>", 1).format(""), rdf):
        entries = parse(document.encode())["entries"][:3]
        assert [entry["geometry"]["coordinates"] for entry in entries] == [[80, 1], [80, 2], [80, 3]]


def test_an_entry_with_an_empty_or_broken_place_stays_in_the_feed() -> None:
    empty, broken = one("<geo:lat></geo:lat><geo:long/>"), one("<geo:lat>13</geo:lat>")
    assert (empty["id"], empty["geometry"], empty["problems"]) == ("FL-1", None, [])
    assert (broken["id"], broken["geometry"], broken["problems"]) == ("FL-1", None, ["point '13' cannot be read"])


def test_places_nothing_where_entries_cannot_be_told_apart() -> None:
    inner = '<v:item xmlns:v="urn:v"><geo:lat>1</geo:lat><geo:long>2</geo:long></v:item><item>'
    entries = parse(RSS.replace("<item>", inner, 1).format("").encode())["entries"]
    assert [(entry["geometry"], len(entry["problems"])) for entry in entries] == [(None, 1)]


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

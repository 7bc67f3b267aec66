"""It reads CAP messages, any prefix and version, and says what is wrong with those it cannot."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Malformed
from crisismap.core.layer.alert import NO_TIME
from crisismap.layers.formats.cap import parse

HEAD = "<identifier>a-1</identifier><sender>met@example.org</sender><sent>2015-12-02T12:00:00+05:30</sent>"
ENVELOPE = HEAD + "<status>Actual</status><msgType>Alert</msgType><scope>Public</scope>"
AREA = "<area><areaDesc>Adyar</areaDesc>{}</area>"


def message(inside: str = "", envelope: str = ENVELOPE, version: str = "1.2") -> bytes:
    return f'<alert xmlns="urn:oasis:names:tc:emergency:cap:{version}">{envelope}{inside}</alert>'.encode()


def info(area: str = "", more: str = "") -> str:
    return f"<info><event>Flood</event>{more}{AREA.format(area)}</info>"


def test_turns_latitude_and_longitude():
    shapes = "<polygon>13,80 13,80.1 13.1,80.1 13,80</polygon><circle>13.05,80.25 2.5</circle>"
    (area,) = parse(message(info(shapes))).infos[0].areas
    assert area.polygons == (((80.0, 13.0), (80.1, 13.0), (80.1, 13.1), (80.0, 13.0)),)
    assert area.circles == ((80.25, 13.05, 2.5),)


def test_closes_an_open_polygon():
    (area,) = parse(message(info("<polygon>13,80 13,80.1 13.1,80.1</polygon>"))).infos[0].areas
    assert area.polygons[0][0] == area.polygons[0][-1]


def test_reads_references_and_leaves_out_what_is_none():
    references = "<references>met@example.org,a-0,2015-12-02T11:00:00+05:30 nonsense a,b,c a,b,2015-12-02</references>"
    found = parse(message(references))
    assert found.references == (("met@example.org", "a-0", 1_449_034_200_000), ("a", "b", NO_TIME), ("a", "b", NO_TIME))
    assert found.problems == ("references 'nonsense' names no message",)


def test_reads_a_prefix_and_the_older_version():
    prefixed = (
        message(info(), version="1.1").replace(b"<", b"<c:").replace(b"<c:/", b"</c:").replace(b"xmlns=", b"xmlns:c=")
    )
    assert parse(prefixed).infos[0].event == "Flood"


SIGNATURE = '<d:Signature xmlns:d="http://www.w3.org/2000/09/xmldsig#"><d:SignedInfo/></d:Signature>'


@pytest.mark.parametrize(
    ("inside", "signed"),
    [
        (info() + SIGNATURE, True),
        (SIGNATURE.replace("d:", "").replace(":d", "") + info(), True),
        (info("", SIGNATURE), True),
        (info(), False),
        ("<Signature>met office</Signature>" + info(), False),
        ("<note>http://www.w3.org/2000/09/xmldsig#</note>" + info(), False),
    ],
)
def test_notices_an_xml_signature(inside: str, signed: bool):
    found = parse(message(inside))
    assert (found.signed, found.infos[0].event) == (signed, "Flood")


@pytest.mark.parametrize(
    "wrong", ["tomorrow", "2015-13-02T18:00:00+05:30", "2015-12-02 25:00", "மாலை 6 மணி", "03/04/2015"]
)
@pytest.mark.parametrize("name", ["effective", "onset", "expires"])
def test_a_time_that_cannot_be_read_counts_as_absent_and_is_named(name: str, wrong: str):
    others = {
        "effective": "2015-12-02T12:00:00+05:30",
        "onset": "2015-12-02T13:00:00+05:30",
        "expires": "2015-12-02T18:00:00+05:30",
    }
    times = others | {name: wrong}
    found = parse(message(info("", "".join(f"<{each}>{text}</{each}>" for each, text in times.items()))))
    (read,) = found.infos
    assert getattr(read, f"{name}_ms") is None
    assert all(getattr(read, f"{each}_ms") for each in others if each != name)
    (problem,) = found.problems
    assert problem.startswith(f"{name} '") and problem.endswith("cannot be read and counts as absent")


@pytest.mark.parametrize("sent", ["", "<sent/>", "<sent>gestern</sent>", "<sent>2015-12-02T12:00:00+99:00</sent>"])
def test_a_message_without_a_readable_time_of_sending_is_kept(sent: str):
    envelope = ENVELOPE.replace("<sent>2015-12-02T12:00:00+05:30</sent>", sent)
    found = parse(message(info("", "<effective>2015-12-02T12:30:00+05:30</effective>"), envelope))
    assert (found.sent_ms, found.sent_is_exact, found.since_ms) == (NO_TIME, False, 1_449_039_600_000)
    assert len(found.problems) == 1 and found.problems[0].startswith("sent ")
    assert parse(message(info(), envelope)).received(7).since_ms == 7


def test_right_times_are_named_nowhere():
    times = "<effective>2015-12-02T12:00:00+05:30</effective><expires>2015-12-02T18:00:00-00:00</expires>"
    found = parse(message(info("", times)))
    assert (found.problems, found.sent_is_exact, found.sent_ms) == ((), True, 1_449_037_800_000)


def test_keeps_codes_as_text():
    codes = "<geocode><valueName>P-CODE</valueName><value>007</value></geocode>"
    assert parse(message(info(codes))).infos[0].areas[0].geocodes == (("P-CODE", "007"),)


@pytest.mark.parametrize(
    ("shape", "named"),
    [
        ("<polygon>13 80 13.1,80</polygon>", "polygon"),
        ("<polygon>13,80 13,80.1</polygon>", "three positions"),
        ("<polygon>113,80 13,80.1 13.1,80.1</polygon>", "90 degrees"),
        ("<polygon>Adyar basin</polygon>", "polygon"),
        ("<circle>13,80</circle>", "circle"),
        ("<circle>13,80 nan</circle>", "radius"),
        ("<circle>13,80 -1</circle>", "radius"),
    ],
)
def test_names_a_shape_that_cannot_be_used_and_keeps_the_others(shape: str, named: str):
    good = "<polygon>13,80 13,80.1 13.1,80.1 13,80</polygon><circle>13.05,80.25 2.5</circle>"
    (area,) = parse(message(info(shape + good))).infos[0].areas
    assert (len(area.polygons), len(area.circles)) == (1, 1)
    (problem,) = area.problems
    assert named in problem
    assert parse(message(info(good))).infos[0].areas[0].problems == ()


@pytest.mark.parametrize(
    "ring",
    [
        "13, 80 13, 80.1 13.1, 80.1 13, 80",
        "13 ,80 13 ,80.1 13.1 ,80.1 13 ,80",
        "\n13,80\n13,80.1\n13.1,80.1\n13,80\n",
        "13,80;13,80.1;13.1,80.1;13,80",
        "13,80,0 13,80.1,0 13.1,80.1,5 13,80,0",
        "13 80 13 80.1 13.1 80.1 13 80",
        "13,80,13,80.1,13.1,80.1,13,80",
        "13,80 13,80.1 13.1,80.1 13,80,",
    ],
)
def test_reads_a_polygon_as_publishers_write_it(ring: str):
    (area,) = parse(message(info(f"<polygon>{ring}</polygon>"))).infos[0].areas
    assert area.polygons == (((80.0, 13.0), (80.1, 13.0), (80.1, 13.1), (80.0, 13.0)),), area.problems


@pytest.mark.parametrize("circle", ["13.05,80.25,2.5", "13.05 80.25 2.5", "13.05, 80.25 2.5", " 13.05,80.25\t2.5 "])
def test_reads_a_circle_as_publishers_write_it(circle: str):
    (area,) = parse(message(info(f"<circle>{circle}</circle>"))).infos[0].areas
    assert area.circles == ((80.25, 13.05, 2.5),)


@pytest.mark.parametrize(
    ("document", "named"),
    [
        (message(envelope=ENVELOPE.replace("<scope>Public</scope>", "")), "no scope"),
        (message(envelope=ENVELOPE.replace("Actual", "Serious")), "status"),
        (message()[:-9], "cut off"),
        (b"<alert><identifier/></alert>", "not a CAP message"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + message(), "document type"),
        (b'<!DOCTYPE a [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>' + message("&b;"), "document type"),
    ],
)
def test_says_what_is_wrong(document: bytes, named: str):
    with pytest.raises(Malformed, match=named):
        parse(document)

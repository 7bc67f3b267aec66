"""Marks: the same source gives the same mark, and nothing of it can be read."""

from __future__ import annotations

from crisismap.core.people.marks import DAY_MS, network_mark, sender_mark
from crisismap.core.report.report import Contact

KEY, OTHER = bytes(32), bytes(range(32))
NOW = 1_449_037_800_000


def test_knows_a_phone_however_it_is_written() -> None:
    marks = {
        sender_mark(KEY, Contact(phone=phone), "", None) for phone in ("+91 98765 43210", "098765-43210", "9876543210")
    }
    assert len(marks) == 1
    assert sender_mark(KEY, Contact(phone="+91 98765 43211"), "", None) not in marks


def test_takes_the_contact_before_the_browser_before_the_network() -> None:
    phone, mail = Contact(phone="98765 43210"), Contact(email="A@b.in")
    network = network_mark(KEY, "203.0.113.9", NOW)
    found = [
        sender_mark(KEY, phone, "d", network),
        sender_mark(KEY, mail, "d", network),
        sender_mark(KEY, Contact(name="Asha"), "d", network),
        sender_mark(KEY, None, "", network),
    ]
    assert len(set(found)) == 4
    assert found[3] == network
    assert sender_mark(KEY, Contact(email=" a@B.in "), "x", None) == found[1]
    assert sender_mark(KEY, None, "", None) is None


def test_follows_no_network_into_the_next_day() -> None:
    assert network_mark(KEY, "203.0.113.9", NOW) == network_mark(KEY, "203.0.113.9", NOW + 1000)
    assert network_mark(KEY, "203.0.113.9", NOW) != network_mark(KEY, "203.0.113.9", NOW + DAY_MS)


def test_takes_an_ipv6_network_for_one() -> None:
    one = network_mark(KEY, "2001:db8:1:2::1", NOW)
    assert one == network_mark(KEY, "2001:db8:1:2:ffff::9", NOW)
    assert one != network_mark(KEY, "2001:db8:1:3::1", NOW)
    assert network_mark(KEY, "::ffff:203.0.113.9", NOW) == network_mark(KEY, "203.0.113.9", NOW)
    assert network_mark(KEY, "testclient", NOW) is None


def test_depends_on_the_key() -> None:
    assert network_mark(KEY, "203.0.113.9", NOW) != network_mark(OTHER, "203.0.113.9", NOW)
    assert "203" not in str(network_mark(KEY, "203.0.113.9", NOW)).removeprefix("network:")[:3]

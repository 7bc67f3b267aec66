"""Marks: the same source gives the same mark, and nothing of it can be read."""

from __future__ import annotations

from crisismap.core.moment import DAY_MS
from crisismap.core.people.fingerprint import network_mark, sender_mark, sender_of
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


def test_gives_what_is_stored_already() -> None:
    """Computed before the two normalisers became one: a change would make strangers of known senders."""
    phone, mail = Contact(phone="+91 98765 43210"), Contact(email=" A@b.in")
    assert sender_mark(OTHER, phone, "", None) == "sender:6a8de48ae0cf2e93"
    assert sender_mark(OTHER, mail, "", None) == "sender:456671d18a9a581b"
    assert sender_mark(OTHER, None, "dev", None) == "sender:4bda0d35536c202c"
    assert network_mark(OTHER, "203.0.113.9", NOW) == "network:1faeeafec1404b3f"
    assert network_mark(OTHER, "2001:db8:1:2::1", NOW) == "network:91211cdd88c7fb23"
    by_phone = sender_of(OTHER, phone, "dev", "203.0.113.9")
    by_mail = sender_of(OTHER, mail, "dev", "2001:db8:1:2::1")
    assert [print_.hex() for print_ in (by_phone.contact, by_phone.device, by_phone.network) if print_] == [
        "7192775fd5385562964873ca307efb50",
        "bc5df3ede3a309337c64eb89d295d3c4",
        "56847415c87298481430fdb0c9fa26e4",
    ]
    assert [print_.hex() for print_ in (by_mail.contact, by_mail.network) if print_] == [
        "fd5ebcd0a25e7c0e9458e0bb2ad3801e",
        "0bdb125e4d3b5c267b28ffe6355d1d04",
    ]


def test_reads_a_number_in_any_digits() -> None:
    tamil = Contact(phone="௯௮௭௬௫ ௪௩௨௧௦")
    assert sender_mark(KEY, tamil, "", None) == sender_mark(KEY, Contact(phone="98765 43210"), "", None)
    assert sender_of(KEY, tamil, "", "") == sender_of(KEY, Contact(phone="+91 98765-43210"), "", "")


def test_keeps_no_network_of_somebody_unknown() -> None:
    assert sender_of(KEY, None, "", "203.0.113.9").empty()
    assert sender_of(KEY, Contact(name="Asha"), "", "203.0.113.9").empty()


def test_takes_neighbours_for_one_network_and_mapped_addresses_for_what_they_are() -> None:
    def network(address: str) -> bytes | None:
        return sender_of(KEY, None, "dev", address).network

    assert network("203.0.113.9") == network("203.0.113.200") == network("::ffff:203.0.113.7")
    assert network("::ffff:203.0.114.7") != network("203.0.113.9")
    assert network("2001:db8:1:2::1") == network("2001:db8:1:9::1") != network("2001:db8:2::1")
    assert network("testclient") is None

"""Verification: a person's word, independent reporters, and claims that wait for a person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.errors import Invalid, Misconfigured
from crisismap.core.place.geodesy import distance_m
from crisismap.core.report import verification
from crisismap.core.report.verification import Sender, Standing, Witness, dangerous_from, independent, reporters

NOW = 1_449_037_800_000
A, B, C = b"a" * 16, b"b" * 16, b"c" * 16


def metres(one: Witness, other: Witness) -> float:
    return distance_m(one.lon, one.lat, other.lon, other.lat)


def witness(contact: bytes | None = None, device: bytes | None = None, network: bytes | None = None, **at: float):
    return Witness(Sender(contact, device, network), at.get("lon", 80.0), at.get("lat", 13.0), int(at.get("ms", NOW)))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (witness(A, None, A), witness(B, None, B), True),
        (witness(A, A, A), witness(B, A, B), False),  # one device with two numbers
        (witness(A, None, A), witness(A, None, B), False),  # one number from two networks
        (witness(A, None, A), witness(None, B, B), False),  # nothing that can be compared
        (witness(None, None, A), witness(None, None, B), False),
        (witness(A, None, A), witness(B, None, A), False),  # one network, one place: may be one person
        (witness(A, None, A), witness(B, None, None), False),
        (witness(A, None, A), witness(B, None, A, lat=13.01, ms=NOW + 11 * 60_000), True),  # a shelter's network
        (witness(A, None, A), witness(B, None, A, lat=13.01, ms=NOW + 10 * 60_000), False),
        (witness(A, None, A), witness(B, None, A, lat=13.0005, ms=NOW + 11 * 60_000), False),
    ],
)
def test_takes_two_for_two_people_only_when_they_may_be(one: Witness, other: Witness, expected: bool):
    assert independent(one, other, metres) is expected
    assert independent(other, one, metres) is expected


def test_counts_a_crowd_of_false_identities_behind_one_network_once():
    crowd = [witness(bytes([n]) * 16, None, A) for n in range(100)]
    assert reporters(crowd, metres) == 1
    assert reporters([*crowd, witness(b"z" * 16, None, B)], metres) == 2


@given(st.lists(st.tuples(st.sampled_from([A, B, C]), st.sampled_from([A, B, C])), max_size=12))
def test_never_counts_more_people_than_contacts(pairs: list[tuple[bytes, bytes]]):
    crowd = [witness(contact, None, network) for contact, network in pairs]
    assert reporters(crowd, metres) <= min(len({c for c, _ in pairs}), len({n for _, n in pairs}))


def test_puts_a_person_s_word_above_any_number_of_reporters():
    standing = verification.corroborate(Standing(), 3)
    assert (Standing().status, standing.status) == ("unverified", "corroborated")
    disputed = verification.verify(standing, "ravi", "disputed", "was there, it is dry")
    assert (disputed.status, disputed.by, disputed.reporters) == ("disputed", "ravi", 3)
    assert verification.verify(disputed, "ravi", "unverified", "mixed up the street").status == "corroborated"
    assert verification.corroborate(standing, 2).reporters == 3


@pytest.mark.parametrize(("status", "reason"), [("corroborated", "x"), ("true", "x"), ("verified", " "), ("", "x")])
def test_refuses_a_word_that_is_none(status: str, reason: str):
    with pytest.raises(Invalid):
        verification.verify(Standing(), "ravi", status, reason)


def test_counts_how_often_it_was_confirmed_to_hold():
    twice = verification.reconfirm(verification.reconfirm(Standing(), NOW), NOW + 5)
    assert (twice.reconfirmed_at, twice.reconfirmed) == (NOW + 5, 2)


def test_knows_a_claim_that_harms_when_it_is_wrong():
    [claim] = dangerous_from({"dangerous": [{"category": "shelter", "field": "status", "values": ["Open"]}]}, "x")
    assert claim.fits("shelter", {"status": " OPEN "})
    for category, fields in (("shelter", {"status": "full"}), ("transport", {"status": "open"}), ("shelter", {})):
        assert not claim.fits(category, fields)
    with pytest.raises(Misconfigured, match="dangerous 1"):
        dangerous_from({"dangerous": [{"category": "shelter"}]}, "x")

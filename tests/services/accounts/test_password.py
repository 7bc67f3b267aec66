"""Passwords: which are taken, that only hashes are kept, and that names cannot be told apart by time."""

from __future__ import annotations

import time

import pytest

from crisismap.core.errors import Invalid
from crisismap.services.accounts.password import check_login, hash_password, login_of, verify_password

GOOD = "seven boats at dawn"


def test_keeps_an_argon2id_hash_and_knows_its_password() -> None:
    kept = hash_password(GOOD, "asha")
    assert kept.startswith("$argon2id$")
    assert GOOD not in kept
    assert verify_password(kept, GOOD)
    assert hash_password(GOOD, "asha") != kept, "each has a salt of its own"
    for wrong in (GOOD[:-1], GOOD + "x", "", "x" * 5000):
        assert not verify_password(kept, wrong)


def test_forgives_how_a_keyboard_writes_the_same_letters() -> None:
    assert verify_password(hash_password("cafe\u0301 am Morgen", "asha"), "café am Morgen")


@pytest.mark.parametrize(
    "weak", ["", "short", "x" * 11, "aaaaaaaaaaaaaaa", "ababababababab", "x" * 201, "my asha@org.in!"]
)
def test_refuses_what_is_easily_guessed_without_repeating_it(weak: str) -> None:
    with pytest.raises(Invalid, match="password") as refused:
        hash_password(weak, "asha@org.in")
    assert not weak or weak not in str(refused.value)


@pytest.mark.parametrize("login", ["", "ab", "x" * 201, "a\nb c", "nul\x00nul"])
def test_refuses_names_that_cannot_be(login: str) -> None:
    with pytest.raises(Invalid, match="login"):
        check_login(login)


def test_looks_a_name_up_in_one_form() -> None:
    assert login_of("  ASHA@Org.IN ") == "asha@org.in" == login_of("ａｓｈａ@org.in")


def test_takes_as_long_when_there_is_no_such_name() -> None:
    kept = hash_password(GOOD, "asha")

    def took(of: str | None) -> float:
        began = time.process_time()
        assert not verify_password(of, "a wrong password")
        return time.process_time() - began

    known, unknown = min(took(kept) for _ in range(3)), min(took(None) for _ in range(3))
    assert unknown > known / 2

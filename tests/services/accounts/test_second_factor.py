"""A code fits its own half minute and the ones beside it; what is sealed opens with its key only, and in time."""

from __future__ import annotations

import pyotp
import pytest

from crisismap.core.errors import Unavailable
from crisismap.services.accounts.second_factor import STEP_S, Box, address, new_secret, step_of

NOW_MS = 1_449_037_800_000
STEP_MS = STEP_S * 1000
# RFC 6238, appendix B: the secret "12345678901234567890", 59 s after 1970, the last six of eight digits.
RFC_SECRET, RFC_CODE, RFC_MS = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "287082", 59_000


def test_reads_the_code_of_the_standard() -> None:
    assert step_of(RFC_SECRET, RFC_CODE, RFC_MS) == 1
    assert step_of(RFC_SECRET, " 287 082 ", RFC_MS) == 1
    assert step_of(RFC_SECRET, "287083", RFC_MS) is None


@pytest.mark.parametrize(("steps", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_allows_a_phone_to_be_half_a_minute_off(steps: int, fits: bool) -> None:
    secret = new_secret()
    code = pyotp.TOTP(secret).at(NOW_MS // 1000 + steps * STEP_S)
    expected = NOW_MS // STEP_MS + steps if fits else None
    assert step_of(secret, code, NOW_MS) == expected


def test_makes_each_secret_once_and_an_address_that_holds_it() -> None:
    secrets = {new_secret() for _ in range(20)}
    assert len(secrets) == 20
    secret = secrets.pop()
    read = pyotp.parse_uri(address(secret, "ravi@boats.in"))
    assert (read.secret, read.name, read.issuer) == (secret, "ravi@boats.in", "crisismap")


def test_opens_what_was_sealed_with_the_same_key_only() -> None:
    sealed = Box(b"k" * 32).close("the secret", NOW_MS)
    assert b"the secret" not in sealed
    assert Box(b"k" * 32).open(sealed) == "the secret"
    with pytest.raises(Unavailable):
        Box(b"x" * 32).open(sealed)


def test_opens_nothing_that_is_too_old_or_was_changed() -> None:
    box = Box(b"k" * 32)
    sealed = box.close("the secret", NOW_MS).decode()
    assert box.open_fresh(sealed, NOW_MS + 60_000, 60) == "the secret"
    assert box.open_fresh(sealed, NOW_MS + 61_000, 60) is None
    changed = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]
    assert box.open_fresh(changed, NOW_MS, 60) is None
    assert box.open_fresh("ü", NOW_MS, 60) is None

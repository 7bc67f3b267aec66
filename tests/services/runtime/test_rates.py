"""Rates: a shelter's shared network passes, a flood does not, and it is said when to come back."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Misconfigured, TooManyTries
from crisismap.core.limits import LimitRules, limit_rules_from
from crisismap.rule_files import read_rule_files
from crisismap.services.runtime.rates import Rates
from tests.people import ADMIN, RESPONDER, STRANGER

NOW = 1_449_037_800_000
RULES: LimitRules = read_rule_files().limits
SHELTER = "203.0.113.9"


def taken(rates: Rates, tries: int, address: str = SHELTER, now_ms: int = NOW) -> int:
    done = 0
    for _ in range(tries):
        try:
            rates.report(STRANGER, address, "web", now_ms)
        except TooManyTries:
            continue
        done += 1
    return done


def test_lets_a_shelter_report_through_one_address() -> None:
    """2,000 reports within a minute, then five every second for an hour."""
    rates = Rates(RULES.allowances)
    assert taken(rates, 2000) == 2000
    assert sum(taken(rates, 5, now_ms=NOW + second * 1000) for second in range(1, 3601)) == 18_000


def test_stops_a_flood_from_one_address_and_nobody_else() -> None:
    rates = Rates(RULES.allowances)
    assert taken(rates, 5000) == 2000
    assert taken(rates, 10, "198.51.100.1") == 10
    with pytest.raises(TooManyTries) as refused:
        rates.report(STRANGER, SHELTER, "web", NOW)
    wait_s = refused.value.details["retry_after_s"]
    assert 1 <= wait_s <= 60
    rates.report(STRANGER, SHELTER, "web", NOW + wait_s * 1000)


def test_counts_a_token_for_itself_and_imports_not_at_all() -> None:
    rates = Rates(RULES.allowances)
    taken(rates, 2000)
    rates.report(RESPONDER, SHELTER, "api", NOW, 1000)
    for _ in range(20):
        rates.report(ADMIN, SHELTER, "api", NOW, 1000)


def test_stops_one_channel_before_it_fills_the_disk() -> None:
    rates = Rates(RULES.allowances)
    for number in range(50_000 // 250):
        rates.report(STRANGER, f"10.{number // 250}.{number % 250}.1", "sms", NOW, 250)
    with pytest.raises(TooManyTries, match="can be taken now"):
        rates.report(STRANGER, "192.0.2.1", "sms", NOW)
    rates.report(STRANGER, "192.0.2.1", "web", NOW)


def test_takes_nothing_when_it_refuses() -> None:
    rates = Rates(RULES.allowances)
    with pytest.raises(TooManyTries):
        rates.report(STRANGER, SHELTER, "web", NOW, 1500)
        rates.report(STRANGER, SHELTER, "web", NOW, 600)
    assert taken(rates, 2000) == 500


def test_lets_a_batch_larger_than_the_bucket_pass_when_it_is_full() -> None:
    rates = Rates(RULES.allowances)
    rates.report(STRANGER, SHELTER, "api", NOW, 10_000)
    assert taken(rates, 1, now_ms=NOW + 11 * 60_000) == 0, "and makes it wait for what was borrowed"


def test_gives_nothing_for_a_clock_that_was_set_back() -> None:
    rates = Rates(RULES.allowances)
    taken(rates, 2000)
    assert taken(rates, 10, now_ms=NOW - 3_600_000) == 0


def test_refuses_nobody_when_off() -> None:
    assert taken(Rates(RULES.allowances, on=False), 5000) == 5000


def test_names_a_wrong_number_in_the_file() -> None:
    good = {"burst": 1, "per_minute": 1}
    data = {
        "reports": {"address": good, "token": good, "channel": {"burst": 0, "per_minute": 1}},
        "asks": {"address": good, "token": good},
        "ranking": {"calm": 1, "sender_most": 1, "network_most": 1, "one_in": 2},
    }
    with pytest.raises(Misconfigured, match=r"limits.toml: reports.channel.burst .* got 0"):
        limit_rules_from(data, "limits.toml")
    data["reports"]["channel"] = good  # type: ignore[index]
    assert limit_rules_from(data, "limits.toml").ranking.one_in == 2
    data["ranking"]["one_in"] = 1  # type: ignore[index]
    with pytest.raises(Misconfigured, match="one_in"):
        limit_rules_from(data, "limits.toml")

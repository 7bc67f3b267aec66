"""Retention: cutoffs of a term, and a file that must name every class and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from crisismap.core.errors import Misconfigured
from crisismap.core.report.retention import CLASSES, Term, terms_from

DAY = 86_400_000
NOW = 1_449_037_800_000
TABLES: dict[str, Any] = {name: {"closed": 30, "longest": 365} for name in CLASSES}


def test_counts_days_back_from_now() -> None:
    assert Term(30, 365).cutoffs(NOW) == (NOW - 30 * DAY, NOW - 365 * DAY)


def test_never_ends_what_is_kept_for_good() -> None:
    assert Term(0).cutoffs(NOW) == (0, 0)
    assert Term(1).cutoffs(NOW) == (NOW - DAY, 0)
    assert Term(0, 2).cutoffs(NOW) == (0, NOW - 2 * DAY)


def test_reads_a_term_of_every_class() -> None:
    terms = terms_from(TABLES | {"words": {"closed": 7}}, "retention.toml")
    assert set(terms) == set(CLASSES)
    assert (terms["words"], terms["contact"]) == (Term(7, 0), Term(30, 365))


@pytest.mark.parametrize("days", [-1, 1.5, "30", True])
def test_refuses_what_is_no_number_of_days(days: object) -> None:
    with pytest.raises(Misconfigured, match=r"retention\.toml.*\[place\] longest"):
        terms_from(TABLES | {"place": {"closed": 1, "longest": days}}, "retention.toml")


@pytest.mark.parametrize("table", [None, {}, {"longest": 3}, {"closed": 1, "soon": 2}])
def test_refuses_a_class_without_its_term(table: object) -> None:
    tables = {name: value for name, value in TABLES.items() if name != "contact"}
    with pytest.raises(Misconfigured, match="contact"):
        terms_from(tables if table is None else tables | {"contact": table}, "retention.toml")


def test_refuses_a_class_that_it_does_not_know() -> None:
    with pytest.raises(Misconfigured, match="photos"):
        terms_from(TABLES | {"photos": {"closed": 1}}, "retention.toml")

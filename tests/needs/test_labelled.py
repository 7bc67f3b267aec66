"""How the rules of need hear the labelled texts: floors under what has been reached, on the half nobody tuned to.

The goals are higher; docs/needs.md has both, by language and box.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from crisismap.core.need.need import NOTHING_HEARD
from crisismap.rule_files import read_rule_files
from tests.needs.labelled import (
    FOLDER,
    LABELS,
    TUNED,
    UNTOUCHED,
    Labelled,
    Score,
    digest_of,
    more_texts,
    real_texts,
    score,
    texts,
)

DETECT = read_rule_files().detector.detect
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.toml") if path.stem != "odd")


@pytest.fixture(scope="module")
def untouched() -> Score:
    return score(texts(UNTOUCHED), DETECT)


def least(share: float | None, floor: float) -> bool:
    return share is not None and share >= floor


def test_has_a_hundred_texts_of_each_of_fourteen_languages():
    some = list(texts())
    assert len(some) >= 2000
    assert len({text.id for text in some}) == len(some)
    assert len(LANGUAGES) == 14
    for language in LANGUAGES:
        assert sum(text.language == language for text in some) >= 100
    assert {text.label for text in some} == set(LABELS)
    assert all((text.priority > 0) is (text.label in ("asks", "may")) for text in some)


def test_hears_most_lives_at_risk_in_texts_that_nobody_tuned_to(untouched: Score):
    assert least(untouched.risk_heard, 0.975)
    assert least(untouched.risk_urgent, 0.9)


def test_leaves_most_information_alone(untouched: Score):
    assert least(untouched.share("information", "information"), 0.77)
    assert (untouched.share("information", "asks") or 0) <= 0.1
    assert least(untouched.taken_back, 0.79)
    assert least(untouched.share("offer", "offer"), 0.67)


def test_hears_every_language_far_better_than_nothing():
    for language in LANGUAGES:
        found = score((text for text in texts(UNTOUCHED) if text.language == language), DETECT)
        assert least(found.risk_heard, 0.75), language
        assert least(found.risk_urgent, 0.55), language


def test_keeps_what_it_was_tuned_to():
    found = score(texts(TUNED), DETECT)
    assert least(found.risk_heard, 0.97)
    assert least(found.risk_urgent, 0.93)


def test_would_fail_for_a_detector_that_hears_nothing_or_guesses(untouched: Score):
    """The negative controls: silence hears no life at risk, and answers dealt out at random hear too few."""
    silent = score(texts(UNTOUCHED), lambda _: NOTHING_HEARD)
    assert silent.risk_heard == 0
    some: list[Labelled] = list(texts(UNTOUCHED))
    labels = [(text.label, text.priority) for text in some]
    random.Random(1).shuffle(labels)
    dealt = [replace(text, label=label, priority=level) for text, (label, level) in zip(some, labels, strict=True)]
    guessed = score(dealt, DETECT)
    assert (guessed.risk_heard or 0) < 0.92


@pytest.mark.realdata
def test_leaves_most_of_an_ordinary_day_in_jakarta_alone(shared_data: Path):
    """Nobody there writes that a life is at risk; what they ask for are pumps, and help for whole streets."""
    found = score(real_texts(shared_data), DETECT)
    assert found.texts == 1075
    assert least(found.share("information", "information"), 0.74)
    assert (found.share("information", "asks") or 0) <= 0.13
    assert (found.share("asks", "information") or 0) <= 0.12


def test_hears_texts_that_were_written_later_and_kept_back():
    found = score(more_texts(UNTOUCHED), DETECT)
    assert found.texts > 15_000
    assert least(found.risk_heard, 0.96)
    assert least(found.risk_urgent, 0.91)
    assert (found.share("information", "asks") or 0) <= 0.07
    assert least(found.taken_back, 0.74)


def test_has_a_model_of_the_texts_that_are_here():
    """Texts or labels that change want a new model: python -m tools.need_model."""
    model = read_rule_files().detector.model
    assert model is not None
    assert model.about["digest"] == digest_of([*texts(TUNED), *more_texts(TUNED)])

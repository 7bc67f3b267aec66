"""The catalogs: every sentence in every language, with the same gaps, and nothing that no page says."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from crisismap.core.errors import Misconfigured
from crisismap.core.people.permission import ROLES
from crisismap.core.report.request import STATES
from crisismap.i18n import DEFAULT, FOLDER, languages, read_catalog

ROOT = Path(__file__).resolve().parents[2] / "crisismap" / "web"
CODES = [code for code in languages() if code != DEFAULT]
# What only operators, responders and programs meet is English; whoever translates it may, and tests/test_problems.py
# holds the sentences of refusals to the code.
ENGLISH = {key: said for key, said in languages()[DEFAULT].sentences.items() if not key.startswith("problem_staff.")}
# Sentences whose keys are put together from a state or a role.
MADE = {f"track.{state}" for state in (*STATES, "report")} | {
    f"login.role_{role}" for role in ROLES if role != "public"
}
SCRIPTS = {"ar": "\u0600-\u06ff", "hi": "\u0900-\u097f", "ne": "\u0900-\u097f", "ta": "\u0b80-\u0bff"}


def gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_knows_the_languages_of_the_first_deployments():
    assert set(languages()) >= {"en", "ta", "hi", "id", "ne", "es", "ar"}
    assert next(iter(languages())) == DEFAULT
    assert languages()["ar"].direction == "rtl"


@pytest.mark.parametrize("code", CODES)
def test_has_every_sentence_in_every_language(code: str):
    sentences = languages()[code].sentences
    assert set(ENGLISH) - set(sentences) == set()
    for key, sentence in sentences.items():
        assert sentence.strip() == sentence != "", key
        assert gaps(sentence) == gaps(languages()[DEFAULT].sentences[key]), key
        if code in SCRIPTS and len(languages()[DEFAULT].sentences[key]) > 12:
            assert re.search(f"[{SCRIPTS[code]}]", sentence), key


@pytest.mark.parametrize("code", CODES)
def test_has_no_sentence_that_english_lacks(code: str):
    assert set(languages()[code].sentences) <= set(languages()[DEFAULT].sentences)


@pytest.mark.parametrize("code", CODES)
def test_is_no_copy_of_english(code: str):
    same = [key for key, said in languages()[code].sentences.items() if said == ENGLISH.get(key)]
    assert len(same) < 15, same


def test_says_every_sentence_somewhere():
    used = set(MADE | {f"{key}_means" for key in MADE if key.startswith("track.")})
    for path in [*ROOT.rglob("*.py"), *ROOT.glob("templates/*.html")]:
        used |= set(
            re.findall(r"\b(?:common|report|error|thanks|track|task|login|shelters)\.[a-z_]+", path.read_text("utf-8"))
        )
    assert {key for key in ENGLISH if not key.startswith("problem")} - used == set()


def test_falls_back_to_english():
    words = languages()["ta"]
    assert words.pick({"en": "Road"}) == "Road"
    assert words.pick({"en": "Road", "ta": "சாலை"}) == "சாலை"
    assert words.pick({}) == ""


def test_puts_values_into_a_sentence_as_they_are():
    assert languages()["en"]("track.place_words", words="{0} {x} %s") == "You wrote: {0} {x} %s"


@pytest.mark.parametrize(
    "text", ["", "name = 1", "[language]\ndirection = 'ltr'", "[language", "[language]\nname='x'\n[common]\n[[a]]"]
)
def test_names_the_catalog_that_is_wrong(tmp_path: Path, text: str):
    path = tmp_path / "xx.toml"
    path.write_text(text)
    with pytest.raises(Misconfigured, match=r"xx\.toml"):
        read_catalog(path)


def test_has_one_file_a_language():
    assert {path.stem for path in FOLDER.iterdir() if path.suffix == ".toml"} == set(languages())

"""The catalogues: every sentence and label in every language, with the same gaps, and nothing that no page says.

Each check stands in tests/catalogues.py and is tried on a planted fault as well, which it must name.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from crisismap.core.errors import Misconfigured
from crisismap.core.need.facts import FACTS
from crisismap.core.need.need import NEEDS
from crisismap.core.people.permission import ROLES
from crisismap.core.place.geodesy import DIRECTIONS
from crisismap.core.report.request import STATES
from crisismap.i18n import DEFAULT, FOLDER, Language, languages, read_language, require_labels
from crisismap.rule_files import read_rule_files
from crisismap.web.pages.shelters_page import STATUSES
from tests.catalogues import lacking, other_gaps, said, stem, stems, unknown, unlabelled, unused

PACKAGE = Path(__file__).resolve().parents[2] / "crisismap"
PAGES = [*(PACKAGE / "web").rglob("*.py"), *(PACKAGE / "web" / "templates").glob("*.html")]
SOURCES = [*PAGES, PACKAGE / "core" / "verbs.py", *(PACKAGE / "api").rglob("*.py"), *(PACKAGE / "ui").rglob("*.py")]
CATEGORIES = read_rule_files().categories
CODES = [code for code in languages() if code != DEFAULT]
# What only operators, responders and programs meet is English; whoever translates it may, and tests/test_problems.py
# holds the sentences of refusals to the code.
ENGLISH = {key: said for key, said in languages()[DEFAULT].sentences.items() if not key.startswith("problem_staff.")}
# Sentences whose keys are put together from a state, a role or a direction.
MADE = {f"track.{state}" for state in (*STATES, "report")} | {
    f"login.role_{role}" for role in ROLES if role != "public"
}
MADE |= {f"heard.{need}" for need in NEEDS} | {f"heard.{need}_means" for need in NEEDS}
MADE |= {f"{key}_means" for key in MADE if key.startswith("track.")}
MADE |= {f"need.fields.{fact.id}" for fact in FACTS} | {"need.fields.as_written"}
MADE |= {f"task.noted_{verb}" for verb in ("release", "answer")}
MADE |= {f"photo_problem.{name}" for name in ("busy", "damaged", "kind", "too_large")}
MADE |= {f"shelters.{status}_word" for status in STATUSES}
MADE |= {f"shelters.d_{direction.replace('-', '_')}" for direction in DIRECTIONS}
SCRIPTS = {"ar": "\u0600-\u06ff", "hi": "\u0900-\u097f", "ne": "\u0900-\u097f", "ta": "\u0b80-\u0bff"}


def test_knows_the_languages_of_the_first_deployments():
    assert set(languages()) >= {"en", "ta", "hi", "id", "ne", "es", "ar"}
    assert next(iter(languages())) == DEFAULT
    assert languages()["ar"].direction == "rtl"


@pytest.mark.parametrize("code", CODES)
def test_has_every_sentence_in_every_language(code: str):
    language = languages()[code]
    assert lacking(language, languages()[DEFAULT]) == []
    assert unlabelled(language, CATEGORIES.values()) == []
    assert other_gaps(language, languages()[DEFAULT]) == []
    for key, sentence in language.sentences.items():
        assert sentence.strip() == sentence != "", key
        if code in SCRIPTS and len(ENGLISH.get(key, "")) > 12:
            assert re.search(f"[{SCRIPTS[code]}]", sentence), key


@pytest.mark.parametrize("code", CODES)
def test_has_no_sentence_that_english_lacks(code: str):
    sentences = languages()[code].sentences
    assert {stem(key, sentences) for key in sentences} <= stems(languages()[DEFAULT])
    assert set(languages()[code].vocabulary) <= set(languages()[DEFAULT].vocabulary)


@pytest.mark.parametrize("code", CODES)
def test_is_no_copy_of_english(code: str):
    same = [key for key, text in languages()[code].sentences.items() if text == ENGLISH.get(key)]
    assert len(same) < 15, same


def test_says_every_sentence_somewhere():
    assert unused(SOURCES, languages()[DEFAULT], MADE) == []


def test_has_every_sentence_that_a_page_says():
    assert unknown(SOURCES, languages()[DEFAULT]) == []
    assert len({key for path in PAGES for key in said(path.read_text("utf-8"))}) > 200, "the calls are not found"


def planted(folder: Path, change: Callable[[str], str], code: str = "ta") -> Language:
    """A language as it ships, with a fault."""
    text = (FOLDER / f"{code}.toml").read_text("utf-8")
    path = folder / f"{code}.toml"
    path.write_text(change(text), "utf-8")
    assert path.read_text("utf-8") != text, "nothing was planted"
    return read_language(path)


def without(line: str) -> Callable[[str], str]:
    """Drops the first line that begins so."""
    return lambda text: re.sub(rf"(?m)^{re.escape(line)}.*\n", "", text, count=1)


def test_names_a_sentence_that_is_missing(tmp_path: Path):
    language = planted(tmp_path, without("use_position ="))
    assert lacking(language, languages()[DEFAULT]) == ["report.use_position"]
    assert language("report.use_position") == ENGLISH["report.use_position"], "it is said in English meanwhile"


def test_names_a_plural_form_that_is_missing(tmp_path: Path):
    language = planted(tmp_path, lambda text: text.replace('few = "{n} دقائق", ', ""), "ar")
    assert lacking(language, languages()[DEFAULT]) == ["common.minutes.few"]
    assert language("common.minutes", n=3) == "3 دقيقة", "another form stands in meanwhile"


def test_names_a_word_list_that_is_missing(tmp_path: Path):
    language = planted(tmp_path, lambda text: text.replace("\nobstacle = [", "\nobsticle = ["))
    assert lacking(language, languages()[DEFAULT]) == ["vocabulary.obstacle"]


def test_names_a_category_without_a_label(tmp_path: Path):
    language = planted(tmp_path, lambda text: text.replace('[category.rescue]\nlabel = "மீட்பு"', "[category.rescue]"))
    assert unlabelled(language, CATEGORIES.values()) == ["category.rescue.label"]
    language = planted(tmp_path, lambda text: text.replace('full = "நிரம்பியது"\n', "", 1))
    assert unlabelled(language, CATEGORIES.values()) == ["category.shelter.options.status.full"]


def test_refuses_to_start_with_a_category_that_english_does_not_name():
    require_labels(CATEGORIES.values())
    power = dataclasses.replace(CATEGORIES["other"], id="power")
    with pytest.raises(Misconfigured, match=r"en\.toml: lacks category\.power\.label, category\.power\.hint"):
        require_labels([power])


def test_names_a_gap_that_differs(tmp_path: Path):
    language = planted(tmp_path, lambda text: text.replace('\nago = "{time} ', '\nago = "{tme} '))
    assert other_gaps(language, languages()[DEFAULT]) == ["common.ago"]


def test_names_a_sentence_of_a_page_that_no_catalogue_has(tmp_path: Path):
    page = tmp_path / "new.html"
    page.write_text(
        '<p>{{ t("report.title") }} {{ rich(t, "report.titel", n=1) }} {{ t("a.b" if x(1) else "task.where") }}'
    )
    assert unknown([page], languages()[DEFAULT]) == ["new.html: report.titel", "new.html: a.b"]


def test_names_a_sentence_that_nobody_says(tmp_path: Path):
    english = planted(tmp_path, lambda text: text.replace("[report]\n", '[report]\nattic = "Old"\n'), "en")
    assert unused(SOURCES, english, MADE) == ["report.attic"]


def test_falls_back_to_english():
    sentences = {key: text for key, text in languages()["ta"].sentences.items() if key != "category.rescue.label"}
    language = dataclasses.replace(languages()["ta"], sentences=sentences)
    assert language.category("rescue") == "Rescue"
    assert language.category("medical") == "மருத்துவம்"
    with pytest.raises(KeyError):
        language("report.attic")


def test_puts_values_into_a_sentence_as_they_are():
    assert languages()["en"]("track.place_words", words="{0} {x} %s") == "You wrote: {0} {x} %s"


@pytest.mark.parametrize(
    "text", ["", "name = 1", "[language]\ndirection = 'ltr'", "[language", "[language]\nname='x'\n[common]\n[[a]]"]
)
def test_names_the_catalog_that_is_wrong(tmp_path: Path, text: str):
    path = tmp_path / "xx.toml"
    path.write_text(text)
    with pytest.raises(Misconfigured, match=r"xx\.toml"):
        read_language(path)


def test_has_one_file_a_language():
    assert {path.stem for path in FOLDER.iterdir() if path.suffix == ".toml"} == set(languages())

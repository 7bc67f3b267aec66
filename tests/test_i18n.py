"""Languages: which one a browser asks for, and how it counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from crisismap.core.errors import Misconfigured
from crisismap.i18n import DEFAULT, FOLDER, known_language, languages, negotiate, read_language, vocabulary


def test_joins_the_words_of_all_languages():
    """People write in one language on the page of another."""
    joined = vocabulary()
    for language in languages().values():
        for name, words in language.vocabulary.items():
            assert set(words) <= set(joined[name])
    assert len(set(joined["injury"])) == len(joined["injury"])


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", ["1 person", "2 people", "11 people"]),
        ("ta", ["1 நபர்", "2 பேர்", "11 பேர்"]),
        ("hi", ["1 व्यक्ति", "2 लोग", "11 लोग"]),
        ("ne", ["1 जना", "2 जना", "11 जना"]),
        ("id", ["1 orang", "2 orang", "11 orang"]),
        ("es", ["1 persona", "2 personas", "11 personas"]),
        ("ar", ["شخص واحد", "شخصان", "11 شخصًا"]),
    ],
)
def test_counts_as_the_language_does(code: str, said: list[str]):
    assert [languages()[code]("task.people", n=n) for n in (1, 2, 11)] == said


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", DEFAULT),
        ("ta", "ta"),
        ("ta-IN,en;q=0.5", "ta"),
        ("fr, es;q=0.8, en;q=0.9", "en"),
        ("de;q=1, hi;q=0.2, ne;q=0.2", "hi"),
        ("ta;q=0", DEFAULT),
        ("ta;q=0, en;q=0.1, ar;q=0.3", "ar"),
        ("ta;q=high, id;q=0.1", "id"),
        ("*", DEFAULT),
        (",;q=,=;", DEFAULT),
    ],
)
def test_chooses_the_language_that_a_browser_prefers(header: str, code: str):
    assert negotiate(header) == code


def test_knows_only_languages_that_have_a_file():
    assert (known_language("ta"), known_language("xx"), known_language(None)) == ("ta", None, None)


def test_counts_as_english_does_where_unicode_does_not_know_the_language(tmp_path: Path):
    path = tmp_path / "xx.toml"
    path.write_text((FOLDER / "en.toml").read_text("utf-8"), "utf-8")
    language = read_language(path)
    assert (language.code, language("task.people", n=1), language("task.people", n=2)) == ("xx", "1 person", "2 people")


def test_reads_each_file_once():
    assert languages() is languages()


@pytest.mark.parametrize("lists", ["need = 'help'", "need = ['']", "need = [1]", "[[vocabulary]]"])
def test_names_a_file_whose_word_lists_are_wrong(tmp_path: Path, lists: str):
    path = tmp_path / "xx.toml"
    head = "" if lists.startswith("[[") else "[vocabulary]\n"
    path.write_text(f"[language]\nname = 'X'\n{head}{lists}\n")
    with pytest.raises(Misconfigured, match=r"xx\.toml"):
        read_language(path)

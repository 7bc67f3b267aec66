"""What is wrong with a language or with its use, by name: the checks of the catalogues, tried on planted faults too."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from crisismap.core.category import Category
from crisismap.i18n import Language, label_keys

FORMS = frozenset({"zero", "one", "two", "few", "many", "other"})  # of Unicode's plural rules
SAYS_NUMBER_BY_ITSELF = frozenset({"zero", "one", "two"})  # "دقيقتين": two minutes
_CALL = re.compile(r"(?<![\w.])(?:t|language|rich|visit\.language|english\(\))\(")
_KEY = re.compile(r"""["']([a-z]+\.[a-z_]+)["']""")


def stem(key: str, of: Mapping[str, str]) -> str:
    """The key that code uses: of `task.people.other` it is `task.people`."""
    head, _, form = key.rpartition(".")
    return head if form in FORMS and "." in head and f"{head}.other" in of else key


def stems(language: Language) -> set[str]:
    return {stem(key, language.sentences) for key in language.sentences}


def lacking(language: Language, english: Language) -> list[str]:
    """Sentences, plural forms and word lists that English has, or the language's own grammar needs, and it has not."""
    # What only staff and programs meet may stay English.
    missing = sorted(key for key in stems(english) - stems(language) if not key.startswith("problem_staff."))
    counted = {language.locale.plural_form(n) for n in range(1001)}
    for key in sorted({stem(key, language.sentences) for key in language.sentences} - language.sentences.keys()):
        missing += [f"{key}.{form}" for form in sorted(counted) if f"{key}.{form}" not in language.sentences]
    missing += sorted(f"vocabulary.{name}" for name in english.vocabulary if not language.vocabulary.get(name))
    return list(dict.fromkeys(missing))


def unlabelled(language: Language, categories: Iterable[Category]) -> list[str]:
    """Labels, hints, fields and options of the categories that the language does not name."""
    return [key for key in label_keys(categories) if not language.sentences.get(key, "").strip()]


def other_gaps(language: Language, english: Language) -> list[str]:
    """Sentences whose {names} differ from those of English."""
    wanted = {stem(key, english.sentences): gaps(text) for key, text in english.sentences.items()}
    found = []
    for key, text in language.sentences.items():
        may_lack = {"n"} if key.rpartition(".")[2] in SAYS_NUMBER_BY_ITSELF else set()
        name = stem(key, language.sentences)
        if name in wanted and not wanted[name] - may_lack <= gaps(text) <= wanted[name]:
            found.append(key)
    return found


def gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def said(source: str) -> Iterator[str]:
    """Keys in the calls that say a sentence: t("a.b" if x else "a.c"), rich(t, "a.b"), visit.language("a.b")."""
    for call in _CALL.finditer(source):
        depth, at = 1, call.end()
        while depth and at < len(source):
            depth += {"(": 1, ")": -1}.get(source[at], 0)
            at += 1
        yield from _KEY.findall(source[call.end() : at])


def unknown(sources: Iterable[Path], english: Language) -> list[str]:
    """Sentences that a page says and the catalogue does not have, with the page."""
    known = stems(english)
    return [f"{path.name}: {key}" for path in sources for key in said(path.read_text("utf-8")) if key not in known]


def unused(sources: Iterable[Path], english: Language, made: Iterable[str]) -> list[str]:
    """Sentences that no source names; `made`: keys put together from a state or a role."""
    tables = sorted({key.partition(".")[0] for key in english.sentences})
    named = re.compile(rf"\b(?:{'|'.join(tables)})\.[a-z_]+")
    used = set(made)
    for path in sources:
        used |= set(named.findall(path.read_text("utf-8")))
    # Labels belong to categories and problems to codes: their tables are compared with those elsewhere.
    return sorted(key for key in stems(english) - used if not key.startswith(("category.", "problem")))

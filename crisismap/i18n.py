"""Languages: one TOML file each in `locale/`, with all sentences, labels and word lists of that language.

A file has a table `[language]` (its own name, its direction), tables of sentences, labels of categories
(`[category.rescue]`), the words that rules look for in reports (`[vocabulary]`) and how people name the columns of a
sheet (`[columns]`). `language("report.title")` returns a sentence with `{names}` filled in. A sentence with a count
`{n}` may be a table of plural forms, named as in Unicode's plural rules: `people = { one = "{n} person", other = "{n}
people" }`. Missing entries fall back to English.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_datetime_format, get_timezone_name

from crisismap.core.category import Category, CategoryField
from crisismap.core.errors import Misconfigured
from crisismap.core.need.facts import FACTS
from crisismap.core.text.folding import fold

FOLDER = Path(__file__).parent / "locale"
DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its code, its own name, `ltr` or `rtl`, sentences by dotted key, and word lists by name.

    `columns` are lists of names by the member of a report. `locale` has its plural rules and formats of numbers and
    dates; a file may name another one than its own code, as English does for its 24-hour clock.
    """

    code: str
    name: str
    direction: str
    locale: Locale
    sentences: Mapping[str, str]
    vocabulary: Mapping[str, tuple[str, ...]]
    columns: Mapping[str, tuple[str, ...]]

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the sentence, filled in. Raises KeyError for a key that English lacks too."""
        sentence = self._sentence(key, values.get("n"))
        if sentence is None and self.code == DEFAULT:
            raise KeyError(key)
        if sentence is None:
            return english()(key, **values)
        return sentence.format_map(values) if values else sentence

    def _sentence(self, key: str, n: object) -> str | None:
        sentence = self.sentences.get(key)
        if sentence is None and isinstance(n, int):
            sentence = self.sentences.get(f"{key}.{self.locale.plural_form(n)}") or self.sentences.get(f"{key}.other")
        return sentence

    def date_time(self, ms: int, zone: tzinfo) -> str:
        """Return a time as the language writes it: `2 Dec 2015, 14:05`, or with am and pm where it has no other."""
        when = datetime.fromtimestamp(ms / 1000, zone)
        day, time = format_date(when, "medium", self.locale), format_time(when, "short", locale=self.locale)
        return str(get_datetime_format("medium", self.locale)).replace("'", "").format(time, day)

    def time_zone(self, zone: tzinfo, ms: int) -> str:
        """Return the name of a zone as people say it at that time of the year: `India Standard Time`."""
        return "UTC" if zone is UTC else get_timezone_name(datetime.fromtimestamp(ms / 1000, zone), locale=self.locale)

    def category(self, category: str) -> str:
        """Return the label of a category by its id."""
        return self(f"category.{category}.label")

    def hint(self, category: str) -> str:
        """Return the short description of a category."""
        return self(f"category.{category}.hint")

    def field(self, category: str, field: str) -> str:
        """Return the label of a category's field, or of a fact that every category may have."""
        own = f"category.{category}.fields.{field}"
        return self(own if own in english().sentences else f"need.fields.{field}")

    def unit(self, category: str, field: CategoryField) -> str:
        """Return the unit of a field's number, "" without one."""
        return self(f"category.{category}.units.{field.id}") if field.unit else ""

    def option(self, category: str, field: str, value: str) -> str:
        """Return the label of one value of a choice."""
        return self(f"category.{category}.options.{field}.{value}")


@lru_cache(maxsize=1)
def languages() -> Mapping[str, Language]:
    """Return all languages with a file, English first, then by code. Raises Misconfigured naming the file."""
    catalogues = [read_language(path) for path in sorted(FOLDER.glob("*.toml"))]
    catalogues.sort(key=lambda language: language.code != DEFAULT)
    return MappingProxyType({language.code: language for language in catalogues})


def english() -> Language:
    """Return English, the language of the desk and of print sheets, and the fallback of all others."""
    return languages()[DEFAULT]


def vocabulary() -> dict[str, tuple[str, ...]]:
    """Return the word lists of all languages together, because people write in any of them."""
    return _together(language.vocabulary for language in languages().values())


def column_names() -> dict[str, tuple[str, ...]]:
    """Return how people name the columns of a sheet, in all languages, by the member of a report; preferred first."""
    return _together(language.columns for language in languages().values())


def field_names() -> dict[str, tuple[str, ...]]:
    """Return how the fields of all categories and the facts of need are labelled, in all languages, by id."""
    found: dict[str, dict[str, None]] = {}
    for language in languages().values():
        for key, label in language.sentences.items():
            table, _, id_ = key.rpartition(".")
            if table == "need.fields" or (table.startswith("category.") and table.endswith(".fields")):
                found.setdefault(id_, {})[label] = None
    return {id_: tuple(labels) for id_, labels in found.items()}


def answers() -> dict[str, bool]:
    """Return the words for yes and no of all languages, folded."""
    keys = {"common.yes": True, "track.mine_no": False}
    return {fold(language(key)): answer for language in languages().values() for key, answer in keys.items()}


def _together(lists_of_each: Iterable[Mapping[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    lists: dict[str, dict[str, None]] = {}
    for of_one in lists_of_each:
        for name, words in of_one.items():
            lists.setdefault(name, {}).update(dict.fromkeys(words))
    return {name: tuple(words) for name, words in lists.items()}


def label_keys(categories: Iterable[Category]) -> Iterator[str]:
    """Return the keys of every label that a language must have for these categories, and for the facts of need."""
    yield from (f"need.fields.{fact.id}" for fact in FACTS)
    for category in categories:
        yield from (f"category.{category.id}.label", f"category.{category.id}.hint")
        for field in category.fields:
            yield f"category.{category.id}.fields.{field.id}"
            if field.unit:
                yield f"category.{category.id}.units.{field.id}"
            yield from (f"category.{category.id}.options.{field.id}.{value}" for value in field.options)


def require_labels(categories: Iterable[Category]) -> None:
    """Raise Misconfigured if a category lacks an English label, so that none is missing on a page."""
    missing = [key for key in label_keys(categories) if key not in english().sentences]
    if missing:
        raise Misconfigured("labels_missing", file=f"{DEFAULT}.toml", missing=missing)


def read_language(path: Path) -> Language:
    """Return the language of a file, which is named by the language's code. Raises Misconfigured."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        language = data.pop("language")
        lists, columns = (
            {name: _words(words) for name, words in data.pop(table, {}).items()} for table in ("vocabulary", "columns")
        )
        sentences = {f"{table}.{key}": text for table, rows in data.items() for key, text in _flat(rows)}
        return Language(
            path.stem,
            language["name"],
            language.get("direction", "ltr"),
            _locale(language.get("locale", path.stem)),
            MappingProxyType(sentences),
            MappingProxyType(lists),
            MappingProxyType(columns),
        )
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, AttributeError, TypeError) as problem:
        raise Misconfigured("catalogue_wrong", file=path.name, problem=str(problem)) from problem


def _locale(code: str) -> Locale:
    """Return Babel's data of a language; English's if Unicode has none."""
    try:
        return Locale.parse(code)
    except (UnknownLocaleError, ValueError):
        return Locale.parse(DEFAULT)


def _flat(rows: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield sentences by dotted key, including those of nested tables."""
    for key, value in rows.items():
        if isinstance(value, str):
            yield key, value
        else:
            yield from ((f"{key}.{inner}", text) for inner, text in _flat(value))


def _words(words: Any) -> tuple[str, ...]:
    if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
        raise TypeError("a list of [vocabulary] must hold words")
    return tuple(words)


def known_language(code: str | None) -> str | None:
    """Return the code if there is a file for it."""
    return code if code is not None and code in languages() else None


def negotiate(header: str) -> str:
    """Return the best language of an Accept-Language header (RFC 9110, 12.5.4), else English."""
    preferences: list[tuple[float, int, str]] = []
    for position, part in enumerate(header[:500].split(",")):
        tag, _, weight = part.partition(";")
        code = tag.strip().lower().split("-")[0]
        if code in languages():
            preferences.append((-_weight(weight), position, code))
    preferences.sort()
    return preferences[0][2] if preferences and preferences[0][0] < 0 else DEFAULT


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0

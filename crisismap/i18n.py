"""The words of the plain pages in people's languages: one TOML catalog per language in `locale/`, read once.

A catalog has a table `[language]` (its name in itself, its direction) and tables of
sentences; `words("report.title")` is the sentence, with `{names}` filled in. What a language lacks is said in English.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from crisismap.core.errors import Misconfigured

FOLDER = Path(__file__).parent / "locale"
DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """One language: its code, its name in itself, `ltr` or `rtl`, and its sentences by dotted key."""

    code: str
    name: str
    direction: str
    sentences: Mapping[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence, filled in. Raises KeyError for a key that English does not have either."""
        sentence = self.sentences.get(key)
        if sentence is None:
            sentence = languages()[DEFAULT].sentences[key]
        return sentence.format_map(values) if values else sentence

    def pick(self, labels: Mapping[str, str]) -> str:
        """The label of a data file in this language, else in English, else nothing."""
        return labels.get(self.code) or labels.get(DEFAULT, "")


@lru_cache(maxsize=1)
def languages() -> Mapping[str, Words]:
    """Every language there is a catalog for, English first, then by code. Raises Misconfigured naming the file."""
    found = [read_catalog(path) for path in sorted(FOLDER.glob("*.toml"))]
    found.sort(key=lambda words: words.code != DEFAULT)
    return MappingProxyType({words.code: words for words in found})


def read_catalog(path: Path) -> Words:
    """A catalog; its file name is the language's code. Raises Misconfigured."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        language = data.pop("language")
        sentences = {f"{table}.{key}": str(text) for table, rows in data.items() for key, text in rows.items()}
        return Words(path.stem, language["name"], language.get("direction", "ltr"), MappingProxyType(sentences))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, AttributeError) as problem:
        raise Misconfigured("catalogue_wrong", file=path.name, problem=str(problem)) from problem


def known(code: str | None) -> str | None:
    """The code if there is a catalog for it."""
    return code if code is not None and code in languages() else None


def accepted(header: str) -> str:
    """The best language of an Accept-Language header (RFC 9110, 12.5.4), else English."""
    wishes: list[tuple[float, int, str]] = []
    for position, part in enumerate(header[:500].split(",")):
        tag, _, weight = part.partition(";")
        code = tag.strip().lower().split("-")[0]
        if code in languages():
            wishes.append((-_weight(weight), position, code))
    wishes.sort()
    return wishes[0][2] if wishes and wishes[0][0] < 0 else DEFAULT


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0

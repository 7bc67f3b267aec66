"""Sentences for errors: an error's code and details in a language, from its catalogue.

A catalogue has the tables `problem` (for everybody), `problem_staff` (only for operators, responders and programs) and
`problem_field` (names of fields). Missing entries fall back to English.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crisismap.core.errors import SAID, CrisismapError, Invalid
from crisismap.i18n import DEFAULT, Language, languages

TABLES = ("problem", "problem_staff")
OF_FIELD = "problem.of_field"  # an Invalid: its field, its reason, the value
SERVER_SAYS = "server_says"  # how a sentence goes on with the words of another server
_NAMES = ("field", "body")  # details that are names of input


def sentence(error: CrisismapError, language: Language | None = None, *, with_server_words: bool = True) -> str:
    """Return the error's sentence, in English by default; the words of other servers are for staff only."""
    language = language or languages()[DEFAULT]
    why = _reason(error, language, with_server_words)
    if isinstance(error, Invalid):
        details = {"field": _field(error.field, language), "value": error.details["value"]}
        return language(OF_FIELD, why=why, **details)
    return why


def sentence_of(error: Exception) -> str:
    """Return the English sentence of one of our errors, and the text of any other."""
    return sentence(error) if isinstance(error, CrisismapError) else str(error)


def reason(error: CrisismapError, language: Language | None = None) -> str:
    """Return the sentence without field and value, for a form that shows both beside it."""
    return _reason(error, language or languages()[DEFAULT], True)


def _reason(error: CrisismapError, language: Language, with_server_words: bool) -> str:
    template = _template(error.code, language)
    # A code missing from every catalogue comes from another version of the program: it is better than nothing.
    if template is None:
        return error.code
    return template.format_map(_details(error.details, language, with_server_words))


def _template(code: str, language: Language) -> str | None:
    catalogues = (language.sentences, languages()[DEFAULT].sentences)
    found = (sentences.get(f"{table}.{code}") for sentences in catalogues for table in TABLES)
    return next((template for template in found if template is not None), None)


def _details(details: Mapping[str, Any], language: Language, with_server_words: bool) -> dict[str, str]:
    texts = {
        name: _field(value, language) if name in _NAMES else _text(value, language, with_server_words)
        for name, value in details.items()
    }
    if SAID in texts:
        is_shown = texts[SAID] and with_server_words
        texts[SAID] = (_template(SERVER_SAYS, language) or "").format(said=texts[SAID]) if is_shown else ""
    return texts


def _text(value: Any, language: Language, with_server_words: bool) -> str:
    if isinstance(value, CrisismapError):
        return sentence(value, language, with_server_words=with_server_words)
    if isinstance(value, list | tuple):
        return ", ".join(_text(each, language, with_server_words) for each in value)
    return str(value)


def _field(name: str, language: Language) -> str:
    """Return a field's name: in English as in the API, in other languages as a translated label."""
    if language.code == DEFAULT:
        return name
    labels = (language.sentences.get(f"problem_field.{part}") for part in (name, name.rpartition(".")[2]))
    return next((label for label in labels if label is not None), name)

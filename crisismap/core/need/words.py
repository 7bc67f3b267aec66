"""Words of need: the concepts of all languages, searched in one pass over a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import ahocorasick

from crisismap.core.errors import Misconfigured
from crisismap.core.need.plain import END, plain

BUT = "but"  # words that begin a clause of another truth value
COMMON = "common"  # words of every second sentence, which tell the language of a text
GAP = "~"  # up to two words may stand between its neighbours
OR = "|"  # between words of which one stands there
_BETWEEN = 2
_BEGUN = 2  # beginnings that may still be continued; a text that repeats a word a thousand times has many
UNSPACED = 24  # letters of a word from which words are searched inside it


class Hit(NamedTuple):
    """A concept found in a plain text: from `start` to before `end`, in the languages of a bit mask."""

    start: int
    end: int
    concept: int
    languages: int


class _Piece(NamedTuple):
    patterns: tuple[str, ...]  # each begins with a space; it ends with one where the word ends
    far: bool  # whether other words may stand before it


@dataclass(slots=True)
class _Found:
    """What ends where a pattern ends: whole entries, and pieces of longer ones."""

    length: int
    whole: list[tuple[int, int]] = field(default_factory=list)  # concept, languages
    pieces: list[tuple[int, int]] = field(default_factory=list)  # entry of several pieces, position

    def add(self, concept: int, language: int) -> None:
        """Add a whole entry; languages that have it for the same concept are one."""
        for at, (known, languages) in enumerate(self.whole):
            if known == concept:
                self.whole[at] = concept, languages | language
                return
        self.whole.append((concept, language))


def _found_at(patterns: dict[str, _Found], pattern: str) -> _Found:
    return patterns.setdefault(pattern, _Found(len(pattern.rstrip(" "))))


class Words:
    """All words of need of a deployment. Immutable and thread-safe after creation."""

    def __init__(self, files: Iterable[tuple[str, Mapping[str, Any]]], concepts: Sequence[str]) -> None:
        """Build the search from TOML tables by file name. Raises Misconfigured naming file and concept."""
        self.concepts = tuple(concepts)
        self.languages: list[str] = []
        self._entries: list[tuple[int, int, tuple[_Piece, ...]]] = []  # concept, languages, pieces
        numbers = {name: number for number, name in enumerate(self.concepts)}
        patterns: dict[str, _Found] = {}
        for name, table in files:
            bit = 1 << len(self.languages)
            language = table.get("language", {})
            self.languages.append(str(language.get("code", name)))
            prefixes = tuple(plain(prefix).strip() for prefix in language.get("prefixes", ()))
            lists = dict(table.get("concepts", {}))
            lists[BUT], lists[COMMON] = language.get("but", ()), language.get("common", ())
            for concept, entries in lists.items():
                if concept not in numbers:
                    raise Misconfigured("concept_unknown", file=name, given=repr(concept))
                for entry in entries:
                    self._add(patterns, numbers[concept], bit, read_entry(entry, name), prefixes)
        self.english = 1 << self.languages.index("en") if "en" in self.languages else 0  # people of all mix it in
        self._automaton = ahocorasick.Automaton()
        for pattern, found in patterns.items():
            self._automaton.add_word(pattern, (found.length, tuple(found.whole), tuple(found.pieces)))
        self._automaton.make_automaton()

    def _add(
        self,
        patterns: dict[str, _Found],
        concept: int,
        language: int,
        pieces: tuple[_Piece, ...],
        prefixes: tuple[str, ...],
    ) -> None:
        firsts = [f" {prefix}{first[1:]}" for first in pieces[0].patterns for prefix in ("", *prefixes)]
        if len(pieces) == 1:
            for pattern in firsts:
                _found_at(patterns, pattern).add(concept, language)
            return
        entry = len(self._entries)
        self._entries.append((concept, language, pieces))
        for position, piece in enumerate(pieces):
            for pattern in firsts if position == 0 else piece.patterns:
                _found_at(patterns, pattern).pieces.append((entry, position))

    def find(self, text: str) -> list[Hit]:
        """Return all hits in a `plain` text, in the order of their ends."""
        hits: list[Hit] = []
        if not len(self._automaton):
            return hits
        begun: dict[tuple[int, int], list[tuple[int, int]]] = {}  # (entry, position): start and end of what fits so far
        for last, (length, whole, pieces) in self._automaton.iter(text):
            end = last if text[last] == " " and last else last + 1
            start = end - length
            for concept, languages in whole:
                hits.append(Hit(start, end, concept, languages))
            for entry, position in pieces:
                self._continue(text, hits, begun, entry, position, start, end)
        return hits

    def _continue(
        self,
        text: str,
        hits: list[Hit],
        begun: dict[tuple[int, int], list[tuple[int, int]]],
        entry: int,
        position: int,
        start: int,
        end: int,
    ) -> None:
        """Take a piece of an entry into account: as its beginning, or behind pieces that it continues."""
        concept, languages, pieces = self._entries[entry]
        if position == 0:
            begun.setdefault((entry, 0), []).append((start, end))
            return
        for first, before in begun.get((entry, position - 1), ())[-_BEGUN:]:
            if before > start:
                continue
            between = text[before:start]
            words = between.count(" ")
            if END in between or words > (_BETWEEN if pieces[position].far else 0):
                continue
            if position == len(pieces) - 1:
                hits.append(Hit(first, end, concept, languages))
                return
            begun.setdefault((entry, position), []).append((first, end))


def read_entry(entry: object, file: str) -> tuple[_Piece, ...]:
    """Return the pieces of an entry. Raises Misconfigured for one without words.

    A piece is a run of words; it ends behind a word that may go on (`*`), at a gap, and around alternatives.
    """
    pieces: list[_Piece] = []
    words: list[str] = []
    far = False

    def close(*patterns: str) -> None:
        nonlocal far
        if patterns:
            pieces.append(_Piece(patterns, far))
            far = False

    def close_words(end: str = " ") -> None:
        close(*([f" {' '.join(words)}{end}"] if words else []))
        words.clear()

    for word in str(entry).split():
        if word == GAP:
            close_words()
            far = bool(pieces)
        elif OR in word:
            close_words()
            close(*(f" {stem}{'' if each.endswith('*') else ' '}" for each in word.split(OR) if (stem := _stem(each))))
        elif stem := _stem(word):
            words.append(stem)
            if word.endswith("*"):
                close_words("")
    close_words()
    if not pieces:
        raise Misconfigured("entry_empty", file=file, given=repr(entry))
    return tuple(pieces)


def _stem(word: str) -> str:
    return " ".join(plain(word.rstrip("*")).replace(END, " ").split())


def texts_of(words: Words, text: str) -> Iterator[tuple[str, str]]:
    """Yield concept and words of each hit in a plain text; for pages and tools."""
    for hit in words.find(text):
        yield words.concepts[hit.concept], text[hit.start : hit.end].strip()

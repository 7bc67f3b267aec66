"""Words of need: the concepts of all languages, searched in one pass over a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, NamedTuple

import ahocorasick

from crisismap.core.errors import Misconfigured
from crisismap.core.need.plain import END, plain

BUT = "but"  # words that begin a clause of another truth value
COMMON = "common"  # words of every second sentence, which tell the language of a text
GAP = "~"  # up to two words may stand between its neighbours
OR = "|"  # between words of which one stands there
_BETWEEN = 2
_OPEN_LETTERS = 3  # of a stem that may have an ending: "haha*" is squeezed to two letters, and begins every second word
_PREFIXED = "\u0600"  # from this letter on scripts write prefixes as part of the word
_REACH = 40  # letters behind which a beginning of an entry is no longer continued
_JOINED = re.compile(r"[^\s\d]{18,}")  # a word as long as a sentence
_JOINED_LETTERS = 5  # of an entry to be searched inside such a word: shorter ones stand there by chance


class Hit(NamedTuple):
    """A concept found in a plain text: from `start` to before `end`, in the languages of a bit mask."""

    start: int
    end: int
    concept: int
    languages: int


_Concepts = tuple[tuple[int, int], ...]  # each with its languages
_Way = tuple[int, tuple[str, ...], bool]  # from a step by some patterns, near or far


class _Piece(NamedTuple):
    patterns: tuple[str, ...]  # each begins with a space; it ends with one where the word ends
    far: bool  # whether other words may stand before it


@dataclass(slots=True, eq=False)
class _Step:
    """What is known behind some pieces of entries: the concepts of those that end here, and what may follow."""

    concepts: dict[int, int] = field(default_factory=dict)  # with the languages of each
    following: dict[int, list[tuple[int, _Step]]] = field(default_factory=dict)
    """By the number of the next pattern: how many words may stand before it, and the step behind it."""


def _merged(steps: Sequence[_Step]) -> _Step:
    """Return one step that stands for several, so that a word with which many entries begin is one beginning."""
    merged = _Step()
    for step in steps:
        for concept, languages in step.concepts.items():
            merged.concepts[concept] = merged.concepts.get(concept, 0) | languages
        for number, steps_behind in step.following.items():
            merged.following.setdefault(number, []).extend(steps_behind)
    return merged


class Words:
    """All words of need of a deployment. Immutable and thread-safe after creation."""

    def __init__(self, files: Iterable[tuple[str, Mapping[str, Any]]], concepts: Sequence[str]) -> None:
        """Build the search from TOML tables by file name. Raises Misconfigured naming file and concept."""
        self.concepts = tuple(concepts)
        self.languages: list[str] = []
        self._first = _Step()
        self._patterns: dict[str, int] = {}
        made: dict[_Way, _Step] = {}
        stem_of = cache(_stem)  # most words stand in many entries
        numbers = {name: number for number, name in enumerate(self.concepts)}
        prefixed: dict[str, frozenset[str]] = {}  # patterns before which a word may have a prefix
        for name, table in files:
            bit = 1 << len(self.languages)
            language = table.get("language", {})
            self.languages.append(str(language.get("code", name)))
            prefixes = frozenset(_stem(prefix) for prefix in language.get("prefixes", ()))
            lists = dict(table.get("concepts", {}))
            lists[BUT], lists[COMMON] = language.get("but", ()), language.get("common", ())
            for concept, entries in lists.items():
                if concept not in numbers:
                    raise Misconfigured("concept_unknown", file=name, given=repr(concept))
                for entry in _entries(entries):
                    pieces = read_entry(entry, name, stem_of)
                    if prefixes:
                        prefixed.update((each, prefixes) for each in pieces[0].patterns if each[1] >= _PREFIXED)
                    step = self._behind(made, pieces)
                    step.concepts[numbers[concept]] = step.concepts.get(numbers[concept], 0) | bit
        self.english = 1 << self.languages.index("en") if "en" in self.languages else 0  # people of all mix it in
        self._automaton = ahocorasick.Automaton()
        later = {number for step in made.values() for number in step.following}
        for pattern, number in self._patterns.items():
            firsts = self._first.following.get(number, ())
            step = firsts[0][1] if len(firsts) == 1 else _merged([step for _, step in firsts])
            begun = step.following or None
            length = len(pattern.rstrip(" "))
            found: _Concepts = tuple(step.concepts.items())
            self._automaton.add_word(pattern, (length, found, number if number in later else None, begun, None))
            if pattern in prefixed:
                self._automaton.add_word(pattern[1:], (length - 1, found, None, begun, prefixed[pattern]))
        self._automaton.make_automaton()

    def _behind(self, made: dict[_Way, _Step], pieces: tuple[_Piece, ...]) -> _Step:
        """Return the step behind an entry; entries share the pieces with which they begin."""
        step = self._first
        for piece in pieces:
            key = id(step), piece.patterns, piece.far
            if key not in made:
                made[key] = _Step()
                for pattern in piece.patterns:
                    number = self._patterns.setdefault(pattern, len(self._patterns))
                    step.following.setdefault(number, []).append((_BETWEEN if piece.far else 0, made[key]))
            step = made[key]
        return step

    def find(self, text: str) -> list[Hit]:
        """Return all hits in a `plain` text, in the order of their ends."""
        hits: list[Hit] = []
        if not self._patterns:
            return hits
        begun: list[_Begun] = []
        for last, (length, concepts, number, first, prefixes) in self._automaton.iter(text):
            end = last if text[last] == " " else last + 1
            start = end - length
            if prefixes is not None:
                word = text.rfind(" ", 0, start)
                if text[word + 1 : start] not in prefixes:
                    continue
                start = word
            for concept, languages in concepts:
                hits.append(Hit(start, end, concept, languages))
            if number is not None and begun and begun[-1][2] >= start - _REACH:
                _continue_all(text, number, (start, end), hits, begun)
            if first is not None:
                begun.append((first, start, end))
        if (joined := _JOINED.search(text)) is not None:
            hits += self._find_joined(text, joined.start())
        return hits

    def _find_joined(self, text: str, start: int) -> Iterator[Hit]:
        """Yield hits inside words so long that somebody typed a sentence without spaces."""
        if not len(self._inside):
            return
        for word in _JOINED.finditer(text, start):
            for last, (length, concepts) in self._inside.iter(word[0]):
                end = word.start() + last + 1
                for concept, languages in concepts:
                    yield Hit(end - length, end, concept, languages)

    @cached_property
    def _inside(self) -> ahocorasick.Automaton:
        """The search for entries without their spaces; made when the first joined text arrives."""
        automaton = ahocorasick.Automaton()
        for pattern, number in self._patterns.items():
            joined = pattern.replace(" ", "")
            concepts = tuple(_merged([step for _, step in self._first.following.get(number, ())]).concepts.items())
            if concepts and len(joined) >= _JOINED_LETTERS:
                automaton.add_word(joined, (len(joined), concepts))
        automaton.make_automaton()
        return automaton


_Begun = tuple[dict[int, list[tuple[int, _Step]]], int, int]  # what may follow; start and end of what was found


def _continue_all(text: str, number: int, found: tuple[int, int], hits: list[Hit], begun: list[_Begun]) -> None:
    """Take a pattern into account for everything that it may continue."""
    start = found[0]
    for following, begin, before in reversed(begun):
        if before < start - _REACH:
            return
        if number in following and before <= start:
            _continue(text, (following[number], begin, before), found, hits, begun)


def _continue(
    text: str,
    so_far: tuple[list[tuple[int, _Step]], int, int],
    found: tuple[int, int],
    hits: list[Hit],
    begun: list[_Begun],
) -> None:
    """Take a pattern into account that continues what has been found of an entry, if it is near enough."""
    (following, begin, before), (start, end) = so_far, found
    between = text[before:start]
    if END in between:
        return
    words = between.count(" ")
    for most, behind in following:
        if words <= most:
            hits.extend(Hit(begin, end, concept, languages) for concept, languages in behind.concepts.items())
            if behind.following:
                begun.append((behind.following, begin, end))


def _stem(word: str) -> str:
    return " ".join(plain(word.rstrip("*")).replace(END, " ").split())


def _entries(listed: object) -> list[str]:
    """Return the entries of a list, or of a text in which they are separated by commas: that is read much faster."""
    if isinstance(listed, str):
        return [entry for line in listed.splitlines() for each in line.split(",") if (entry := each.strip())]
    return [str(entry) for entry in listed] if isinstance(listed, list | tuple) else []


def read_entry(entry: str, file: str, stem_of: Callable[[str], str] = _stem) -> tuple[_Piece, ...]:
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

    for word in entry.split():
        if word == GAP:
            close_words()
            far = bool(pieces)
        elif OR in word:
            close_words()
            close(
                *(
                    f" {stem}{'' if each.endswith('*') and len(stem) >= _OPEN_LETTERS else ' '}"
                    for each in word.split(OR)
                    if (stem := stem_of(each))
                )
            )
        elif stem := stem_of(word):
            words.append(stem)
            if word.endswith("*") and len(stem) >= _OPEN_LETTERS:
                close_words("")
    close_words()
    if not pieces:
        raise Misconfigured("entry_empty", file=file, given=repr(entry))
    return tuple(pieces)


def texts_of(words: Words, text: str) -> Iterator[tuple[str, str]]:
    """Yield concept and words of each hit in a plain text; for pages and tools."""
    for hit in words.find(text):
        yield words.concepts[hit.concept], text[hit.start : hit.end].strip()

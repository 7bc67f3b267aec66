"""Words of need: the concepts of all languages, searched in one pass over a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache, reduce
from typing import Any, NamedTuple

from crisismap.core.errors import Misconfigured
from crisismap.core.need.plain import END, plain

BUT = "but"  # words that begin a clause of another truth value
COMMON = "common"  # words of every second sentence, which tell the language of a text
GAP = "~"  # up to two words may stand between its neighbours
OR = "|"  # between words of which one stands there
ANY_ENDING = "*"
_BETWEEN = 2
_OPEN_LETTERS = 3  # of a stem that may have an ending: "haha*" is squeezed to two letters, and begins every second word
_PREFIXED = "\u0600"  # from this letter on scripts write prefixes as part of the word
_JOINED_WORD = 18  # letters of a word as long as a sentence
_JOINED = re.compile(rf"[^\s\d]{{{_JOINED_WORD},}}")
_JOINED_READ = 2_000  # letters of a text; each is compared with some thirty entries
_JOINED_LETTERS = 5  # of an entry to be searched inside such a word: shorter ones stand there by chance
_WORDS_KEPT = 1 << 16  # of the texts, with what is known of each: most words of a text were met before


class Hit(NamedTuple):
    """A concept found in a plain text: from `start` to before `end`, in the languages of a bit mask."""

    start: int  # of the space before its first word
    end: int
    concept: int
    languages: int


Piece = tuple[tuple[tuple[str, ...], ...], bool]
"""Alternatives, each of some words, and whether other words may stand before; a word with any ending has its `*`."""
_Concepts = tuple[tuple[int, int], ...]  # each with its languages
_Following = dict[int, "_Step"]  # by the number of the next word


class _Step(NamedTuple):
    """What is known behind some words of entries: the concepts of those that end here, and what may follow."""

    concepts: _Concepts
    near: _Following | None  # at once
    far: _Following | None  # or behind up to two other words


class _Word(NamedTuple):
    """What is known of a word: its numbers as a later word of an entry, its own concepts, and what may follow."""

    numbers: tuple[int, ...]
    concepts: tuple[tuple[int, int, int], ...]  # the letters with the space before, concept, languages
    near: _Following | None
    far: _Following | None


_UNKNOWN = _Word((), (), None, None)


class _Building:
    """A step while words are read, with what follows by word."""

    __slots__ = ("concepts", "far", "near", "shared")

    def __init__(self, shared: bool = False) -> None:
        self.concepts: dict[int, int] = {}
        self.near: dict[str, list[_Building]] | None = None
        self.far: dict[str, list[_Building]] | None = None
        self.shared = shared  # by several words of which one stands there

    def following(self, far: bool) -> dict[str, list[_Building]]:
        """Return what follows, at once or behind other words, to add to it."""
        if far:
            self.far = {} if self.far is None else self.far
            return self.far
        self.near = {} if self.near is None else self.near
        return self.near

    def behind(self, words: Iterable[str], far: bool) -> _Building:
        """Return the step behind some words of an entry; entries share the words with which they begin."""
        step = self
        for word in words:
            steps = step.following(far).setdefault(word, [])
            step = next((own for own in steps if not own.shared), None) or _Building()
            if step not in steps:
                steps.append(step)
            far = False
        return step


class Words:
    """All words of need of a deployment. Immutable and thread-safe after creation."""

    def __init__(self, files: Iterable[tuple[str, Mapping[str, Any]]], concepts: Sequence[str]) -> None:
        """Build the search from TOML tables by file name. Raises Misconfigured naming file and concept."""
        self.concepts = tuple(concepts)
        self.languages: list[str] = []
        self._prefixes: dict[str, frozenset[str]] = {}  # words of entries before which letters may be written on
        self._joined: dict[str, dict[int, int]] = {}  # entries without their spaces
        self._longest_joined = 0
        first = _Building()
        shared: dict[tuple[int, Piece], _Building] = {}
        plain_of = cache(_plain_words)  # most words stand in many entries
        numbers = {name: number for number, name in enumerate(self.concepts)}
        for name, table in files:
            bit = 1 << len(self.languages)
            language = table.get("language", {})
            self.languages.append(str(language.get("code", name)))
            prefixes = frozenset(" ".join(plain_of(prefix)) for prefix in language.get("prefixes", ()))
            lists = dict(table.get("concepts", {}))
            lists[BUT], lists[COMMON] = language.get("but", ()), language.get("common", ())
            for concept, entries in lists.items():
                if concept not in numbers:
                    raise Misconfigured("concept_unknown", file=name, given=repr(concept))
                number = numbers[concept]
                for entry in _entries(entries):
                    pieces = read_entry(entry, name, plain_of)
                    if prefixes:
                        begins = (words[0] for words in pieces[0][0])
                        self._prefixes.update((word, prefixes) for word in begins if word[0] >= _PREFIXED)
                    self._add_joined(pieces, number, bit)
                    step = first
                    for piece in pieces:
                        step = _behind(step, piece, shared)
                    step.concepts[number] = step.concepts.get(number, 0) | bit
        self.english = 1 << self.languages.index("en") if "en" in self.languages else 0  # people of all mix it in
        build = _Builder()
        self._first = {word: build.one_of(steps) for word, steps in (first.near or {}).items()}
        self._numbers = build.numbers
        self._letters = [len(_letters(word)) + 1 for word in self._numbers]
        self._longest_prefix = max((len(each) for some in self._prefixes.values() for each in some), default=0)
        self._longest = 1 + self._longest_prefix + max(map(len, (*self._first, *self._numbers)), default=0)
        self._known = lru_cache(_WORDS_KEPT)(self._look_up)

    def find(self, text: str) -> list[Hit]:
        """Return all hits in a `plain` text."""
        hits: list[Hit] = []
        if not self._first:
            return hits
        words = text.split(" ")[1:-1]
        longest = max(map(len, words))
        # A longer word than any entry is looked up by its beginning, so that nobody fills the memory with one.
        asked = words if longest <= self._longest else [word[: self._longest] for word in words]
        known = list(map(self._known, asked))
        starts: list[int] = []
        start = 0
        for word in words:
            starts.append(start)
            start += len(word) + 1
        whole = _Text(words, known, starts)
        last = len(words) - 1
        for at, word_known in enumerate(known):
            if word_known is _UNKNOWN:
                continue
            _, concepts, near, far = word_known
            start = starts[at]
            for letters, concept, languages in concepts:
                hits.append(Hit._make((start, start + letters, concept, languages)))
            if (near is not None or far is not None) and at < last:
                self._follow(whole, at, near, far, start, hits)
        if longest >= _JOINED_WORD:
            hits += self._find_joined(text)
        return hits

    def _follow(
        self, text: _Text, at: int, near: _Following | None, far: _Following | None, start: int, hits: list[Hit]
    ) -> None:
        """Add the hits of entries that began at `start` and of which the word number `at` has been found."""
        words, known, _ = text
        last = len(words) - 1
        if near is not None and at < last:
            for number in known[at + 1].numbers:
                if number in near:
                    self._add(text, at + 1, number, near[number], start, hits)
        if far is not None:
            for later in range(at + 1, min(at + 1 + _BETWEEN, last) + 1):
                if words[later] == END:
                    return
                for number in known[later].numbers:
                    if number in far:
                        self._add(text, later, number, far[number], start, hits)

    def _add(self, text: _Text, at: int, number: int, step: _Step, start: int, hits: list[Hit]) -> None:
        """Add the hits of entries of which the word number `at` has been found behind others."""
        end = text.starts[at] + self._letters[number]
        for concept, languages in step.concepts:
            hits.append(Hit._make((start, end, concept, languages)))
        if step.near is not None or step.far is not None:
            self._follow(text, at, step.near, step.far, start, hits)

    def _look_up(self, word: str) -> _Word:
        """Return what is known of a word of a text."""
        forms = [word, *(f"{word[:length]}{ANY_ENDING}" for length in range(_OPEN_LETTERS, len(word) + 1))]
        begun = [(0, form) for form in forms if form in self._first]
        if word[:1] >= _PREFIXED and self._prefixes:
            for length in range(1, min(self._longest_prefix + 1, len(word))):
                rest = word[length:]
                forms_of_rest = (rest, *(f"{rest[:n]}{ANY_ENDING}" for n in range(_OPEN_LETTERS, len(rest) + 1)))
                begun += [(length, form) for form in forms_of_rest if word[:length] in self._prefixes.get(form, ())]
        numbers = tuple(self._numbers[form] for form in forms if form in self._numbers)
        if not begun:
            return _Word(numbers, (), None, None) if numbers else _UNKNOWN
        steps = [(length + len(_letters(form)) + 1, self._first[form]) for length, form in begun]
        return _Word(
            numbers,
            tuple((letters, concept, bit) for letters, step in steps for concept, bit in step.concepts),
            reduce(_merged, (step.near for _, step in steps)),
            reduce(_merged, (step.far for _, step in steps)),
        )

    def _find_joined(self, text: str) -> Iterator[Hit]:
        """Yield hits inside words so long that somebody typed a sentence without spaces."""
        for word in _JOINED.finditer(text[:_JOINED_READ]):
            letters = word[0]
            for begin in range(len(letters) - _JOINED_LETTERS + 1):
                for end in range(begin + _JOINED_LETTERS, min(begin + self._longest_joined, len(letters)) + 1):
                    if (concepts := self._joined.get(letters[begin:end])) is not None:
                        for concept, languages in concepts.items():
                            yield Hit(word.start() + begin, word.start() + end, concept, languages)

    def _add_joined(self, pieces: Sequence[Piece], concept: int, bit: int) -> None:
        """Keep an entry without its spaces, if it has no gap; one of several words, if it has no alternatives."""
        if len(pieces) == 1:
            ways = ["".join(words) for words in pieces[0][0]]
        elif not any(far or len(alternatives) > 1 for alternatives, far in pieces):
            ways = ["".join(alternatives[0][0] for alternatives, _ in pieces)]
        else:
            return
        for way in ways:
            letters = _letters(way)
            if len(letters) >= _JOINED_LETTERS and ANY_ENDING not in letters:
                concepts = self._joined.setdefault(letters, {})
                concepts[concept] = concepts.get(concept, 0) | bit
                self._longest_joined = max(self._longest_joined, len(letters))


class _Text(NamedTuple):
    """The words of a text, what is known of each, and where it starts."""

    words: list[str]
    known: list[_Word]
    starts: list[int]


def _letters(word: str) -> str:
    return word.rstrip(ANY_ENDING)


def _behind(step: _Building, piece: Piece, shared: dict[tuple[int, Piece], _Building]) -> _Building:
    """Return the step behind a piece of an entry."""
    alternatives, far = piece
    if len(alternatives) == 1:
        return step.behind(alternatives[0], far)
    key = id(step), piece
    if key not in shared:
        shared[key] = _Building(shared=True)
        for *before, last in alternatives:
            step.behind(before, far).following(far and not before).setdefault(last, []).append(shared[key])
    return shared[key]


class _Builder:
    """Makes the steps to search by from those that were read; what is alike is made once."""

    def __init__(self) -> None:
        # The words behind the first of an entry: a word of a text is compared with these numbers only.
        self.numbers: dict[str, int] = {}
        self._made: dict[int, _Step] = {}
        self._ends: dict[_Concepts, _Step] = {}

    def one_of(self, steps: Sequence[_Building]) -> _Step:
        """Return one step that stands for several."""
        return reduce(_both, (self._of(step) for step in steps))

    def _of(self, step: _Building) -> _Step:
        if step.near is None and step.far is None:
            concepts = tuple(step.concepts.items())
            return self._ends.setdefault(concepts, _Step(concepts, None, None))
        if id(step) not in self._made:
            made = _Step(tuple(step.concepts.items()), self._following(step.near), self._following(step.far))
            self._made[id(step)] = made
        return self._made[id(step)]

    def _following(self, steps: Mapping[str, Sequence[_Building]] | None) -> _Following | None:
        if not steps:
            return None
        numbers = self.numbers
        return {numbers.setdefault(word, len(numbers)): self.one_of(behind) for word, behind in steps.items()}


def _both(one: _Step, other: _Step) -> _Step:
    concepts = dict(one.concepts)
    for concept, languages in other.concepts:
        concepts[concept] = concepts.get(concept, 0) | languages
    return _Step(tuple(concepts.items()), _merged(one.near, other.near), _merged(one.far, other.far))


def _merged(one: _Following | None, other: _Following | None) -> _Following | None:
    if one is None or other is None:
        return one or other
    return one | {number: _both(one[number], step) if number in one else step for number, step in other.items()}


def _plain_words(word: str) -> tuple[str, ...]:
    """Return the plain words of a word of an entry; the last one keeps its `*`."""
    words = plain(word.rstrip(ANY_ENDING)).replace(END, " ").split()
    if words and word.endswith(ANY_ENDING) and len(words[-1]) >= _OPEN_LETTERS:
        words[-1] += ANY_ENDING
    return tuple(words)


def _entries(listed: object) -> list[str]:
    """Return the entries of a list, or of a text in which they are separated by commas: that is read much faster."""
    if isinstance(listed, str):
        return [entry for line in listed.splitlines() for each in line.split(",") if (entry := each.strip())]
    return [str(entry) for entry in listed] if isinstance(listed, list | tuple) else []


def read_entry(entry: str, file: str, plain_of: Callable[[str], tuple[str, ...]] = _plain_words) -> tuple[Piece, ...]:
    """Return the pieces of an entry: a word each, or alternatives. Raises Misconfigured for one without words."""
    pieces: list[Piece] = []
    far = False
    for word in entry.split():
        if word == GAP:
            far = bool(pieces)
        elif OR in word:
            alternatives = tuple(words for each in word.split(OR) if (words := plain_of(each)))
            if alternatives:
                pieces.append((alternatives, far))
                far = False
        else:
            for each in plain_of(word):
                pieces.append((((each,),), far))
                far = False
    if not pieces:
        raise Misconfigured("entry_empty", file=file, given=repr(entry))
    return tuple(pieces)


def texts_of(words: Words, text: str) -> Iterator[tuple[str, str]]:
    """Yield concept and words of each hit in a plain text; for pages and tools."""
    for hit in words.find(text):
        yield words.concepts[hit.concept], text[hit.start : hit.end].strip()

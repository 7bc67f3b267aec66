"""Which concepts count in which sentence of a text: those of its languages, without what longer phrases take away.

Hits come from `words`; what they mean together is decided by the detector.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

from crisismap.core.need.plain import END
from crisismap.core.need.rules import BITS, CONCEPTS
from crisismap.core.need.words import COMMON, Hit

_NEAR = 3  # words between a denial and what it denies
MODIFIERS = frozenset(
    {
        "nobody",
        "denial",
        "safe",
        "past",
        "recent",
        "hearsay",
        "question",
        "offer",
        "thanks",
        "exercise",
        "news",
        "art",
        "advice",
    }
)
_MODIFIER = [name in MODIFIERS for name in CONCEPTS]
BIT = [BITS[name] for name in CONCEPTS]
_NOBODY, _DENIAL, _BUT = BITS["nobody"], BITS["denial"], BITS["but"]
_COMMON = CONCEPTS.index(COMMON)
_COMMON_WEIGHT = 6  # as a concept of so many letters
_ENGLISH_LETTERS, _OTHER_LETTERS = 4, 7  # of a word of another language than the text's, which people mix in
_BODY = CONCEPTS.index("nobody")
_WEAK = (_BODY, CONCEPTS.index("cry"), CONCEPTS.index("help"))  # the "help" of "first aid post" is no cry
_LACK, _PERSON = CONCEPTS.index("lack"), CONCEPTS.index("person")
_OF_PEOPLE = {CONCEPTS.index(name) for name in ("trapped", "drowning", "injury", "bleeding", "missing", "homeless")}
# Letters in which no language with a file is written: Greek, Bengali to Gujarati, Telugu to Khmer, East Asia.
_FOREIGN_SCRIPT = re.compile(
    "[\u0370-\u03ff\u0530-\u05ff\u0980-\u0b7f\u0c00-\u0eff\u0f00-\u17ff\u3040-\u9fff\uac00-\ud7af]{2}"
)
_MANY = 120  # hits
_FOREIGN_WORDS = 6  # of a text from which its language can be told
_WORDS_A_COMMON = 20  # in a language with a file there are more common words than one in so many
_KNOWN_SHARE = 0.25  # of the letters


def union(masks: Iterable[int]) -> int:
    """Return the concepts of all masks."""
    return reduce(or_, masks, 0)


def counted(hits: list[Hit], english: int) -> list[list[Hit]]:
    """Return the hits that count, in their order where they are many: those of a very long text in several parts.

    They are compared with each other, so that much work is bounded.
    """
    if not hits:
        return []
    kept = _of_languages(hits, english)
    if len(kept) <= _MANY:
        return [_without_contained(kept)]
    kept.sort()
    return [_without_contained(kept[at : at + _MANY]) for at in range(0, len(kept), _MANY)]


def masks_of(text: str, parts: Sequence[list[Hit]]) -> tuple[tuple[int, ...], bool]:
    """Return the concepts of each sentence of a `plain` text, by its hits that count, and whether any is denied."""
    found = [_by_sentence(text, hits) for hits in parts]
    if len(found) == 1:
        return found[0]
    return tuple(sorted({mask for masks, _ in found for mask in masks})), any(denied for _, denied in found)


def is_foreign(text: str, hits: list[Hit]) -> bool:
    """Return whether a text is probably in a language without a file: hardly any of its words are known."""
    if _FOREIGN_SCRIPT.search(text) is not None:
        return True
    words = [word for word in text.split() if not word.isdecimal()]  # an address is in every language
    if len(words) < _FOREIGN_WORDS:
        return False
    if sum(hit.concept == _COMMON for hit in hits) * _WORDS_A_COMMON >= len(words):
        return False
    known = {at for hit in hits for at in range(hit.start, hit.end)}
    return len(known) < sum(map(len, words)) * _KNOWN_SHARE


def _of_languages(hits: list[Hit], english: int) -> list[Hit]:
    """Return the hits of the languages that the text is in, and those of others that are too long for a chance.

    Fourteen languages share one search, and "la" means now in one and nothing in four.
    """
    scores: dict[int, int] = {}
    for hit in hits:
        length, languages = hit.end - hit.start, hit.languages
        weight = _COMMON_WEIGHT if hit.concept == _COMMON else length
        while languages:
            bit = languages & -languages
            scores[bit] = scores.get(bit, 0) + weight
            languages ^= bit
    best = max(scores.values())
    first = next(bit for bit, score in scores.items() if score == best)
    chosen = sum(bit for bit, score in scores.items() if 2 * score > best)
    kept = []
    for hit in hits:
        if hit.concept == _COMMON:
            continue
        if not hit.languages & chosen:
            least = _ENGLISH_LETTERS if hit.languages & english else _OTHER_LETTERS
            if hit.end - hit.start <= least or _MODIFIER[hit.concept]:
                continue
        elif not hit.languages & first and hit.end - hit.start <= _ENGLISH_LETTERS:
            continue
        kept.append(hit)
    return kept


def _without_contained(hits: list[Hit]) -> list[Hit]:
    """Return the hits without those that a longer phrase of the other kind contains.

    The "no" of "no way out" denies nothing, and the "evacuate" of "were evacuated" asks for nothing.
    """
    kinds = [_MODIFIER[hit.concept] for hit in hits]
    if True not in kinds and not any(hit.concept in _WEAK for hit in hits):
        return hits
    kept = []
    for hit, modifier in zip(hits, kinds, strict=True):
        length = hit.end - hit.start
        for other, kind in zip(hits, kinds, strict=True):
            if (
                (kind != modifier or hit.concept in _WEAK)
                and other.end - other.start > length
                and (
                    (other.start <= hit.start and hit.end <= other.end)
                    or (hit.concept == _BODY and not kind and other.start < hit.end and hit.start < other.end)
                )
            ):
                break
        else:
            kept.append(hit)
    return kept


def _by_sentence(text: str, hits: list[Hit]) -> tuple[tuple[int, ...], bool]:
    ends = [at for at, letter in enumerate(text) if letter == END] if END in text else []
    ends += [hit.start for hit in hits if BIT[hit.concept] == _BUT]
    ends.sort()
    masks: dict[int, int] = {}
    denials = [hit for hit in hits if hit.concept == _BODY]
    denied = False
    lacks = [hit for hit in hits if hit.concept == _LACK]
    # "No people trapped" lacks people: it denies as nobody does.
    nobodies = [p for p in hits if lacks and p.concept == _PERSON and any(_near(text, lack, p, 0) for lack in lacks)]
    for hit in hits:
        sentence = bisect.bisect_right(ends, hit.start)
        if denials and not _MODIFIER[hit.concept] and any(_denies(text, denial, hit) for denial in denials):
            denied = True
            continue
        if nobodies and hit.concept in _OF_PEOPLE and any(_near(text, each, hit, 1) for each in nobodies):
            denied = True
            continue
        masks[sentence] = masks.get(sentence, 0) | BIT[hit.concept]
    kept = []
    for mask in masks.values():
        if mask & _DENIAL:
            denied = True
            mask &= ~_NEEDY
        kept.append(mask & ~_NOBODY)
    return tuple(sorted(set(kept))), denied


_NEEDY = sum(BITS[name] for name in CONCEPTS if name not in MODIFIERS)


def _denies(text: str, denial: Hit, hit: Hit) -> bool:
    return _near(text, denial, hit, _NEAR) if denial.start < hit.start else _near(text, hit, denial, _NEAR)


def _near(text: str, first: Hit, second: Hit, words: int) -> bool:
    """Return whether one hit follows another in the same sentence with at most so many words between."""
    if first.end > second.start + 1 and first.start < second.end:
        return False
    between = text[first.end : second.start]
    return first.start <= second.start and END not in between and between.count(" ") <= words

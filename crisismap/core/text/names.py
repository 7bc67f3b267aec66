"""Names in any script, compared as people write them: without accents, in another Unicode form, in Latin letters.

A name written in another script is compared by its consonants, since vowels are written in many ways or not at all:
`Adyar` and அடையாறு, `Basra` and البصرة. The tables cover the scripts of the project's languages.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz

from crisismap.core.text.folding import PLAIN_SIGNS

LIKE_SOUND = 85.0  # similarity (0 to 100) of the consonants of two words that may be one
LIKE_NAME = 60.0  # similarity (0 to 100) of a name that is offered instead of an unknown one
_LONG_SOUND = 4  # consonants of a word that may differ in one of them
_TELLING_SOUND = 3  # consonants of a name that means one area without being written so

# Accents of Latin, Greek, Cyrillic, Arabic and Hebrew, and the dot of Indian scripts; vowel signs are letters.
_ACCENTS = (
    range(0x300, 0x370),
    range(0x483, 0x488),
    range(0x591, 0x5BE),
    range(0x610, 0x61B),
    range(0x64B, 0x660),
    (0x640, 0x670, 0x93C, 0x9BC, 0xA3C),
)
# Letters without a decomposition in Unicode that people write by the plain one beside it.
_LETTERS = {
    **dict(zip("đðøłıħŧƙɓɗəɛɔ", "ddolihtkbdeeo", strict=True)),
    **{"æ": "ae", "œ": "oe", "þ": "th", "ŋ": "ng"},
    **dict.fromkeys("أإآٱ", "ا"),
    **dict(zip("ىیئکةۀؤ", "يييكههو", strict=True)),
}
_DIGITS = {
    zero + number: str(number) for zero in (0x660, 0x6F0, 0x966, 0x9E6, 0xBE6, 0xC66, 0xE50) for number in range(10)
}
_TABLE = {
    **dict.fromkeys((code for codes in _ACCENTS for code in codes), ""),
    **{ord(letter): plain for letter, plain in (_LETTERS | PLAIN_SIGNS).items()},
    **_DIGITS,
}
# Found by an expression: a table for all characters takes three times as long on texts that have few of these.
_ODD = re.compile(f"[{''.join(map(re.escape, map(chr, _TABLE)))}]")
_JOINED = re.compile(r"['`\u00b4\u02bb\u02bc\u2018\u2019.]")  # St. Mary's is St Marys
_BETWEEN = re.compile(r"[^\w\u0300-\u036f\u0900-\u0dff]+|_")

# Consonants by sound; what is not here (vowels, h, y, silent letters) has none.
_SOUNDS = {
    "k": "kgqكقغخگ\u0915\u0916\u0917\u0918க",
    "s": "sjzxcسصشجزظچژ\u091a\u091b\u091c\u091d\u0936\u0937\u0938சஜஷஸஶ",
    "t": "tdتدطضثذ\u091f\u0920\u0921\u0922\u0924\u0925\u0926\u0927டத",
    "p": "pbfبپف\u092a\u092b\u092c\u092dப",
    "m": "mم\u092eம",
    "n": "nن\u0919\u091e\u0923\u0928\u0902ஙஞணநன",
    "r": "rر\u0930றர",
    "l": "lل\u0932\u0933லளழ",
    "v": "vw\u0935வ",
}
_SOUND_OF = str.maketrans({letter: sound for sound, letters in _SOUNDS.items() for letter in letters})
_CLUSTERS = (
    # Digraphs of English, of the older Indonesian spelling, and of Tamil in Latin letters.
    (re.compile(r"zh"), "l"),
    (re.compile(r"[dt]j|tch|ch|c(?=[eiy])"), "s"),
    (re.compile(r"c|x(?=\w)"), "k"),
    (re.compile(r"ph"), "p"),
    (re.compile(r"(?<=[^\W_])w"), ""),  # a vowel in Arabic names: Yarmouk
    (re.compile(r"^ال(?=..)"), ""),
    (re.compile(r"ற்ற"), "ட"),
    (re.compile(r"क्ष"), "क"),
    (re.compile(r"[ँं](?=[पफबभम])"), "म"),
)
_ARTICLES = frozenset({"al", "el"})
_REPEATED = re.compile(r"(.)\1+")


def fold_accents(text: str) -> str:
    """Return a text folded for searching, without accents, and each letter as the one that phones write for it."""
    if not text.isascii():
        text = _ODD.sub(lambda found: _TABLE[ord(found[0])], unicodedata.normalize("NFKD", text.casefold()))
    return " ".join(text.casefold().split())


def name_key(name: str) -> str:
    """Return what names that people take for the same have in common: no accents, case, signs or double spaces."""
    folded = fold_accents(name)
    if folded.isascii() and folded.replace(" ", "").isalnum():
        return folded
    return " ".join(_BETWEEN.sub(" ", _JOINED.sub("", folded)).split())


def sounds(name: str) -> tuple[str, ...]:
    """Return the consonants of each word by sound, whatever its script; words without one are left out."""
    words = name_key(name).split()
    heard = [_sound(word) for word in words if len(words) == 1 or word not in _ARTICLES]
    return tuple(sound for sound in heard if sound)


def _sound(word: str) -> str:
    if word.isdecimal():
        return word
    for pattern, letter in _CLUSTERS:
        word = pattern.sub(letter, word)
    sound = "".join(each for each in word.translate(_SOUND_OF) if each in _SOUNDS or each.isdecimal())
    return _REPEATED.sub(r"\1", sound)


def sounds_like(query: str, name: str) -> bool:
    """Return whether every word of a query sounds like a word of a name in another script."""
    if not in_other_script(query, name):
        return False
    heard, others = sounds(query), sounds(name)
    return bool(heard) and all(any(_same_sound(one, other) for other in others) for one in heard)


def in_other_script(one: str, other: str) -> bool:
    """Return whether one name is in Latin letters and the other is not."""
    return name_key(one).isascii() != name_key(other).isascii()


def _same_sound(one: str, other: str) -> bool:
    if one == other:
        return True
    return min(len(one), len(other)) >= _LONG_SOUND and fuzz.ratio(one, other) >= LIKE_SOUND


def find_name(query: str, names: Sequence[Sequence[str]]) -> list[int]:
    """Return which entries have a name that the query means; `names` are all names and codes of each entry.

    As written goes before without accents, and that before by sound. A sound counts only between scripts, if it
    means one name and is not too short to mean many: it is a guess.
    """
    for key in (_as_written, name_key):
        wanted = key(query)
        found = [place for place, each in enumerate(names) if wanted and any(key(name) == wanted for name in each)]
        if found:
            return found
    return _by_sound(query, names)


def _as_written(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip()).casefold()


def _by_sound(query: str, names: Sequence[Sequence[str]]) -> list[int]:
    wanted = sounds(query)
    if sum(map(len, wanted)) < _TELLING_SOUND:
        return []
    found: dict[str, list[int]] = {}
    for place, each in enumerate(names):
        for name in each:
            if in_other_script(query, name) and sounds(name) == wanted:
                found.setdefault(name_key(name), []).append(place)
    return next(iter(found.values())) if len(found) == 1 else []


def near_names(query: str, names: Iterable[str], most: int = 5) -> list[str]:
    """Return the names most like a query that means none of them, best first; none that is wholly different."""
    wanted, heard = name_key(query), " ".join(sounds(query))
    scores: dict[str, float] = {}
    for name in dict.fromkeys(names):
        score = fuzz.ratio(wanted, name_key(name), score_cutoff=LIKE_NAME)
        if not score and in_other_script(query, name):
            score = fuzz.ratio(heard, " ".join(sounds(name)), score_cutoff=LIKE_SOUND)
        if score and wanted:
            scores[name] = score
    return sorted(scores, key=lambda name: (-scores[name], name))[:most]

"""Text in plain letters, so that a word is found however it was typed: accents, look-alikes, repeats, joined digits.

It has a table of letters of its own, not that of `core.text.names`: it runs on every report in one pass, ends
sentences, and gives Kazakh and Kyrgyz letters the Russian ones of a keyboard, which would make two names of places one.
"""

from __future__ import annotations

import re
import unicodedata

END = "\n"  # ends a sentence
_CRY = "\N{SQUARED SOS}"
_LOOK_ALIKES = str.maketrans("@4310$57", "aaeiosst")
_CYRILLIC = "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u043a\u043c\u0442\u0432\u043d\u0433\u0438"
_LATIN = "aeopcyxijkmtbhrn"
_AS_LATIN, _AS_CYRILLIC = str.maketrans(_CYRILLIC, _LATIN), str.maketrans(_LATIN, _CYRILLIC)
# Letters that people replace by a neighbour's keyboard: Kazakh and Kyrgyz by Russian, dotless i, Arabic by their base.
_LETTERS = {
    **dict(
        zip(
            "\u049b\u04a3\u04af\u04b1\u04e9\u04d9\u0456\u0493\u04bb\u04b3\u0451\u045e",
            "\u043a\u043d\u0443\u0443\u043e\u0430\u0438\u0433\u0445\u0445\u0435\u0443",
            strict=True,
        )
    ),
    **dict.fromkeys("\u0623\u0625\u0622\u0671", "\u0627"),
    "\u0649": "\u064a",
    "\u06cc": "\u064a",
    "\u06a9": "\u0643",
    "\u0629": "\u0647",
    "\u0640": "",
    "\u0901": "\u0902",
    "\u0131": "i",
    "\u00f8": "o",
    "\u0142": "l",
    "\u00e6": "ae",
    "\u0153": "oe",
    "\u00df": "s",
    "\ufe0f": "",
    _CRY: " sos ",
}
_ENDS = frozenset(".!?;\n\u0964\u0965\u061f\u061b\u3002\u2026\u2022")
_APOSTROPHES = frozenset("'\u2018\u2019\u02bc\u02bb`\u00b4")
_WIDTHLESS = frozenset({"Cf", "Cc"})
# Vowel signs are marks too, but without them a word of an Indian script is another word.
_ACCENTS = (range(0x300, 0x370), range(0x64B, 0x660), range(0x670, 0x671), range(0x93C, 0x93D), range(0x483, 0x488))


class _Table(dict[int, str]):
    """The plain form of each character, made when it is first met."""

    def __missing__(self, code: int) -> str:
        plain = self[code] = _plain_character(chr(code))
        return plain


def _plain_character(character: str) -> str:
    if character in _ENDS:
        return f" {END} "
    if character in _APOSTROPHES:
        return "'"
    if any(ord(character) in accents for accents in _ACCENTS):
        return ""
    for lower in character.casefold():
        if lower in _LETTERS:
            return _LETTERS[lower]
    kind = unicodedata.category(character)
    if kind in _WIDTHLESS:
        return " " if character.isspace() else ""
    if character.isalnum() or kind in ("Mn", "Mc"):
        folded = character.casefold()
        return str(unicodedata.digit(character)) if character.isdigit() and len(folded) == 1 else folded
    if character in "@$":
        return character  # perhaps a letter, see below
    if kind == "So" or kind == "Sk":
        return f" {character} "
    return " "


_TABLE = _Table()
_REPEATED = re.compile(r"([^\W\d_])\1+")
_ODD = r"[a-z](?:[@0134$57]+[a-z]|[\u0430-\u044f])|[\u0430-\u044f][a-z]|(?<!\S)[@$][a-z]{2}"
_DISGUISED = re.compile(_ODD)
_SUSPECT = re.compile(r"[@$0-9]|[\u0430-\u044f]")
_DISGUISED_WORD = re.compile(rf"(?<!\S)\S*(?:{_ODD})\S*")


_ELISION = re.compile(r"(?<!\w)([ldjmnstcLDJMNSTC]|qu|Qu|QU)['\u2019](?=\w)")  # French and Creole: d'eau is de eau
_INITIALS = re.compile(r"(?<=\b\w)\.(?=\w\b)")  # S.O.S is a word


def plain(text: str) -> str:
    """Return a text in plain letters: one space before and after each word, ` \\n ` where a sentence ends.

    One case, no accents, each letter once however often it is repeated, look-alikes as the letters that they stand for.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.replace("\u0439", "\u048b").replace("\u0419", "\u048b"))
    if "'" in text or "\u2019" in text:
        text = _ELISION.sub(r"\1 ", text)
    if "." in text:
        text = _INITIALS.sub("", text)
    text = _REPEATED.sub(_once, text.translate(_TABLE))
    if _SUSPECT.search(text) and _DISGUISED.search(text):
        text = _DISGUISED_WORD.sub(_undisguised, text)
    return f" {' '.join(text.replace(END, ' | ').split())} ".replace("|", END)


def _once(found: re.Match[str]) -> str:  # a function, since a template is parsed again for each text
    return found[1]


def _undisguised(found: re.Match[str]) -> str:
    word = found[0]
    if any("\u0430" <= letter <= "\u044f" for letter in word):
        latin = sum("a" <= letter <= "z" for letter in word)
        return word.translate(_AS_LATIN if 2 * latin >= len(word) else _AS_CYRILLIC)
    return word.translate(_LOOK_ALIKES)

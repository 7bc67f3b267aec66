"""Encodings of foreign text: their names as publishers write them, and the detection of one that is not declared."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from charset_normalizer import from_bytes

from crisismap.core.errors import shorten

UTF8 = "utf-8"
_EXAMINED = 1 << 16  # bytes of text outside ASCII, with what is around them, that a guess is made from
_LONGEST_SAMPLE = 40
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What files of code pages (.cpg), GDAL and older programs write, where Python has another name.
_NAMES = {
    "65001": UTF8,
    "1200": "utf-16-le",
    "1201": "utf-16-be",
    "54936": "gb18030",
    "28605": "iso8859_15",
    "20866": "koi8_r",
    "21866": "koi8_u",
    "10000": "mac_roman",
    "10007": "mac_cyrillic",
    "sjis": "cp932",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "936": "gb18030",
    "euc": "euc_jp",
    "euckr": "cp949",
    "big5": "cp950",
    "acp": "cp1252",
    "cpacp": "cp1252",
    "latin1": "cp1252",  # files that claim Latin-1 hold the quotation marks of Windows
    "88591": "cp1252",
    "iso88591": "cp1252",
    "usascii": "cp1252",
    "ascii": "cp1252",
}
# Encodings in which tables are still written, the likelier one first; of equal scores the first one is taken.
_CANDIDATES = (
    *(
        "cp1252",
        "cp1250",
        "cp1254",
        "cp1251",
        "cp1253",
        "cp1256",
        "cp1255",
        "cp949",
        "gb18030",
        "cp950",
        "cp874",
        "koi8_r",
    ),
    *("cp932", "euc_jp", "cp850", "cp852", "cp866", "mac_roman", "cp1257", "cp1258", "mac_cyrillic"),
)
_RARE = 0.1  # taken off the score of encodings of older systems, which read daily letters as other daily letters
_DAILY = frozenset(_CANDIDATES[:12])
_WESTERN = frozenset("áéíóúàèìòùâêîôûäëïöüãõñçßåøæœ")
_EASTERN = frozenset("ąćęłńśźżčďěňřšťůžőűăşţđľĺŕ")
_TURKISH = frozenset("ğışİ")
_ONLY_WESTERN = frozenset("èìòùêûëïãõñåøæœ")
_VOWELS = {"CYRILLIC": frozenset("аеёиоуыэюяіїє"), "GREEK": frozenset("αεηιουωάέήίόύώ")}
_RUSSIAN = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґ")


@dataclass(frozen=True, slots=True)
class DecodedText:
    """Text, the encoding it was in, and whether that was guessed. `bad`: places that are no text in it (U+FFFD)."""

    text: str
    encoding: str
    guessed: bool = False
    bad: int = 0

    @property
    def note(self) -> str:
        """Return what a person has to know of how the text was read; "" for nothing."""
        sentences = []
        if self.guessed:
            sentences.append(
                f"the encoding is not declared and was guessed: {self.encoding}, as in “{sample(self.text)}”; "
                "name it in the mapping (encoding) if this text is wrong"
            )
        if self.bad:
            sentences.append(f"characters that are no {self.encoding} were replaced by �: {self.bad}")
        return "; ".join(sentences)


def python_encoding(name: str) -> str | None:
    """Return Python's name of an encoding as publishers write it: `1256`, `ANSI 1251`, `GBK`, `ISO 88592`; or None."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower().strip())
    plain = re.sub(r"^(ansi|oem|windows|win|mswin|cp|ibm|codepage|x)(?=\d)", "", plain)
    found = _NAMES.get(plain)
    numbered = re.fullmatch(r"(?:iso)?(8859)(\d{1,2})", plain)
    guesses = [found, f"iso8859_{numbered[2]}" if numbered else None, f"cp{plain}", plain, name.strip()]
    return next((known for guess in guesses if guess and (known := _lookup(guess))), None)


def _lookup(name: str) -> str | None:
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        return None
    return info.name if getattr(info, "_is_text_encoding", True) else None


def decode(data: bytes) -> DecodedText:
    """Return undeclared text: by its byte-order mark, as UTF-8 if it is that, else in the likeliest encoding.

    UTF-8 with a few broken places stays UTF-8; reading all of it in another encoding would garble every name.
    """
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            text = data.decode(name, errors="replace")
            return DecodedText(text, name.removesuffix("-sig"), bad=text.count("\ufffd"))
    wide = wide_encoding(data[:_EXAMINED])
    if wide:
        return DecodedText(data.decode(wide, errors="replace"), wide, guessed=True)
    try:
        return DecodedText(data.decode(UTF8), UTF8)
    except UnicodeDecodeError:
        name = guess([data])
    if name == UTF8:
        text = data.decode(UTF8, errors="replace")
        return DecodedText(text, UTF8, bad=text.count("\ufffd") - data.count("\ufffd".encode()))
    text = data.decode(name, errors="replace")
    return DecodedText(text, name, guessed=True, bad=text.count("\ufffd"))


def guess(values: Iterable[bytes]) -> str:
    """Return the likeliest encoding of values without zero bytes: UTF-8 whenever they are it, else a code page."""
    joined = b"\n".join(values)
    if _is_utf8(joined):
        return UTF8
    text = joined.decode(UTF8, errors="replace")
    broken = text.count("\ufffd")
    if broken * 10 <= sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", text))):
        return UTF8
    examined = _telling(joined)
    normalizer = [found.encoding for found in from_bytes(examined)]
    scores = {name: _score(examined, name) for name in dict.fromkeys((*_CANDIDATES, *normalizer))}
    best = max(scores, key=scores.__getitem__)
    return _lookup(best) or best


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode(UTF8)
    except UnicodeDecodeError:
        return False
    return True


def sample(text: str) -> str:
    """Return a few words of a text with letters outside ASCII, for a person to judge its encoding by."""
    words = dict.fromkeys(re.findall(r"[^\W\d_]*[^\x00-\x7f][^\W\d_]*(?: [^\W\d_]+)?", text[: 1 << 20]))
    return shorten(", ".join(list(words)[:3]) or text, _LONGEST_SAMPLE)


def _telling(data: bytes) -> bytes:
    """Return the lines that are not ASCII, bounded: the others say nothing about the encoding."""
    lines = [line[:400] for line in re.split(rb"[\r\n]+", data) if not line.isascii()]
    return b"\n".join(lines)[:_EXAMINED]


def wide_encoding(head: bytes) -> str | None:
    """Return the encoding of text of two or four bytes a character, by its mark, or UTF-16 by where its zero bytes are.

    None for other data.
    """
    for mark, name in _BYTE_ORDER_MARKS:
        if name != "utf-8-sig" and head.startswith(mark):
            return name
    zeros = (head[::2].count(0), head[1::2].count(0))
    if sum(zeros) * 5 < len(head) or len(head) < 4 or min(zeros) * 4 > max(zeros):
        return None
    name = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    text = head[:400].decode(name, errors="ignore")
    return None if any(unicodedata.category(char) == "Cc" and not char.isspace() for char in text) else name


def _score(data: bytes, name: str) -> float:
    """Return how much the data reads as words of people in an encoding: at most 1, and less for nonsense."""
    try:
        text = data.decode(name, errors="ignore")
        lost = len(data) - len(text.encode(name, errors="ignore"))
    except (LookupError, UnicodeError):
        return -10.0
    counts = Counter(char for char in text if ord(char) > 127)
    if not counts:
        return -10.0
    weight = sum(_weight(char, name) * count for char, count in counts.items())
    words = re.findall(r"[^\s\x00-\x2f:-@]+", text)
    penalty = sum(_penalty(word) for word in words if not word.isascii()) + 2.0 * max(0, lost - 1)
    letters = {char.lower() for char in counts}
    if letters & _EASTERN and letters & _ONLY_WESTERN:
        penalty += 0.25 * counts.total()
    return (weight - penalty) / counts.total() - (0.0 if name in _DAILY else _RARE)


def _weight(char: str, name: str) -> float:
    """Return how usual a character is in text: letters of daily use 1, symbols and rare characters below 0."""
    if unicodedata.category(char)[0] not in "LM":
        return -0.3 if char not in "«»“”‘’–—…№°، 、。・！？（）：，" else 0.5
    script, _, rest = unicodedata.name(char, "").partition(" ")
    if script in ("CJK", "HANGUL", "HIRAGANA", "KATAKANA", "HALFWIDTH"):
        return _weight_of_wide(char, name, script)
    lower = char.lower()
    if script == "LATIN":
        return 1.0 if lower in _WESTERN else 0.95 if lower in _EASTERN | _TURKISH or char in _TURKISH else 0.3
    if script == "CYRILLIC":
        return 1.0 if lower in _RUSSIAN else 0.5
    if rest.startswith(("POINT", "ACCENT")):  # of Hebrew, written in scripture only
        return 0.2
    return 1.0 if script in ("GREEK", "HEBREW", "ARABIC", "THAI", "COMBINING") else 0.2


def _weight_of_wide(char: str, name: str, script: str) -> float:
    """Return the weight of an East Asian character: the standards put those of daily use into their first ranges."""
    if script in ("HIRAGANA", "KATAKANA"):
        return 1.0 if name in ("cp932", "euc_jp") else 0.3
    code = char.encode(name, errors="ignore")
    if len(code) != 2:
        return -0.3
    lead, trail = code
    daily = {
        "cp949": (script == "HANGUL" and 0xB0 <= lead <= 0xC8 and trail >= 0xA1, 1.0),
        "gb18030": (0xB0 <= lead <= 0xD7 and trail >= 0xA1, 0.95),
        "cp950": (0xA4 <= lead <= 0xC6, 0.9),
        "cp932": (0x88 <= lead <= 0x97, 0.98),
        "euc_jp": (0xB0 <= lead <= 0xCF, 0.85),
    }
    usual, weight = daily.get(name, (False, 0.0))
    return weight if usual else 0.1


def _penalty(word: str) -> float:
    """Return how little a word looks like one: symbols or capitals inside it, two scripts, no vowel, only accents."""
    inside = word[1:-1]
    penalty = sum(1.0 for char in inside if ord(char) > 127 and unicodedata.category(char)[0] in "SCPNZ")
    penalty += sum(1.0 for one, two in zip(word, word[1:], strict=False) if one.islower() and two.isupper())
    scripts = {unicodedata.name(char, "").partition(" ")[0] for char in word if char.isalpha()} - {"COMBINING"}
    if len(scripts) > 1 and not scripts <= {"CJK", "HIRAGANA", "KATAKANA", "FULLWIDTH", "HANGUL"}:
        penalty += 1.0
    if scripts == {"LATIN"} and len(word) > 2 and not re.search(r"[A-Za-z]", word):
        penalty += 2.0
    vowels = next((_VOWELS[script] for script in scripts if script in _VOWELS), None)
    if vowels is not None and len(word) > 2 and not set(word.lower()) & vowels:
        penalty += 2.0
    return penalty

"""Encodings of foreign text: their names as publishers write them, and the detection of one that is not declared."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from crisismap.core.errors import Invalid, Malformed, shorten

UTF8 = "utf-8"
_EXAMINED = 1 << 16  # bytes of text outside ASCII that a guess is made from
_LONGEST_SAMPLE = 40
_WESTERN = "cp1252"
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What files of code pages (.cpg), GDAL and older programs write, where Python has another name or a wider encoding.
_NAMES = {
    "65001": UTF8,
    "utf8sig": UTF8,
    "1200": "utf-16-le",
    "1201": "utf-16-be",
    "54936": "gb18030",
    "28605": "iso8859_15",
    "20866": "koi8_r",
    "21866": "koi8_u",
    "10000": "mac_roman",
    "10007": "mac_cyrillic",
    "sjis": "cp932",
    "shiftjis": "cp932",
    "shiftjis2004": "cp932",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "936": "gb18030",
    "euc": "euc_jp",
    "eucjis2004": "euc_jp",
    "euckr": "cp949",
    "big5": "cp950",
    "big5hkscs": "cp950",
    "tis620": "cp874",
    "88599": "cp1254",
    "iso88599": "cp1254",
    "acp": _WESTERN,
    "cpacp": _WESTERN,
    "latin1": _WESTERN,  # files that claim Latin-1 hold the quotation marks of Windows
    "88591": _WESTERN,
    "iso88591": _WESTERN,
    "usascii": _WESTERN,
    "ascii": _WESTERN,
}
# Encodings that nobody writes tables in, but that short texts of others look like.
_NEVER = (
    *(
        "cp437",
        "cp720",
        "cp737",
        "cp775",
        "cp855",
        "cp856",
        "cp858",
        "cp860",
        "cp861",
        "cp862",
        "cp863",
        "cp864",
        "cp865",
    ),
    *("cp865", "cp869", "cp1006", "cp1125", "hp-roman8", "johab", "koi8-t", "kz1048", "mac-greek", "mac-iceland"),
    *("mac-latin2", "mac-turkish", "iso8859-3", "iso8859-4", "iso8859-10", "iso8859-14", "iso8859-16"),
)
_NO_PAGE = frozenset({None, "ascii", UTF8, "utf-8-sig", "utf-7"})
# Where one of these looks hardly better than the usual one, it is the usual one: the text is that of a language without
# a model, such as Haitian, or the two differ in a letter or two.
_USUAL = {
    **dict.fromkeys(("cp1250", "iso8859-2", "cp1257", "iso8859-13", "cp1258", "cp852"), (_WESTERN, 0.92)),
    "mac-cyrillic": ("cp1251", 0.999),
}
_OLDER = frozenset({"cp850", "cp852", "cp857", "cp866", "mac-roman", "iso8859-13", "ptcp154"})
_OLD = 0.99  # factor of their scores
_NEAR = 0.6  # of the highest score, where the words tell
_READ = 1 << 12  # bytes whose words are looked at
_WIDE_CHARACTERS = frozenset({"gb18030", "cp950", "cp932", "cp949", "euc_jp", "cp874"})
_CELL = re.compile(rb'[\r\n,;\t"]+')  # the bytes of a wide character may hold other signs
_SHIFT = b"\x1b$"  # begins Japanese and Korean in seven bits
_UNIT = re.compile(rb'([\r\n"]+)')


@dataclass(frozen=True, slots=True)
class TextEncoding:
    """The encoding of a text, and whether it was guessed, by which words (`example`).

    `odd` is the guessed encoding of those of its lines and quoted cells that are not UTF-8, in a text that is.
    """

    name: str
    guessed: bool = False
    odd: str = ""
    example: str = ""
    broken: str = ""  # the sentence on text that is nearly UTF-8

    @property
    def note(self) -> str:
        """Return what a person has to know of how the text was read; "" for nothing."""
        if self.odd:
            return f"what is not UTF-8 was read as {self.odd}, which is a guess, as in “{self.example}”"
        return guess_note(self.name, self.example) if self.guessed else ""

    def text(self, data: bytes) -> str:
        """Return a part of the text that ends with a line or cell; what is no text in the encoding is U+FFFD."""
        if not self.odd or _is_utf8(data):
            return data.decode(self.name, errors="replace")
        units = _UNIT.split(data)
        return "".join(unit.decode(UTF8 if _is_utf8(unit) else self.odd, errors="replace") for unit in units)


@dataclass(frozen=True, slots=True)
class DecodedText:
    """Text, and the encoding it was in. `bad`: places that are no text in it (U+FFFD)."""

    text: str
    encoding: TextEncoding
    bad: int = 0

    @property
    def notes(self) -> list[str]:
        """Return what a person has to know of how the text was read."""
        name = self.encoding.name
        replaced = f"characters that are no {name} were replaced by �: {self.bad}" if self.bad else ""
        return [note for note in (self.encoding.note, replaced) if note]


def guess_note(name: str, example: str, reason: str = "") -> str:
    """Return the sentence on a guessed encoding, with a sample of the text for a person to judge it by."""
    return (
        f"the encoding is not declared and was guessed: {name}, as in “{example}”{reason}; "
        "name it in the mapping (encoding) or with --encoding if this text is wrong"
    )


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


def declared_encoding(name: str) -> str:
    """Return Python's name of an encoding that a person declares. Raises Invalid for one that nobody knows."""
    found = python_encoding(name)
    if found is None:
        raise Invalid("encoding", name, "encoding_unknown")
    return found


def decode(data: bytes, declared: str = "", what: str = "") -> DecodedText:
    """Return text in its declared encoding, else by its mark, as UTF-8 if it is that, else in the likeliest encoding.

    Raises Invalid for an encoding that nobody knows, Malformed naming the line for data that is not in it.
    """
    if declared:
        name = declared_encoding(declared)
        try:
            text = data.decode(name).removeprefix("\ufeff")
        except UnicodeError as error:
            line = data.count(b"\n", 0, getattr(error, "start", 0)) + 1
            raise Malformed("line_not_encoded", what=what, line=line, encoding=declared) from None
        return DecodedText(text, TextEncoding(name))
    encoding = find_encoding([data])
    text = encoding.text(data).removeprefix("\ufeff")
    mark = "\ufffd".encode(encoding.name, errors="ignore")
    bad = text.count("\ufffd")
    return DecodedText(text, encoding, bad and bad - (data.count(mark) if mark else 0))


def find_encoding(blocks: Iterable[bytes]) -> TextEncoding:
    """Return the encoding of an undeclared text, given in blocks of any size; only a sample of it is kept.

    A text that is partly UTF-8 is not read in another encoding as a whole, which would garble every name: some of its
    lines are of a person whose program writes another.
    """
    signs = _Signs()
    for number, block in enumerate(_whole_lines(blocks)):
        if number == 0 and (wide := wide_encoding(block[:_EXAMINED])):
            has_mark = any(block.startswith(mark) for mark, _ in _BYTE_ORDER_MARKS)
            example = sample(block[:_EXAMINED].decode(wide, errors="ignore"))
            return TextEncoding(wide, guessed=not has_mark, example=example)
        if not block.isascii() or _SHIFT in block:
            signs.read(block)
    return signs.encoding()


class _Signs:
    """What the blocks of a text say about its encoding."""

    def __init__(self) -> None:
        self._odd = bytearray()  # cells that are not UTF-8
        self._good = self._surely_good = self._bad = 0  # lines

    def read(self, block: bytes) -> None:
        """Take in a block of whole lines."""
        if not self._bad and _is_utf8(block) and _SHIFT not in block:
            self._good += 1
            return
        for line in re.split(rb"[\r\n]+", block):
            if _SHIFT not in line and line.isascii():
                continue
            if _SHIFT not in line and _is_utf8(line):
                self._good += 1
                self._surely_good += len(line) - len(line.decode()) > 5  # noqa: PLR2004 - three characters or more
                continue
            self._bad += 1
            if len(self._odd) < _EXAMINED:
                self._odd += b"\n".join(_telling(line)) + b"\n"

    def encoding(self) -> TextEncoding:
        if not self._bad:
            return TextEncoding(UTF8)
        name = guess([bytes(self._odd)])
        if name == UTF8:
            return TextEncoding(UTF8, broken=f"lines with characters that are no {UTF8}, replaced by �: {self._bad}")
        example = sample(self._odd.decode(name, errors="ignore"))
        # A short text in wide characters is UTF-8 as well now and then, by accident.
        utf8 = self._surely_good * 20 > self._bad if name in _WIDE_CHARACTERS else self._good
        if utf8:
            return TextEncoding(UTF8, odd=name, example=example)
        return TextEncoding(name, guessed=True, example=example)


def _whole_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield blocks that end where a line does, or at least a word."""
    rest = b""
    for block in blocks:
        joined = rest + block
        ends = (max(joined.rfind(b"\n"), joined.rfind(b"\r")), joined.rfind(b'"'), joined.rfind(b" "))
        end = next((found + 1 for found in ends if found >= 0), len(joined))
        yield joined[:end]
        rest = joined[end:]
    if rest:
        yield rest


def guess(values: Iterable[bytes]) -> str:
    """Return the likeliest encoding of values without zero bytes: UTF-8 whenever they are it, else a code page.

    UTF-8 with a few broken places, such as texts that were cut, is UTF-8.
    """
    joined = b"\n".join(values)
    if _is_utf8(joined) and _SHIFT not in joined:
        return UTF8
    text = joined.decode(UTF8, errors="replace")
    broken = text.count("\ufffd")
    if broken and broken * 10 <= sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", text))):
        return UTF8
    return _code_page(b"\n".join(_telling(joined))[:_EXAMINED])


def _code_page(examined: bytes) -> str:
    import chardet  # late: with its tables it takes 40 MB, and most text is UTF-8

    found = [
        each
        for each in chardet.detect_all(
            examined,
            ignore_threshold=True,
            compat_names=False,
            encoding_era=chardet.EncodingEra.ALL & ~chardet.EncodingEra.MAINFRAME,
            exclude_encodings=_NEVER,
        )
        if each["encoding"] not in _NO_PAGE
    ]
    best = _likeliest({str(each["encoding"]): each["confidence"] for each in reversed(found)}, examined)
    wider = python_encoding(best) or best
    return wider if _is(examined, wider) or not _is(examined, best) else best


def _likeliest(scores: Mapping[str, float], examined: bytes) -> str:
    """Return the encoding of the highest score, and of near ones that in which the text has fewest odd words."""
    weighed = {name: score * (_OLD if name in _OLDER else 1.0) for name, score in scores.items()}
    most = max(weighed.values(), default=0.0)
    near = [name for name, score in weighed.items() if score >= most * _NEAR]
    odd = {name: _odd_words(examined[:_READ].decode(name, errors="ignore")) for name in near}
    best = min(near, key=lambda name: (odd[name], -weighed[name]), default=_WESTERN)
    usual, hardly = _USUAL.get(best, (best, 1.0))
    is_near = scores.get(usual, 0.0) >= scores.get(best, 1.0) * hardly
    return usual if is_near and odd.get(usual) == odd.get(best) else best


def _odd_words(text: str) -> int:
    """Return how many words of a text have signs inside, or letters of two scripts."""
    return sum(map(_is_odd, re.findall(r"[^\s\x00-\x2f:-@]+", text)))


def _is_odd(word: str) -> bool:
    if word.isascii():
        return False
    signs = [char for char in word[1:-1] if not char.isascii() and char not in "\u2019\u00b7\u200c\u200d"]
    signs += [char for char in word[-1] if unicodedata.category(char)[0] in "SC"]
    scripts = {unicodedata.name(char, "").partition(" ")[0] for char in word if char.isalpha()}
    has_signs = any(unicodedata.category(char)[0] in "SCNP" for char in signs)
    return (has_signs and scripts == {"LATIN"}) or ("LATIN" in scripts and len(scripts) > 1)


def _is_utf8(data: bytes) -> bool:
    return _is(data, UTF8)


def _is(data: bytes, name: str) -> bool:
    try:
        data.decode(name)
    except UnicodeError:
        return False
    return True


def sample(text: str) -> str:
    """Return a few words of a text with letters outside ASCII, for a person to judge its encoding by."""
    words = dict.fromkeys(re.findall(r"[^\W\d_]*[^\x00-\x7f][^\W\d_]*(?: [^\W\d_]+)?", text[: 1 << 20]))
    return shorten(", ".join(list(words)[:3]) or text, _LONGEST_SAMPLE)


def _telling(data: bytes) -> Iterator[bytes]:
    """Yield the cells that are not ASCII: the others say nothing about the encoding, and look like English."""
    if _SHIFT in data:
        yield data
        return
    for cell in _CELL.split(data):
        if not cell.isascii():
            yield cell[:4000]


def wide_encoding(head: bytes) -> str | None:
    """Return the encoding of text of two or four bytes a character, by its mark, or by where its zero bytes are.

    None for other data.
    """
    for mark, name in _BYTE_ORDER_MARKS:
        if name != "utf-8-sig" and head.startswith(mark):
            return name
    if len(head) < 4 or b"\x00" not in head:
        return None
    if not any(head[3::4]) and any(head[::4]) and max(head[2::4]) <= 0x10:
        return "utf-32-le"
    if not any(head[::4]) and any(head[3::4]) and max(head[1::4]) <= 0x10:
        return "utf-32-be"
    zeros = (head[::2].count(0), head[1::2].count(0))
    # Of other scripts than Latin only the separators have a zero byte, but then the rest is no text of bytes.
    rarest = 5 if _is_plain(head.replace(b"\x00", b"")) else 50
    if sum(zeros) * rarest < len(head) or min(zeros) * 4 > max(zeros):
        return None
    name = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    kinds = [unicodedata.category(char) for char in head[:400].decode(name, errors="ignore") if not char.isspace()]
    return None if "Cc" in kinds or kinds.count("Cn") * 10 > len(kinds) else name


def _is_plain(data: bytes) -> bool:
    """Return whether data is text in UTF-8, without control characters; its last character may be cut."""
    return re.search(rb"[\x00-\x08\x0e-\x1f]", data) is None and _is_utf8(data[: max(0, len(data) - 3)] or data)

"""Log format that cannot be forged and names nobody: control characters escaped, numbers, codes and secrets masked."""

from __future__ import annotations

import logging
import re
import unicodedata

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
MASK = "***"
# Seven digits or more, however they are spaced, but not the dates and times that logs are full of.
_NUMBER = re.compile(r"(?<![\w.])(?!\d{4}-\d\d-\d\d)\+?\d(?:[ ()-]{0,2}\d){6,}(?![\w.])")
_CODE = re.compile(r"(?i)(?<![0-9A-Z-])[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}(?![0-9A-Z-])")
_CODE_PATH = re.compile(r"(/t/|/report/thanks/)[^\s\"'?]+")
_SECRET = re.compile(r"(?i)\b(bearer\s+|(?:invitation|code|k|token|ticket|password)=)[^\s\"'&]+")
_DIRECTION_MARKS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")


class Plain(logging.Formatter):
    """Writes each record as one line and marks traceback lines, so that none can pass for a record."""

    def __init__(self) -> None:
        super().__init__(FORMAT)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        record.message = mask(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:  # noqa: N802 - the library's name
        text = super().formatException(ei)  # type: ignore[arg-type]
        return "\n".join(f"  | {mask(line)}" for line in text.split("\n"))


def mask(text: str) -> str:
    """Return a text with personal data and secrets masked."""
    for pattern, replacement in ((_CODE_PATH, rf"\1{MASK}"), (_SECRET, rf"\1{MASK}"), (_CODE, MASK), (_MAIL, MASK)):
        text = pattern.sub(replacement, text)
    return _NUMBER.sub(MASK, "".join(_escaped(c) for c in text))


def count(number: int) -> str:
    """Return a number with commas, because seven digits in a row are masked like a telephone number."""
    return f"{number:,}"


def set_up() -> None:
    """Use this format for all logs of the process, including those of libraries."""
    logging.basicConfig(level=logging.INFO)
    for name in ("", "uvicorn", "uvicorn.error", "uvicorn.access", "streamlit"):
        for handler in logging.getLogger(name).handlers:
            handler.setFormatter(Plain())


def _escaped(character: str) -> str:
    # Cc: line ends, ANSI sequences. Zl, Zp: other line ends. Direction marks would reverse a line.
    hidden = unicodedata.category(character) in ("Cc", "Zl", "Zp") or character in _DIRECTION_MARKS
    return f"\\x{ord(character):02x}" if hidden and character != "\t" else character

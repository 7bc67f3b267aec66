"""Finding written words in what people say, in any script and any case."""

from __future__ import annotations

import re
from collections.abc import Iterable


def matcher(words: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern for any of the words or phrases, to be searched in casefolded text; None for no words.

    A word stands alone ("sos" is not found in "sosial"), unless it ends in `*`, then longer words count as well.
    """
    parts = []
    for word in words:
        folded = word.casefold()
        parts.append(re.escape(folded[:-1]) if folded.endswith("*") else re.escape(folded) + r"(?!\w)")
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})") if parts else None

"""A detector of need that hears a few given words, for tests of what is made of a detection."""

from __future__ import annotations

from collections.abc import Sequence

from crisismap.core.need.detector import NeedDetector
from crisismap.core.need.need import NOTHING_HEARD, Detection, Need
from crisismap.core.text.folding import fold

URGENT = (
    *("trapped", "drowning", "on the roof", "on our roof", "unconscious", "bleeding", "in labour", "dying", "stuck on"),
    *("swept away", "collapsed", "heart attack", "oxygen", "dialysis"),
)
ASKS = (
    *(
        "help us",
        "help me",
        "please help",
        "need help",
        "needs help",
        "send help",
        "help needed",
        "rescue us",
        "save us",
    ),
    *("sos", "send boat", "send a boat", "need a boat", "need rescue", "evacuate us"),
)
MAY = ("worried", "not sure whether", "somebody called")
OFFERS = ("we have a boat", "we can help", "i can help")
DENIALS = (
    *("nobody is trapped", "nobody trapped", "not trapped", "no longer trapped", "no help needed", "was rescued"),
    *("nobody is drowning", "do not need help", "nobody was trapped", "no one is trapped", "this is an exercise"),
)


class WordDetector(NeedDetector):
    """Hears English words in a text: URGENT ones are P1, those of ASKS have no priority."""

    fingerprint = "words of tests"

    def detect(self, text: str) -> Detection:
        """Return what is heard; a denial takes everything back."""
        folded = fold(text)

        def first(words: Sequence[str]) -> str:
            return next((word for word in words if word in folded), "")

        if first(DENIALS):
            return Detection(Need.INFORMATION, denied=True)
        if word := first(URGENT):
            return Detection(Need.ASKS, 1, (f"life at risk: “{word}”",))
        if word := first(ASKS):
            return Detection(Need.ASKS, 4, (f"asks for help: “{word}”",))
        if first(OFFERS):
            return Detection(Need.OFFER)
        return Detection(Need.MAY) if first(MAY) else NOTHING_HEARD

"""The detector of need in free text."""

from __future__ import annotations

from crisismap.core.need.need import NOTHING_HEARD, Detection


class NeedDetector:
    """Detects need in texts of any language by the rules and words of the deployment. Immutable and thread-safe."""

    fingerprint: str = ""  # of all rules and words: a stored detection of another one is made anew

    def detect(self, text: str) -> Detection:
        """Return what the rules hear in a text."""
        return NOTHING_HEARD

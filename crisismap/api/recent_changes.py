"""The last reports that changed for one audience: a live stream names them, so that viewers need not read all again."""

from __future__ import annotations

from collections.abc import Sequence

MOST = 50  # ids; a viewer who missed more reads its lists again, which costs less than so many single reports


class RecentChanges:
    """The last ids that changed, each with its newest revision. `known_since`: nothing is known of before."""

    def __init__(self, known_since: int) -> None:
        self._known_since = known_since
        self._revisions: dict[str, int] = {}  # in order of the revision

    def add(self, revision: int, ids: Sequence[str] | None) -> None:
        """Add what changed at a revision; None: any number of reports."""
        if ids is None or len(ids) > MOST:
            self._revisions.clear()
            self._known_since = revision
            return
        for id_ in ids:
            self._revisions.pop(id_, None)
            self._revisions[id_] = revision
        while len(self._revisions) > MOST:
            oldest = next(iter(self._revisions))
            self._known_since = self._revisions.pop(oldest)

    def after(self, revision: int) -> tuple[str, ...] | None:
        """Return the ids that changed after a revision, the newest first; None for more than are known."""
        if revision < self._known_since:
            return None
        ids = []
        for id_, changed in reversed(self._revisions.items()):
            if changed <= revision:
                break
            ids.append(id_)
        return tuple(ids)

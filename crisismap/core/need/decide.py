"""The need of a new report, from what the sender answered, the category, the facts in its fields and its words."""

from __future__ import annotations

from crisismap.core.need.need import Detection, Need

_URGENT = 1  # words of this priority count even for somebody who answered that nobody needs help


def decide(asked: bool | None, category_asks: bool, detection: Detection, *, in_danger: bool = False) -> Need:
    """Return the need. Recall comes first: a doubt goes to a person instead of to information.

    `asked`: whether somebody needs help now, as the sender answered; None is unknown, never no. `category_asks`:
    whether reports of the category are requests. `in_danger`: whether a field says that somebody is in danger.
    """
    if asked:
        return Need.ASKS
    if asked is None:
        return _unanswered(category_asks, detection, in_danger)
    return _denied(category_asks, detection, in_danger)


def _unanswered(category_asks: bool, detection: Detection, in_danger: bool) -> Need:
    heard = detection.need
    if in_danger:
        return Need.ASKS
    if not category_asks or heard in (Need.ASKS, Need.OFFER):
        return heard
    return Need.MAY if heard is Need.INFORMATION and detection.denied else Need.ASKS


def _denied(category_asks: bool, detection: Detection, in_danger: bool) -> Need:
    """Return the need of a report whose sender answered no: others may still be right."""
    heard = detection.need
    if in_danger or (heard is Need.ASKS and detection.priority <= _URGENT):
        return Need.MAY
    if heard is Need.OFFER:
        return Need.OFFER
    return Need.MAY if category_asks and (heard is Need.MAY or not detection.denied) else Need.INFORMATION

"""The verbs: all actions on a report or request, each in one entry of VERBS.

Everything else follows from the entry: permissions (`core.people.permission`), the API and its document, the buttons of
the desk and of /tasks, bulk actions, the texts of the timeline. CONTRIBUTING describes how to add one.
"""

from __future__ import annotations

from crisismap.core import transitions
from crisismap.core.privacy import needs_verification
from crisismap.core.report import request as life
from crisismap.core.report.request import REOPENABLE, UNANSWERED, State
from crisismap.core.verb import (
    AddBody,
    AnswerBody,
    Attempt,
    Body,
    ClaimBody,
    JoinBody,
    Labels,
    NoteBody,
    PlaceBody,
    PriorityBody,
    ReasonBody,
    Verb,
    VerifyBody,
)

RESPONDERS = frozenset({"responder"})
VOLUNTEERS = frozenset({"volunteer", "responder"})
MODERATORS = frozenset({"responder", "admin"})
REQUESTERS = frozenset({"requester"})


def of_event(event: str) -> Verb | None:
    """Return the verb whose events have this name; None for events that no verb writes."""
    return next((verb for verb in VERBS.values() if verb.permission == event), None)


def _is_unanswered(attempt: Attempt) -> bool:
    return attempt.state in UNANSWERED


def _is_free(attempt: Attempt) -> bool:
    """Return whether nobody else has claimed it."""
    return attempt.state is State.OPEN or attempt.holds_claim


def _can_be_cleared(attempt: Attempt) -> bool:
    now = attempt.report
    return not (now.cleared or transitions.why_never(attempt) or needs_verification(now, attempt.rules.privacy))


def _can_be_withheld(attempt: Attempt) -> bool:
    now = attempt.report
    return transitions.why_never(attempt) in ("", "reaching") and not (now.withheld and now.decided)


# A table: one entry per block, unwrapped.
# fmt: off
_ENTRIES = (
    Verb(
        "request.claim", RESPONDERS, ClaimBody, transitions.claim, _is_free,
        Labels(button="Claim",
               done="It is yours for {minutes} minutes. Answer it, hold it longer, or release it in time.",
               event="Claimed", undone="Claim taken back for", page="task.claim", requester="track.step_claim"),
        undo=transitions.take_back_claim, bulk=True, in_field=True, section="claim", state=State.CLAIMED,
    ),
    Verb(
        "request.release", RESPONDERS, Body, transitions.release, lambda attempt: attempt.holds_claim,
        Labels(button="Release", done="Released: it is open again.", event="Released", undone="Claimed again",
               page="task.release", requester="track.step_release"),
        undo=transitions.take_back_claim, bulk=True, in_field=True, section="claim", state=State.OPEN,
    ),
    Verb(
        "request.answer", RESPONDERS, AnswerBody, transitions.answer, _is_free,
        Labels(button="Answer", done="Answered. The requester sees your organisation and your note.",
               event="Answered by us", ask="What was done?", page="task.answer", requester="track.step_answer"),
        in_field=True, section="claim", state=State.ANSWERED,
        text=lambda now: now.request.answer.note if now.request and now.request.answer else "",
    ),
    Verb(
        "report.place", VOLUNTEERS, PlaceBody, transitions.place, lambda _: True,
        Labels(button="Place it", done="Placed. It is on the map now.", event="Placed on the map", page="task.place",
               requester="track.step_place"),
        in_field=True, section="claim",
    ),
    Verb(
        "report.reconfirm", VOLUNTEERS, Body, transitions.reconfirm, lambda attempt: attempt.state is None,
        Labels(button="It still holds", done="Thank you: it is fresh again.",
               event="Somebody was there: it still holds", page="task.reconfirm", requester="track.step_reconfirm"),
        in_field=True,
    ),
    Verb(
        "request.cannot_meet", RESPONDERS, ReasonBody, transitions.cannot_meet, _is_free,
        Labels(button="Cannot be met",
               done="Noted. The next role is called for it, and the requester sees that no team can do it at present.",
               event="Cannot be met", ask="Why can it not be met?", save="Say so, and call the next role",
               page="task.cannot_meet", requester="track.step_cannot_meet"),
        in_field=True, state=State.CANNOT_MEET, text=lambda now: now.request.why if now.request else "",
    ),
    Verb(
        "request.priority", RESPONDERS, PriorityBody, transitions.priority, _is_unanswered,
        Labels(button="Priority", done="It is {priority} now.", event="Priority set by hand", save="Set the priority",
               bulk="Priority set for", undone="Old priority for", team="task.did_priority"),
        undo=transitions.put_back_priority, bulk=True,
        text=lambda now: now.request.overruling.reason if now.request and now.request.overruling else "",
    ),
    Verb(
        "report.verify", RESPONDERS, VerifyBody, transitions.verify, lambda _: True,
        Labels(button="Verify", done="Noted as {status}, with your reason.", event="Verified", ask="How do you know?"),
        text=lambda now: now.standing.reason,
    ),
    Verb(
        "request.join", RESPONDERS, JoinBody, transitions.join, _is_unanswered,
        Labels(button="Join", done="Joined. It is kept, counted with the other, and can be separated again.",
               event="Joined to another request", bulk="Joined", undone="Separated", requester="track.step_join"),
        undo=transitions.separate_again, bulk=True, state=State.JOINED,
    ),
    Verb(
        "request.separate", RESPONDERS, Body, transitions.separate, lambda attempt: attempt.state is State.JOINED,
        Labels(button="Separate", done="Separated: it asks for itself again.", event="Separated: asks for itself again",
               team="task.did_separate", requester="track.step_separate"),
        state=State.OPEN,
    ),
    Verb(
        "report.clear", MODERATORS, Body, transitions.clear, _can_be_cleared,
        Labels(button="Clear the words", done="Cleared: everybody can read these words now. “Take back” undoes it.",
               event="The words were cleared for the public"),
        section="text", secret=True,
    ),
    Verb(
        "report.withhold", MODERATORS, ReasonBody, transitions.withhold, _can_be_withheld,
        Labels(button="Keep them back",
               done="The public does not read these words; responders still do. “Take back” undoes it.",
               event="The words are kept from the public",
               ask="Why should the public not read it? The reporter can see this.", save="Keep them back"),
        section="text", text=lambda now: now.moderation.reason, secret=True,
    ),
    Verb(
        "report.reconsider", MODERATORS, Body, transitions.reconsider,
        lambda attempt: bool(attempt.report.moderation.decision),
        Labels(button="Take back",
               done="Taken back: the rule decides again, and what it holds back waits in the queue “Words”.",
               event="The decision about the words was taken back"),
        section="text", secret=True,
    ),
    Verb(
        "request.confirm", REQUESTERS, NoteBody, transitions.by_requester(life.confirm),
        lambda attempt: attempt.state is State.ANSWERED,
        Labels(button="It is solved", done="Confirmed.", event="The requester confirmed: it is solved",
               page="track.solved", team="task.did_confirm", requester="track.step_confirm"),
        state=State.CONFIRMED,
    ),
    Verb(
        "request.withdraw", REQUESTERS, NoteBody,
        transitions.by_requester(lambda request, _now_ms: life.withdraw(request)),
        lambda attempt: attempt.state in {*UNANSWERED, State.JOINED, State.CANNOT_MEET},
        Labels(button="No help is needed any more", done="Withdrawn.", event="The requester withdrew it",
               page="track.withdraw", team="task.did_withdraw", requester="track.step_withdraw"),
        state=State.WITHDRAWN,
    ),
    Verb(
        "request.reopen", RESPONDERS | REQUESTERS, NoteBody, transitions.by_requester(life.reopen),
        lambda attempt: attempt.state in REOPENABLE,
        Labels(button="Reopen", done="Open again; this is counted.", event="Opened again", page="task.reopen",
               team="task.did_reopen", requester="track.step_reopen"),
        in_field=True, state=State.OPEN,
    ),
    Verb(
        "report.add", REQUESTERS, AddBody, transitions.add,
        lambda attempt: attempt.state in {None, *UNANSWERED, State.JOINED},
        Labels(button="Add these words", done="Added.", event="The requester added words", page="track.add",
               team="task.did_add", requester="track.step_add"),
    ),
)
# fmt: on
VERBS: dict[str, Verb] = {verb.name: verb for verb in _ENTRIES}

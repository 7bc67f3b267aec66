"""The verbs: all actions on a report or request, each in one entry of VERBS.

Everything else follows from the entry: permissions (`core.people.permission`), the API and its document, the buttons of
the desk and of /tasks, bulk actions, the texts of the timeline. CONTRIBUTING describes how to add one.
"""

from __future__ import annotations

from crisismap.core import transitions
from crisismap.core.place import moves
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
    MoveBody,
    NoteBody,
    PlaceBody,
    PriorityBody,
    ReasonBody,
    TriageBody,
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


def _is_in_doubt(attempt: Attempt) -> bool:
    request = attempt.report.request
    return request is not None and request.in_doubt and attempt.state in UNANSWERED


# A table: one entry per block, unwrapped.
# fmt: off
_ENTRIES = (
    Verb(
        "request.claim", RESPONDERS, ClaimBody, transitions.claim, _is_free,
        Labels(button="Claim request",
               done="You have claimed this request{until}. Answer it, extend the claim, or release it.",
               event="Claimed", many="Claim requests", undone="Undid the claim on", page="task.claim",
               requester="track.step_claim"),
        undo=transitions.take_back_claim, bulk=True, in_field=True, section="claim", state=State.CLAIMED,
    ),
    Verb(
        "request.release", RESPONDERS, Body, transitions.release, lambda attempt: attempt.holds_claim,
        Labels(button="Release claim", done="Claim released. The request is open again.", event="Claim released",
               many="Release claims", bulk="Released the claim on", undone="Took back the release of",
               page="task.release",
               requester="track.step_release"),
        undo=transitions.take_back_claim, bulk=True, in_field=True, section="claim", state=State.OPEN,
    ),
    Verb(
        "request.answer", RESPONDERS, AnswerBody, transitions.answer, _is_free,
        Labels(button="Mark as answered",
               done="Marked as answered. The requester can see your organisation and your note.",
               event="Marked as answered", ask="What was done?", undone="Took back the answer to", page="task.answer",
               requester="track.step_answer"),
        undo=transitions.take_back_answer, in_field=True, section="claim", state=State.ANSWERED,
        text=lambda now: now.request.answer.note if now.request and now.request.answer else "",
    ),
    Verb(
        "report.place", VOLUNTEERS, PlaceBody, transitions.place, lambda _: True,
        Labels(button="Set location", done="Location set. The report is on the map now.", event="Location set",
               page="task.place", requester="track.step_place"),
        in_field=True, section="claim",
    ),
    Verb(
        "report.confirm_place", VOLUNTEERS, MoveBody, transitions.confirm_place, transitions.can_confirm_place,
        Labels(button="Confirm location", done="Location confirmed.", event="Location confirmed",
               page="task.confirm_place", requester="track.step_place"),
        in_field=True, section="move",
    ),
    Verb(
        "report.put_back", RESPONDERS, MoveBody, transitions.put_back,
        lambda attempt: moves.can_put_back(attempt.report.places),
        Labels(button="Put back", done="Put back: the location is where it was before.", event="Location put back",
               page="task.put_back", requester="track.step_place"),
        in_field=True, section="move",
    ),
    Verb(
        "report.reconfirm", VOLUNTEERS, Body, transitions.reconfirm, lambda attempt: attempt.state is None,
        Labels(button="Still correct", done="Thank you. The report is marked as still correct.",
               event="Marked as still correct", page="task.reconfirm", requester="track.step_reconfirm"),
        in_field=True,
    ),
    Verb(
        "request.cannot_meet", RESPONDERS, ReasonBody, transitions.cannot_meet, _is_free,
        Labels(button="Unable to help",
               done="Marked as unable to help. The request is escalated to the next role, and the requester sees that "
                    "no team can help at present.",
               event="Unable to help", ask="Why are you unable to help?", save="Save and escalate",
               page="task.cannot_meet", requester="track.step_cannot_meet"),
        in_field=True, state=State.CANNOT_MEET, text=lambda now: now.request.why if now.request else "",
    ),
    Verb(
        "request.priority", RESPONDERS, PriorityBody, transitions.priority, _is_unanswered,
        Labels(button="Change priority", done="The priority is now {priority}.", event="Priority overridden",
               save="Set priority", bulk="Set the priority of", undone="Restored the priority of",
               team="task.did_priority"),
        undo=transitions.put_back_priority, bulk=True,
        text=lambda now: now.request.overruling.reason if now.request and now.request.overruling else "",
    ),
    Verb(
        "report.triage", RESPONDERS, TriageBody, transitions.triage,
        lambda attempt: attempt.state is None or _is_unanswered(attempt) and _is_free(attempt),
        Labels(button="Does this need help?", done="Decided: {need}.", event="Decided whether help is needed",
               save="Save decision", bulk="Decided for", undone="Undid the decision for", page="task.triage",
               team="task.did_triage"),
        undo=transitions.put_back_need, bulk=True, in_field=True, secret=True,
        text=lambda now: now.request.overruling.reason if now.request and now.request.overruling else "",
    ),
    Verb(
        "report.verify", RESPONDERS, VerifyBody, transitions.verify, lambda _: True,
        Labels(button="Verify report", done="Marked as {status}, with your reason.", event="Verified",
               ask="How do you know?"),
        text=lambda now: now.standing.reason,
    ),
    Verb(
        "request.join", RESPONDERS, JoinBody, transitions.join, _is_unanswered,
        Labels(button="Join to another request",
               done="Joined. The request is kept and counted with the other one. You can separate them again.",
               event="Joined to another request", many="Join to the first selected", bulk="Joined", undone="Separated",
               requester="track.step_join"),
        undo=transitions.separate_again, bulk=True, state=State.JOINED,
    ),
    Verb(
        "request.separate", RESPONDERS, Body, transitions.separate, lambda attempt: attempt.state is State.JOINED,
        Labels(button="Separate request", done="Separated. It is a request of its own again.",
               event="Separated: a request of its own again",
               team="task.did_separate", requester="track.step_separate"),
        state=State.OPEN,
    ),
    Verb(
        "report.clear", MODERATORS, Body, transitions.clear,
        lambda attempt: transitions.why_not_clear(attempt) is None,
        Labels(button="Approve text", done="Text approved. Everyone can read it now. “Undo decision” reverses this.",
               event="Text approved for the public"),
        section="text", secret=True,
    ),
    Verb(
        "report.withhold", MODERATORS, ReasonBody, transitions.withhold,
        lambda attempt: transitions.why_not_withhold(attempt) is None,
        Labels(button="Keep text private",
               done="Text kept private. Responders can still read it. “Undo decision” reverses this.",
               event="Text kept private",
               ask="Why should the public not read this text? The reporter can see your reason.",
               save="Keep text private"),
        section="text", text=lambda now: now.moderation.reason, secret=True,
    ),
    Verb(
        "report.reconsider", MODERATORS, Body, transitions.reconsider,
        lambda attempt: bool(attempt.report.moderation.decision),
        Labels(button="Undo decision",
               done="Decision undone. The rules apply again; text that they hold waits in the queue “Text review”.",
               event="Text review decision undone"),
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
        Labels(button="Withdraw request", done="Request withdrawn.", event="The requester withdrew the request",
               page="track.withdraw", team="task.did_withdraw", requester="track.step_withdraw"),
        state=State.WITHDRAWN,
    ),
    Verb(
        "request.reopen", RESPONDERS | REQUESTERS, NoteBody, transitions.by_requester(life.reopen),
        lambda attempt: attempt.state in REOPENABLE,
        Labels(button="Reopen request", done="Request reopened. It counts as reopened from now on.", event="Reopened",
               page="task.reopen", team="task.did_reopen", requester="track.step_reopen"),
        in_field=True, state=State.OPEN,
    ),
    Verb(
        "report.add", REQUESTERS, AddBody, transitions.add,
        lambda attempt: attempt.state in {None, *UNANSWERED, State.JOINED},
        Labels(button="Add text", done="Text added.", event="The requester added text", page="track.add",
               team="task.did_add", requester="track.step_add"),
    ),
    Verb(
        "request.ask", REQUESTERS, Body, transitions.ask,
        lambda attempt: attempt.state is None or _is_in_doubt(attempt),
        Labels(button="Somebody needs help here", done="Your report is now a request for help.",
               event="The requester said that somebody needs help", page="track.ask_help", team="task.did_ask",
               requester="track.step_ask"),
        secret=True,
    ),
    Verb(
        "report.inform", REQUESTERS, Body, transitions.inform, lambda attempt: attempt.state is State.OPEN,
        Labels(button="This is information only", done="Your report is now information only.",
               event="The requester said that nobody needs help", page="track.inform", team="task.did_inform",
               requester="track.step_inform"),
        secret=True,
    ),
)
# fmt: on
VERBS: dict[str, Verb] = {verb.name: verb for verb in _ENTRIES}

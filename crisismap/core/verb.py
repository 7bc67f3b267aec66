"""The parts of a verb: its body, the attempt to carry it out, its labels. The verbs themselves are in `verbs`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from crisismap.core.category import Category
from crisismap.core.errors import Invalid
from crisismap.core.event import EventDraft
from crisismap.core.need.detector import NeedDetector
from crisismap.core.need.need import Need
from crisismap.core.place.moves import MoveRules, Moving
from crisismap.core.place.place import MAX_ACCURACY_M, Extent, Placement, check_coordinates
from crisismap.core.priority import Assessed, Case, Rule, assess_both, read_priority
from crisismap.core.privacy import PrivacyRules, published_place
from crisismap.core.report.change import Change
from crisismap.core.report.report import CurrentReport
from crisismap.core.report.request import Request, State

Section = Literal["claim", "more", "text", "move"]
MAX_SOURCE = 200  # characters
DECISIONS: tuple[str, ...] = (Need.ASKS, Need.INFORMATION, Need.OFFER)  # of triage: no doubt remains


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a verb; this base class has no members."""

    # Two members mean the same in every body, so that `perform` can handle them: `to` is the id of a second report,
    # read in the same transaction; `photo_ids` are photos that a team has added to this report.

    def check(self) -> None:
        """Raise Invalid for a value that no report could have."""

    @classmethod
    def required(cls) -> dict[str, Any]:
        """Return the required members with their types: the fields of a form."""
        return {each.name: each.type for each in msgspec.structs.fields(cls) if each.required}


class ClaimBody(Body, frozen=True):
    """Body of claim: for how long; a second claim extends the first."""

    minutes: int | None = None


class AnswerBody(Body, frozen=True):
    """Body of answer: what was done, and ids of photos that a team has added to this request."""

    note: str
    photo_ids: tuple[str, ...] = ()


class ReasonBody(Body, frozen=True):
    """Body of cannot_meet and withhold: why."""

    reason: str


class PriorityBody(Body, frozen=True):
    """Body of priority: P1 to P4, and why."""

    priority: str
    reason: str

    def level(self) -> int:
        """Return the number of the priority. Raises Invalid."""
        return read_priority(self.priority)

    def check(self) -> None:
        """Raise Invalid unless it is one of four."""
        self.level()


class TriageBody(Body, frozen=True):
    """Body of triage: asks, information or offer; with asks also P1 to P4, and why."""

    need: str
    priority: str | None = None
    reason: str | None = None

    def level(self) -> int | None:
        """Return the number of the priority, None when none is given. Raises Invalid."""
        return read_priority(self.priority) if self.priority is not None else None

    def check(self) -> None:
        """Raise Invalid unless it is a decision, with a priority only for what asks."""
        if self.need not in DECISIONS:
            raise Invalid("need", self.need, "unknown_value", choices=list(DECISIONS))
        if self.level() is not None and self.need != Need.ASKS:
            raise Invalid("priority", self.priority, "priority_without_request")


class JoinBody(Body, frozen=True):
    """Body of join: the id of the request that stands for both."""

    to: str


class PlaceBody(Body, frozen=True):
    """Body of place: where it is, the accuracy, and how the place is known."""

    lon: float
    lat: float
    source: str
    accuracy_m: float | None = None

    def check(self) -> None:
        """Raise Invalid unless it is a point on the earth and says how it is known."""
        check_coordinates(self.lon, self.lat)
        if not self.source.strip() or len(self.source) > MAX_SOURCE:
            raise Invalid("source", self.source, "source_of_place_missing", most=MAX_SOURCE)
        if self.accuracy_m is not None and not 0 <= self.accuracy_m <= MAX_ACCURACY_M:
            raise Invalid("accuracy_m", self.accuracy_m, "not_metres", most=MAX_ACCURACY_M)


class MoveBody(Body, frozen=True):
    """Body of confirm_place and put_back: the number of the move; left out: the one that waits."""

    number: int | None = None


class VerifyBody(Body, frozen=True):
    """Body of verify: verified, disputed, or unverified to withdraw that; and how that is known."""

    status: str
    reason: str


class NoteBody(Body, frozen=True):
    """Body of confirm, reopen and withdraw: text to be added to the report."""

    note: str | None = None


class AddBody(Body, frozen=True):
    """Body of add: more text of the requester."""

    note: str


@dataclass(frozen=True, slots=True)
class Before:
    """What an undo of a verb restores; `photos` are the ids of those that became part of an answer."""

    need: Need
    request: Request | None
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VerbRules:
    """The rules of the deployment that verbs need. `escalations`: the roles that are called, in their order."""

    categories: Mapping[str, Category]
    privacy: PrivacyRules
    detector: NeedDetector = NeedDetector()
    priority: tuple[Rule, ...] = ()
    escalations: tuple[str, ...] = ()
    moves: MoveRules = MoveRules()


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to carry out a verb: everything that a transition decides on.

    `event` is the verb of the event to be written, `actor` a person's id, "" for the holder of the tracking code;
    `other` is the report that `to` of the body refers to. `extent` is that of the incident; `sees_exact`: whether the
    actor may see exact places, and so may move one far.
    """

    event: str
    report: CurrentReport
    actor: str
    now_ms: int
    rules: VerbRules
    other: CurrentReport | None = None
    extent: Extent | None = None
    sees_exact: bool = False

    @property
    def by_requester(self) -> bool:
        """Return whether the actor is the holder of the tracking code, not a person with an account."""
        return self.actor == ""

    @property
    def state(self) -> State | None:
        """Return the state of the request; an expired claim counts as open. None for information only."""
        request = self.report.request
        if request is None:
            return None
        return State.OPEN if request.claim_is_over(self.now_ms) else request.state

    @property
    def holds_claim(self) -> bool:
        """Return whether the actor has claimed the request."""
        request = self.report.request
        return request is not None and self.state is State.CLAIMED and request.claimed_by == self.actor

    def by_rules(self) -> Assessed:
        """Return the priority and reasons by what was heard and by the rules, outside an official hazard."""
        report, rules = self.report.report, self.rules
        case = Case(report.category, self.report.full_text(), report.people, report.fields, self.report.is_vouched)
        return assess_both(case, rules.priority, self.report.heard(rules.detector))[0]

    def moving(self) -> Moving:
        """Return the circumstances of a move of the location by the actor."""

        def seen(place: Placement) -> Placement:
            return place if self.sees_exact else published_place(self.report, place, self.rules.privacy)

        return Moving(self.report.sent_place(), self.extent, self.rules.moves, seen, self.sees_exact)

    def draft(self, event: str = "", **facts: Any) -> EventDraft:
        """Return the event of this attempt, or of another verb that goes with it."""
        return EventDraft(event or self.event, self.report.report.id, self.actor, self.now_ms, facts)

    def change(self, **parts: Any) -> Change:
        """Return a change that writes these parts and the event of the verb."""
        return Change(self.draft(), **parts)


@dataclass(frozen=True, slots=True)
class Labels:
    """What people read of a verb. The desk's labels are English; `page`, `team` and `requester` are keys of sentences.

    `done` may name members of the body in braces, and `{until}`: when a claim ends. A verb without `page` is shown on
    plain pages by its `button`; a requester is told of a verb only when there is a sentence for it; `team` is for where
    a team reads another one.
    """

    button: str
    done: str
    event: str
    many: str = ""  # the button that does it to all selected; "" for `button`
    ask: str = "Why?"  # above the text that the body asks for
    save: str = "Save"  # below the form
    bulk: str = ""  # after it was done to many; "" for `event`
    undone: str = ""  # after that was taken back
    page: str = ""
    team: str = ""
    requester: str = ""


@dataclass(frozen=True, slots=True)
class Verb:
    """One action on a report or request.

    `permission` is `request.NAME` or `report.NAME`, and also the verb of its events; `roles` are those that have it,
    `requester` being the holder of the tracking code. `transition` raises what prevents it; `offered` returns whether
    to show it now.
    `undo` reverts it, given what it was before.
    """

    permission: str
    roles: frozenset[str]
    body: type[Body]
    transition: Callable[[Attempt, Any], Change]
    offered: Callable[[Attempt], bool]
    labels: Labels
    undo: Callable[[Attempt, Before], Change] | None = None
    bulk: bool = False  # whether it applies to many requests at once
    in_field: bool = False  # whether it is on the field page, /tasks
    # The section of the desk's detail that shows it. `claim` has a form for each of its verbs.
    section: Section = "more"
    secret: bool = False  # whether the public may not know that it happened
    state: State | None = None  # of the request afterwards, where that is always the same
    text: Callable[[CurrentReport], str] | None = None  # the text last written with it; events contain no texts

    @property
    def name(self) -> str:
        """Return the name in the API and in forms."""
        return self.permission.partition(".")[2]

    def field_label(self, member: str) -> str:
        """Return the label of a member's form field: the question for the last text, else its name."""
        texts = [name for name, kind in self.body.required().items() if kind is str]
        return self.labels.ask if member in texts[-1:] else member.replace("_", " ").capitalize()

    @property
    def for_people(self) -> bool:
        """Return whether a role has it, not only the holder of the tracking code."""
        return self.roles != {"requester"}

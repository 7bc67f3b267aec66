"""The desk's report form: category, location, needs and consent to contact. It keeps all entries on a refusal.

Text fields are in an `st.form`, so that typing does not rerun the page; category and map are outside, because other
fields depend on them. Widget keys carry the number of the report in this session, so another report has empty fields.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import streamlit as st

from crisismap.core.category import Category, CategoryField
from crisismap.core.channel import Message, Receipt
from crisismap.core.errors import CrisismapError, KeyReused
from crisismap.core.need.facts import FACT_IDS, FACTS
from crisismap.core.own_channels import DESK
from crisismap.core.people.identity import new_id
from crisismap.core.people.person import Person
from crisismap.core.text import symbols
from crisismap.i18n import english
from crisismap.services.operations import incident
from crisismap.ui.frame import shell, style, stylesheet
from crisismap.ui.frame.wording import category_names, plain
from crisismap.ui.map.base_map import layer_views
from crisismap.ui.map.fit_bounds import fit_bounds
from crisismap.ui.map.place_picker import MAP_ROLES, Place, place_picker
from crisismap.ui.report.report_draft import ANYWHERE, Entries, Refusal, draft_of, missing, refusal_of

MAP_PX = 300
_NUMBER, _CLIENT, _MAP = "report-number", "report-client-id", "report-map"
_REFUSAL, _RECEIPT = "report-refusal", "report-accepted"


def last_receipt() -> Receipt | None:
    """Return the receipt of the last report until the next one begins."""
    receipt = st.session_state.get(_RECEIPT)
    return receipt if isinstance(receipt, Receipt) else None


def begin_report() -> None:
    """Begin a new report."""
    for name in (_CLIENT, _REFUSAL, _RECEIPT):
        st.session_state.pop(name, None)
    st.session_state[_NUMBER] = st.session_state.get(_NUMBER, 0) + 1


def form(person: Person) -> None:
    """Draw the form; after it is sent, `last_receipt` has it on the next run."""
    categories = list(shell.context().rules.categories.values())
    st.html(f"<style>{_tile_symbols(categories)}</style>")
    left, right = st.columns([1, 1], gap="large")
    with left:
        category = _category(categories)
        _ask()
        _location()
    with right, st.form(_key("form"), border=False, enter_to_submit=False):
        _needs(category)
        _contact()
        _show_refusal(ANYWHERE)
        # A double click sends twice. The callback runs before anything is drawn and stores the receipt, and both
        # sends carry the same client id, so the store returns the first receipt.
        st.form_submit_button(
            "Send report",
            type="primary",
            width="stretch",
            on_click=_send,
            args=(person,),
            icon=":material/send:",
        )


def _category(categories: Sequence[Category]) -> Category | None:
    labels = category_names(category.id for category in categories)
    with st.container(key="report-what"):
        selected = st.radio(
            "**1. What is it?**",
            list(labels),
            format_func=lambda each: plain(labels[each]),
            captions=[plain(english().hint(each)) for each in labels],
            index=None,
            key=_key("category"),
            width="stretch",
        )
    _show_refusal("category")
    return next((each for each in categories if each.id == selected), None)


def _ask() -> None:
    st.radio(
        "**2. Does somebody there need help now?**",
        [True, False],
        format_func=lambda asks: "Yes, somebody needs help" if asks else "No, information only",
        index=None,
        key=_key("asks"),
        horizontal=True,
    )


def _location() -> None:
    views = shell.context().views
    st.markdown("**3. Where?** Tap the place on the map, or write it, or both.")
    layers = layer_views(views.situation.layers.values(), MAP_ROLES)
    camera = fit_bounds(incident.box(views), width_px=560, height_px=MAP_PX)
    key = f"{_key('map')}-{st.session_state.get(_MAP, 0)}"
    place = place_picker(camera, layers=layers, dark=style.dark(), height=MAP_PX, key=key)
    st.session_state[_key("place")] = place
    with st.container(horizontal=True, vertical_alignment="center", key="report-place"):
        if place is None:
            stylesheet.note("No place marked yet.")
        else:
            stylesheet.note(f"Marked: {place[1]:.5f}, {place[0]:.5f} (latitude, longitude)")
            st.button("Remove mark", key=_key("unmark"), type="tertiary", on_click=_remove_mark)
    _show_refusal("place")
    st.text_input(
        "Describe the place",
        key=_key("place_text"),
        placeholder="behind the school in ..., third house after the bridge",
        help="A street, a landmark, a house number: what you would tell a driver.",
    )
    _show_refusal("place_text")


def _needs(category: Category | None) -> None:
    st.text_area(
        "**4. What do you see or need?**",
        key=_key("text"),
        height=104,
        placeholder="Water is knee-deep and rising, six of us on the first floor ...",
    )
    _show_refusal("text")
    fields = [(category.id, field) for field in category.fields if field.id not in FACT_IDS] if category else []
    if st.session_state.get(_key("asks")):
        _facts()
    columns = st.columns(2)
    with columns[0]:
        st.number_input(
            "How many people?", min_value=0, step=1, value=None, key=_key("people"), placeholder="Not stated"
        )
        _show_refusal("people")
    for at, (category_id, field) in enumerate((each for each in fields if each[1].kind != "bool"), 1):
        with columns[at % 2]:
            _field(category_id, field)
    with st.container(horizontal=True, gap="medium"):
        for category_id, field in fields:
            if field.kind == "bool":
                _field(category_id, field)


def _facts() -> None:
    """Draw the facts that decide how urgent it is: those to tick, then the numbers."""
    with st.container(horizontal=True, gap="medium"):
        for fact in FACTS:
            if fact.kind == "bool":
                st.checkbox(plain(english()(f"need.fields.{fact.id}")), key=_key(f"fields.{fact.id}"))
    numbers = [fact for fact in FACTS if fact.kind == "int"]
    for column, fact in zip(st.columns(len(numbers)), numbers, strict=True):
        with column:
            name = f"fields.{fact.id}"
            label = plain(english()(f"need.fields.{fact.id}"))
            st.number_input(label, min_value=0, step=1, value=None, key=_key(name), placeholder="Not stated")
            _show_refusal(name)


def _field(category: str, field: CategoryField) -> None:
    name = f"fields.{field.id}"
    label = plain(english().field(category, field.id)) + (f" ({plain(field.unit)})" if field.unit else "")
    key = _key(name)
    if field.kind == "bool":
        st.checkbox(label, key=key)
    elif field.kind == "int":
        st.number_input(label, min_value=0, step=1, value=None, key=key, placeholder="Not stated")
    elif field.kind == "choice":
        options = {value: english().option(category, field.id, value) for value in field.options}
        st.selectbox(
            label, list(options), format_func=options.__getitem__, index=None, key=key, placeholder="Not stated"
        )
    else:
        st.text_input(label, key=key)
    _show_refusal(name)


def _contact() -> None:
    st.markdown("**5. May we call you?** You do not have to say who you are.")
    labels = {"name": "Name", "phone": "Phone", "email": "E-mail"}
    for column, (name, label) in zip(st.columns(3), labels.items(), strict=True):
        with column:
            st.text_input(label, key=_key(name), autocomplete="off")
            _show_refusal(name)
    st.checkbox("The team that takes this on may call or write to me", key=_key("may_contact"))
    st.checkbox("My words may be shown on the public map, without name, phone or exact place", key=_key("publish"))


def _entries() -> Entries:
    state = st.session_state
    category = shell.context().rules.categories.get(state.get(_key("category")) or "")
    fields = (*FACTS, *(category.fields if category else ()))
    texts = {name: state.get(_key(name)) or "" for name in ("text", "place_text", "phone", "email", "name")}
    place: Place | None = state.get(_key("place"))
    return Entries(
        category=category.id if category else "",
        place=place,
        people=state.get(_key("people")),
        fields={f.id: state.get(_key(f"fields.{f.id}")) for f in fields},
        may_contact=bool(state.get(_key("may_contact"))),
        publish=bool(state.get(_key("publish"))),
        asks=state.get(_key("asks")),
        **texts,
    )


def _send(person: Person) -> None:
    if last_receipt() is not None:
        return
    context, entries = shell.context(), _entries()
    st.session_state[_REFUSAL] = missing(entries)
    if st.session_state[_REFUSAL] is not None:
        return
    client_id = st.session_state.setdefault(_CLIENT, new_id(context.clock(), os.urandom(10)))
    try:
        address, draft = st.context.ip_address or "", draft_of(entries, client_id)
        receipt = context.intake.receive(Message(draft, DESK, person=person, address=address, device=person.id))
    except CrisismapError as problem:
        if isinstance(problem, KeyReused):
            st.session_state.pop(_CLIENT)
        st.session_state[_REFUSAL] = refusal_of(problem, context.rules.categories.get(entries.category))
        return
    context.views.situation.wait(receipt.revision, 3.0)
    st.session_state[_RECEIPT] = receipt


def _show_refusal(field: str) -> None:
    refusal = st.session_state.get(_REFUSAL)
    if isinstance(refusal, Refusal) and refusal.field == field:
        stylesheet.error(refusal.sentence)


def _remove_mark() -> None:
    st.session_state[_MAP] = st.session_state.get(_MAP, 0) + 1


def _key(name: str) -> str:
    return f"report-{st.session_state.get(_NUMBER, 0)}-{name}"


def _tile_symbols(categories: Sequence[Category]) -> str:
    """Return CSS that gives each tile of a category its symbol; stylesheet.css makes tiles of the radio buttons."""
    shapes = {category.id: category.icon for category in categories}
    rules = []
    for position, category in enumerate(categories, 1):
        url = style.data_url(symbols.svg(symbols.of_report(category.id, shapes=shapes), size=36, dark=style.dark()))
        tile = f".st-key-report-what [role=radiogroup]>div:nth-of-type({position})"
        rules.append(f'{tile}{{background-image:url("{url}")}}')
    return "".join(rules)

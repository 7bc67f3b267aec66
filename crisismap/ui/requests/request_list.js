// The list of requests: draws only the rows in view of a list of any length, and keeps its place while it lives.
// Every text comes from people and is written with textContent only; the symbols are drawings of our own.

const kept = (globalThis.crisismapLists ??= new Map()); // list -> scrollTop, for the way back
const returned = (globalThis.crisismapReturns ??= new Set()); // openings whose row has had its focus back
const views = new WeakMap();
// What a person decides about a report in which somebody may need help: key, label, what it means.
const DECISIONS = [
  ["1", "P1", "Asks for help: P1, life at risk (key 1)"],
  ["2", "P2", "Asks for help: P2, hours (key 2)"],
  ["3", "P3", "Asks for help: P3, days (key 3)"],
  ["0", "Info", "Information only (key 0)"],
];
// The columns by which the list can be ordered: name, head, meaning, and what a head says further where it has room.
const COLUMNS = [
  ["priority", "P", "Priority"],
  ["wait", "Waiting", "Waiting"],
  ["what", "What", "What: category and words"],
  ["people", "People", "People"],
  ["area", "Ward", "Ward or area"],
  ["shelter", "Shelter", "Distance to the nearest shelter"],
  ["holder", "Who", "Who has it", " has it"],
  ["state", "State", "State, verification and official facts"],
];
const GROUP = 28; // height of a group's heading
const HEADS = 28; // height of the columns' heads

export default function (component) {
  const root = component.parentElement;
  let view = views.get(root);
  if (!view) {
    view = new View(root.querySelector(".list"));
    views.set(root, view);
  }
  view.take(JSON.parse(new TextDecoder().decode(component.data)), component);
}

class View {
  constructor(root) {
    this.root = root;
    this.scroller = root.querySelector(".scroller");
    this.rows = root.querySelector(".rows");
    this.heads = root.querySelector(".heads");
    this.empty = root.querySelector(".empty");
    this.blind = root.querySelector(".blind");
    this.groups = []; // where each group begins, and its heading
    this.known = new Map(); // place in the list -> card
    this.drawn = new Map(); // id (or place, while unknown) -> element
    this.total = 0;
    this.asked = -1;
    this.first = true;
    this.picked = new Set(); // ids, in the order they were chosen
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.scroller.addEventListener("keydown", (event) => this.keyed(event));
    this.woken = (event) => this.wake(event);
    document.addEventListener("keydown", this.woken);
    new ResizeObserver(() => this.resized()).observe(this.scroller);
  }

  take(data, component) {
    this.component = component;
    const anchor = this.first ? null : this.anchor();
    this.root.style.setProperty("--height", data.height);
    this.root.classList.toggle("wordless", !data.words);
    if (data.stamp !== this.stamp) this.known.clear();
    const before = this.ids;
    this.data = data;
    this.key = `${data.name}/${data.fresh}`; // the component's own key is another one each time it is mounted
    this.stamp = data.stamp;
    this.total = data.total;
    this.groups = data.groups;
    data.cards.forEach((card, at) => this.known.set(data.start + at, card));
    this.ids = new Set(data.cards.map((card) => card.id));
    this.empty.hidden = data.total > 0;
    this.scroller.hidden = data.total === 0;
    this.empty.querySelector("strong").textContent = data.empty[0];
    this.empty.querySelector("span").textContent = data.empty[1];
    this.size();
    this.rows.style.height = `${this.top(this.total)}px`;
    const opened = this.first;
    if (this.first) {
      this.scroller.scrollTop = kept.get(this.key) ?? 0;
      this.first = false;
    } else if (data.fresh !== this.fresh) {
      this.scroller.scrollTop = 0;
    } else if (anchor) {
      const now = data.cards.findIndex((card) => card.id === anchor.id);
      if (now >= 0) this.scroller.scrollTop = this.top(data.start + now) + anchor.offset;
    }
    if (data.picks !== this.picks) this.picked.clear();
    this.picks = data.picks;
    this.root.classList.toggle("picking", data.picks !== null);
    this.fresh = data.fresh;
    this.root.classList.toggle("decides", data.decides);
    this.scroller.setAttribute("aria-rowcount", this.total + this.groups.length + 1);
    this.root.dataset.total = this.total;
    this.blind.hidden = !data.map || canDraw();
    this.head();
    this.draw(before);
    this.want();
    this.comeBack();
  }

  comeBack() {
    // Whoever closes what they opened goes on where they were: once for each opening, and not out of another field.
    const [id, number] = this.data.returns;
    const name = `${this.data.name}/${number}`;
    if (!id || this.data.chosen || returned.has(name)) return;
    returned.add(name);
    // What was claimed or answered meanwhile stands elsewhere: then the first row in view has it.
    const row = this.drawn.get(id) ?? this.rows.querySelector(`.row[data-at="${this.at(this.scroller.scrollTop)}"]`);
    if (row && !document.activeElement?.matches("input, textarea, select")) {
      row.querySelector(".open")?.focus({ preventScroll: true });
    }
  }

  head() {
    const said = JSON.stringify([this.data.sorted, this.data.picks !== null]);
    if (this.headed === said) return;
    this.headed = said;
    const held = this.heads.getRootNode().activeElement?.dataset?.column;
    this.heads.replaceChildren();
    const line = part(this.heads, "div", "line");
    line.setAttribute("role", "row");
    line.setAttribute("aria-rowindex", 1);
    if (this.data.picks !== null) {
      const pick = part(line, "div", "pick");
      pick.setAttribute("role", "columnheader");
      part(pick, "span", "hidden", "Select");
    }
    const [sorted, down] = this.data.sorted;
    for (const [name, label, meaning, further] of COLUMNS) {
      const cell = part(line, "div", name);
      cell.setAttribute("role", "columnheader");
      if (name === sorted) cell.setAttribute("aria-sort", down ? "ascending" : "descending");
      const button = part(cell, "button", "", label);
      if (further) part(button, "span", "further", further);
      if (name === sorted) button.append(down ? " ▾" : " ▴");
      button.title = `${meaning}: order by it`;
      button.ariaLabel = meaning;
      button.dataset.column = name;
      button.addEventListener("click", () => this.component.setTriggerValue("sort", name));
      if (held === name) button.focus();
    }
  }

  top(at) {
    // Where a row is drawn, in pixels from the top of all rows: groups that begin at it or before push it down.
    return at * this.step + this.headings(at) * GROUP;
  }

  headings(at) {
    return this.groups.filter(([first]) => first <= at).length;
  }

  at(top) {
    // The row at so many pixels from the top; a heading counts to the row below it.
    let at = 0;
    for (let passed = this.groups.length; passed >= 0; passed--) {
      at = Math.floor((top - passed * GROUP) / this.step);
      if (passed === 0 || at >= this.groups[passed - 1][0]) break;
    }
    return Math.max(0, Math.min(at, Math.max(0, this.total - 1)));
  }

  anchor() {
    // At the very top people want to see what is new; further down they want to stay where they read.
    const top = this.scroller.scrollTop;
    if (top < this.step / 2) return null;
    const at = this.at(top);
    const card = this.known.get(at);
    return card ? { id: card.id, offset: top - this.top(at) } : null;
  }

  size() {
    const width = this.scroller.clientWidth || this.root.clientWidth;
    const kind = width >= 900 ? "wide" : width < 420 ? "phone" : width >= 600 ? "middle" : "slim";
    const deciding = kind === "phone" && this.data.decides && this.data.claims;
    for (const each of ["wide", "middle", "slim", "phone"]) this.root.classList.toggle(each, each === kind);
    this.root.classList.toggle("deciding", deciding);
    const touch = matchMedia("(pointer: coarse)").matches;
    this.step = kind === "phone" ? (deciding ? 148 : 92) : touch ? 56 : 40;
    this.headHeight = kind === "phone" ? 0 : HEADS;
    this.root.style.setProperty("--step", `${this.step}px`);
  }

  resized() {
    if (!this.data || !this.scroller.clientHeight) return;
    const at = this.at(this.scroller.scrollTop);
    const offset = this.scroller.scrollTop - this.top(at);
    const step = this.step;
    this.size();
    if (step !== this.step) {
      this.rows.style.height = `${this.top(this.total)}px`;
      this.scroller.scrollTop = this.top(at) + offset;
    }
    this.draw();
    this.want();
  }

  scrolled() {
    kept.set(this.key, this.scroller.scrollTop);
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.want(), 100);
    });
  }

  range() {
    const top = this.scroller.scrollTop;
    const from = Math.max(0, this.at(top) - 1);
    const to = Math.min(this.total, this.at(top + this.scroller.clientHeight) + 2);
    return [from, to];
  }

  want() {
    // Ask for the rows in view that are not here; once for the same place at the same state.
    const [from, to] = this.range();
    for (let at = from; at < to; at++) {
      if (this.known.has(at)) continue;
      const wish = `${this.stamp}/${from}`;
      if (this.wish !== wish) {
        this.wish = wish;
        this.component.setStateValue("at", { at: from, fresh: this.data.fresh });
      }
      return;
    }
  }

  draw(before) {
    const [from, to] = this.range();
    const still = new Set();
    for (let at = from; at < to; at++) {
      const card = this.known.get(at);
      const name = card ? card.id : `#${at}`;
      still.add(name);
      let row = this.drawn.get(name);
      if (!row) {
        row = part(this.rows, "div", "row");
        row.setAttribute("role", "row");
        this.drawn.set(name, row);
        if (card && before && !before.has(card.id)) row.classList.add("new");
      }
      row.style.transform = `translateY(${this.top(at)}px)`;
      row.dataset.at = at;
      row.setAttribute("aria-rowindex", at + 2 + this.headings(at));
      const said = JSON.stringify(card ?? null);
      if (row.said !== said) {
        row.said = said;
        this.fill(row, card);
      }
      row.classList.toggle("chosen", Boolean(card) && card.id === this.data.chosen);
      const pick = row.querySelector(".pick input");
      if (pick) pick.checked = this.picked.has(card.id);
    }
    this.groups.forEach(([first, heading], number) => {
      const name = `group ${number}`;
      still.add(name);
      let group = this.drawn.get(name);
      if (!group) {
        group = part(this.rows, "div", "group");
        group.setAttribute("role", "row");
        part(group, "span", "").setAttribute("role", "cell");
        this.drawn.set(name, group);
      }
      group.firstChild.textContent = heading;
      group.firstChild.setAttribute("aria-colspan", COLUMNS.length);
      group.setAttribute("aria-rowindex", first + 2 + number);
      group.dataset.at = first - 0.5;
      group.style.transform = `translateY(${this.top(first) - GROUP}px)`;
    });
    for (const [name, row] of this.drawn) {
      if (still.has(name)) continue;
      row.remove();
      this.drawn.delete(name);
    }
    this.arrange();
  }

  arrange() {
    // Keys and screen readers go by the order in the document. What has the focus would lose it if it was moved.
    const place = (row) => Number(row.dataset.at);
    const rows = [...this.rows.children];
    if (rows.every((row, at) => !at || place(rows[at - 1]) <= place(row))) return;
    const held = this.rows.getRootNode().activeElement?.closest(".row") ?? null;
    const sorted = rows.sort((one, other) => place(one) - place(other));
    const middle = sorted.indexOf(held);
    sorted.forEach((row, at) => {
      if (row !== held) this.rows.insertBefore(row, at < middle ? held : null);
    });
  }

  fill(row, card) {
    const focused = row.contains(row.getRootNode().activeElement) ? row.getRootNode().activeElement.className : null;
    row.replaceChildren();
    const decides = card && card.may && this.data.claims;
    row.className = card ? "row line" : "row blank";
    if (!card) return cell(row, "hidden", "loading");
    row.classList.toggle("overdue", card.late);
    row.classList.toggle("unplaced", !card.shelter);
    row.classList.toggle("decides", Boolean(decides));
    if (this.data.picks !== null) {
      const pick = part(cell(row, "pick"), "input", "");
      pick.type = "checkbox";
      pick.setAttribute("aria-label", `Select ${card.priority} ${card.category}, waiting ${card.wait}`);
      pick.addEventListener("change", () => this.pick(card.id));
    }
    cell(row, `priority ${card.priority.toLowerCase()}`, card.priority);
    const wait = cell(row, "wait");
    part(wait, "span", "age", card.wait);
    const late = part(wait, "span", card.late ? "late" : "turn", card.late ? "overdue" : (card.turn[0] ?? ""));
    if (card.turn.length) late.title = row.title = `Why here? ${card.turn[1]}`;
    this.what(cell(row, "what"), card);
    const people = cell(row, "people", card.people ? String(card.people) : "");
    if (card.people) part(people, "span", "unit", card.people === 1 ? " person" : " people");
    const area = cell(row, "area", card.area);
    area.title = [card.area, card.place].filter(Boolean).join(" · ");
    if (card.place) part(area, "span", "described", ` ${card.place}`);
    const shelter = cell(row, "shelter");
    if (card.shelter) {
      part(shelter, "span", "lead", "shelter ");
      shelter.append(card.shelter);
    }
    this.holder(cell(row, "holder"), card, decides);
    const all = [...this.standing(card), ...card.facts].join(" · ");
    cell(row, "state", all).title = all;
    if (focused) row.querySelector(`.${focused.split(" ")[0]}`)?.focus();
  }

  what(what, card) {
    const subject = part(what, "div", "subject");
    const icon = part(subject, "span", "icon");
    icon.innerHTML = this.data.symbols[card.symbol] ?? "";
    const open = part(subject, "button", "open", card.category);
    open.setAttribute("aria-label", `Open ${card.priority} ${card.category}, waiting ${card.wait}`);
    open.addEventListener("click", () => this.component.setTriggerValue("open", card.id));
    if (card.may) part(subject, "b", "may", "may need help");
    if (card.people) part(subject, "span", "crowd", `· ${card.people === 1 ? "1 person" : `${card.people} people`}`);
    if (card.asking) part(subject, "span", "asking", `· ${card.asking}`);
    const said = part(what, "div", "said");
    if (card.may) part(said, "span", "brief may-brief", "may need help");
    else part(said, "span", "brief", this.standing(card)[0] ?? "");
    part(said, "span", "words", card.text);
    said.title = card.text;
  }

  holder(holder, card, decides) {
    if (decides) {
      const look = part(holder, "button", "look", "Decide");
      look.addEventListener("click", () => this.component.setTriggerValue("open", card.id));
      const decide = part(holder, "span", "decide");
      for (const [key, label, said] of DECISIONS) {
        const button = part(decide, "button", `key${key}`, label);
        button.title = button.ariaLabel = said;
        button.addEventListener("click", () => {
          for (const each of decide.children) each.disabled = true;
          this.component.setTriggerValue("triage", { id: card.id, version: card.version, key });
        });
      }
    } else if (this.data.claims && card.open) {
      const claim = part(holder, "button", "claim", "Claim");
      claim.addEventListener("click", () => {
        claim.disabled = true;
        this.component.setTriggerValue("claim", { id: card.id, version: card.version });
      });
    } else {
      holder.textContent = holder.title = card.holder || (card.open ? "nobody yet" : "");
    }
  }

  standing(card) {
    // What a responder must know before acting, the most important first.
    const fits = (card.needs ?? []).filter((need) => need in this.data.abilities).map((need) => this.data.abilities[need]);
    return fits.length ? [`matches your skills: ${fits.join(", ")}`, ...card.standing] : card.standing;
  }

  pick(id) {
    if (!this.picked.delete(id)) this.picked.add(id);
    this.draw();
    this.component.setStateValue("picked", { of: this.picks, ids: [...this.picked] });
  }

  wake(event) {
    // The first arrow on a page where nothing has the focus goes to the first row in view.
    if (!this.root.isConnected) return document.removeEventListener("keydown", this.woken);
    if (event.key !== "ArrowDown" || document.activeElement !== document.body || !this.total) return;
    event.preventDefault();
    const top = this.scroller.scrollTop;
    const at = this.at(top);
    this.focus(this.top(at) < top ? Math.min(at + 1, this.total - 1) : at);
  }

  keyed(event) {
    const row = event.target.closest?.(".row");
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const at = Number(row.dataset.at);
    if (step) {
      event.preventDefault();
      if (at + step >= 0 && at + step < this.total) this.focus(at + step);
      return;
    }
    const press = { c: ".claim", o: ".open", x: ".pick input", 1: ".key1", 2: ".key2", 3: ".key3", 0: ".key0" }[
      event.key.toLowerCase()
    ];
    if (!press) return;
    event.preventDefault();
    event.stopPropagation();
    row.querySelector(press)?.click();
  }

  focus(at) {
    const top = this.top(at);
    const height = this.scroller.clientHeight - this.headHeight;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    if (top + this.step > this.scroller.scrollTop + height) this.scroller.scrollTop = top + this.step - height;
    this.draw();
    this.rows.querySelector(`.row[data-at="${at}"] .open`)?.focus();
  }
}

let drawing;
function canDraw() {
  // Asked once: every context that is opened takes one of the few a page may have.
  drawing ??= Boolean(document.createElement("canvas").getContext("webgl2"));
  return drawing;
}

function cell(row, name, text) {
  const made = part(row, "div", name, text);
  made.setAttribute("role", "cell");
  return made;
}

function part(parent, tag, name, text) {
  const made = document.createElement(tag);
  made.className = name;
  if (text !== undefined) made.textContent = text;
  if (tag === "button") made.type = "button";
  parent.append(made);
  return made;
}

// The list of requests: draws only the rows in view of a list of any length, and keeps its place while it lives.
// Every text comes from people and is written with textContent only; the symbols are drawings of our own.

const kept = (globalThis.crisismapLists ??= new Map()); // list -> scrollTop, for the way back
const views = new WeakMap();
// What a person decides about a report in which somebody may need help: key, label, what it means.
const DECISIONS = [
  ["1", "P1", "Asks for help: P1, life at risk (key 1)"],
  ["2", "P2", "Asks for help: P2, hours (key 2)"],
  ["3", "P3", "Asks for help: P3, days (key 3)"],
  ["0", "Info", "Information only (key 0)"],
];

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
    this.rows = root.querySelector("ol");
    this.empty = root.querySelector(".empty");
    this.blind = root.querySelector(".blind");
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
    data.cards.forEach((card, at) => this.known.set(data.start + at, card));
    this.ids = new Set(data.cards.map((card) => card.id));
    this.empty.hidden = data.total > 0;
    this.scroller.hidden = data.total === 0;
    this.empty.querySelector("strong").textContent = data.empty[0];
    this.empty.querySelector("span").textContent = data.empty[1];
    this.size();
    this.rows.style.height = `${this.total * this.step}px`;
    if (this.first) {
      this.scroller.scrollTop = kept.get(this.key) ?? 0;
      this.first = false;
    } else if (data.fresh !== this.fresh) {
      this.scroller.scrollTop = 0;
    } else if (anchor) {
      const now = data.cards.findIndex((card) => card.id === anchor.id);
      if (now >= 0) this.scroller.scrollTop = (data.start + now) * this.step + anchor.offset;
    }
    if (data.picks !== this.picks) this.picked.clear();
    this.picks = data.picks;
    this.root.classList.toggle("picking", data.picks !== null);
    this.fresh = data.fresh;
    this.blind.hidden = !data.map || canDraw();
    this.draw(before);
    this.want();
  }

  anchor() {
    // At the very top people want to see what is new; further down they want to stay where they read.
    const top = this.scroller.scrollTop;
    if (top < this.step / 2) return null;
    const at = Math.floor(top / this.step);
    const card = this.known.get(at);
    return card ? { id: card.id, offset: top - at * this.step } : null;
  }

  size() {
    const width = this.scroller.clientWidth || this.root.clientWidth;
    const wide = width >= 720;
    const touch = matchMedia("(max-width: 640px)").matches;
    this.root.classList.toggle("wide", wide);
    const words = this.data.words;
    this.step = wide ? 72 : touch ? (words ? 168 : 124) : words ? 112 : 72;
    this.root.style.setProperty("--step", `${this.step}px`);
  }

  resized() {
    if (!this.data || !this.scroller.clientHeight) return;
    const at = this.scroller.scrollTop / this.step;
    const step = this.step;
    this.size();
    if (step !== this.step) {
      this.rows.style.height = `${this.total * this.step}px`;
      this.scroller.scrollTop = at * this.step;
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
    const from = Math.max(0, Math.floor(top / this.step) - 1);
    const to = Math.min(this.total, Math.ceil((top + this.scroller.clientHeight) / this.step) + 1);
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
        row = document.createElement("li");
        this.drawn.set(name, row);
        this.rows.append(row);
        if (card && before && !before.has(card.id)) row.classList.add("new");
      }
      row.style.transform = `translateY(${at * this.step}px)`;
      row.style.order = at;
      row.setAttribute("aria-posinset", at + 1);
      row.setAttribute("aria-setsize", this.total);
      const said = JSON.stringify(card ?? null);
      if (row.said !== said) {
        row.said = said;
        this.fill(row, card);
      }
      row.classList.toggle("chosen", Boolean(card) && card.id === this.data.chosen);
      const pick = row.querySelector(".pick");
      if (pick) pick.checked = this.picked.has(card.id);
    }
    for (const [name, row] of this.drawn) {
      if (still.has(name)) continue;
      row.remove();
      this.drawn.delete(name);
    }
  }

  fill(row, card) {
    const focused = row.contains(row.getRootNode().activeElement) ? row.getRootNode().activeElement.className : null;
    row.replaceChildren();
    row.className = card ? `${card.late ? "late" : ""} ${card.tone}` : "waiting";
    if (!card) return;
    const icon = part(row, "span", "icon");
    icon.innerHTML = this.data.symbols[card.symbol] ?? "";
    const head = part(row, "div", "head");
    if (this.data.picks !== null) {
      const pick = part(head, "input", "pick");
      pick.type = "checkbox";
      pick.setAttribute("aria-label", `Select ${card.priority} ${card.category}, waiting ${card.wait}`);
      pick.addEventListener("change", () => this.pick(card.id));
    }
    if (card.priority) part(head, "b", `priority ${card.priority.toLowerCase()}`, card.priority);
    part(head, "span", "wait", card.late ? `${card.wait} · overdue` : card.wait);
    part(head, "span", "what", [card.category, card.people, card.asking].filter(Boolean).join(" · "));
    if (card.text) part(row, "p", "said", card.text);
    const about = part(row, "div", "about");
    part(about, "span", "where", card.where);
    const fits = (card.needs ?? []).filter((need) => need in this.data.abilities).map((need) => this.data.abilities[need]);
    if (fits.length) part(about, "span", "fits", `matches your skills: ${fits.join(", ")}`);
    for (const fact of card.facts) part(about, "span", "fact", fact);
    const foot = part(row, "div", "foot");
    if (card.state) part(foot, "span", "state", card.state);
    if (card.may) part(head, "b", "may", "may need help");
    if (this.data.claims && card.may) {
      const decide = part(foot, "span", "decide");
      for (const [key, label, said] of DECISIONS) {
        const button = part(decide, "button", `key${key}`, label);
        button.title = button.ariaLabel = said;
        button.addEventListener("click", () => {
          for (const each of decide.children) each.disabled = true;
          this.component.setTriggerValue("triage", { id: card.id, version: card.version, key });
        });
      }
    } else if (this.data.claims && card.open) {
      const claim = part(foot, "button", "claim", "Claim");
      claim.addEventListener("click", () => {
        claim.disabled = true;
        this.component.setTriggerValue("claim", { id: card.id, version: card.version });
      });
    }
    const open = part(foot, "button", "open", "Open");
    open.setAttribute("aria-label", `Open ${card.priority} ${card.category}, waiting ${card.wait}`);
    open.addEventListener("click", () => this.component.setTriggerValue("open", card.id));
    if (focused) row.querySelector(`.${focused.split(" ")[0]}`)?.focus();
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
    this.focus(Math.ceil(this.scroller.scrollTop / this.step));
  }

  keyed(event) {
    const row = event.target.closest?.("li");
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const at = Number(row.style.order);
    if (step) {
      event.preventDefault();
      if (at + step >= 0 && at + step < this.total) this.focus(at + step);
      return;
    }
    const press = { c: ".claim", o: ".open", x: ".pick", 1: ".key1", 2: ".key2", 3: ".key3", 0: ".key0" }[
      event.key.toLowerCase()
    ];
    if (!press) return;
    event.preventDefault();
    event.stopPropagation();
    row.querySelector(press)?.click();
  }

  focus(at) {
    const top = at * this.step;
    const height = this.scroller.clientHeight;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    if (top + this.step > this.scroller.scrollTop + height) this.scroller.scrollTop = top + this.step - height;
    this.draw();
    [...this.rows.children].find((each) => Number(each.style.order) === at)?.querySelector(".open")?.focus();
  }
}

let drawing;
function canDraw() {
  // Asked once: every context that is opened takes one of the few a page may have.
  drawing ??= Boolean(document.createElement("canvas").getContext("webgl2"));
  return drawing;
}

function part(parent, tag, name, text) {
  const made = document.createElement(tag);
  made.className = name;
  if (text !== undefined) made.textContent = text;
  if (tag === "button") made.type = "button";
  parent.append(made);
  return made;
}

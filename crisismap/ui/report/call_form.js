// The call-taker's form: everything by keys. Texts of people and layers are written with textContent only.

const forms = new WeakMap();

export default function (component) {
  const root = component.parentElement;
  let form = forms.get(root);
  if (!form) {
    form = new Form(root.querySelector(".call"));
    forms.set(root, form);
  }
  form.take(JSON.parse(new TextDecoder().decode(component.data)), component);
}

class Form {
  constructor(root) {
    this.root = root;
    for (const name of ["form", "cats", "asks", "facts", "spots", "where", "wrong", "receipt", "groups", "next", "took"]) {
      this[name] = root.querySelector(`.${name}`);
    }
    this.fields = root.querySelector("form").elements;
    root.addEventListener("keydown", (event) => this.keyed(event));
    root.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
    root.querySelector("form .send").addEventListener("click", () => this.send());
    root.querySelector(".receipt .send").addEventListener("click", () => this.again());
    this.fields.place.addEventListener("input", () => this.typed());
  }

  take(data, component) {
    this.component = component;
    this.data = data;
    if (data.call !== this.call) this.begin(data);
    this.root.classList.toggle("sending", Boolean(this.sent) && !data.receipt && data.attempt < this.sent);
    if (data.attempt === this.sent) this.sent = 0;
    this.refuse(data.refusal);
    this.offer();
    if (data.receipt && !this.told) this.tell(data.receipt);
  }

  begin(data) {
    this.call = data.call;
    this.category = this.spot = this.started = this.asking = null;
    this.told = false;
    this.sent = 0;
    this.root.querySelector("form").reset();
    this.root.querySelector("form").hidden = false;
    this.receipt.hidden = true;
    this.spots.hidden = this.where.hidden = true;
    this.cats.replaceChildren();
    for (const each of data.categories) {
      const button = part(this.cats, "button");
      button.type = "button";
      button.tabIndex = -1;
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", "false");
      part(button, "kbd", each.key);
      part(button, "span", each.label);
      button.addEventListener("click", () => this.choose(each.id));
    }
    this.ask();
    this.cats.focus();
  }

  // Whether somebody needs help, and the facts that decide how soon.
  ask() {
    this.asks.replaceChildren();
    this.facts.replaceChildren();
    for (const [key, label, asks] of [["Y", "Yes, somebody needs help", true], ["N", "No, information only", false]]) {
      const button = part(this.asks, "button");
      button.type = "button";
      button.tabIndex = -1;
      button.setAttribute("role", "radio");
      part(button, "kbd", key);
      part(button, "span", label);
      button.addEventListener("click", () => this.decide(asks));
    }
    for (const fact of this.data.facts) {
      const label = part(this.facts, "label");
      const input = document.createElement("input");
      input.type = fact.kind === "bool" ? "checkbox" : "text";
      if (fact.kind === "int") input.inputMode = "numeric";
      input.dataset.fact = fact.id;
      label.className = fact.kind === "bool" ? "tick" : "count";
      label.append(input);
      part(label, "span", fact.label);
    }
    this.decide(null);
  }

  decide(asks) {
    this.asking = asks;
    [...this.asks.children].forEach((button, at) => {
      button.setAttribute("aria-checked", String(asks !== null && asks === (at === 0)));
    });
    this.facts.hidden = asks !== true;
    if (asks === true) this.facts.querySelector("input").focus();
    if (asks === false) this.fields.place.focus();
  }

  stated() {
    const inputs = this.asking === true ? [...this.facts.querySelectorAll("input")] : [];
    return Object.fromEntries(
      inputs.map((input) => [input.dataset.fact, input.type === "checkbox" ? input.checked : input.value.trim()]),
    );
  }

  choose(id) {
    this.category = id;
    this.data.categories.forEach((each, at) => {
      this.cats.children[at].setAttribute("aria-checked", String(each.id === id));
    });
    this.fields.text.focus();
  }

  keyed(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    this.started ??= performance.now();
    const target = event.target;
    const byKey = this.data.categories.find((each) => each.key === event.key);
    if (this.cats.contains(target) && byKey) {
      this.choose(byKey.id);
    } else if (this.asks.contains(target) && ["y", "n"].includes(event.key.toLowerCase())) {
      this.decide(event.key.toLowerCase() === "y");
    } else if (target === this.fields.place && !this.spots.hidden && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      this.mark(this.marked + (event.key === "ArrowDown" ? 1 : -1));
    } else if (target === this.fields.place && event.key === "Enter" && !this.spots.hidden && this.marked >= 0) {
      this.pick(this.marked);
    } else if (event.key === "Escape" && !this.spots.hidden) {
      this.spots.hidden = true;
    } else if (event.key === "Enter" && !event.shiftKey) {
      if (this.told) this.again();
      else this.send();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  typed() {
    // Words may follow the name that was chosen: "Amudha Lane, third house".
    if (this.spot && this.fields.place.value.startsWith(this.spot.name)) return;
    this.spot = null;
    this.where.hidden = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.component.setStateValue("place", this.fields.place.value.trim()), 150);
  }

  offer() {
    const { of, found } = this.data.spots;
    const wanted = this.fields.place.value.trim();
    const fits = wanted && of === wanted && !this.spot && found.length > 0;
    if (fits && this.offered === of && !this.spots.hidden) return;
    this.spots.hidden = !fits;
    this.offered = fits ? of : null;
    this.marked = -1;
    if (!fits) return;
    this.spots.replaceChildren();
    found.forEach((spot, at) => {
      const row = part(this.spots, "li");
      row.setAttribute("role", "option");
      part(row, "span", spot.name);
      part(row, "span", spot.about);
      row.addEventListener("mousedown", (event) => {
        event.preventDefault();
        this.pick(at);
      });
    });
    this.mark(-1);
  }

  mark(at) {
    const rows = [...this.spots.children];
    this.marked = Math.max(-1, Math.min(at, rows.length - 1));
    rows.forEach((row, number) => row.setAttribute("aria-selected", String(number === this.marked)));
  }

  pick(at) {
    this.spot = this.data.spots.found[at];
    this.fields.place.value = this.spot.name;
    this.spots.hidden = true;
    this.where.hidden = false;
    this.where.textContent = `On the map: ${this.spot.name} (${this.spot.about}), within ${this.spot.within}`;
  }

  send() {
    if (this.sent || this.told) return;
    if (!this.category) {
      this.refuse({ field: "category", sentence: "First choose a category: press its key." });
      return this.cats.focus();
    }
    const f = this.fields;
    this.sent = this.data.attempt + 1;
    this.root.classList.add("sending");
    this.component.setTriggerValue("send", {
      category: this.category,
      text: f.text.value,
      asks: this.asking,
      facts: this.stated(),
      place: f.place.value,
      lon: this.spot?.lon ?? null,
      lat: this.spot?.lat ?? null,
      accuracy_m: this.spot?.accuracy_m ?? null,
      people: f.people.value.trim(),
      name: f.caller.value,
      phone: f.phone.value,
      may_contact: f.may_contact.checked,
      publish: f.publish.checked,
    });
  }

  refuse(refusal) {
    this.wrong.hidden = !refusal;
    if (!refusal) return;
    this.wrong.textContent = refusal.sentence;
    const field = { words: "place", text: "text", people: "people", phone: "phone", name: "caller" }[refusal.field];
    if (field) this.fields[field].focus();
  }

  tell(receipt) {
    this.told = true;
    this.took.textContent = `Saved. Read the code to the caller.${this.seconds()}`;
    this.groups.replaceChildren();
    for (const each of receipt.groups) {
      const group = part(this.groups, "div");
      part(group, "b", each.letters);
      part(group, "span", each.words);
    }
    this.next.replaceChildren();
    for (const sentence of receipt.next) part(this.next, "li", sentence);
    this.root.querySelector("form").hidden = true;
    this.receipt.hidden = false;
    this.receipt.querySelector(".send").focus();
  }

  seconds() {
    return this.started ? ` It took ${Math.round((performance.now() - this.started) / 1000)} s.` : "";
  }

  again() {
    this.component.setTriggerValue("next", this.call + 1);
  }
}

function part(parent, tag, text) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

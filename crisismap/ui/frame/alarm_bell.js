// The alarm for new urgent requests: a badge in the tab's title and, once a person has allowed it, a sound made here.

const bells = new WeakMap();
const WANTED = "crisismap-sound"; // kept in this browser only
const EVERY_MS = 8000;

export default function (component) {
  const root = component.parentElement;
  let bell = bells.get(root);
  if (!bell) {
    bell = new Bell(root.querySelector(".bell"));
    bells.set(root, bell);
  }
  bell.take(JSON.parse(new TextDecoder().decode(component.data)), component);
}

class Bell {
  constructor(root) {
    this.root = root;
    this.news = root.querySelector(".news");
    this.sound = root.querySelector(".sound");
    this.count = 0;
    root.querySelector(".heard").addEventListener("click", () => {
      this.component.setTriggerValue("heard", this.count);
    });
    this.sound.addEventListener("click", () => this.toggle());
    this.timer = setInterval(() => this.tick(), 500);
    // A browser lets nothing sound before the person has pressed something on this page.
    this.gesture = () => this.audio?.resume();
    document.addEventListener("pointerdown", this.gesture);
    document.addEventListener("keydown", this.gesture);
    if (localStorage.getItem(WANTED) === "on") this.open();
  }

  take(data, component) {
    this.component = component;
    const more = data.count > this.count;
    this.count = data.count;
    this.news.hidden = data.count === 0;
    this.news.querySelector("b").textContent = data.words;
    if (more) this.rang = 0;
    this.tick();
    this.label();
  }

  open() {
    this.audio ??= new AudioContext();
    this.audio.onstatechange = () => this.label();
    this.audio.resume();
  }

  toggle() {
    if (this.audio) {
      this.audio.close();
      this.audio = null;
      localStorage.removeItem(WANTED);
    } else {
      localStorage.setItem(WANTED, "on");
      this.open();
      this.ring();
    }
    this.label();
  }

  label() {
    const waits = this.audio && this.audio.state !== "running";
    this.sound.textContent = !this.audio ? "Turn sound on" : waits ? "Press any key for sound" : "Turn sound off";
    this.root.dataset.audio = this.audio?.state ?? "none";
  }

  tick() {
    if (!this.root.isConnected) return this.gone();
    this.badge(this.count);
    if (!this.count || this.audio?.state !== "running") return;
    if (performance.now() - (this.rang || -EVERY_MS) >= EVERY_MS) this.ring();
  }

  ring() {
    // Three short tones going up, loud enough for a room and nothing like a telephone.
    this.rang = performance.now();
    this.root.dataset.rings = String(Number(this.root.dataset.rings ?? 0) + 1);
    [660, 880, 1100].forEach((pitch, at) => {
      const from = this.audio.currentTime + at * 0.18;
      const tone = new OscillatorNode(this.audio, { type: "triangle", frequency: pitch });
      const loud = new GainNode(this.audio, { gain: 0 });
      loud.gain.setValueAtTime(0, from);
      loud.gain.linearRampToValueAtTime(0.4, from + 0.02);
      loud.gain.linearRampToValueAtTime(0, from + 0.16);
      tone.connect(loud).connect(this.audio.destination);
      tone.start(from);
      tone.stop(from + 0.18);
    });
  }

  badge(count) {
    // Streamlit writes the title anew on each run, so it is looked at again and again.
    const bare = document.title.replace(/^\(\d+ P1\) /, "");
    const wanted = count ? `(${count} P1) ${bare}` : bare;
    if (document.title !== wanted) document.title = wanted;
  }

  gone() {
    clearInterval(this.timer);
    document.removeEventListener("pointerdown", this.gesture);
    document.removeEventListener("keydown", this.gesture);
    this.audio?.close();
    this.badge(0);
  }
}

// Byzantine generals: who tells whom what, round by round, with lies that can be edited, and what each loyal general
// makes of it.
//
// What is seen is a pure function of (story, t, the chosen general). The kernel runs the algorithm: a traitor or a lie
// that is changed here goes to it as a `wish`, and a new `story` comes back. Both are traits of the model, so that all
// views of one battle show the same.

import { LiesTable } from "./generals_lies.js";
import { GeneralsRing } from "./generals_ring.js";
import { GeneralsTree } from "./generals_tree.js";
import { valueLegend } from "./generals_values.js";
import { KeyList } from "./help.js";
import { listenForKeys, Playback, playbackKeys, prefersStillness, signButton, transport } from "./playback.js";
import { projectorButton } from "./projector.js";
import { hidingStill } from "./still.js";
import { change, html, write } from "./svg.js";

const WAIT = 3000; // ms until we say that the kernel is silent
const PER_STEP = 2400; // ms that a round takes at speed 1
const POINT = "Point at a message or at a vertex of the tree to read it in words; with the keyboard, ↑ and ↓.";
const NO_KERNEL = "This page has no kernel: it shows this battle. To change it, run it in a notebook.";
const NO_ANSWER = "The kernel does not answer: it is busy, or gone. Run the cell again to change the battle.";

class Battle {
  constructor(model) {
    this.model = model;
    this.story = model.get("story");
    const { generals, chosen, rounds, at } = this.story;
    this.chosen = chosen;
    this.canEdit = Boolean(model.send);
    this.waits = false;
    this.build();
    this.playback = new Playback({ end: rounds + 1, draw: () => this.draw(), ticks: 1 / PER_STEP });
    this.stops = () => Array.from({ length: rounds + 2 }, (_, step) => step);
    this.controls = transport(this.playback, { stops: this.stops, clock: (t) => `${this.stepAt(t)} / ${rounds + 1}` });
    this.controls.bar.append(this.controls.scrubber, projectorButton());
    this.frame(generals);
    this.hears = () => this.hear();
    model.on("change:story", this.hears);
    this.showStory();
    this.playback.seek(at ?? rounds + 1);
    this.playback.restWhileUnseen(this.element);
  }

  build() {
    this.title = html("h2", { class: "gn-title" });
    this.lamps = html("div", { class: "gn-lamps", role: "group", "aria-label": "What must hold" });
    this.ring = new GeneralsRing(this.story.generals, {
      choose: (name) => this.choose(name),
      edit: (message) => this.flip(message),
    });
    this.pointed = html("p", { class: "tl-pointed", "aria-live": "polite" }, POINT);
    this.tree = new GeneralsTree((words) => write(this.pointed, words));
    this.treeTitle = html("h3");
    this.reasoning = html("ol", { class: "gn-reasoning" });
    this.caption = html("p", { class: "tl-caption", "aria-live": "polite" });
    this.lies = new LiesTable((message) => this.flip(message));
    this.said = html("p", { class: "gn-said", role: "status" });
    this.legend = html("div");
  }

  frame(generals) {
    this.traitors = generals.map((name) => signButton(name, `${name}: traitor or loyal`, () => this.turn(name)));
    this.honest = signButton("no lies", "Let the traitors tell the truth (h)", () => this.tellTruth());
    this.search = signButton("search", "Let the search find lies that work (s)", () => this.ask({ search: true }));
    const keys = new KeyList(this.keys());
    this.controls.bar.append(keys.button);
    const who = html("div", { class: "gn-row", role: "toolbar", "aria-label": "Traitors" });
    who.append(html("span", {}, "Traitors:"), ...this.traitors, this.honest, this.search);
    const right = html("section", { class: "gn-side" }, this.treeTitle, html("div", { class: "gn-scroll" }, this.tree.element));
    right.append(this.reasoning);
    this.element = html(
      "div",
      { class: "tl gn", role: "group", "aria-label": this.story.title, tabindex: -1 },
      html("div", { class: "gn-head" }, this.title, this.lamps),
      html("div", { class: "gn-scene" }, html("div", {}, this.ring.element, this.legend), right),
      this.controls.bar,
      this.caption,
      this.pointed,
      who,
      this.said,
      this.lies.element,
      keys.element,
    );
    listenForKeys(this.element, keys.rows);
  }

  keys() {
    const { generals } = this.story;
    const numberOf = (name) => name.replace(/\D/g, ""); // S4 has the key 4
    const choose = (key) => this.choose(generals.find((name) => numberOf(name) === key));
    return [
      ...playbackKeys(this.playback, this.stops),
      { keys: generals.map(numberOf).sort(), says: "choose a general", does: choose },
      { keys: ["ArrowDown"], says: "next vertex of the tree", does: () => this.tree.walk(1) },
      { keys: ["ArrowUp"], says: "previous vertex", does: () => this.tree.walk(-1) },
      { keys: ["t"], says: "the chosen general turns traitor, or loyal", does: () => this.turn(this.chosen) },
      { keys: ["h"], says: "the traitors tell the truth", does: () => this.tellTruth() },
      { keys: ["s"], says: "search for lies that work", does: () => this.ask({ search: true }) },
    ];
  }

  // ---- what is asked of the kernel ----

  /** Who betrays, and the lies that are written down, by their routes: {"S1>S3>S2": "attack"}. */
  get strategy() {
    return { traitors: this.story.traitors, lies: this.story.lies };
  }

  ask(changed) {
    if (!this.canEdit) return this.say(NO_KERNEL);
    if (this.waits) return undefined;
    const edit = (this.story.edit ?? 0) + 1;
    this.model.set("wish", { edit, ...this.strategy, ...changed });
    this.waits = true;
    try {
      this.model.save_changes();
    } catch {
      this.say(NO_ANSWER); // the connection is closed: it says so itself
    }
    clearTimeout(this.patience);
    this.patience = setTimeout(() => {
      this.waits = false;
      this.say(NO_ANSWER);
    }, WAIT);
    return undefined;
  }

  /** A loyal general turns traitor, a traitor loyal. */
  turn(name) {
    const { traitors, generals } = this.story;
    const others = traitors.filter((each) => each !== name);
    const now = others.length < traitors.length ? others : generals.filter((each) => [name, ...traitors].includes(each));
    this.ask({ traitors: now });
  }

  /** A message of a traitor says the next thing: the other value, then nothing, then the first again. */
  flip({ route, value }) {
    const values = [...this.story.values.map(({ name }) => name), null];
    const next = values[(values.indexOf(value) + 1) % values.length];
    this.ask({ lies: { ...this.story.lies, [route]: next } });
  }

  tellTruth() {
    this.ask({ lies: {}, otherwise: "truth" });
  }

  hear() {
    clearTimeout(this.patience);
    this.waits = false;
    this.story = this.model.get("story");
    this.say(this.story.said);
    this.showStory();
    this.playback.redraw();
  }

  say(words) {
    write(this.said, words ?? "");
  }

  close() {
    clearTimeout(this.patience);
    this.model.off?.("change:story", this.hears);
    this.playback.dispose();
  }

  // ---- what is seen ----

  stepAt(t) {
    return Math.ceil(t - 1e-6);
  }

  choose(name) {
    this.chosen = name;
    this.showChosen();
    this.playback.redraw();
  }

  showStory() {
    const { story } = this;
    write(this.title, story.title);
    const lamp = ({ name, holds, words }) =>
      html("p", { class: `gn-lamp ${holds ? "good" : "bad"}` }, html("b", {}, `${holds ? "✓" : "✗"} ${name}`), ` ${words}`);
    this.lamps.replaceChildren(...story.conditions.map(lamp));
    this.legend.replaceChildren(valueLegend(story));
    this.lies.show(story, this.canEdit);
    story.generals.forEach((name, place) => {
      const traitor = story.traitors.includes(name);
      change(this.traitors[place], { "aria-pressed": String(traitor), disabled: !this.canEdit });
    });
    for (const button of [this.honest, this.search]) change(button, { disabled: !this.canEdit || !story.traitors.length });
    if (!this.canEdit) this.say(NO_KERNEL);
    this.showChosen();
  }

  showChosen() {
    const { story, chosen } = this;
    write(this.treeTitle, chosen === story.commander ? `${chosen} gives the order` : `What ${chosen} heard, and through whom`);
    this.tree.setUp(story, chosen);
    this.reasoning.replaceChildren(...(story.reasoning[chosen] ?? []).map((words) => html("li", {}, words)));
  }

  draw() {
    const { story, playback, chosen } = this;
    const { rounds } = story;
    const step = this.stepAt(playback.time);
    const t = prefersStillness() ? step : playback.time;
    const over = t > rounds;
    const round = Math.min(step, rounds);
    this.ring.show(story, { round, share: Math.min(t - (round - 1), 1), chosen, over });
    this.tree.show(t, rounds);
    change(this.reasoning, { class: t >= rounds + 1 - 1e-6 ? "gn-reasoning" : "gn-reasoning later" });
    write(this.caption, step ? story.captions[step - 1] : "Before the first round.");
    this.controls.update();
  }
}

function renderGenerals({ model, el }) {
  const battle = new Battle(model);
  el.replaceChildren(battle.element);
  return () => battle.close();
}

export default { render: hidingStill(renderGenerals) };

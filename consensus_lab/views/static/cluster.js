// The cluster view: one trace, moving. This module puts the parts together; each part is a module.
//
// What is seen is a pure function of (trace, time, what is selected), drawn by `Stage.draw`. The kernel hears
// from us only when somebody asks "what if?".

import { hidingStill } from "./still.js";
import { actionKeys, ActionBar, actionsFor, freshValue, Kernel, MessageActions, questionsFor } from "./whatif.js";
import { Beside } from "./beside.js";
import { FaultList } from "./fault_list.js";
import { faultInWords } from "./faults.js";
import { Card, Feed } from "./feed.js";
import { KeyList } from "./help.js";
import { IndexTable } from "./indexes.js";
import { Lesson } from "./lesson.js";
import { paceOf } from "./pace.js";
import { listenForKeys, prefersStillness, signButton } from "./playback.js";
import { Playback, playbackKeys, transport } from "./playback.js";
import { projectorButton } from "./projector.js";
import { RoleDiagram } from "./roles.js";
import { saveButton } from "./save.js";
import { Scene } from "./scene.js";
import { Strip } from "./strip.js";
import { change, html, write } from "./svg.js";
import { Badge, Tape } from "./tape.js";
import { TraceReader } from "./trace.js";
import { unpack } from "./unpack.js";
import { inMilliseconds } from "./words.js";

const FLIGHT = 480; // real ms that a usual message should take, so that eyes can follow it

/** The view of one run and of the branches that "what if" makes of it. */
class Stage {
  constructor(model, trace, options) {
    const { verdict } = options;
    this.branches = [{ reader: new TraceReader(trace), label: "this run", from: 0, verdict, number: 0 }];
    this.options = options;
    this.server = null; // selected by the reader
    this.message = null;
    this.playback = new Playback({ end: 1, draw: () => this.draw(), speed: options.speed ?? this.usualSpeed() });
    this.kernel = new Kernel(model, {
      onSilence: () => this.actions.say(SILENCE, true),
      onLoss: () => this.showLoss(),
    });
    this.buildParts();
    this.element = this.buildFrame();
    listenForKeys(this.element, this.help.rows);
    this.use(0);
    this.playback.seek((options.at ?? 0) * 1000);
  }

  get reader() {
    return this.branches[this.current].reader;
  }

  /** Fast enough that a run does not bore, slow enough that a message can be followed. */
  usualSpeed() {
    const { flightTime } = this.branches[0].reader;
    return Number(Math.min(1, flightTime / 1000 / FLIGHT).toPrecision(1));
  }

  // ---- parts ----

  buildParts() {
    const seek = (time) => this.playback.seek(time);
    this.transport = transport(this.playback, {
      stops: () => this.stops,
      clock: (time) => inMilliseconds(time),
      span: () => this.tape.end,
    });
    this.tape = new Tape(this.transport.scrubber, {
      choose: (index, time) => this.choose(index, time),
      renamed: (index, name) => this.rename(index, name),
      forget: (index) => this.forget(index),
    });
    this.badge = new Badge(seek);
    this.lesson = new Lesson(this.playback);
    this.indexes = this.options.indexes ? new IndexTable() : null;
    this.roles = this.options.roles ? new RoleDiagram(this.options.roles) : null;
    this.feed = new Feed((time) => {
      this.playback.pause();
      seek(time);
    });
    this.actions = new ActionBar((name) => this.act(name), () => this.openFaults());
    this.onMessage = new MessageActions((name) => this.act(name));
    this.card = new Card(() => this.select({}), ...this.ifAsked(this.onMessage.element));
    this.faults = new FaultList({
      edit: (faults, label, from) => this.branchOff({ faults }, label, from),
      add: (fault, at) => this.add(fault, at),
      seek: (time) => this.choose(this.current, time),
    });
    this.strip = new Strip(seek);
    this.title = html("h2");
    this.spoken = html("p", { class: "spoken", "aria-live": "polite" });
    this.help = new KeyList(this.keyRows());
    const fast = "Let time pass quickly while nothing is in flight";
    this.waits = signButton("▸▸ waits", fast, () => this.toggleWaits());
    this.beside = new Beside(() => this.use(this.current));
    this.transport.bar.append(this.waits, this.beside.control);
    const save = saveButton(() => this.reader.scenario, () => this.branches[this.current].name ?? "");
    this.transport.bar.append(html("span", { class: "tools" }, save, projectorButton(), this.help.button));
  }

  buildFrame() {
    this.ring = html("div", { class: "ring-panel" });
    this.logs = html("div", { class: "log-slot" });
    const name = "Cluster animation; press ? for its keys";
    return html(
      "div",
      { class: "cluster-view", tabindex: 0, role: "group", "aria-label": name },
      html("header", {}, this.title, this.badge.element),
      this.lesson.element,
      html("div", { class: "scene" }, this.ring, this.beside.element, this.logs, this.feed.element, this.card.element),
      html(
        "div",
        { class: "controls" },
        ...[this.transport.bar, this.tape.element, ...this.ifAsked(this.actions.element), this.faults.element, this.help.element],
      ),
      this.strip.element,
      this.spoken,
    );
  }

  /** What serves only to ask "what if?". */
  ifAsked(...parts) {
    return this.kernel.isThere ? parts : [];
  }

  // ---- which branch ----

  /** Shows the branch `index`. The time stays where it is. */
  use(index) {
    this.current = index;
    const { reader } = this;
    this.stops = [...new Set(reader.times)];
    this.hops = [...new Set(reader.events.filter(({ kind }) => kind === "deliver").map(({ time }) => time))];
    this.paces = { quick: paceOf(reader), even: () => 1 };
    this.playback.end = reader.duration;
    this.setWaits(this.quick ?? true);
    const { protocol, servers, scenario } = reader;
    const seed = scenario.seed === undefined ? "" : ` · seed ${scenario.seed}`;
    write(this.title, `${protocol} · ${servers.length} server${servers.length === 1 ? "" : "s"}${seed}`);
    for (const part of [this.badge, this.lesson, this.indexes, this.roles, this.feed]) part?.use(reader);
    this.strip.use(reader, this.branches[index]);
    this.you = freeName(this.branches[0].reader.clients);
    this.questions = questionsFor(reader.operations, freshValue(reader.operations), this.options.questions);
    const you = this.kernel.isThere && this.questions.write ? this.you : null;
    if (this.scene?.fits(reader, you)) this.scene.use(reader);
    else this.buildScene(reader, you);
    this.tape.use(this.branches);
    this.beside.use(this.branches, index);
    change(this.ring.parentElement ?? this.ring, { class: this.beside.isThere ? "scene comparing" : "scene" });
    this.faults.use(reader, this.named(), this.kernel.why);
    this.playback.seek(this.playback.time);
  }

  buildScene(reader, you) {
    this.scene = new Scene(reader, { you, select: (what) => this.select(what), ask: () => this.act("write") });
    this.ring.replaceChildren(...[this.scene.sheet, this.scene.legend, this.roles?.element].filter(Boolean));
    this.logs.replaceChildren(...[this.scene.table, this.indexes].flatMap((part) => part?.element ?? []));
  }

  /** What a new fault can speak of. */
  named() {
    const { servers, clients } = this.reader;
    const flights = () => this.reader.flightsAt(this.playback.time);
    return { servers, clients, client: this.you, questions: this.questions, flights, selected: () => this.server };
  }

  choose(index, time) {
    if (index !== this.current) this.use(index);
    if (time !== null) this.playback.seek(time);
  }

  rename(index, name) {
    Object.assign(this.branches[index], { label: name, name });
    this.use(this.current);
  }

  forget(index) {
    this.branches.splice(index, 1);
    this.tape.forget();
    this.use(this.current > index ? this.current - 1 : Math.min(this.current, this.branches.length - 1));
  }

  // ---- drawing ----

  draw() {
    const { time } = this.playback;
    const flights = this.scene.show(time, this);
    this.strip.show(time, this.stripWidth);
    this.badge.show(time);
    this.lesson.show(time);
    this.indexes?.show(this.scene.facts, time);
    this.roles?.show(this.scene.facts, time);
    this.feed.show(time, this.playback.playing);
    this.beside.show(time);
    this.tape.show(this.current, time);
    this.transport.update();
    this.faults.show(time);
    this.showSelection(flights, time);
    // The picture in words, when it stands still: one that moves would talk without end.
    if (!this.playback.playing) write(this.spoken, this.scene.inWords(flights, time));
  }

  showSelection(flights, time) {
    const { message, scene, server } = this;
    if (message && !flights.includes(message) && message.until < time) this.message = null;
    this.card.show(this.message, server, scene.state[server]);
    this.wishes = actionsFor({
      canAsk: !this.kernel.why,
      target: server ?? scene.leader,
      facts: scene.facts,
      cut: scene.cut,
      servers: this.reader.servers,
      client: this.you,
      questions: this.questions,
      message: this.message && flights.includes(this.message) ? this.message : null,
    });
    this.onMessage.show(this.wishes.drop.can);
    this.actions.show(this.wishes);
  }

  // ---- what the reader does ----

  select({ server = null, message = null }) {
    this.server = server === this.server ? null : server;
    this.message = message === this.message ? null : message;
    if (message) this.playback.pause();
    this.playback.redraw();
  }

  nextMessage() {
    const flights = this.reader.flightsAt(this.playback.time);
    const next = flights[(flights.indexOf(this.message) + 1) % (flights.length || 1)];
    if (next) this.select({ message: next });
  }

  toggleWaits() {
    this.setWaits(!this.quick);
  }

  setWaits(quick) {
    this.quick = quick;
    this.playback.pace = quick ? this.paces.quick : this.paces.even;
    change(this.waits, { "aria-pressed": String(quick) });
  }

  keyRows() {
    const { playback } = this;
    const act = (name) => this.act(name);
    return [
      ...playbackKeys(playback, () => this.stops),
      { keys: ["shift+ArrowLeft"], says: "one message hop back", does: () => playback.step(-1, this.hops) },
      { keys: ["shift+ArrowRight"], says: "one message hop on", does: () => playback.step(1, this.hops) },
      { keys: [..."123456789"], says: "select a server", does: (key) => this.selectNumber(key) },
      { keys: ["n"], says: "on to the lesson's next remark", does: () => this.lesson.goOn() },
      { keys: ["b"], says: "back to the remark before", does: () => this.lesson.goBack() },
      { keys: ["m"], says: "select the next message in flight", does: () => this.nextMessage() },
      { keys: ["PageUp"], says: "earlier entries of the logs", does: () => this.scene.table.scroll(-1) },
      { keys: ["PageDown"], says: "later entries of the logs", does: () => this.scene.table.scroll(1) },
      { keys: ["v"], says: "to the violation, if there is one", does: () => this.badge.jump() },
      { keys: ["Escape"], says: "select nothing", does: () => this.select({}) },
      { keys: ["e"], says: "the list of faults: read or edit it", does: () => this.openFaults() },
      ...this.ifAsked({ keys: ["f"], says: "what if, from here", does: () => this.startWhatIf() }),
      ...this.ifAsked(...actionKeys(act, ACTION_WORDS)),
    ];
  }

  selectNumber(key) {
    const name = this.reader.servers[Number(key) - 1];
    if (name) this.select({ server: name });
  }

  startWhatIf() {
    this.playback.pause();
    this.actions.focus();
  }

  /** The kernel was restarted: what there is can still be seen, and nothing can be asked any more. */
  showLoss() {
    this.actions.say(this.kernel.why, true);
    this.use(this.current);
  }

  openFaults() {
    this.playback.pause();
    this.faults.open();
  }

  act(name) {
    const { can, fault } = this.wishes[name];
    const more = name === "delay" ? { by: this.onMessage.by } : {};
    if (can) this.add({ ...fault, ...more });
  }

  /** What if also this happened, at `at` (ms)? Without that: now. */
  add(fault, at = null) {
    // After all that is on the screen: a fault at this very µs would come before what we just saw.
    const time = at === null ? Math.floor(this.playback.time) + 1 : Math.round(1000 * at);
    const label = `${faultInWords(fault, this.reader.messages)} at ${inMilliseconds(time, 0)}`;
    this.branchOff({ time_us: time, fault }, label, time);
  }

  /** Asks the kernel what would have happened, and shows it as a branch. */
  async branchOff(question, label, from) {
    const parent = this.branches[this.current];
    this.actions.say("…");
    const branch = { reader: parent.reader, label, from };
    const whatIf = { ...question, branch: parent.number };
    const goOn = async (rest) => {
      await begun; // both may come at once, and the rest is of no use before its beginning
      if (await this.extend(branch, rest)) this.use(this.current);
    };
    const begun = this.kernel.ask(whatIf, goOn).then((answer) => this.begin(branch, answer));
    await begun;
  }

  /** Shows a new branch as soon as its beginning is there. */
  async begin(branch, answer) {
    if (!(await this.extend(branch, answer))) return;
    this.branches.push(branch);
    this.message = null;
    this.use(this.branches.length - 1);
    this.playback.seek(branch.from);
    if (!prefersStillness()) this.playback.play();
  }

  /** Adds what the kernel sent to a branch. Gives whether there is something new to see. */
  async extend(branch, { content, buffers }) {
    if (this.isGone) return false;
    const trace = buffers?.length ? await unpack(buffers[0]) : null;
    const missing = trace ? "" : "The kernel sent no run.";
    this.actions.say(content.error ?? missing, Boolean(content.error ?? missing));
    if (trace) branch.reader = new TraceReader(trace, branch.reader);
    Object.assign(branch, { verdict: content.verdict, number: content.branch });
    return Boolean(trace);
  }

  // ---- life ----

  /** Begins to follow the size and the visibility of the page. */
  open() {
    this.sizes = new ResizeObserver(() => this.measure());
    for (const part of [this.element, this.logs, this.strip.window, this.feed.list]) this.sizes.observe(part);
    this.playback.restWhileUnseen(this.element);
    this.measure();
    this.draw();
    const opensAtStart = this.options.at === undefined || this.options.at === null;
    const plays = this.options.play ?? (opensAtStart && !this.lesson.isThere);
    if (plays && !prefersStillness()) this.playback.play();
  }

  measure() {
    this.width = this.logs.clientWidth;
    this.stripWidth = this.strip.window.clientWidth;
    this.feed.fit(this.feed.list.clientHeight);
    this.playback.redraw();
  }

  close() {
    this.isGone = true;
    this.playback.dispose();
    this.kernel.dispose();
    this.sizes.disconnect();
  }
}

const SILENCE =
  "The kernel does not answer: it is busy, or gone. " +
  "Run the cell again to ask “what if?”; the animation plays on.";

const ACTION_WORDS = {
  crash: "crash or restart the selected server (or the leader)",
  pause: "pause it, or let it go on",
  timeout: "let its election timer fire",
  links: "cut it off, or heal all links",
  write: "a client's write",
  read: "a client's read",
  drop: "drop the selected message",
  delay: "let it come late",
  double: "let it come twice",
  member: "let the selected server join the cluster, or leave it",
};

/** The first letter that no client has. */
function freeName(clients) {
  return [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].find((letter) => !clients.includes(letter)) ?? "you";
}

async function renderCluster({ model, el }) {
  const stage = new Stage(model, await unpack(model.get("trace")), model.get("options") ?? {});
  el.append(stage.element);
  if (stage.options.height) stage.element.style.setProperty("--cl-height", `${stage.options.height}px`);
  stage.open();
  return () => stage.close();
}

export default { render: hidingStill(renderCluster) };

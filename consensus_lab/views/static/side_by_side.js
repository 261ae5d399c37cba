// Runs side by side, under one clock: what one store does in a scenario, and what another does in the same.

import { Card } from "./feed.js";
import { KeyList } from "./help.js";
import { operationsByClient } from "./overview.js";
import { paceOf } from "./pace.js";
import { listenForKeys, Playback, playbackKeys, prefersStillness, signButton, transport } from "./playback.js";
import { legendOf, Scene } from "./scene.js";
import { projectorButton } from "./projector.js";
import { hidingStill } from "./still.js";
import { barsOf, Strip } from "./strip.js";
import { change, html, write } from "./svg.js";
import { Badge, Tape } from "./tape.js";
import { TraceReader } from "./trace.js";
import { unpack } from "./unpack.js";
import { inMilliseconds } from "./words.js";

const FLIGHT_LOOKS = 480; // real ms that a usual message should take, so that eyes can follow it

const COLUMNS = [
  ["answered", "answered"],
  ["waiting", "waiting"],
  ["refused", "refused"],
  ["unknown", "unknown"],
  ["stale", "stale reads"],
];

/** What the clients of a run have been told by `time`; `stale` are the indexes of its stale reads. */
function countsAt(bars, stale, time) {
  const counts = { answered: 0, waiting: 0, refused: 0, unknown: 0, stale: 0 };
  for (const { operation, from, to, isLast } of bars) {
    if (from > time) continue;
    const told = operation.end !== null && operation.end <= time;
    if (told && operation.outcome === "failed") counts.refused++;
    else if (told) counts.answered++;
    else if (operation.end === null && to <= time && !isLast) counts.unknown++;
    else counts.waiting++;
    if (told && stale.has(operation.index)) counts.stale++;
  }
  return counts;
}

/** One run: its cluster, what its clients saw, and what of it was clicked. */
class Panel {
  constructor(trace, label, stale, playback) {
    const seek = (time) => playback().seek(time);
    this.reader = new TraceReader(trace);
    const { reader } = this;
    this.label = label;
    this.stale = new Set(stale ?? []);
    this.bars = Object.values(operationsByClient(reader)).flatMap((all) => barsOf(all, reader.duration).bars);
    this.server = null;
    this.message = null;
    this.playback = playback;
    this.scene = new Scene(reader, { select: (what) => this.select(what) });
    this.card = new Card(() => this.select({}));
    this.strip = new Strip();
    this.strip.use(reader, { stale: this.stale });
    this.badge = new Badge(seek);
    this.badge.use(reader);
    const { servers } = reader;
    const what = `${reader.protocol} · ${servers.length} server${servers.length === 1 ? "" : "s"}`;
    const name = html("h3", { class: "run-name" }, label);
    const head = html("header", {}, name, html("span", { class: "run-what" }, what), this.badge.element);
    this.table = html("div", { class: "log-slot" }, this.scene.table.element);
    const parts = [head, this.scene.sheet, this.card.element, this.table, this.strip.element];
    this.element = html("section", { class: "run", "aria-label": label }, ...parts);
  }

  select({ server = null, message = null }) {
    this.server = server === this.server ? null : server;
    this.message = message === this.message ? null : message;
    if (message) this.playback().pause();
    this.playback().redraw();
  }

  measure() {
    this.width = this.table.clientWidth;
    this.stripWidth = this.strip.window.clientWidth;
  }

  show(time) {
    const at = Math.min(time, this.reader.duration);
    const flights = this.scene.show(at, this);
    this.strip.show(at, this.stripWidth);
    this.badge.show(at);
    this.showCard(flights, at);
    return flights;
  }

  showCard(flights, time) {
    const { message, scene, server } = this;
    if (message && !flights.includes(message) && message.until < time) this.message = null;
    this.card.show(this.message, server, scene.state[server]);
  }
}

/** What has come of it so far: a row a run, a column for each thing that clients care about. */
class Score {
  constructor(panels, knowsStale) {
    this.panels = panels;
    this.columns = COLUMNS.filter(([name]) => name !== "stale" || knowsStale);
    this.rows = panels.map(() => this.columns.map(([name]) => html("td", { class: `count-${name}` })));
    const heads = this.columns.map(([, words]) => html("th", { scope: "col" }, words));
    const rows = this.rows.map((cells, i) => html("tr", {}, html("th", { scope: "row" }, panels[i].label), ...cells));
    this.caption = html("caption");
    const head = html("thead", {}, html("tr", {}, html("th"), ...heads));
    this.table = html("table", { class: "score fields" }, this.caption, head, html("tbody", {}, ...rows));
    this.element = html("div", { class: "score-slot" }, this.table);
    change(this.element, { hidden: panels.every(({ bars }) => !bars.length) });
  }

  show(time) {
    write(this.caption, `What the clients were told until ${inMilliseconds(time, 0)}`);
    const counts = this.panels.map(({ bars, stale }) => countsAt(bars, stale, time));
    this.rows.forEach((cells, row) => {
      cells.forEach((cell, i) => {
        const count = counts[row][this.columns[i][0]];
        write(cell, count);
        change(cell, { "data-none": count === 0 });
      });
    });
    return counts;
  }

  /** The same in words, for those who hear it. */
  inWords(counts) {
    const told = (count) => this.columns.map(([name, words]) => `${count[name]} ${words}`).join(", ");
    return counts.map((count, i) => `${this.panels[i].label}: ${told(count)}`).join(". ");
  }
}

/** What each run cost, all of it: a column a run, a row for each thing that was counted from its trace. */
function costTable({ heads, rows }, labels) {
  const columns = labels.map((label) => html("th", { scope: "col" }, label));
  const body = heads.map((words, i) => {
    const cells = rows.map((row) => html("td", {}, row[i]));
    return html("tr", {}, html("th", { scope: "row" }, words), ...cells);
  });
  const head = html("thead", {}, html("tr", {}, html("th"), ...columns));
  const caption = html("caption", {}, "What it cost, in the whole run");
  const table = html("table", { class: "score fields costs" }, caption, head, html("tbody", {}, ...body));
  return html("div", { class: "score-slot" }, table);
}

/** The whole view. */
class Runs {
  constructor(traces, options) {
    this.options = options;
    const seek = (time) => this.playback.seek(time);
    const stale = options.stale ?? [];
    this.panels = traces.map((trace, i) => new Panel(trace, options.labels[i], stale[i], () => this.playback));
    this.score = new Score(this.panels, stale.length > 0 && stale.every((indexes) => indexes !== null));
    const readers = this.panels.map(({ reader }) => reader);
    const speed = options.speed ?? usualSpeedOf(readers);
    const end = Math.max(...readers.map(({ duration }) => duration));
    this.playback = new Playback({ end, draw: () => this.draw(), speed });
    const stops = [...new Set(readers.flatMap(({ times }) => [...times]))].sort((a, b) => a - b);
    const paces = readers.map(paceOf);
    this.paces = { quick: (time) => Math.min(...paces.map((pace) => pace(time))), even: () => 1 };
    this.transport = transport(this.playback, { stops: () => stops, clock: (time) => inMilliseconds(time) });
    const fast = "Let time pass quickly while nothing is in flight";
    this.waits = signButton("▸▸ waits", fast, () => this.setWaits(!this.quick));
    const nothing = { keys: ["Escape"], says: "select nothing", does: () => this.selectNothing() };
    this.help = new KeyList([...playbackKeys(this.playback, () => stops), nothing]);
    this.transport.bar.append(this.waits, projectorButton(), this.help.button);
    this.setWaits(true);
    this.tape = new Tape(this.transport.scrubber, { choose: (_, time) => time !== null && seek(time) });
    this.tape.use(this.panels.map(({ reader, label }) => ({ reader, label, from: 0 })));
    this.spoken = html("p", { class: "spoken", "aria-live": "polite" });
    this.element = this.frame();
    listenForKeys(this.element, this.help.rows);
    seek((options.at ?? 0) * 1000);
  }

  frame() {
    const panels = html("div", { class: "runs" }, ...this.panels.map(({ element }) => element));
    const controls = html("div", { class: "controls" }, this.transport.bar, this.tape.element, this.help.element);
    const readers = this.panels.map(({ reader }) => reader);
    const looks = Object.assign({}, ...readers.map(({ shown }) => shown.looks));
    const legend = legendOf(readers.flatMap(({ messages }) => messages), looks);
    const look = { class: "cluster-view side-by-side", tabindex: 0, role: "group" };
    const name = `Runs side by side: ${this.options.labels.join(", ")}; press ? for the keys`;
    const { costs, labels } = this.options;
    const tables = [this.score.element, ...(costs ? [costTable(costs, labels)] : [])];
    const parts = [panels, legend, controls, ...tables, this.spoken];
    return html("div", { ...look, "aria-label": name }, ...parts);
  }

  selectNothing() {
    for (const panel of this.panels) panel.select({});
  }

  setWaits(quick) {
    this.quick = quick;
    this.playback.pace = quick ? this.paces.quick : this.paces.even;
    change(this.waits, { "aria-pressed": String(quick) });
  }

  draw() {
    const { time, playing } = this.playback;
    const flights = this.panels.map((panel) => panel.show(time));
    const counts = this.score.show(time);
    this.tape.show(null, time);
    this.transport.update();
    if (playing) return; // a picture that moves would talk without end
    this.panels.forEach(({ scene }, i) => scene.inWords(flights[i], time));
    write(this.spoken, `At ${inMilliseconds(time)}. ${this.score.inWords(counts)}.`);
  }

  open() {
    this.sizes = new ResizeObserver(() => this.measure());
    this.sizes.observe(this.element);
    this.playback.restWhileUnseen(this.element);
    this.measure();
    this.draw();
    const { at, play } = this.options;
    if ((play ?? (at === undefined || at === null)) && !prefersStillness()) this.playback.play();
  }

  measure() {
    for (const panel of this.panels) panel.measure();
    this.playback.redraw();
  }

  close() {
    this.playback.dispose();
    this.sizes.disconnect();
  }
}

/** Fast enough that the runs do not bore, slow enough that a message can be followed. */
function usualSpeedOf(readers) {
  const flight = Math.min(...readers.map(({ flightTime }) => flightTime));
  return Number(Math.min(1, flight / 1000 / FLIGHT_LOOKS).toPrecision(1));
}

async function renderRuns({ model, el }) {
  const runs = new Runs(await unpack(model.get("traces")), model.get("options"));
  el.append(runs.element);
  runs.open();
  return () => runs.close();
}

export default { render: hidingStill(renderRuns) };

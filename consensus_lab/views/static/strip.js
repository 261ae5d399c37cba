// What the clients saw: each operation a bar from its request to its answer, on a window of time that follows.

import { operationsByClient } from "./overview.js";
import { firstAfter } from "./playback.js";
import { KeyedPool, change, html, write } from "./svg.js";
import { answerInWords, inMilliseconds, inShort, operationInShort, operationInWords, transactionInShort } from "./words.js";

const NOW = 0.8; // where in the window the present stands
const WIDTH_OF_ONE = 120; // pixels that a usual operation gets
const ROW_OF_CLIENT = 26;
const LONG = 12; // letters; of shorter words a part would mislead: "x=1…" may be x=12
const GRAIN = 16; // pixels by which a bar grows; finer steps would paint it anew with every frame
// What only changes looks like a write, what only looks like a read (as in views/lanes.py).
const LOOKS = { contains: "read" };
for (const kind of ["append", "increment", "decrement", "add", "remove", "enqueue", "push"]) LOOKS[kind] = "write";
const STALE = "; stale: a newer write had been answered before it began";
const BROKEN = "; with this answer the history is broken";
const INVOLVED = "; one of the operations that no order explains";

export class Strip {
  /** `seek(time)` is called for a click on a verdict that tells of a moment. */
  constructor(seek = () => {}) {
    this.names = html("div", { class: "lane-names" });
    this.window = html("div", { class: "lanes" });
    this.present = html("div", { class: "present", style: `left: ${100 * NOW}%` });
    // The bars lie on a film that moves as a whole, and are painted when they change. What is right of now is cut off.
    this.film = html("div", { class: "film" });
    this.window.append(this.present, html("div", { class: "past", style: `width: ${100 * NOW}%` }, this.film));
    this.pool = new KeyedPool(this.film, () => ({ element: html("div", { class: "operation" }) }));
    this.retries = new KeyedPool(this.film, () => html("i", { class: "again" }, "↻"));
    this.says = html("button", { type: "button", class: "verdict", onclick: () => seek(this.breaks) });
    this.why = html("p", { class: "why" });
    this.element = html(
      "section",
      { class: "strip" },
      html("h3", {}, "What the clients saw", this.says),
      html("div", { class: "strip-body" }, this.names, this.window),
      this.why,
    );
  }

  /** Shows another run; `stale` are the indexes of its stale reads, and `verdict` is what the checker says, if
   * somebody has asked. */
  use(reader, { stale = new Set(), verdict = null } = {}) {
    const clients = operationsByClient(reader);
    this.stale = stale;
    const [broken, ...involved] = verdict?.guilty ?? [];
    this.guilty = new Map([...involved.map((index) => [index, INVOLVED]), [broken, BROKEN]]);
    this.breaks = reader.operations[broken]?.end ?? 0;
    this.showVerdict(verdict);
    this.judged = isTold(reader) ? momentOf(verdict, reader, this.breaks) : 0;
    this.lanes = Object.values(clients).map((operations) => barsOf(operations, reader.duration));
    this.lanes.forEach(({ bars }, row) => bars.forEach((bar) => (bar.row = row)));
    this.reach = null;
    this.again = retriesOf(reader, Object.keys(clients));
    this.againTimes = this.again.map((retry) => retry.time);
    this.names.replaceChildren(...Object.keys(clients).map((name) => html("span", {}, `client ${name}`)));
    const lengths = this.lanes.flatMap(({ bars }) => bars).map(({ from, to }) => to - from).sort((a, b) => a - b);
    this.usual = lengths[lengths.length >> 1] || reader.duration;
    this.window.style.height = `${this.lanes.length * ROW_OF_CLIENT}px`;
    change(this.element, { hidden: reader.operations.length === 0 });
  }

  show(time, width) {
    const scale = WIDTH_OF_ONE / this.usual;
    const from = time - (NOW * width) / scale;
    if (!this.reach || width !== this.width || from < this.reach.from || from + width / scale > this.reach.to) {
      this.newFilm(from, width, scale);
    }
    const shift = Math.round(this.at(from));
    this.film.style.transform = `translateX(${-shift}px)`;
    this.showRetries(from, time);
    change(this.element, { class: time < this.judged ? "strip unjudged" : "strip" });
    const seen = this.lanes.flatMap((lane) => visible(lane, from, time));
    this.pool.take(seen, newBar).forEach((item, i) => {
      this.place(item, seen[i], time, shift);
      this.tell(item, seen[i], time);
    });
  }

  /** Begins a film that is as long as two windows. */
  newFilm(from, width, scale) {
    const length = width / scale;
    const begin = this.reach && from < this.reach.from ? from - length : from; // the reader goes back
    this.reach = { from: begin, to: begin + 2 * length };
    Object.assign(this, { width, scale });
    this.film.style.width = `${2 * width}px`;
    this.pool.take([]);
    this.retries.take([]);
  }

  /** Where a time is on the film, in pixels. */
  at(time) {
    return (time - this.reach.from) * this.scale;
  }

  /** Puts a bar where it belongs. At the edges of the window it grows, or is cut, in steps. */
  place(item, { from, to, row }, time, shift) {
    const edge = GRAIN * Math.floor((shift - 20) / GRAIN);
    const left = Math.max(this.at(from), edge);
    const right = to > time ? GRAIN * Math.ceil(this.at(time) / GRAIN) : this.at(to);
    if (left === item.left && right === item.right) return;
    const { style } = item.element;
    if (left !== item.left) style.transform = `translate(${left.toFixed(1)}px, ${row * ROW_OF_CLIENT + 2}px)`;
    style.width = `${Math.max(4, right - left).toFixed(1)}px`;
    Object.assign(item, { left, right });
  }

  /** Says what an operation is, and what came of it: anew only when it ends. */
  tell(item, { operation, to }, time) {
    const open = operation.end === null || operation.end > time;
    const state = !open ? operation.outcome : to < time ? "lost" : "open";
    const charge = open || time < this.judged ? undefined : this.guilty.get(operation.index);
    if (state === item.state && charge === item.charge) return;
    Object.assign(item, { state, charge });
    const old = !open && this.stale.has(operation.index);
    const marks = (old ? " stale" : "") + (charge === BROKEN ? " broken" : charge ? " involved" : "");
    const words = (charge === BROKEN ? "✗ " : "") + shortOf(operation, open) + (old ? " ⚠" : "");
    const look = `operation ${LOOKS[operation.kind] ?? operation.kind} ${state}${marks}${words.length > LONG ? " long" : ""}`;
    change(item.element, { class: look, title: wordsOf(operation, open) + (charge ?? (old ? STALE : "")) });
    write(item.element, words);
  }

  /** The moments at which a client asked once more. */
  showRetries(from, to) {
    const seen = this.again.slice(firstAfter(this.againTimes, from), firstAfter(this.againTimes, to));
    this.retries.take(seen, (sign, { time, row, client }) => {
      sign.style.transform = `translate(${this.at(time).toFixed(1)}px, ${row * ROW_OF_CLIENT}px)`;
      change(sign, { title: `client ${client} asks again at ${inMilliseconds(time)}` });
    });
  }

  /** What the checker says of the whole run. */
  showVerdict(verdict) {
    const { holds, model, explanation } = verdict ?? {};
    const fails = holds === false;
    const words = fails ? `✗ ${model} is broken: see ${inMilliseconds(this.breaks)}` : `✓ ${model}`;
    write(this.says, holds === null ? `? ${model}: undecided` : words);
    change(this.says, { hidden: !verdict, class: `verdict ${fails ? "bad" : holds ? "good" : ""}`, title: explanation });
    write(this.why, fails ? explanation : "");
    change(this.why, { hidden: !fails });
  }
}

/** Whether somebody tells the run: then the verdict must not answer what is still to be asked. */
function isTold({ events }) {
  return events.some(({ kind }) => kind === "remark");
}

/** When a watcher can know the verdict: with the answer that breaks the model, or with the last of all. */
function momentOf(verdict, { operations }, breaks) {
  return verdict?.guilty ? breaks : Math.max(0, ...operations.map(({ end }) => end ?? 0));
}

/** What held of the operation that had this bar before. */
function newBar(item) {
  Object.assign(item, { left: null, right: null, state: null, charge: null });
}

/** When clients asked again, in order of time: [{time, client, row}]. */
function retriesOf({ events }, clients) {
  const retries = events.filter(({ kind, who, detail }) => kind === "timer" && detail === "retry" && clients.includes(who));
  return retries.map(({ time, who }) => ({ time, client: who, row: clients.indexOf(who) }));
}

/** An operation without an answer lasts until its client asks the next one, or the run ends. */
export function barsOf(operations, duration) {
  const bars = operations.map((operation, i) => ({
    operation,
    from: operation.start,
    to: operation.end ?? operations[i + 1]?.start ?? duration,
    isLast: i === operations.length - 1,
  }));
  return { bars, starts: bars.map(({ from }) => from), ends: bars.map(({ to }) => to) };
}

/** The bars that lie between two times. One client's bars follow each other, so both ends are in order. */
function visible({ bars, starts, ends }, from, to) {
  return bars.slice(firstAfter(ends, from), firstAfter(starts, to));
}

function shortOf({ kind, key, args, result, outcome }, open) {
  if (kind === "read") return open ? `${key}?` : `${key}→${inShort(result)}`;
  if (kind === "txn" && !open && result) return transactionInShort(result);
  const told = !open && result !== null && result !== undefined && !["write", "cas"].includes(kind);
  const answer = told ? `→${inShort(result)}` : kind === "cas" && !open && result === false ? " no" : "";
  return operationInShort([kind, key, ...args]) + (open ? " …" : outcome === "failed" ? " ✕" : answer);
}

function wordsOf(operation, open) {
  return `${operation.process}: ${operationInWords(operation)}${open ? "" : `; ${answerInWords(operation)}`}`;
}

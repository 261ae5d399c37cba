// What the clients saw: each operation a bar from its request to its answer, on a window of time that follows.

import { operationsByClient } from "./overview.js";
import { firstAfter } from "./playback.js";
import { Pool, change, html, write } from "./svg.js";
import { answerInWords, inMilliseconds, inShort, operationInShort, operationInWords, transactionInShort } from "./words.js";

const NOW = 0.8; // where in the window the present stands
const WIDTH_OF_ONE = 120; // pixels that a usual operation gets
const ROW_OF_CLIENT = 26;
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
    this.window.append(this.present);
    this.pool = new Pool(this.window, () => html("div", { class: "operation" }));
    this.retries = new Pool(this.window, () => html("i", { class: "again" }, "↻"));
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
    this.lanes = Object.values(clients).map((operations) => barsOf(operations, reader.duration));
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
    this.showRetries(from, time, scale);
    const seen = this.lanes.flatMap((lane, row) => visible(lane, from, time).map((bar) => ({ ...bar, row })));
    this.pool.take(seen.length).forEach((element, i) => {
      const { operation, row } = seen[i];
      const open = operation.end === null || operation.end > time;
      const to = Math.min(seen[i].to, time);
      const left = Math.max((seen[i].from - from) * scale, -20);
      element.style.transform = `translate(${left.toFixed(1)}px, ${row * ROW_OF_CLIENT + 2}px)`;
      element.style.width = `${Math.max(4, (to - from) * scale - left).toFixed(1)}px`;
      const state = !open ? operation.outcome : to < time ? "lost" : "open";
      const old = !open && this.stale.has(operation.index);
      const charge = open ? undefined : this.guilty.get(operation.index);
      const marks = (old ? " stale" : "") + (charge === BROKEN ? " broken" : charge ? " involved" : "");
      const look = `operation ${LOOKS[operation.kind] ?? operation.kind} ${state}${marks}`;
      change(element, { class: look, title: wordsOf(operation, open) + (charge ?? (old ? STALE : "")) });
      write(element, (charge === BROKEN ? "✗ " : "") + shortOf(operation, open) + (old ? " ⚠" : ""));
    });
  }

  /** The moments at which a client asked once more. */
  showRetries(from, to, scale) {
    const seen = this.again.slice(firstAfter(this.againTimes, from), firstAfter(this.againTimes, to));
    this.retries.take(seen.length).forEach((sign, i) => {
      const { time, row, client } = seen[i];
      sign.style.transform = `translate(${((time - from) * scale).toFixed(1)}px, ${row * ROW_OF_CLIENT}px)`;
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

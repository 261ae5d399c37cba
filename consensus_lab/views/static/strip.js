// What the clients saw: each operation a bar from its request to its answer, on a window of time that follows.

import { operationsByClient } from "./overview.js";
import { firstAfter } from "./playback.js";
import { Pool, change, html, write } from "./svg.js";
import { answerInWords, inShort, operationInShort, operationInWords, transactionInShort } from "./words.js";

const NOW = 0.8; // where in the window the present stands
const WIDTH_OF_ONE = 120; // pixels that a usual operation gets
const ROW_OF_CLIENT = 26;
// What only changes looks like a write, what only looks like a read (as in views/lanes.py).
const LOOKS = { contains: "read" };
for (const kind of ["append", "increment", "decrement", "add", "remove", "enqueue", "push"]) LOOKS[kind] = "write";
const STALE = "; stale: a newer write had been answered before it began";

export class Strip {
  constructor() {
    this.names = html("div", { class: "lane-names" });
    this.window = html("div", { class: "lanes" });
    this.present = html("div", { class: "present", style: `left: ${100 * NOW}%` });
    this.window.append(this.present);
    this.pool = new Pool(this.window, () => html("div", { class: "operation" }));
    this.element = html(
      "section",
      { class: "strip" },
      html("h3", {}, "What the clients saw"),
      html("div", { class: "strip-body" }, this.names, this.window),
    );
  }

  /** Shows another run; `stale` are the indexes of its stale reads, if somebody knows them. */
  use(reader, stale = new Set()) {
    const clients = operationsByClient(reader);
    this.stale = stale;
    this.lanes = Object.values(clients).map((operations) => barsOf(operations, reader.duration));
    this.names.replaceChildren(...Object.keys(clients).map((name) => html("span", {}, `client ${name}`)));
    const lengths = this.lanes.flatMap(({ bars }) => bars).map(({ from, to }) => to - from).sort((a, b) => a - b);
    this.usual = lengths[lengths.length >> 1] || reader.duration;
    this.window.style.height = `${this.lanes.length * ROW_OF_CLIENT}px`;
    change(this.element, { hidden: reader.operations.length === 0 });
  }

  show(time, width) {
    const scale = WIDTH_OF_ONE / this.usual;
    const from = time - (NOW * width) / scale;
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
      const look = `operation ${LOOKS[operation.kind] ?? operation.kind} ${state}${old ? " stale" : ""}`;
      change(element, { class: look, title: wordsOf(operation, open) + (old ? STALE : "") });
      write(element, shortOf(operation, open) + (old ? " ⚠" : ""));
    });
  }
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

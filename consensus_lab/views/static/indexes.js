// The four index arrays of Raft as numbers: a row a server, with what has changed since the last remark.

import { change, html, write } from "./svg.js";
import { factsOf, leaderOf } from "./trace.js";

const ARRAYS = ["commitIndex", "lastApplied", "nextIndex", "matchIndex"];

export class IndexTable {
  constructor() {
    const heads = ["", ...ARRAYS].map((name) => html("th", { scope: "col" }, name));
    this.rows = html("tbody");
    const table = html("table", { class: "indexes" }, html("thead", {}, html("tr", {}, ...heads)), this.rows);
    this.element = html("section", { class: "panel", "aria-label": "Indexes" }, table);
  }

  /** Follows the run that `reader` reads. */
  use(reader) {
    this.reader = reader;
    this.marks = reader.events.filter(({ kind }) => kind === "remark").map(({ time }) => time);
    this.cells = new Map(reader.servers.map((name) => [name, ARRAYS.map(() => html("td"))]));
    this.names = new Map(reader.servers.map((name) => [name, html("th", { scope: "row" }, name)]));
    this.rows.replaceChildren(...reader.servers.map((name) => html("tr", {}, this.names.get(name), ...this.cells.get(name))));
    this.mark = null;
  }

  show(facts, time) {
    const before = this.factsAtMark(time) ?? facts;
    const leader = leaderOf(facts);
    for (const [name, cells] of this.cells) {
      write(this.names.get(name), name === leader ? `${name} ★` : name);
      const old = indexesOf(name, before);
      indexesOf(name, facts).forEach((value, i) => {
        write(cells[i], value);
        change(cells[i], { class: value === old[i] ? null : "changed" });
      });
    }
  }

  /** What held at the last remark before `time`; null without one. */
  factsAtMark(time) {
    const mark = this.marks.findLast((each) => each < time) ?? null;
    if (mark !== this.mark) {
      this.mark = mark;
      const { reader } = this;
      const state = mark === null ? null : reader.stateAfter(reader.countAt(mark));
      this.old = state && Object.fromEntries(reader.servers.map((name) => [name, factsOf(state[name], reader.durable, reader.shown)]));
    }
    return mark === null ? null : this.old;
  }
}

/** What the four arrays say of a server; the last two are those of whoever leads. */
function indexesOf(name, facts) {
  const { status, commit, applied } = facts[name];
  const lead = facts[leaderOf(facts)];
  const own = status === "down" ? ["–", "–"] : [commit, applied];
  return [...own, lead?.next[name] ?? "–", lead?.match[name] ?? "–"].map(String);
}

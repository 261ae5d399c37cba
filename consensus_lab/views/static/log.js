// The logs side by side: one row a server, one column an index, and beside them what the state machines hold.

import { termColour, termInk } from "./palette.js";
import { signButton } from "./playback.js";
import { KeyedPool, change, html, write } from "./svg.js";
import { ballotIn, entryInShort, fieldInShort, heldBy, inShort, partsOfEntry, termInShort } from "./words.js";

const CELL = 46; // pixels a column takes, gap included
const SIDES = 34 + 44; // the name and the fold in front of the cells
const MACHINE = 118;

/** The table of logs; `hasIndexes` if a leader knows how far the others are. `show` wants the facts of all servers,
 * and the name of the one whose marks count.
 */
export class LogTable {
  constructor(servers, hasIndexes) {
    this.rows = new Map(servers.map((name) => [name, logRow(name)]));
    this.head = html("div", { class: "entries" });
    this.indexes = new KeyedPool(this.head, () => html("span", { class: "index" }));
    const earlier = signButton("‹", "Earlier entries of the logs (Page Up)", () => this.scroll(-1));
    const later = signButton("›", "Later entries of the logs (Page Down)", () => this.scroll(1));
    this.scrolling = [earlier, later];
    const corner = html("span", { class: "log-scroll", hidden: true }, earlier, later);
    this.corner = corner;
    this.from = null; // the first column that the reader scrolled to; null: the end is in sight
    this.begin = 1; // the index with which the films begin
    const machine = html("span", { class: "machine" }, "state machine");
    this.body = html(
      "div",
      { class: servers.length > 6 ? "log dense" : "log" },
      html("div", { class: "log-head" }, corner, html("div", { class: "cells" }, this.head), machine),
      ...[...this.rows.values()].map((row) => row.element),
    );
    this.element = html("section", { class: "panel", "aria-label": "Logs" }, this.body, logLegend(hasIndexes));
  }

  /** Makes room for the columns that `width` pixels hold. To ask the page at each event would cost a layout. */
  fit(width) {
    this.room = Math.max(3, Math.floor((width - SIDES - MACHINE) / CELL));
  }

  /** Back to earlier entries, or on to later ones: as many as there is room for, but one. */
  scroll(direction) {
    const to = Math.max(1, this.first + direction * (this.room - 1));
    this.from = to < this.end ? to : null;
    this.show(...this.shown);
    this.arrange();
  }

  /** Brings the cells into the order in which they are read out. To the eye they are where they belong. */
  arrange() {
    this.indexes.arrange(this.labels);
    for (const { pool, shown } of this.rows.values()) pool.arrange(shown);
  }

  show(facts, leader) {
    const { room } = this;
    const longest = Object.values(facts).reduce((most, { last }) => Math.max(most, last), 0);
    this.shown = [facts, leader];
    // One column at the end is free: nextIndex points at it. The window moves on by some at once, and seldom.
    const step = Math.ceil(room / 4);
    this.end = 1 + step * Math.ceil(Math.max(0, longest + 1 - room) / step);
    const first = Math.min(this.from ?? this.end, this.end);
    this.first = first;
    change(this.corner, { hidden: this.end === 1 ? true : null });
    this.scrolling.forEach((button, i) => change(button, { disabled: first === (i ? this.end : 1) }));
    const columns = Array.from({ length: Math.min(room, longest + 2 - first) }, (_, i) => first + i);
    if (first < this.begin || first > this.begin + room) this.begin = Math.max(1, first - (first < this.begin ? room : 0));
    const film = { begin: this.begin, shift: placeOf(first, this.begin), length: 2 * room * CELL };
    this.showHead(columns, longest, film);
    const hasSnapshots = Object.values(facts).some(({ compacted }) => compacted);
    change(this.element, { class: hasSnapshots ? "panel has-snapshots" : "panel" });
    const lead = facts[leader] ?? null;
    for (const [name, row] of this.rows) showRow(row, name, facts[name], columns, lead, film);
  }

  showHead(columns, longest, film) {
    unroll(this.head, film);
    this.labels = this.indexes.take(columns);
    this.labels.forEach((label, i) => {
      label.style.left = `${placeOf(columns[i], film.begin)}px`;
      write(label, columns[i]);
    });
  }
}

function logRow(name) {
  const row = { fold: html("span", { class: "fold" }), entries: html("div", { class: "entries" }) };
  row.machine = html("span", { class: "machine" });
  row.pool = new KeyedPool(row.entries, logCell);
  row.element = html("div", { class: "log-row" }, html("span", { class: "log-name" }, name));
  row.element.append(row.fold, html("div", { class: "cells" }, row.entries), row.machine);
  return row;
}

function logCell() {
  const cell = { box: html("span", { class: "box" }), match: html("i", { class: "match" }, "●") };
  cell.next = html("i", { class: "next" }, "△");
  cell.element = html("span", { class: "cell" }, cell.box, cell.match, cell.next);
  return cell;
}

/** Brings a film to where it belongs. It is as long as two windows: when the window moves on, what lies on the film
 * is not painted anew, but all moves as one.
 */
function unroll({ style }, { shift, length }) {
  style.width = `${length}px`;
  style.transform = `translateX(${-shift}px)`;
}

function showRow(row, name, facts, columns, lead, film) {
  const marks = lead && lead !== facts ? { match: lead.match[name], next: lead.next[name] } : {};
  const depends = [facts, columns[0], columns.length, film.begin, marks.match, marks.next, lead?.last];
  if (row.depends?.every((value, i) => value === depends[i])) return;
  row.depends = depends;
  const { compacted, last, commit, status, machine } = facts;
  // What is compacted is one block, from the fold to the last column that it covers.
  const folded = Math.max(Math.min(columns[0] - 1, last), compacted);
  write(row.fold, folded ? `≤ ${folded}` : "");
  const look = ["fold", folded ? "is-shown" : "", commit >= folded ? "committed" : ""];
  if (compacted >= columns[0]) look.push("is-snapshot");
  else if (commit === folded && folded) look.push("bar");
  const title = compacted ? `a snapshot stands for all entries up to index ${compacted}` : null;
  change(row.fold, { class: look.join(" "), title });
  change(row.element, { class: `log-row is-${status}` });
  unroll(row.entries, film);
  row.shown = row.pool.take(columns, (cell) => (cell.depends = null)); // a cell stays with its index
  row.shown.forEach((cell, i) => showCell(cell, columns[i], facts, lead, marks, film.begin));
  const words = machineInShort(machine);
  write(row.machine, words);
  change(row.machine, { title: words });
}

/** How far a column is from the one with which its film begins, in pixels. */
function placeOf(index, begin) {
  return CELL * (index - begin);
}

function showCell(cell, index, facts, lead, marks, begin) {
  const isMissing = index <= (lead?.last ?? 0);
  const depends = [facts, begin, isMissing, marks.match === index, marks.next === index];
  if (cell.depends?.every((value, i) => value === depends[i])) return;
  cell.depends = depends;
  const { element, box, match, next } = cell;
  const entry = facts.log?.[index - facts.compacted - 1];
  const compacted = index <= facts.compacted;
  const { term } = partsOfEntry(entry);
  const hole = !compacted && index <= facts.last && (entry === null || entry === undefined);
  const there = !compacted && index <= facts.last && !hole;
  const committed = index <= facts.commit;
  const classes = ["cell"];
  if (compacted) classes.push("compacted", index === facts.compacted ? "end" : "");
  else if (there) classes.push(committed ? "committed" : "uncommitted");
  else if (hole) classes.push("missing", "hole");
  else if (isMissing) classes.push("missing");
  if (there && index > facts.onDisk) classes.push("volatile");
  if (there && index <= facts.applied) classes.push("applied");
  if (index === facts.commit) classes.push("bar");
  change(element, {
    class: classes.join(" "),
    style: `left: ${placeOf(index, begin)}px${there ? `; --term: ${termColour(term, facts.recoloured)}; --on-term: ${termInk(term, facts.recoloured)}` : ""};`,
    title: there ? cellInWords(index, entry, facts) : hole ? `index ${index}: a hole` : null,
  });
  const words = there ? entryInShort(entry) : hole ? "hole" : "";
  write(box, words);
  change(box, { class: words.length > 5 ? "box long" : "box" });
  match.style.visibility = marks.match === index ? "visible" : "hidden";
  next.style.visibility = marks.next === index ? "visible" : "hidden";
}

function cellInWords(index, entry, { commit, onDisk, word }) {
  const state = `${index <= commit ? "committed" : "not committed"}${index > onDisk ? ", not yet on disk" : ""}`;
  const { term } = partsOfEntry(entry);
  return `index ${index}, ${word} ${termInShort(term)}: ${entryInShort(entry)} (${state})`;
}

/** "x=4 y=2": a key-value machine's data; of any other machine, its fields. */
function machineInShort(machine) {
  const data = heldBy(machine);
  return data === null || Object.keys(data).length === 0 ? "" : inShort(data);
}

function logLegend(hasIndexes) {
  const items = [
    ["bar", "committed up to here"],
    ["dash", "not committed"],
    ["applied", "applied"],
    ["compacted", "in a snapshot"],
    ["volatile", "not yet on disk"],
    ["match", "● matchIndex"],
    ["next", "△ nextIndex"],
  ].filter(([kind]) => hasIndexes || !["match", "next"].includes(kind));
  const signs = items.map(([kind, words]) => html("span", { class: `key key-${kind}` }, words));
  return html("p", { class: "legend", "aria-hidden": "true" }, ...signs);
}

/** For protocols without a log: one row a server, one column a field; `weights` says how wide each is. */
export class FieldTable {
  constructor(servers, fields, weights) {
    this.fields = fields;
    const newCell = () => html("td", {}, html("div"));
    this.rows = new Map(servers.map((name) => [name, fields.map(newCell)]));
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    const heads = fields.map((field, i) => {
      const style = `width: ${((100 * weights[i]) / whole).toFixed(1)}%`;
      return html("th", { scope: "col", style }, field.replaceAll("_", " "));
    });
    const rowHead = (name) => html("th", { scope: "row" }, name);
    const rows = [...this.rows].map(([name, cells]) => html("tr", {}, rowHead(name), ...cells));
    const head = html("tr", {}, html("th", { class: "corner" }), ...heads);
    this.body = html("table", { class: "fields of-servers" }, html("thead", {}, head), html("tbody", {}, ...rows));
    this.element = html("section", { class: "panel", "aria-label": "Fields" }, this.body);
  }

  fit() {}

  scroll() {}

  arrange() {}

  show(facts, leader, state) {
    for (const [name, cells] of this.rows) {
      const isDown = facts[name].status === "down";
      cells.forEach((cell, i) => {
        const value = isDown ? null : state[name][this.fields[i]];
        const words = isDown ? "" : fieldInShort(value);
        const ballot = ballotIn(value);
        const style = ballot ? `--term: ${termColour(ballot, facts[name].recoloured)}` : null;
        write(cell.firstChild, words);
        change(cell, { title: words, style, class: ballot ? "of-term" : null });
      });
    }
  }
}

/** The table that fits what the servers of a run have. */
export function tableFor(reader) {
  const fields = new Set();
  for (const { kind, changes } of reader.events) {
    if (kind === "start") for (const name of Object.keys(changes ?? {})) fields.add(name);
  }
  const chosen = reader.shown.fields;
  if (fields.has("log") && !chosen.length) return new LogTable(reader.servers, fields.has("match_index"));
  const known = /^_|^disk\.|^(status|timers|role|name|servers|peers|options)$/;
  const shown = chosen.length ? chosen : [...fields].filter((name) => !known.test(name)).slice(0, 6);
  // As wide as what it holds in the end: a table that changes its columns while it plays is hard to read.
  const last = Object.values(reader.stateAfter(reader.events.length));
  const longest = (name) => last.reduce((most, state) => Math.max(most, widthOf(fieldInShort(state[name]))), 0);
  const weights = shown.map((name) => Math.min(Math.max(longest(name), name.length, 5), 34));
  return new FieldTable(reader.servers, shown, weights);
}

/** Letters in the longest line. */
function widthOf(words) {
  return Math.max(...words.split("\n").map((line) => line.length));
}

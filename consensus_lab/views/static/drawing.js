// What the editor draws: the operations as rows of columns, and each as a bar.

import { change, svg, write } from "./svg.js";

export const NAME = 64; // px for the names of the processes
export const COLUMN = 14; // px of a column, in the picture's own units
export const LANE = 58;
const BAR_HEIGHT = 24;
export const BAR_TOP = 22; // below the top of its lane: above it there is room for a label
const EDGE = 9; // px at the ends of a bar that take hold of its start or end
const SHORTEST = 1; // columns
const SPARE = 8; // empty columns on the right

/** What is drawn: {processes, operations: [{process, text, start, end}]}; `end` is null without an answer. */
export class Drawing {
  constructor({ processes, operations }) {
    this.processes = [...processes];
    this.operations = operations.map(([process, text, start, end]) => ({ process, text, start, end }));
    this.widest = 36;
    this.measure();
  }

  /** How many columns the picture has. It grows with what is drawn, and does not shrink under a pointer. */
  measure() {
    const last = Math.max(0, ...this.operations.map(({ start, end }) => end ?? start + 5));
    this.widest = Math.max(this.widest, last + SPARE);
    return this.widest;
  }

  toRows() {
    const { processes, operations } = this;
    return { processes, operations: operations.map((o) => [o.process, o.text, o.start, o.end]) };
  }

  /** The columns that `operation` may take on the lane of `process` around `column`: [first, last], or null. */
  room(operation, process, column) {
    let [first, last] = [1, Infinity];
    for (const other of this.operations) {
      if (other === operation || other.process !== process) continue;
      const end = other.end ?? Infinity;
      if (end < column) first = Math.max(first, end + 1);
      else if (other.start > column) last = Math.min(last, other.start - 1);
      else return null;
    }
    return [first, last];
  }

  /** Moves the operation by columns and to another lane, as far as there is room. */
  move(operation, { process, start, end }, to, by) {
    const length = (end ?? start + 3) - start;
    const wish = Math.max(1, start + by);
    const lanes = to === operation.process ? [to] : [to, operation.process];
    for (const lane of lanes) {
      const middle = lane === process ? Math.round(start + length / 2) : Math.round(wish + length / 2);
      const room = this.room(operation, lane, middle);
      if (!room || room[1] - room[0] < length || (end === null && room[1] !== Infinity)) continue;
      operation.process = lane;
      operation.start = Math.min(Math.max(wish, room[0]), room[1] - length);
      operation.end = end === null ? null : operation.start + length;
      return;
    }
  }

  /** Moves only its start. */
  moveStart(operation, { start, end }, by) {
    const [first] = this.room(operation, operation.process, start);
    const latest = end === null ? Infinity : end - SHORTEST;
    operation.start = Math.min(Math.max(start + by, first), latest);
  }

  /** Moves only its end; far to the right, where there is nothing more, lies "no answer". */
  moveEnd(operation, { start, end }, by) {
    const [, last] = this.room(operation, operation.process, start);
    const wish = Math.max((end ?? this.widest) + by, start + SHORTEST);
    operation.end = wish >= this.widest - 1 && last === Infinity ? null : Math.min(wish, last, this.widest - 1);
  }

  /** Whether it can be left without an answer: then it is the last of its process. */
  isLast(operation) {
    return this.operations.every((o) => o.process !== operation.process || o.start <= operation.start);
  }

  /** A new operation where the lane is free, from `column` on; null if it is not. */
  add(process, column) {
    const room = this.room(null, process, column);
    if (!room) return null;
    const end = Math.min(column + 5, room[1]);
    const start = Math.max(room[0], Math.min(column, end - 5));
    if (end - start < SHORTEST) return null;
    const operation = { process, text: "R(x)0", start, end };
    this.operations.push(operation);
    return operation;
  }

  /** The first column behind all operations of a process; null if the last of them never ends. */
  after(process) {
    const ends = this.operations.filter((o) => o.process === process).map((o) => o.end ?? Infinity);
    const last = Math.max(0, ...ends);
    return last === Infinity ? null : last + 2;
  }

  addProcess() {
    let number = this.processes.length + 1;
    while (this.processes.includes(`P${number}`)) number++;
    this.processes.push(`P${number}`);
    return `P${number}`;
  }

  remove(operation) {
    this.operations = this.operations.filter((other) => other !== operation);
  }
}

/** An operation as a bar: a box, its label, what takes hold of its ends, and what the verdict adds. */
export class EditedBar {
  constructor(onpress, onfocus) {
    this.box = svg("rect", { height: BAR_HEIGHT, y: BAR_TOP, class: "ed-box" });
    this.fade = svg("path", { class: "ed-open" });
    this.words = svg("text", { class: "ed-words", "text-anchor": "middle" });
    this.point = svg("circle", { class: "ed-point", r: 7.5 });
    this.number = svg("text", { class: "ed-number", "text-anchor": "middle" });
    const strokes = svg("path", { d: "M-2.5-2.5l5 5m0-5l-5 5" });
    this.cross = svg("g", { class: "ed-cross" }, svg("circle", { r: 6.5 }), strokes);
    this.grips = ["start", "end"].map((end) => {
      return svg("rect", { class: `ed-grip ed-${end}`, y: BAR_TOP - 2, height: BAR_HEIGHT + 4, width: EDGE * 2 });
    });
    this.element = svg(
      "g",
      { class: "ed-bar", tabindex: 0, role: "button", onpointerdown: onpress, onfocus },
      ...[this.box, this.fade, this.words, ...this.grips, this.point, this.number, this.cross],
    );
  }

  show(operation, { lane, width, selected, verdict, index, wrong }) {
    const x = NAME + operation.start * COLUMN;
    const right = operation.end === null ? width - 4 : NAME + (operation.end + 1) * COLUMN;
    const room = right - x;
    const words = operation.end === null ? asked(operation.text) : operation.text;
    const fits = words.length * 7 + 10 < room;
    const accused = verdict?.accused.includes(index);
    const kind = { W: "write", R: "read" }[/^(W|R)\(/.exec(operation.text)?.[1]] ?? "cas";
    const classes = ["ed-bar", kind, selected && "selected", accused && "accused", wrong && "wrong"];
    if (operation.end === null) classes.push("unanswered");
    const said = operation.end === null ? "no answer" : `until ${operation.end}`;
    const name = `${operation.process}: ${words}, from ${operation.start}, ${said}`;
    const label = accused ? `${name}; no order explains it` : name;
    change(this.element, { class: classes.filter(Boolean).join(" "), "aria-label": label });
    change(this.element, { transform: `translate(0 ${lane * LANE})` });
    change(this.box, { x, width: room, rx: { write: 3, read: 11, cas: 7 }[kind] });
    const [top, bottom] = [BAR_TOP - 1, BAR_TOP + BAR_HEIGHT + 1];
    change(this.fade, { d: operation.end === null ? `M${right} ${top}V${bottom}` : null });
    change(this.words, { x: x + room / 2, y: fits ? BAR_TOP + 16 : BAR_TOP - 5 });
    write(this.words, words);
    this.grips.forEach((grip, end) => change(grip, { x: (end ? right : x) - EDGE }));
    this.showVerdict(verdict, index, x, right, accused || wrong);
  }

  /** The point at which it takes effect, or its number in the order; or ✗: as in the timeline (explanations.py). */
  showVerdict(verdict, index, x, right, guilty) {
    const place = verdict ? verdict.order.indexOf(index) : -1;
    const timed = place >= 0 && Boolean(verdict.points);
    const foot = BAR_TOP + BAR_HEIGHT;
    const at = timed ? pointAt(verdict, place) : (x + right) / 2;
    this.point.style.display = timed ? "" : "none";
    this.point.style.transform = `translate(${at}px, ${foot + 4}px)`;
    this.number.style.transform = `translate(${at}px, ${foot + (timed ? 7.5 : 12)}px)`;
    change(this.number, { class: timed ? "ed-number in-point" : "ed-number" });
    write(this.number, place >= 0 ? place + 1 : "");
    this.cross.style.display = guilty ? "" : "none";
    change(this.cross, { transform: `translate(${x} ${foot})` });
  }
}

/** An operation without what it returned: nobody heard that. "R(x)(1,2)" asked R(x). */
function asked(text) {
  let depth = 0;
  const end = [...text].findIndex((letter) => {
    depth += letter === "(" ? 1 : letter === ")" ? -1 : 0;
    return letter === ")" && depth === 0;
  });
  return end < 0 ? text : text.slice(0, end + 1);
}

/** Where the point number `place` of an order lies: those of one column stand side by side in it. */
function pointAt({ points }, place) {
  const column = points[place];
  const first = points.indexOf(column);
  const count = points.lastIndexOf(column) - first + 1;
  return NAME + (column + (place - first + 0.5) / count) * COLUMN;
}

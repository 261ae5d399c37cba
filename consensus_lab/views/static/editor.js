// A history drawn by hand: bars are dragged, added, renamed and removed, and the verdicts follow.
//
// The drawing is ours; whether it is a history, and what the checkers say of it, the kernel answers. Both are
// traits of the model, so that all views of one drawing show the same.

import { BAR_TOP, COLUMN, Drawing, EditedBar, LANE, NAME } from "./drawing.js";
import { listenForKeys, signButton } from "./playback.js";
import { projectorButton } from "./projector.js";
import { hidingStill } from "./still.js";
import { change, html, svg, write } from "./svg.js";

const SILENT = 3000; // ms

/** The whole editor: the picture, what can be done, and what the checkers say. */
class Editor {
  constructor(model) {
    this.model = model;
    this.edit = model.get("drawing").edit;
    this.drawing = new Drawing(model.get("drawing"));
    this.past = [];
    this.selected = null;
    this.why = 0; // the verdict whose reasons are drawn
    this.bars = new Map();
    this.build();
    this.hear();
    this.hears = () => this.hear();
    this.follows = () => this.follow();
    model.on("change:answer", this.hears);
    model.on("change:drawing", this.follows);
  }

  build() {
    this.ground = svg("g", { class: "ed-ground" });
    this.front = svg("g");
    this.sheet = svg("svg", { class: "ed-sheet", role: "group", "aria-label": "The drawing" }, this.ground, this.front);
    this.sheet.addEventListener("dblclick", (event) => this.addAt(event));
    const label = "The selected operation: W(x,4), R(x)4, C(x,1,2) …";
    this.text = html("input", { class: "ed-text", type: "text", spellcheck: "false", placeholder: "select a bar", "aria-label": label });
    this.text.addEventListener("input", () => this.rename(this.text.value));
    this.text.addEventListener("keydown", ({ key }) => key === "Enter" && this.focusBar());
    this.buttons = {
      add: signButton("＋ operation", "Add an operation (+)", () => this.addNext()),
      process: signButton("＋ process", "Add a process", () => this.addProcess()),
      open: signButton("no answer", "Take its answer away, or give it one (u)", () => this.toggleAnswer()),
      remove: signButton("delete", "Delete the selected operation (Delete)", () => this.removeSelected()),
      undo: signButton("undo", "Undo (z)", () => this.undo()),
    };
    for (const [name, button] of Object.entries(this.buttons)) button.classList.add(`ed-${name}`);
    this.problem = html("p", { class: "ed-problem", role: "status" });
    this.lamps = html("div", { class: "ed-lamps", role: "group", "aria-label": "What the checkers say" });
    this.words = html("p", { class: "tl-why", "aria-live": "polite" });
    const { add, process, open, remove, undo } = this.buttons;
    this.element = html(
      "div",
      { class: "tl ed", role: "group", "aria-label": "A history to be drawn", tabindex: -1 },
      this.lamps,
      html("div", { class: "ed-frame" }, this.sheet),
      html("div", { class: "ed-bar-row" }, this.text, open, remove, add, process, undo, projectorButton()),
      this.problem,
      this.words,
      html("p", { class: "tl-pointed" }, HELP),
    );
    listenForKeys(this.element, this.keys());
  }

  keys() {
    const shift = (by) => () => this.nudge((o, was) => this.drawing.move(o, was, o.process, by));
    const stretch = (by) => () => this.nudge((o, was) => this.drawing.moveEnd(o, was, by));
    const lane = (by) => () => this.nudge((o, was) => this.drawing.move(o, was, this.neighbour(o, by), 0));
    return [
      { keys: ["ArrowLeft"], does: shift(-1) },
      { keys: ["ArrowRight"], does: shift(1) },
      { keys: ["shift+ArrowLeft"], does: stretch(-1) },
      { keys: ["shift+ArrowRight"], does: stretch(1) },
      { keys: ["ArrowUp"], does: lane(-1) },
      { keys: ["ArrowDown"], does: lane(1) },
      { keys: ["Enter"], does: () => this.selected && this.text.focus() },
      { keys: ["Delete", "Backspace"], does: () => this.removeSelected() },
      { keys: ["+"], does: () => this.addNext() },
      { keys: ["u"], does: () => this.toggleAnswer() },
      { keys: ["z"], does: () => this.undo() },
    ];
  }

  // ---- changes ----

  /** Remembers the drawing, so that the next change can be undone. */
  remember() {
    this.past.push(this.drawing.toRows());
    if (this.past.length > 100) this.past.shift();
  }

  /** The drawing has changed: show it, and ask the kernel. */
  changed() {
    this.show();
    this.edit += 1;
    this.model.set("drawing", { edit: this.edit, ...this.drawing.toRows() });
    try {
      this.model.save_changes();
    } catch {
      this.say(GONE); // the connection is closed: it says so itself
    }
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.say(GONE), SILENT);
  }

  nudge(how) {
    if (!this.selected) return;
    this.remember();
    how(this.selected, { ...this.selected });
    this.changed();
  }

  neighbour(operation, by) {
    const { processes } = this.drawing;
    return processes[processes.indexOf(operation.process) + by] ?? operation.process;
  }

  rename(text) {
    if (!this.selected) return;
    this.remember();
    this.selected.text = text.trim();
    this.changed();
  }

  toggleAnswer() {
    const { selected, drawing } = this;
    if (!selected) return;
    if (selected.end !== null && !drawing.isLast(selected)) {
      this.say(`Only the last operation of ${selected.process} can be left without an answer.`);
      return;
    }
    this.remember();
    selected.end = selected.end === null ? Math.min(selected.start + 6, drawing.widest - 2) : null;
    this.changed();
  }

  removeSelected() {
    if (!this.selected) return;
    this.remember();
    this.drawing.remove(this.selected);
    this.select(null);
    this.changed();
  }

  addNext() {
    const process = this.selected?.process ?? this.drawing.processes[0] ?? this.drawing.addProcess();
    const column = this.drawing.after(process);
    if (column === null) this.say(`${process} waits for an answer for ever: add to another process.`);
    else this.add(process, column);
  }

  addAt(event) {
    if (event.target.closest(".ed-bar")) return this.text.focus();
    const { column, process } = this.placeOf(event);
    if (process && column >= 1) this.add(process, column);
  }

  add(process, column) {
    this.remember();
    const operation = this.drawing.add(process, column);
    if (!operation) return;
    this.select(operation);
    this.changed();
    this.text.focus();
    this.text.select();
  }

  addProcess() {
    this.remember();
    this.drawing.addProcess();
    this.changed();
  }

  undo() {
    const rows = this.past.pop();
    if (!rows) return;
    this.load(rows);
    this.changed();
  }

  load(rows) {
    const { widest } = this.drawing;
    this.drawing = new Drawing(rows);
    this.drawing.widest = Math.max(widest, this.drawing.widest);
    this.select(null);
  }

  // ---- the pointer ----

  /** Which column of which process is under the pointer. */
  placeOf({ clientX, clientY }) {
    const { left, top, width, height } = this.sheet.getBoundingClientRect();
    const x = ((clientX - left) / width) * this.width;
    const y = ((clientY - top) / height) * this.height;
    return { column: Math.floor((x - NAME) / COLUMN), process: this.drawing.processes[Math.floor(y / LANE)], x };
  }

  press(event, operation) {
    if (event.button !== 0) return;
    event.preventDefault();
    const bar = this.bars.get(operation);
    this.select(operation);
    bar.element.focus({ preventScroll: true });
    const [start, end] = bar.grips.map((grip) => grip === event.target);
    const was = { ...operation };
    const { column } = this.placeOf(event);
    let before = this.drawing.toRows();
    const drag = (moved) => {
      const place = this.placeOf(moved);
      const by = place.column - column;
      if (start) this.drawing.moveStart(operation, was, by);
      else if (end) this.drawing.moveEnd(operation, { ...was, end: was.end ?? column }, by);
      else this.drawing.move(operation, was, place.process ?? operation.process, by);
      if (JSON.stringify(this.drawing.toRows()) === JSON.stringify(this.shown)) return;
      if (before) this.past.push(before);
      before = null;
      this.changed();
    };
    const stop = () => {
      bar.element.removeEventListener("pointermove", drag);
      bar.element.removeEventListener("pointerup", stop);
      bar.element.removeEventListener("pointercancel", stop);
    };
    bar.element.setPointerCapture(event.pointerId);
    bar.element.addEventListener("pointermove", drag);
    bar.element.addEventListener("pointerup", stop);
    bar.element.addEventListener("pointercancel", stop);
  }

  select(operation) {
    this.selected = operation;
    if (document.activeElement !== this.text) this.text.value = operation?.text ?? "";
    if (!operation) this.text.value = "";
    this.show();
  }

  focusBar() {
    this.bars.get(this.selected)?.element.focus();
  }

  // ---- what the kernel says ----

  hear() {
    clearTimeout(this.patience);
    const { edit, verdicts, problem } = this.model.get("answer");
    if (edit !== this.edit) return; // an answer to an older drawing
    this.verdicts = verdicts;
    this.wrong = problem ? problem[0] : null;
    this.say(problem ? problem[1] : "");
    this.showLamps();
    this.show();
  }

  /** Another view of the same drawing has changed it. */
  follow() {
    const drawing = this.model.get("drawing");
    if (drawing.edit === this.edit) return;
    this.edit = drawing.edit;
    this.load(drawing);
  }

  say(words) {
    write(this.problem, words);
  }

  showLamps() {
    const lamps = this.verdicts.map(({ model, holds }, index) => {
      const sign = holds === null ? "?" : holds ? "✓" : "✗";
      const says = holds === null ? "is undecided" : holds ? "holds" : "does not hold";
      const name = holds === null ? "undecided" : holds ? "good" : "bad";
      const pressed = this.why === index;
      const show = () => {
        this.why = index;
        this.showLamps();
        this.show();
      };
      return html(
        "button",
        { class: `ed-lamp ${name}`, "aria-pressed": String(pressed), onclick: show, title: "Show why in the drawing" },
        `${sign} ${model} ${says}`,
      );
    });
    const focused = [...this.lamps.children].indexOf(document.activeElement);
    this.lamps.replaceChildren(...lamps);
    lamps[focused]?.focus();
    write(this.words, this.verdicts[this.why]?.words ?? "");
  }

  // ---- the picture ----

  show() {
    const { drawing } = this;
    this.shown = drawing.toRows();
    this.width = NAME + drawing.measure() * COLUMN;
    this.height = drawing.processes.length * LANE + 14;
    change(this.sheet, { viewBox: `0 0 ${this.width} ${this.height}` });
    this.sheet.style.minWidth = `${Math.min(this.width, 720)}px`;
    this.sheet.style.maxWidth = `${this.width * 1.25}px`;
    this.showGround();
    for (const [operation, bar] of this.bars) {
      if (drawing.operations.includes(operation)) continue;
      bar.element.remove();
      this.bars.delete(operation);
    }
    drawing.operations.forEach((operation, index) => this.showBar(operation, index));
    const { open, remove, undo } = this.buttons;
    for (const button of [open, remove, this.text]) change(button, { disabled: !this.selected });
    change(undo, { disabled: !this.past.length });
    write(open, this.selected?.end === null ? "give an answer" : "no answer");
  }

  showBar(operation, index) {
    if (!this.bars.has(operation)) {
      const bar = new EditedBar(
        (event) => this.press(event, operation),
        () => this.selected !== operation && this.select(operation),
      );
      this.bars.set(operation, bar);
      this.front.append(bar.element);
    }
    this.bars.get(operation).show(operation, {
      lane: this.drawing.processes.indexOf(operation.process),
      width: this.width,
      selected: operation === this.selected,
      verdict: this.verdicts?.[this.why],
      index,
      wrong: this.wrong === index,
    });
  }

  showGround() {
    const { processes } = this.drawing;
    const parts = processes.flatMap((name, lane) => [
      svg("text", { x: 12, y: lane * LANE + BAR_TOP + 17, class: "ed-name" }, name),
      svg("line", { x1: 12, x2: this.width - 4, y1: (lane + 1) * LANE, y2: (lane + 1) * LANE, class: "ed-rule" }),
    ]);
    const place = { x: this.width - 4, y: this.height - 1, "text-anchor": "end", class: "ed-time" };
    parts.push(svg("text", place, "time →"));
    this.ground.replaceChildren(...parts);
  }

  close() {
    clearTimeout(this.patience);
    this.model.off?.("change:answer", this.hears);
    this.model.off?.("change:drawing", this.follows);
  }
}

const GONE = "The kernel does not answer: it is busy, or gone. Run the cell again to have the drawing judged.";

const HELP =
  "Drag a bar or its ends; double-click an empty place to add an operation. Keys on a selected bar: ← → move it, " +
  "shift ← → its end, ↑ ↓ to another process, Enter its text, u no answer, Delete, + add, z undo.";

function renderEditor({ model, el }) {
  const editor = new Editor(model);
  el.replaceChildren(editor.element);
  return () => editor.close();
}

export default { render: hidingStill(renderEditor) };

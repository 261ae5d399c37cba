// The faults, requests and remarks of a run: together with its seed they are the scenario. To change one is to ask
// "what if?", and makes a branch.

import { FaultForm } from "./fault_form.js";
import { editInWords, faultInWords, kindsFor } from "./faults.js";
import { signButton } from "./playback.js";
import { change, html, write } from "./svg.js";
import { inMilliseconds } from "./words.js";

/** How many of each there are: "2 faults, 1 request, 3 remarks". What waits is what it waits to do. */
export function countInWords(faults) {
  const kinds = faults.map(({ fault, then }) => KINDS[then?.fault ?? fault] ?? "fault");
  const counts = ["fault", "request", "remark"].map((kind) => [kinds.filter((one) => one === kind).length, kind]);
  const told = counts.filter(([count]) => count).map(([count, kind]) => `${count} ${kind}${count > 1 ? "s" : ""}`);
  return told.join(", ") || "no faults or requests";
}

const KINDS = { request: "request", reconfigure: "request", say: "remark", ask: "remark" };

/** A list that folds. `edit(faults, label, from)` wants the new list: pairs of a time in ms and the place of a fault
 * in the old list, or a fault; the name of the branch, and the time (µs) from which it differs. `seek(time)`. */
export class FaultList {
  constructor({ edit, add, seek }) {
    Object.assign(this, { edit, seek, rows: [] });
    this.title = html("summary");
    this.note = html("p", { class: "note" });
    this.list = html("ol");
    this.form = new FaultForm(add);
    this.element = html("details", { class: "faults" }, this.title, this.note, this.list, this.form.element);
    this.element.addEventListener("toggle", () => this.form.show(this.time ?? 0));
  }

  /** Shows the list of the run that `reader` reads. `why` says why it cannot be changed; "" if it can. */
  use(reader, run, why) {
    this.faults = reader.scenario.faults ?? [];
    this.messages = reader.messages;
    this.why = why;
    write(this.title, `The scenario: ${countInWords(this.faults)}${reader.clients.length ? ", beside what its clients ask by themselves" : ""}`);
    write(this.note, why);
    change(this.note, { hidden: !why });
    change(this.form.element, { hidden: Boolean(why) });
    this.rows = this.faults.map((fault, index) => this.rowOf(fault, index));
    this.list.replaceChildren(...this.rows.map(({ element }) => element));
    if (!why) this.form.use(kindsFor(reader, run.questions), run);
  }

  rowOf({ at, ...fault }, index) {
    const words = faultInWords(fault, this.messages);
    const go = html("button", { type: "button", class: "what", title: "Go there", onclick: () => this.seek(1000 * at) }, words);
    if (this.why) return { at, element: html("li", {}, html("span", { class: "when" }, inMilliseconds(1000 * at)), go) };
    const time = html("input", { type: "number", min: 0, step: "any", value: at, class: "at", "aria-label": `When ${words}, in ms` });
    time.addEventListener("change", () => this.move(index, Number(time.value)));
    const remove = signButton("✕", `Remove: ${words}`, () => this.remove(index));
    return { at, element: html("li", {}, html("label", {}, time, "ms"), go, remove) };
  }

  /** The list as it is, for an edit. */
  get kept() {
    return this.faults.map(({ at }, index) => [at, index]);
  }

  wordsOf(index) {
    const { at: _, ...fault } = this.faults[index];
    return faultInWords(fault, this.messages);
  }

  move(index, at) {
    const before = this.faults[index].at;
    if (at === before || !Number.isFinite(at)) return;
    const label = editInWords({ verb: "move", words: this.wordsOf(index), at, before });
    this.edit(this.kept.with(index, [at, index]), label, 1000 * Math.min(at, before));
  }

  remove(index) {
    const { at } = this.faults[index];
    const label = editInWords({ verb: "remove", words: this.wordsOf(index), at });
    this.edit(this.kept.toSpliced(index, 1), label, 1000 * at);
  }

  show(time) {
    this.time = time;
    if (!this.element.open) return;
    for (const { at, element } of this.rows) change(element, { class: 1000 * at > time ? "ahead" : null });
    if (!this.why) this.form.show(time);
  }

  /** Opens the list, and leads to the first thing in it that one can change. */
  open() {
    this.element.open = true;
    (this.why ? this.title : this.form.kind).focus();
  }
}

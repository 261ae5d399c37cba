// A lesson: the remarks of a run, one after the other. Playing stops at each; "next" goes on to the one after.

import { prefersStillness, signButton } from "./playback.js";
import { change, html, write } from "./svg.js";

export class Lesson {
  constructor(playback) {
    this.playback = playback;
    this.remarks = [];
    this.index = -1; // the remark that is shown
    this.words = html("p", { class: "words" });
    this.answer = html("p", { class: "answer" });
    this.reveal = html("button", { type: "button", class: "reveal", onclick: () => this.uncover() }, "Show the answer");
    this.back = signButton("◂ back", "Back to the remark before (b)", () => this.goBack());
    this.next = signButton("next ▸", "On to the next remark (n)", () => this.goOn());
    this.count = html("span", { class: "count" });
    const text = html("div", { class: "said", "aria-live": "polite" }, this.words, this.reveal, this.answer);
    const steps = html("div", { class: "steps" }, this.count, this.back, this.next);
    this.element = html("section", { class: "lesson", "aria-label": "Lesson" }, text, steps);
  }

  /** Takes the remarks of the run that is shown. */
  use(reader) {
    this.remarks = reader.events.filter(({ kind }) => kind === "remark").map(({ time, detail }) => ({ time, ...detail }));
    this.playback.halts = [...new Set(this.remarks.map(({ time }) => time))];
    change(this.element, { hidden: !this.remarks.length });
    this.shown = null;
  }

  get isThere() {
    return this.remarks.length > 0;
  }

  /** Several remarks may belong to one moment: there the one that was reached by a button stays. */
  show(time) {
    if (this.remarks[this.index]?.time !== time) this.index = this.indexAt(time);
    const remark = this.remarks[this.index] ?? null;
    if (remark === this.shown && remark) return;
    this.shown = remark;
    write(this.words, remark?.words ?? "Press next to begin.");
    write(this.answer, "");
    change(this.reveal, { hidden: !remark?.answer });
    write(this.count, `${this.index + 1} of ${this.remarks.length}`);
    change(this.back, { disabled: this.index < 1 });
    change(this.next, { disabled: this.index === this.remarks.length - 1 });
  }

  /** The first remark of this very moment, else the last one before it. */
  indexAt(time) {
    const first = this.remarks.findIndex((remark) => remark.time === time);
    return first >= 0 ? first : this.remarks.findLastIndex((remark) => remark.time < time);
  }

  uncover() {
    write(this.answer, this.shown?.answer ?? "");
    change(this.reveal, { hidden: true });
  }

  goBack() {
    if (this.index < 1) return;
    this.index -= 1;
    this.playback.pause();
    this.playback.seek(this.remarks[this.index].time);
  }

  /** The run plays until it comes to the next remark; a reader who wants no motion is there at once. */
  goOn(atOnce = prefersStillness()) {
    const next = this.remarks[this.index + 1];
    if (!next) return;
    if (atOnce || next.time <= this.playback.time || this.playback.playing) {
      this.index += 1;
      this.playback.pause();
      this.playback.seek(next.time);
    } else {
      this.playback.play();
    }
  }
}

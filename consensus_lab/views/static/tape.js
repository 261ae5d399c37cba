// The tape: the terms of a run on a time axis with marks, and under it the branches that a "what if" made.

import { gathered, marksOf, roundTimes, termsOf, writesOf } from "./overview.js";
import { termColour, termInk } from "./palette.js";
import { signButton } from "./playback.js";
import { change, html, svg, write } from "./svg.js";
import { inMilliseconds, termInShort } from "./words.js";

const NARROW = 0.03; // of the tape: shorter stretches of a term, many in a row, would be a bar code
const STEPS = 2000; // places of the cursor: finer ones cannot be told apart, and each costs the page a layout

/** Rows of tape, one a branch, under one scrubber. `choose(index, time)` is called for a click on a row.
 *
 * Branches can be given other names, and forgotten, if `renamed(index, name)` and `forget(index)` are there.
 */
export class Tape {
  constructor(scrubber, { choose, renamed = null, forget = null }) {
    Object.assign(this, { choose, renamed, dismiss: forget });
    this.scrubber = scrubber;
    this.rows = html("div", { class: "tape-rows" });
    this.cursor = html("div", { class: "cursor" }); // a line at the left end of it
    this.axis = html("div", { class: "axis" });
    this.lane = html("div", { class: "tape-lane" }, this.scrubber, this.cursor, this.axis);
    this.element = html("section", { class: "tape", "aria-label": "Tape of terms" }, this.rows, this.lane);
    this.tracks = [];
  }

  /** Draws the rows anew: `branches` are {reader, label, from}; `from` is the time of the fork, or 0. */
  use(branches) {
    const end = branches.reduce((most, { reader }) => Math.max(most, reader.duration), 1);
    if (end !== this.end) this.tracks = []; // else the rows that are there are those that they would be
    this.end = end;
    // A branch whose rest has come has a new reader.
    const drawn = (branch, index) => this.tracks[index]?.reader === branch.reader;
    this.tracks = branches.map((branch, index) => (drawn(branch, index) ? this.tracks[index] : this.trackOf(branch, index)));
    branches.forEach(({ label }, index) => this.tracks[index].called(label));
    this.rows.replaceChildren(...this.tracks.map(({ element }) => element));
    const labels = roundTimes(this.end, 6).map((time) => {
      const look = time === this.end ? "axis-label last" : "axis-label";
      return html("span", { class: look, style: `left: ${this.place(time)}` }, inMilliseconds(time, 0));
    });
    this.axis.replaceChildren(...labels);
  }

  place(time) {
    return `${((100 * time) / this.end).toFixed(3)}%`;
  }

  span(from, to) {
    return `left: ${this.place(from)}; width: ${this.place(to - from)}`;
  }

  trackOf({ reader, label, from }, index) {
    const ribbon = html("div", { class: "ribbon" }, ...this.bandsOf(reader, from));
    const shown = ({ time }) => time >= from;
    for (const { time, sign, words, kind } of marksOf(reader).filter(shown)) {
      const look = { class: `mark mark-${kind}`, style: `left: ${this.place(time)}`, title: words };
      ribbon.append(html("span", look, sign));
    }
    ribbon.append(this.ticksAt(writesOf(reader).filter((time) => time >= from)));
    ribbon.addEventListener("click", (event) => {
      const box = ribbon.getBoundingClientRect();
      this.choose(index, ((event.clientX - box.left) / box.width) * this.end);
    });
    const name = new BranchName(label, {
      choose: () => this.choose(index, null),
      renamed: this.renamed && ((words) => this.renamed(index, words)),
      forget: this.dismiss && index ? () => this.dismiss(index) : null,
    });
    const element = html("div", { class: "tape-row" }, name.element, ribbon);
    return { element, reader, name: name.button, called: (words) => name.called(words) };
  }

  /** A branch is gone: the numbers of the others are new. */
  forget() {
    this.tracks = [];
  }

  /** A tick for each of many times: one element for all, for a busy run has thousands. */
  ticksAt(times) {
    const d = times.map((time) => `M${((1000 * time) / this.end).toFixed(2)} 0V1`).join("");
    const line = svg("path", { d, "vector-effect": "non-scaling-stroke" });
    return svg("svg", { class: "ticks", viewBox: "0 0 1000 1", preserveAspectRatio: "none" }, line);
  }

  /** The terms as coloured bands; before the fork there is only a dashed line. */
  bandsOf(reader, from) {
    const bands = gathered(termsOf(reader).filter(({ to }) => to > from), NARROW * this.end);
    const { word, recoloured } = reader.shown;
    const fork = from ? [html("div", { class: "fork", style: this.span(0, from) })] : [];
    return fork.concat(
      bands.map((band) => {
        const begin = Math.max(band.from, from);
        const place = this.span(begin, band.to);
        const name = termInShort(band.term);
        if (band.many) {
          const title = `${band.many} ${word}s, ${name} to ${termInShort(band.last)}`;
          return html("div", { class: "band many", style: place, title }, ...labelOf(`${word}s`, band.many));
        }
        const style = `${place}; --term: ${termColour(band.term, recoloured)}; color: ${termInk(band.term, recoloured)}`;
        const label = band.term ? labelOf(word, name) : [];
        return html("div", { class: band.term ? "band" : "band no-term", style, title: `${word} ${name}` }, ...label);
      }),
    );
  }

  /** Moves the cursor; `current` is the row that is shown, or null if all are. */
  show(current, time) {
    const place = (Math.round((time / this.end) * STEPS) / STEPS).toFixed(4);
    if (place !== this.drawn) this.cursor.style.transform = `translateX(${100 * place}%)`;
    this.drawn = place;
    this.tracks.forEach((track, index) => {
      const shown = current === null || index === current;
      change(track.element, { class: shown ? "tape-row current" : "tape-row" });
      change(track.name, { "aria-pressed": String(shown) });
    });
  }
}

/** "term 4": where the word does not fit, there is none, and where the name does not fit, nothing (tape.css). */
function labelOf(word, name) {
  return [html("span", { class: "word" }, word), " ", html("span", {}, name)];
}

/** The name of a branch, which one can change; and what forgets the branch. */
class BranchName {
  constructor(label, { choose, renamed, forget }) {
    this.renamed = renamed;
    this.label = html("span", {}, label);
    this.button = html("button", { type: "button", class: "branch", title: label, onclick: choose }, this.label);
    this.field = html("input", { type: "text", class: "branch-field", hidden: true, "aria-label": "Name of this branch" });
    this.field.addEventListener("keydown", ({ key }) => ["Enter", "Escape"].includes(key) && this.end(key === "Enter"));
    this.field.addEventListener("blur", () => this.end(true));
    this.tools = html("span", { class: "branch-tools" });
    if (renamed) this.tools.append(signButton("✎", "Give this branch a name", () => this.begin()));
    if (forget) this.tools.append(signButton("✕", "Forget this branch", forget));
    this.element = html("div", { class: "branch-name" }, this.button, this.field, this.tools);
  }

  called(words) {
    write(this.label, words);
    change(this.button, { title: words });
  }

  begin() {
    this.field.value = this.button.textContent;
    change(this.button, { hidden: true });
    change(this.field, { hidden: null });
    this.field.select();
    this.field.focus();
  }

  end(keep) {
    if (this.field.hidden) return;
    const words = this.field.value.trim();
    change(this.field, { hidden: true });
    change(this.button, { hidden: null });
    this.button.focus();
    if (keep && words && words !== this.button.textContent) this.renamed(words);
  }
}

/** "✓ no violation so far", or what is broken and a jump to it. */
export class Badge {
  constructor(seek) {
    this.at = null;
    this.jump = () => this.at === null || seek(this.at);
    this.element = html("button", { type: "button", class: "badge", onclick: this.jump });
  }

  use(reader) {
    const error = reader.events.at(-1)?.kind === "error" ? reader.events.at(-1) : null;
    this.troubles = reader.violations.map(({ property, time, text }) => ({ time, words: property, text }));
    if (error) this.troubles.push({ time: error.time, words: "an error", text: String(error.detail) });
  }

  show(time) {
    const next = this.troubles[0];
    const past = this.troubles.filter((trouble) => trouble.time <= time).at(-1);
    const told = past ?? next;
    this.at = told ? told.time : null;
    const when = told && `${told.words} at ${inMilliseconds(told.time)}`;
    write(this.element, past ? `✗ ${when}` : told ? `⚠ ahead: ${when}` : "✓ no violation so far");
    change(this.element, {
      class: `badge ${past ? "bad" : told ? "warned" : "good"}`,
      title: told ? `${told.text} (click to go there)` : "Every property of the protocol has held until now.",
    });
  }
}

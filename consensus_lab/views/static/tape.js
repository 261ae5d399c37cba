// The tape: the terms of a run on a time axis with marks, and under it the branches that a "what if" made.

import { marksOf, roundTimes, termsOf, writesOf } from "./overview.js";
import { termColour, termInk } from "./palette.js";
import { change, html, svg, write } from "./svg.js";
import { inMilliseconds } from "./words.js";

/** Rows of tape, one a branch, under one scrubber. `choose(index, time)` is called for a click on a row. */
export class Tape {
  constructor(scrubber, choose) {
    this.choose = choose;
    this.scrubber = scrubber;
    this.rows = html("div", { class: "tape-rows" });
    this.cursor = html("div", { class: "cursor" });
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
    this.tracks = branches.map((branch, index) => this.tracks[index] ?? this.trackOf(branch, index));
    this.rows.replaceChildren(...this.tracks);
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
    const choose = () => this.choose(index, null);
    const name = html("button", { type: "button", class: "branch", title: label, onclick: choose }, label);
    return html("div", { class: "tape-row" }, name, ribbon);
  }

  /** A tick for each of many times: one element for all, for a busy run has thousands. */
  ticksAt(times) {
    const d = times.map((time) => `M${((1000 * time) / this.end).toFixed(2)} 0V1`).join("");
    const line = svg("path", { d, "vector-effect": "non-scaling-stroke" });
    return svg("svg", { class: "ticks", viewBox: "0 0 1000 1", preserveAspectRatio: "none" }, line);
  }

  /** The terms as coloured bands; before the fork there is only a dashed line. */
  bandsOf(reader, from) {
    const bands = termsOf(reader).filter(({ to }) => to > from);
    const fork = from ? [html("div", { class: "fork", style: this.span(0, from) })] : [];
    return fork.concat(
      bands.map((band) => {
        const begin = Math.max(band.from, from);
        const share = (band.to - begin) / this.end;
        const words = band.term && share > 0.015 ? `${share > 0.06 ? "term " : ""}${band.term}` : "";
        const paint = `--term: ${termColour(band.term)}; color: ${termInk(band.term)}`;
        const style = `${this.span(begin, band.to)}; ${paint}`;
        return html("div", { class: band.term ? "band" : "band no-term", style, title: `term ${band.term}` }, words);
      }),
    );
  }

  /** Moves the cursor; `current` is the row that is shown, or null if all are. */
  show(current, time) {
    this.cursor.style.left = `calc(var(--thumb) / 2 + (100% - var(--thumb)) * ${(time / this.end).toFixed(5)})`;
    this.tracks.forEach((track, index) => {
      const shown = current === null || index === current;
      change(track, { class: shown ? "tape-row current" : "tape-row" });
      change(track.firstChild, { "aria-pressed": String(shown) });
    });
  }
}

/** "✓ no violation so far", or what is broken and a jump to it. */
export class Badge {
  constructor(seek) {
    this.at = null;
    const jump = () => this.at === null || seek(this.at);
    this.element = html("button", { type: "button", class: "badge", onclick: jump });
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

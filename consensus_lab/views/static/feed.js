// What just happened, in words, the newest first; and the whole of one message or server on a card.

import { firstAfter } from "./playback.js";
import { KeyedPool, change, html, write } from "./svg.js";
import { eventInWords, inMilliseconds, messageInWords, serverFieldInWords, weightOf } from "./words.js";

const SHOWN = 40;
const LINE = 24; // pixels that a line takes, at least

/** The sentences of a run in order of time: [{time, words, weight}]. */
export function feedOf(reader) {
  return reader.events.flatMap((event) =>
    eventInWords(event, reader).map((words) => ({ time: event.time, words, weight: weightOf(event) })),
  );
}

export class Feed {
  constructor(seek) {
    this.room = SHOWN;
    this.scrolled = false; // known without asking the page, which would cost a layout
    this.list = html("ol", { class: "feed", onscroll: () => (this.scrolled = this.list.scrollTop > 0) });
    this.pool = new KeyedPool(this.list, () => {
      const line = { time: html("span", { class: "when" }), words: html("span", { class: "what" }) };
      line.button = html("button", { type: "button", onclick: () => seek(line.at) }, line.time, line.words);
      line.element = html("li", {}, line.button);
      return line;
    });
    const title = html("h3", {}, "What just happened");
    this.element = html("section", { class: "panel feed-panel" }, title, this.list);
  }

  use(reader) {
    this.entries = feedOf(reader);
    this.times = this.entries.map(({ time }) => time);
    this.count = -1;
  }

  /** Says how high the list is. To ask the page when it is drawn would cost a layout. */
  fit(height) {
    this.room = Math.min(SHOWN, Math.ceil(height / LINE) + 1);
  }

  /** While it plays, with as many lines as can be seen: every event moves all of them. */
  show(time, playing = false) {
    const count = firstAfter(this.times, time);
    const most = playing ? this.room : SHOWN;
    if (count === this.count && most === this.most) return;
    Object.assign(this, { count, most });
    const entries = this.entries.slice(Math.max(0, count - most), count).reverse();
    const lines = this.pool.take(entries, setUpLine);
    this.pool.arrange(lines);
    lines.forEach(({ element }, i) => {
      change(element, { class: `${entries[i].weight} ${entries[i].time === entries[0].time ? "now" : ""}` });
    });
    if (this.scrolled) this.list.scrollTop = 0;
  }
}

function setUpLine(line, { time, words }) {
  line.at = time;
  write(line.time, inMilliseconds(time));
  write(line.words, words);
}

const WIDE = 22; // letters that find room in a column of a card

/** A card over the picture: all the fields of what was clicked. `close` is called by its ✕; `more` are elements. */
export class Card {
  constructor(close, ...more) {
    this.title = html("h3");
    this.text = html("p");
    this.list = html("dl");
    this.end = html("p", { class: "fate" });
    this.button = html("button", { type: "button", "aria-label": "Close", onclick: close }, "✕");
    const parts = [this.button, this.title, this.text, this.end, ...more, this.list];
    this.element = html("aside", { class: "card", hidden: true }, ...parts);
    this.shown = null;
  }

  /** The message, or else the server; nothing, if neither is selected. */
  show(message, server, fields) {
    if (message) this.showMessage(message);
    else if (server) this.showServer(server, fields);
    else this.hide();
  }

  hide() {
    this.shown = null;
    change(this.element, { hidden: true });
  }

  showMessage(message) {
    const { title, when, fields, fate } = messageInWords(message);
    this.fill(message, title, when, fields, fate);
  }

  showServer(name, fields) {
    const down = fields.status === "down";
    const told = (field) => (down ? field.startsWith("disk.") : !field.startsWith("_") && field !== "status");
    const rows = Object.entries(fields).filter(([field]) => told(field));
    const text = down ? "crashed: only what is on its disk is left" : "";
    this.fill(fields, `Server ${name}`, text, rows.map(fieldRow), "");
  }

  fill(thing, title, text, fields, fate) {
    if (this.shown === thing) return;
    this.shown = thing;
    write(this.title, title);
    write(this.text, text);
    write(this.end, fate);
    const rowOf = ([name, value]) => {
      return html("div", { class: value.length > WIDE ? "wide" : null }, html("dt", {}, name), html("dd", {}, value));
    };
    const rows = fields.map(rowOf);
    this.list.replaceChildren(...rows);
    change(this.element, { hidden: null });
  }
}

function fieldRow([name, value]) {
  const text = serverFieldInWords(name, value);
  const [, kept] = /^disk\.(.*)/.exec(name) ?? [];
  return [(kept ? `${kept} on disk` : name).replaceAll("_", " "), text.length > 90 ? `${text.slice(0, 89)}…` : text];
}

// The keys of a view, listed for whoever asks.

import { signButton } from "./playback.js";
import { change, html } from "./svg.js";

const KEY_NAMES = {
  " ": "space",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  PageUp: "page ↑",
  PageDown: "page ↓",
  "shift+ArrowLeft": "shift ←",
  "shift+ArrowRight": "shift →",
};

/** The list, and the button that shows it. `rows` are those of `listenForKeys`; here with the key "?" too. */
export class KeyList {
  constructor(rows) {
    this.rows = [...rows, { keys: ["?"], says: "these keys", does: () => this.toggle() }];
    const look = { class: "help", hidden: true, role: "region", "aria-label": "Keys" };
    this.element = html("div", look, ...this.rows.map(keyRow));
    this.button = signButton("?", "Keys", () => this.toggle());
  }

  toggle() {
    change(this.element, { hidden: this.element.hidden ? null : true });
    change(this.button, { "aria-expanded": String(!this.element.hidden) });
  }
}

function keyRow({ keys, says }) {
  const names = keys.length > 3 ? [keys[0], "…", keys.at(-1)] : keys;
  const signs = names.map((key) => (key === "…" ? "…" : html("kbd", {}, KEY_NAMES[key] ?? key)));
  return html("p", {}, ...signs, html("span", {}, says));
}

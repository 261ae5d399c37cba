// Closer looks at a picture that is too full: wider pictures that one moves along.

import { signButton } from "./playback.js";
import { change, html } from "./svg.js";

/** Buttons to go closer and back, through `steps` pictures wider than the usual one. `changed()` is called then. */
export class Zoom {
  constructor(steps, changed) {
    Object.assign(this, { steps, changed, level: 0 });
    this.out = signButton("−", "Further away", () => this.go(-1));
    this.in = signButton("+", "Closer: a wider picture; drag it, or scroll", () => this.go(1));
    this.element = html("span", { class: "tl-zoom", hidden: steps === 0 }, this.out, this.in);
    this.update();
  }

  go(by) {
    const level = Math.min(Math.max(this.level + by, 0), this.steps);
    if (level === this.level) return;
    this.level = level;
    this.update();
    this.changed();
  }

  update() {
    change(this.out, { disabled: this.level === 0 });
    change(this.in, { disabled: this.level === this.steps });
  }

  get keys() {
    if (!this.steps) return [];
    return [
      { keys: ["+", "="], says: "closer", does: () => this.go(1) },
      { keys: ["-"], says: "further away", does: () => this.go(-1) },
    ];
  }
}

/** Lets a picture that is wider than `frame` be dragged; what is marked as staying stays at the left edge. */
export function pannable(frame) {
  let from = null;
  frame.addEventListener("pointerdown", ({ clientX, pointerType }) => {
    if (pointerType === "mouse") from = clientX + frame.scrollLeft; // a finger scrolls by itself
  });
  frame.addEventListener("pointermove", ({ clientX, buttons }) => {
    if (from !== null && buttons) frame.scrollLeft = from - clientX;
  });
  const release = () => (from = null);
  frame.addEventListener("pointerup", release);
  frame.addEventListener("pointerleave", release);
  frame.addEventListener("scroll", () => keepInSight(frame));
}

/** Puts the names of the lanes where they can be seen. */
export function keepInSight(frame) {
  const sheet = frame.querySelector("svg");
  if (!sheet.clientWidth) return; // not on the screen yet
  const shift = (frame.scrollLeft * sheet.viewBox.baseVal.width) / sheet.clientWidth;
  for (const part of frame.querySelectorAll("[data-stays]")) part.setAttribute("transform", `translate(${shift} 0)`);
}

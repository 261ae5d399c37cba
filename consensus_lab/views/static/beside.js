// Another branch beside the one that is shown, at the same moment: what would have happened, and what did.

import { Scene } from "./scene.js";
import { change, html, write } from "./svg.js";

const NOTHING = "nothing";

/** A choice of branch, and its ring. `changed()` is called when another is chosen. */
export class Beside {
  constructor(changed) {
    this.picker = html("select", { "aria-label": "Show another branch beside this one" });
    this.picker.addEventListener("change", () => changed());
    this.control = html("label", { class: "beside-control", hidden: true }, "beside it:", this.picker);
    this.title = html("h3");
    this.ring = html("div");
    this.element = html("div", { class: "beside", hidden: true }, this.title, this.ring);
    this.scene = null;
  }

  /** There are these branches, and the one with the index `current` is shown. */
  use(branches, current) {
    const chosen = this.picker.value;
    const options = branches.map(({ label }, index) => html("option", { value: index, disabled: index === current }, label));
    this.picker.replaceChildren(html("option", { value: NOTHING }, NOTHING), ...options);
    const stays = chosen !== "" && chosen !== String(current) && chosen !== NOTHING;
    this.picker.value = stays ? chosen : NOTHING;
    change(this.control, { hidden: branches.length < 2 });
    this.branch = stays ? branches[chosen] : null;
    change(this.element, { hidden: !this.branch });
    if (!this.branch) return;
    this.scene = new Scene(this.branch.reader, { select: () => {} });
    write(this.title, this.branch.label);
    this.ring.replaceChildren(this.scene.sheet);
  }

  get isThere() {
    return Boolean(this.branch);
  }

  show(time) {
    if (!this.branch) return;
    const at = Math.min(time, this.branch.reader.duration);
    const flights = this.scene.show(at, { width: 600 });
    this.scene.inWords(flights, at);
  }
}

// Projector mode: for the last row of a lecture room, everything larger and in stronger contrast.

import { signButton } from "./playback.js";
import { change } from "./svg.js";

/** The button that turns it on and off for the view in which it stands. */
export function projectorButton() {
  const name = "Projector mode: larger, in stronger contrast";
  const button = signButton("A+", name, () => {
    const on = button.closest(".cluster-view, .tl").classList.toggle("projector");
    change(button, { "aria-pressed": String(on) });
  });
  change(button, { "aria-pressed": "false" });
  return button;
}

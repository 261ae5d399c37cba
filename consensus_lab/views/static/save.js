// The scenario of a run as a small file: whoever loads it sees exactly this run.

import { signButton } from "./playback.js";
import { html } from "./svg.js";

/** The button that saves what `scenario()` gives. */
export function saveButton(scenario) {
  return signButton("⤓", "Save the scenario of this run as a file, for Scenario.load", () => save(scenario()));
}

function save(scenario) {
  const text = `${JSON.stringify(scenario, null, 1)}\n`;
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const name = `${scenario.protocol}-${scenario.seed}.json`;
  html("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

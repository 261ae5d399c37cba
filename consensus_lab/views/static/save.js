// The scenario of a run as a small file: whoever loads it sees exactly this run.

import { signButton } from "./playback.js";
import { html } from "./svg.js";

/** The button that saves what `scenario()` gives, under what `name()` adds to the file's name. */
export function saveButton(scenario, name = () => "") {
  return signButton("⤓", "Save the scenario of this run as a file, for Scenario.load", () => save(scenario(), name()));
}

function save(scenario, called) {
  const text = `${JSON.stringify(scenario, null, 1)}\n`;
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const words = called.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const name = `${[scenario.protocol, scenario.seed, ...words].join("-")}.json`;
  html("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

// How a value looks that one general tells another: a pill with its letter. The first value is filled, the others are
// hollow, silence is dashed; a lie has a mark of its own. So nothing is told by colour alone.

import { html, svg } from "./svg.js";

const [PILL_WIDTH, PILL_HEIGHT] = [26, 20];

/** The letter and the class of a value in `story`; null is silence. */
export function lookOfValue(story, value) {
  const index = story.values.findIndex(({ name }) => name === value);
  if (index < 0) return { sign: value === null ? "–" : value, look: value === null ? "silent" : "v2" };
  return { sign: story.values[index].sign, look: `v${index}` };
}

/** A value as a word. */
export function valueInWords(value) {
  return value === null ? "silence" : value;
}

/** A pill around (0, 0). */
export function pill(story, value, { lie = false } = {}) {
  const { sign, look } = lookOfValue(story, value);
  return pillOf(sign, look, lie);
}

/** One capsule for several values that go the same way, with the letters of all. */
export function capsule(story, values, lie) {
  const signs = values.map((value) => lookOfValue(story, value).sign);
  const alike = values.every((value) => value === values[0]);
  return pillOf(signs.join(" "), alike ? lookOfValue(story, values[0]).look : "mixed", lie);
}

function pillOf(words, look, lie) {
  const width = Math.max(PILL_WIDTH, 10 + 7.2 * words.length);
  const place = { x: -width / 2, y: -PILL_HEIGHT / 2, width, height: PILL_HEIGHT, rx: 10 };
  return svg(
    "g",
    { class: `gn-pill ${look}${lie ? " lie" : ""}` },
    svg("rect", { ...place, class: "gn-pill-body" }),
    svg("text", { dy: "0.35em" }, words),
    lie ? svg("text", { x: width / 2 + 1, y: -PILL_HEIGHT / 2 + 3, class: "gn-mark" }, "!") : null,
  );
}

/** The same as a small drawing of its own, to stand in a line of text. */
export function inlinePill(story, value, options) {
  return svg("svg", { viewBox: "-19 -15 38 30", width: 38, height: 30, "aria-hidden": "true" }, pill(story, value, options));
}

/** What the pills mean. */
export function valueLegend(story) {
  const named = [...story.values.map(({ name }) => name), null];
  const keys = named.map((value) => html("span", {}, inlinePill(story, value), valueInWords(value)));
  keys.push(html("span", {}, inlinePill(story, story.values[0].name, { lie: true }), "a lie"));
  return html("p", { class: "gn-legend", "aria-hidden": "true" }, ...keys);
}

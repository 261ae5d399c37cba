// Draws a picture that Python laid out, and moves the parts that move. What is seen is a pure function
// of the picture and of t, the number of steps of the story that have been told (2.5: half of the third).

import { change, svg } from "./svg.js";

const NAMED_COLOURS = new Set(
  ["ink", "muted", "rule", "wash", "paper", "write", "read", "cas", "good", "bad", "undecided"],
);

/** One part as an element; colours that have names become those of the reader's theme. */
function partElement([tag, attributes, words]) {
  const element = svg(tag, attributes, words || null);
  for (const name of ["fill", "stroke"]) {
    if (NAMED_COLOURS.has(attributes[name])) element.style[name] = `var(--tl-${attributes[name]})`;
  }
  return element;
}

/** Where a part goes: parts of one operation that follow each other are one thing to point at. */
function placeFor(root, operation, operations) {
  const last = root.lastElementChild;
  if (last?.dataset.operation === String(operation)) return last;
  const words = operations[operation];
  const group = svg("g", { "data-operation": operation, role: "img", "aria-label": words });
  root.append(group);
  return group;
}

function eased(share) {
  const s = Math.min(Math.max(share, 0), 1);
  return s * s * (3 - 2 * s);
}

/** A picture as {root, show(t)}: an SVG element, and what brings it to the moment t. */
export function movingPicture(picture, operations) {
  const root = svg("svg", { viewBox: `0 0 ${picture.width} ${picture.height}` });
  const moving = [];
  for (const part of picture.parts) {
    const [, attributes, , operation, step, begin] = part;
    const element = partElement(part);
    if (operation === null) root.append(element);
    else placeFor(root, operation, operations).append(element);
    if (step !== null) moving.push({ element, step, begin, end: attributes, share: null });
  }

  function show(t) {
    for (const part of moving) {
      const share = eased(t - part.step);
      if (share === part.share) continue;
      part.share = share;
      for (const [name, from] of Object.entries(part.begin)) {
        const to = part.end[name] ?? 1; // only opacities are left unsaid
        change(part.element, { [name]: from + (to - from) * share });
      }
    }
  }

  return { root, show };
}

// The live timeline of a history or a verdict, and the live graph. Python has laid everything out and written
// every sentence (views/timeline.py, views/graph.py); here the picture that fits is shown, moved, pointed at.

import { movingPicture } from "./moving.js";
import { Playback, listenForKeys, playbackKeys, prefersStillness, transport } from "./playback.js";
import { projectorButton } from "./projector.js";
import { hidingStill } from "./still.js";
import { change, html, write } from "./svg.js";
import { keepInSight, pannable, Zoom } from "./zoom.js";

const SMALLEST = 0.85; // a picture is made no smaller than that: one moves along it
const LONGEST = 24; // seconds that the whole story takes at speed 1, at most

/** The widest of the pictures that fits into `width` pixels, else the narrowest. */
function fitting(pictures, width) {
  return pictures.reduce((best, next) => (next.width <= width ? next : best), pictures[0]);
}

/** The picture in its frame: {element, show(t, now), fit(), walk(by)}. */
function canvasFor(story, zoom, onpoint) {
  const element = html("div", { class: "tl-canvas" });
  pannable(element);
  let shown = null; // { picture, root, show }
  let here = 0; // the operation that Tab leads to

  const groups = (index) => element.querySelectorAll(`[data-operation="${index}"]`);

  /** Lays the picture for this width on the canvas; says whether it is another one. */
  function fit() {
    const picture = zoom.level ? story.closer[zoom.level - 1] : fitting(story.pictures, element.clientWidth);
    if (shown?.picture === picture) return false;
    const focused = element.contains(document.activeElement);
    shown = { picture, ...movingPicture(picture, story.operations) };
    if (zoom.level) {
      shown.root.style.width = `${picture.width}px`;
      shown.root.append(...shown.root.querySelectorAll("[data-stays]")); // above what moves past them
    } else {
      shown.root.style.maxWidth = `${picture.width * 1.3}px`;
      shown.root.style.minWidth = `${picture.width * SMALLEST}px`;
    }
    element.replaceChildren(shown.root);
    keepInSight(element);
    story.operations.forEach((_, index) => change(groups(index)[0], { tabindex: index === here ? 0 : -1 }));
    if (focused) groups(here)[0].focus();
    return true;
  }

  /** Moves the focus by so many operations, in order of their start. */
  function walk(by) {
    const at = element.contains(document.activeElement) ? here + by : here;
    groups(at)[0]?.focus();
  }

  function mark(index, name) {
    element.querySelectorAll(`.${name}`).forEach((group) => group.classList.remove(name));
    groups(index).forEach((group) => group.classList.add(name));
  }

  /** What is being told stands in the middle, if it was out of sight. */
  function bringIntoSight(group) {
    if (!group) return;
    const [box, frame] = [group.getBoundingClientRect(), element.getBoundingClientRect()];
    if (box.left < frame.left + 80 || box.right > frame.right) {
      element.scrollLeft += (box.left + box.right) / 2 - (frame.left + frame.right) / 2;
    }
  }

  function point({ target }) {
    const index = target.closest("[data-operation]")?.dataset.operation;
    mark(index, "tl-pointed-at");
    onpoint(index);
  }

  element.addEventListener("pointerover", point);
  element.addEventListener("pointerleave", point);
  element.addEventListener("focusin", (event) => {
    const index = event.target.closest("[data-operation]").dataset.operation;
    change(groups(here)[0], { tabindex: -1 });
    change(groups(index)[0], { tabindex: 0 });
    here = Number(index);
    point(event);
  });

  return {
    element,
    fit,
    walk,
    show(t, now) {
      shown.show(t);
      mark(now, "tl-now");
      if (zoom.level) bringIntoSight(groups(now)[0]);
    },
  };
}

function renderTimeline({ model, el }) {
  const story = model.get("story");
  const steps = story.sentences.length;
  const caption = html("p", { class: "tl-caption", "aria-live": "polite" });
  const pointed = html("p", { class: "tl-pointed", "aria-live": "polite" }, story.hint);
  const zoom = new Zoom(story.closer?.length ?? 0, () => canvas.fit() && playback.redraw());
  const canvas = canvasFor(story, zoom, (index) => write(pointed, index ? `${story.operations[index]}.` : story.hint));

  const playback = new Playback({ end: steps, draw, ticks: Math.max(0.8, steps / LONGEST) / 1000 });
  const stops = () => Array.from({ length: steps + 1 }, (_, step) => step);
  const told = (t) => Math.ceil(t - 1e-6); // the step that is being told, from 1
  const controls = transport(playback, { stops, clock: (t) => `${told(t)} / ${steps}` });

  function draw() {
    const t = playback.time;
    const step = told(t);
    canvas.show(prefersStillness() ? step : t, story.order[step - 1]);
    write(caption, step ? `${step}. ${story.sentences[step - 1]}` : "Before the first step.");
    controls.update();
  }

  const root = html(
    "div",
    { class: "tl", role: "group", "aria-label": story.headline, tabindex: -1 },
    canvas.element,
    controls.bar,
    caption,
    pointed,
    html("p", { class: "tl-why" }, story.explanation),
    html("p", { class: "tl-missing" }, story.left_out),
  );
  controls.bar.append(controls.scrubber, zoom.element, projectorButton());
  listenForKeys(root, [
    ...playbackKeys(playback, stops),
    ...zoom.keys,
    { keys: ["ArrowDown"], says: "next operation", does: () => canvas.walk(1) },
    { keys: ["ArrowUp"], says: "previous operation", does: () => canvas.walk(-1) },
  ]);
  el.replaceChildren(root);

  canvas.fit();
  playback.seek(steps); // it opens as the still does: with all that the verdict adds
  playback.restWhileUnseen(root);
  const resized = new ResizeObserver(() => canvas.fit() && playback.redraw());
  resized.observe(canvas.element);
  return () => {
    resized.disconnect();
    playback.dispose();
  };
}

export default { render: hidingStill(renderTimeline) };

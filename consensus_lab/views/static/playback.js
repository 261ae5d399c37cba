// Time that passes: play, pause, speed, step, scrub. Every view that moves is drawn by one loop, in
// which `draw` is called at most once a frame, and not at all while nothing changes or nobody looks.

import { change, html, write } from "./svg.js";

const SLOWEST = -3; // speeds are powers of ten: 0.001× …
const FASTEST = 1; // … 10×
const THUMB_STEPS = 2000;

/** The index of the first item of a sorted list that is greater than `value`; its length if none is. */
export function firstAfter(sorted, value) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Whether the reader has asked for no needless motion. */
export function prefersStillness() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** A clock from 0 to `end`, in ticks.
 *
 * `speed` is in ms of virtual time a real ms, and there are `ticks` in each. `pace(time)` is a factor to
 * it, for stretches in which nothing happens. `draw()` shows the moment `time`.
 */
export class Playback {
  constructor({ end, draw, speed = 1, ticks = 1000, pace = () => 1 }) {
    Object.assign(this, { end, draw, speed, ticks, pace });
    this.time = 0;
    this.halts = []; // sorted times at which it pauses by itself
    this.playing = false;
    this.seen = true;
    this.frame = 0;
    this.last = null;
  }

  play() {
    if (this.time >= this.end) this.time = 0;
    this.playing = true;
    this.last = null;
    this.redraw();
  }

  pause() {
    this.playing = false;
    this.redraw();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  seek(time) {
    this.time = Math.min(Math.max(time, 0), this.end);
    this.redraw();
  }

  /** Pauses at the next (or, with -1, the previous) of the sorted times `stops`. */
  step(direction, stops) {
    this.playing = false;
    const next = direction > 0 ? firstAfter(stops, this.time) : firstAfter(stops, this.time - 1e-6) - 1;
    this.seek(stops[next] ?? (direction > 0 ? this.end : 0));
  }

  setSpeed(speed) {
    this.speed = Math.min(Math.max(speed, 10 ** SLOWEST), 10 ** FASTEST);
    this.redraw();
  }

  /** Draws soon: any number of calls before the next frame cost one picture. */
  redraw() {
    this.frame ||= requestAnimationFrame((now) => this.tick(now));
  }

  tick(now) {
    this.frame = 0;
    if (this.playing) this.advance(now);
    if (this.seen) this.draw();
    if (this.playing && this.seen) this.redraw();
  }

  advance(now) {
    // A tab that was hidden must not leap: no frame counts for more than a tenth of a second.
    const real = this.last === null ? 0 : Math.min(now - this.last, 100);
    this.last = now;
    const stop = Math.min(this.halts[firstAfter(this.halts, this.time)] ?? this.end, this.end);
    this.time += real * this.speed * this.ticks * this.pace(this.time);
    if (this.time >= stop) {
      this.time = stop;
      this.playing = false;
    }
  }

  /** Rests while `element` is off-screen. */
  restWhileUnseen(element) {
    this.watcher = new IntersectionObserver(([entry]) => {
      this.seen = entry.isIntersecting;
      this.last = null;
      if (this.seen) this.redraw();
    });
    this.watcher.observe(element);
  }

  dispose() {
    this.playing = false;
    this.watcher?.disconnect();
    cancelAnimationFrame(this.frame);
    this.frame = -1; // nothing is drawn any more
  }
}

/** A button that shows a sign and says a name. */
export function signButton(sign, name, onclick) {
  return html("button", { type: "button", title: name, "aria-label": name, onclick }, sign);
}

/** The controls of a playback: {bar, scrubber, update}. `update()` belongs into `draw`.
 *
 * `stops()` gives the times at which the step buttons halt; `clock(time)` the time in words; `span()` the time at
 * the scrubber's right end, if that is not the end of what is played.
 */
export function transport(playback, { stops, clock, span = () => playback.end }) {
  const play = signButton("▶", "Play", () => playback.toggle());
  const speed = html("input", {
    type: "range",
    min: SLOWEST,
    max: FASTEST,
    step: 0.05,
    "aria-label": "Speed",
    title: "Speed: ms of virtual time in a real ms",
    oninput: () => playback.setSpeed(10 ** Number(speed.value)),
  });
  const speedText = html("output", { class: "speed" });
  const time = html("output", { class: "clock" });
  const scrubber = html("input", {
    type: "range",
    class: "scrubber",
    min: 0,
    step: "any",
    "aria-label": "Time",
    oninput: () => playback.seek(Number(scrubber.value)),
  });
  const bar = html(
    "div",
    { class: "transport", role: "toolbar", "aria-label": "Playback" },
    play,
    signButton("❙◂", "Back to the start", () => playback.seek(0)),
    signButton("◂", "Previous event", () => playback.step(-1, stops())),
    signButton("▸", "Next event", () => playback.step(1, stops())),
    html("label", { class: "speed-control" }, speed, speedText),
    html("div", { class: "clock-slot" }, time), // as an item of the bar its every change would lay out the page
  );
  play.classList.add("play");

  function update() {
    const name = playback.playing ? "Pause" : "Play";
    write(play, playback.playing ? "❚❚" : "▶");
    change(play, { "aria-label": name, title: name });
    const place = String(Math.log10(playback.speed));
    if (speed.value !== place) speed.value = place;
    change(speed, { "aria-valuetext": inSpeed(playback.speed) });
    write(speedText, inSpeed(playback.speed));
    const words = clock(playback.time);
    write(time, words);
    change(scrubber, { max: span() });
    // To move the thumb is work for the page: while it plays, only by as much as can be seen.
    if (playback.playing && Math.abs(scrubber.valueAsNumber - playback.time) * THUMB_STEPS < span()) return;
    if (scrubber.value !== String(playback.time)) scrubber.value = playback.time;
    change(scrubber, { "aria-valuetext": words });
  }

  return { bar, scrubber, update };
}

/** A speed in two significant figures: "0.05×". */
export function inSpeed(speed) {
  return `${Number(speed.toPrecision(2))}×`;
}

/** The keys of every playback, as rows {keys, says, does} for `listenForKeys` and for a help text. */
export function playbackKeys(playback, stops) {
  return [
    { keys: [" ", "."], says: "play or pause", does: () => playback.toggle() },
    { keys: ["ArrowLeft"], says: "one event back", does: () => playback.step(-1, stops()) },
    { keys: ["ArrowRight"], says: "one event on", does: () => playback.step(1, stops()) },
    { keys: ["["], says: "slower", does: () => playback.setSpeed(playback.speed / 1.5) },
    { keys: ["]"], says: "faster", does: () => playback.setSpeed(playback.speed * 1.5) },
    { keys: ["Home"], says: "to the start", does: () => playback.seek(0) },
    { keys: ["End"], says: "to the end", does: () => playback.seek(playback.end) },
  ];
}

/** Lets `root` hear the keys of `rows` while it, or something in it, has the focus. */
export function listenForKeys(root, rows) {
  // JupyterLab hears keys before we do, and "d d" would delete the cell; this asks it not to.
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  root.addEventListener("keydown", (event) => {
    const name = (event.shiftKey && event.key.startsWith("Arrow") ? "shift+" : "") + event.key;
    const row = rows.find(({ keys }) => keys.includes(name));
    if (!row || event.ctrlKey || event.metaKey || event.altKey || isTakenBy(event)) return;
    event.preventDefault();
    event.stopPropagation();
    row.does(event.key);
  });
}

/** A button takes the space bar, a slider the arrows, and a text field every key for itself. */
function isTakenBy({ target, key }) {
  if (target.matches("button, [role=button]:focus-visible")) return key === " ";
  if (target.matches("input[type=range]:not(.scrubber)")) return /^(Arrow|Home|End)/.test(key);
  return target.matches("input:not([type=range]), select, textarea");
}

// Messages in flight: colour and shape by kind, requests filled, replies hollow with + or −. One that will not
// arrive is dashed, and carries a ✕. A figure is set up when it gets a message; then it only moves.

import { lookOf, signOf } from "./palette.js";
import { prefersStillness } from "./playback.js";
import { wayBetween } from "./ring.js";
import { Pool, change, svg, write } from "./svg.js";

const TAIL = 26;
const DEATH = 0.6; // where on its way a message dies that the network loses
const DOOMED = new Set(["lost", "cut", "down", "dropped"]);

export class Messages {
  constructor(places, onSelect) {
    this.places = places;
    this.ways = new Map();
    this.onSelect = onSelect;
    this.calm = prefersStillness();
    this.element = svg("g", { class: "messages" });
    this.pool = new Pool(this.element, () => this.makeFigure());
  }

  makeFigure() {
    const figure = { message: null };
    figure.road = svg("line", { class: "road" });
    figure.tail = svg("line", { class: "tail", x1: 0, y1: 0 });
    figure.shape = svg("path");
    figure.sign = svg("text", { class: "sign", dy: "0.36em" });
    const touch = svg("circle", { class: "touch", r: 15 });
    figure.mover = svg("g", {}, figure.tail, figure.shape, figure.sign, touch);
    figure.mover.addEventListener("click", () => this.onSelect(figure.message));
    figure.element = svg("g", {}, figure.road, figure.mover);
    return figure;
  }

  /** Draws `flights` as they are at `time`; `selected` is the id of a message, or null. */
  show(reader, flights, time, selected) {
    const known = flights.filter(({ from, to }) => this.places[from] && this.places[to]);
    this.pool.take(known.length).forEach((figure, i) => {
      if (figure.message !== known[i]) this.setUp(figure, known[i]);
      this.move(figure, time);
      change(figure.element, { class: known[i].id === selected ? "message selected" : "message" });
    });
  }

  setUp(figure, message) {
    const { from, to, kind, body, fate } = message;
    const way = this.wayOf(from, to);
    const { shape, hue, reply } = lookOf(kind);
    const doomed = DOOMED.has(fate);
    Object.assign(figure, { message, way });
    const look = `hue-${hue}${reply ? " reply" : ""}${doomed ? " doomed" : ""}`;
    const empty = kind === "AppendEntries" && !body.entries?.length;
    change(figure.shape, { d: shape, class: `shape ${look}`, transform: empty ? "scale(0.72)" : null });
    change(figure.tail, { x2: -way.ux * TAIL, y2: -way.uy * TAIL, class: `tail ${look}` });
    const { start, end } = way;
    const road = { x1: start.x, y1: start.y, x2: end.x, y2: end.y };
    change(figure.road, { ...road, display: doomed ? null : "none" });
    const cargo = body.total ? `${Math.round((100 * (body.offset + body.size)) / body.total)}` : body.entries?.length || "";
    write(figure.sign, doomed ? "✕" : reply ? signOf(kind, body) : cargo);
    change(figure.sign, { class: `sign ${look}` });
  }

  wayOf(from, to) {
    const key = `${from}>${to}`;
    if (!this.ways.has(key)) this.ways.set(key, wayBetween(this.places[from], this.places[to]));
    return this.ways.get(key);
  }

  move({ message, way, mover }, time) {
    const share = shareOfWay(message, time);
    const along = this.calm ? (share < 0.5 ? 0.3 : 0.7) : share;
    const x = way.start.x + (way.end.x - way.start.x) * along;
    const y = way.start.y + (way.end.y - way.start.y) * along;
    change(mover, { transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` });
  }
}

/** How far a message has come, from 0 to 1. */
function shareOfWay({ sent, due, fate }, time) {
  const share = (time - sent) / (due - sent || 1);
  return fate === "lost" || fate === "cut" ? Math.min(share, DEATH) : share;
}

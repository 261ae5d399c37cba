// Messages in flight: colour and shape by kind, requests filled, replies hollow with + or −. One that will not
// arrive is dashed, and carries a ✕; a copy has an echo; what goes by the bulk channel has a road of its own, a
// broad one. A figure is set up when it gets a message; then it only moves.

import { lookOf, signOf, SMALL } from "./palette.js";
import { prefersStillness } from "./playback.js";
import { wayBetween } from "./ring.js";
import { KeyedPool, change, svg, write } from "./svg.js";
import { shareOfWay } from "./trace.js";

const TAIL = 26;
const ROAD_SIDE = 5; // so far from the middle of the road, so that replies pass by
const BULK_SIDE = 15;
const DEATH = 0.6; // where on its way a message dies that the network loses
const DOOMED = new Set(["lost", "cut", "down", "dropped"]);

export class Messages {
  /** `cuts` shows where the network is cut: what comes there dies. */
  constructor(places, cuts, onSelect) {
    this.places = places;
    this.cuts = cuts;
    this.ways = new Map();
    this.onSelect = onSelect;
    this.calm = prefersStillness();
    this.element = svg("g", { class: "messages" });
    this.pool = new KeyedPool(this.element, () => this.makeFigure());
  }

  makeFigure() {
    const figure = { message: null };
    figure.road = svg("line", { class: "road" });
    figure.tail = svg("line", { class: "tail", x1: 0, y1: 0 });
    figure.echo = svg("path", { transform: "translate(4 -4)" });
    figure.shape = svg("path");
    figure.sign = svg("text", { class: "sign", dy: "0.36em" });
    const touch = svg("circle", { class: "touch", r: 15 });
    figure.mover = svg("g", {}, figure.tail, figure.echo, figure.shape, figure.sign, touch);
    figure.mover.addEventListener("click", () => this.onSelect(figure.message));
    figure.element = svg("g", {}, figure.road, figure.mover);
    return figure;
  }

  /** Draws `flights` as they are at `time`; `selected` is the id of a message, or null. */
  show(reader, flights, time, selected) {
    const known = flights.filter(({ from, to }) => this.places[from] && this.places[to]);
    this.figures = this.pool.take(known, (figure, message) => {
      this.setUp(figure, message, reader.shown.looks);
      // A link that was cut only when the message was on it may have been cut behind it.
      figure.stops = reader.cutAfter(reader.countAt(message.sent)).has(`${message.from}>${message.to}`);
    });
    this.figures.forEach((figure, i) => {
      this.move(figure, time);
      change(figure.element, { class: known[i].id === selected ? "message selected" : "message" });
    });
  }

  /** Brings them into the order in which they were sent. */
  arrange() {
    this.pool.arrange(this.figures);
  }

  setUp(figure, message, looks) {
    const { from, to, kind, body, fate, copyOf } = message;
    const bulk = body.bulk === true;
    const way = this.wayOf(from, to, bulk ? BULK_SIDE : ROAD_SIDE);
    const { shape, hue, reply, isSmall } = lookOf(kind, looks);
    const doomed = DOOMED.has(fate);
    Object.assign(figure, { message, way });
    const look = `hue-${hue}${reply ? " reply" : ""}${doomed ? " doomed" : ""}`;
    const empty = isSmall || (kind === "AppendEntries" && !body.entries?.length);
    change(figure.shape, { d: shape, class: `shape ${look}`, transform: empty ? SMALL : null });
    showIf(copyOf !== undefined, figure.echo, { d: shape, class: `shape echo ${look}` });
    change(figure.tail, { x2: -way.ux * TAIL, y2: -way.uy * TAIL, class: `tail ${look}` });
    const { start, end } = way;
    const road = { x1: start.x, y1: start.y, x2: end.x, y2: end.y };
    showIf(doomed || bulk, figure.road, { ...road, class: bulk ? "road bulk" : "road" });
    const cargo = body.total ? `${Math.round((100 * (body.offset + body.size)) / body.total)}` : body.entries?.length || "";
    write(figure.sign, doomed ? "✕" : reply ? signOf(kind, body) : cargo);
    change(figure.sign, { class: `sign ${look}` });
  }

  wayOf(from, to, lane) {
    const key = `${from}>${to} ${lane}`;
    if (!this.ways.has(key)) this.ways.set(key, wayBetween(this.places[from], this.places[to], lane));
    return this.ways.get(key);
  }

  move({ message, way, mover, stops }, time) {
    const { from, to, fate } = message;
    const mortal = fate === "lost" || fate === "cut";
    const last = mortal ? ((stops ? this.cuts.stopOf(from, to, way) : null) ?? DEATH) : 1;
    const share = shareOfWay(message, time);
    const along = Math.min(this.calm ? (share < 0.5 ? 0.3 : 0.7) : share, last);
    const x = way.start.x + (way.end.x - way.start.x) * along;
    const y = way.start.y + (way.end.y - way.start.y) * along;
    change(mover, { transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` });
  }
}

/** Hides an element, or else sets its attributes: what nobody sees shall cost nothing. */
function showIf(isThere, element, attributes) {
  change(element, isThere ? { ...attributes, display: null } : { display: "none" });
}

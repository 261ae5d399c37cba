// Where servers and clients stand, and how a server looks: its term, role, timer, votes, disk and health.

import { lookOf, signOf, SMALL, termColour, termInk } from "./palette.js";
import { change, svg, write } from "./svg.js";
import { timerOf } from "./trace.js";
import { operationInShort, serverInWords, standingInWords, termInWords } from "./words.js";

const BODY = 36; // radius of a server
const RIM = 44; // radius of its timer
const REACH = 50; // where messages leave and arrive
const BOX = { width: 76, height: 42 }; // a client

/** Places on the sheet: servers on a ring, the first at the top; clients in a column at its left. */
export function layOut(servers, clients) {
  const many = servers.length > 6;
  const radius = many ? 186 : 150;
  const centre = { x: BOX.width + radius + 70, y: radius + 88 };
  const places = {};
  servers.forEach((name, i) => {
    const angle = (2 * Math.PI * i) / servers.length - Math.PI / 2;
    const r = servers.length === 1 ? 0 : radius;
    const isUpper = Math.sin(angle) < -0.1; // its label goes above it, where no message flies
    places[name] = { x: centre.x + r * Math.cos(angle), y: centre.y + r * Math.sin(angle), isUpper };
  });
  const lowest = Math.max(...servers.map((name) => places[name].y));
  const height = Math.max(lowest + RIM + 52, clients.length * (BOX.height + 4) + 16);
  const gap = Math.min(64, (height - BOX.height - 20) / Math.max(1, clients.length - 1));
  clients.forEach((name, i) => {
    const y = height / 2 + gap * (i - (clients.length - 1) / 2);
    places[name] = { x: BOX.width / 2 + 3, y, isClient: true };
  });
  return { places, width: centre.x + radius + 60, height };
}

/** The straight way of a message from edge to edge, `shift` to its right so that replies pass by. */
export function wayBetween(from, to, shift) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / length, dy / length];
  const start = reach(from, ux, uy);
  const end = length - reach(to, ux, uy);
  const at = (d) => ({ x: from.x + ux * d - uy * shift, y: from.y + uy * d + ux * shift });
  return { start: at(start), end: at(Math.max(start, end)), ux, uy };
}

/** How far the edge of a place is from its middle in the direction (ux, uy). */
function reach(place, ux, uy) {
  if (!place.isClient) return REACH;
  return Math.min(BOX.width / 2 / Math.abs(ux || 1e-9), BOX.height / 2 / Math.abs(uy || 1e-9)) + 2;
}

/** A server on the ring. `show(facts, …)` draws what changed; `showTimer(time)` what moves. */
export class ServerFigure {
  constructor(name, place, servers, onSelect) {
    this.name = name;
    this.halo = svg("circle", { class: "halo", r: RIM + 9 });
    this.choice = svg("circle", { class: "choice", r: RIM + 7 });
    this.track = svg("circle", { class: "track", r: RIM });
    this.arc = svg("circle", { class: "arc", r: RIM, pathLength: 100, transform: "rotate(-90)" });
    this.body = svg("circle", { class: "body", r: BODY });
    this.title = svg("text", { class: "name", y: -5 }, name);
    this.term = svg("text", { class: "term", y: 15 });
    this.disk = diskFigure();
    this.role = svg("text", { class: "role", y: place.isUpper ? -RIM - 14 : RIM + 24 });
    const below = place.isUpper ? -RIM - 34 : RIM + 37;
    this.ballot = svg("g", { class: "ballot", transform: `translate(0 ${below})` });
    this.dots = new Map(servers.map((voter, i) => [voter, voteFigure(voter, i, servers.length)]));
    this.ballot.append(...this.dots.values());
    this.element = svg(
      "g",
      {
        class: "server",
        transform: `translate(${place.x} ${place.y})`,
        role: "button",
        tabindex: 0,
        onclick: () => onSelect(name),
        onkeydown: ({ key }) => (key === "Enter" || key === " ") && onSelect(name),
      },
      ...[this.halo, this.choice, this.track, this.arc, this.body, this.title, this.term],
      ...[this.disk, this.role, this.ballot],
    );
  }

  show(facts, selected) {
    if (facts === this.facts && selected === this.selected) return;
    Object.assign(this, { facts, selected });
    const { status, role, term, recoloured, saving, hasDisk, collects } = facts;
    const down = status === "down";
    change(this.element, {
      class: `server is-${status} ${role === "leader" ? "leads" : ""} ${collects ? "stands" : ""}`,
      "aria-label": serverInWords(this.name, facts),
      "aria-pressed": String(selected),
    });
    change(this.choice, { opacity: selected ? 1 : 0 });
    change(this.halo, { fill: termColour(term, recoloured) });
    change(this.body, { fill: down ? "var(--cl-wash)" : termColour(term, recoloured) });
    const ink = down ? "var(--cl-muted)" : termInk(term, recoloured);
    change(this.title, { fill: ink });
    change(this.term, { fill: ink });
    const words = termInWords(facts, 9);
    write(this.term, down ? "✕" : words);
    change(this.title, { y: down || words ? -5 : 6 });
    write(this.role, roleInWords(facts, standingInWords(this.name, facts), words));
    change(this.disk, { class: saving ? "disk is-saving" : "disk", display: hasDisk ? null : "none" });
    write(this.disk.firstChild, saving ? "being written" : "holds all that must survive a crash");
  }

  /** Dots for the votes that a candidate collects: there, on the way, not there. */
  showVotes(flights, looks) {
    const { collects } = this.facts;
    change(this.ballot, { display: collects ? null : "none" });
    if (!collects) return;
    const asked = new Set();
    for (const { from, to, kind, body } of flights) {
      const { reply } = lookOf(kind, looks);
      if (from === this.name && !reply) asked.add(to);
      if (to === this.name && reply && signOf(kind, body) !== "−") asked.add(from);
    }
    for (const [voter, dot] of this.dots) {
      const state = this.facts.votes.includes(voter) ? "has" : asked.has(voter) ? "awaits" : "lacks";
      change(dot, { class: `vote ${state}` });
    }
  }

  /** The rim: how much is left of the time until the timer fires. */
  showTimer(time) {
    const timer = timerOf(this.facts);
    const left = timer ? Math.min(1, Math.max(0, (timer[2] - time) / (timer[2] - timer[1] || 1))) : 0;
    const whole = 100 * left;
    const beats = timer?.[0] === "heartbeat";
    change(this.arc, {
      class: beats ? "arc beats" : "arc",
      "stroke-dasharray": `${whole.toFixed(1)} 100`,
      opacity: whole ? 1 : 0,
    });
  }
}

/** The label: "★ leader", "❚❚ follower, paused", "crashed · disk: term 3". */
function roleInWords({ status }, role, term) {
  if (status === "down") return term ? `crashed · disk: ${term}` : "crashed";
  if (status === "paused") return `❚❚ ${role ? `${role}, ` : ""}paused`;
  return role === "leader" ? "★ leader" : role;
}

/** A drum, as disks are drawn since there were drums. */
function diskFigure() {
  return svg(
    "g",
    { class: "disk", transform: "translate(33 27)" },
    svg("title", {}),
    svg("path", { d: "M-9-5V6C-9 11 9 11 9 6V-5", class: "drum" }),
    svg("ellipse", { cy: -5, rx: 9, ry: 4, class: "drum" }),
  );
}

function voteFigure(voter, i, count) {
  const x = 14 * (i - (count - 1) / 2);
  return svg(
    "g",
    { class: "vote", transform: `translate(${x} 0)` },
    svg("title", {}, `the vote of ${voter}`),
    svg("circle", { r: 4.6, class: "ring" }),
    svg("circle", { r: 2.2, class: "dot" }),
  );
}

/** A client: its name, and what it is waiting for. */
export class ClientFigure {
  constructor(name, place, isYou, onAsk) {
    const { width, height } = BOX;
    this.name = name;
    this.box = svg("rect", { x: -width / 2, y: -height / 2, width, height, rx: 7, class: "box" });
    this.title = svg("text", { class: "client-name", y: -4 }, isYou ? `you · ${name}` : `client ${name}`);
    this.words = svg("text", { class: "client-asks", y: 13 });
    this.isYou = isYou;
    this.element = svg(
      "g",
      { class: isYou ? "client you" : "client", transform: `translate(${place.x} ${place.y})` },
      ...[this.box, this.title, this.words],
    );
    if (isYou) {
      change(this.element, { role: "button", tabindex: 0, "aria-label": "You, a client: ask", onclick: onAsk });
      this.element.addEventListener("keydown", ({ key }) => (key === "Enter" || key === " ") && onAsk());
    }
  }

  show(operation) {
    change(this.box, { class: operation ? "box waits" : "box" });
    const short = operation && operationInShort([operation.kind, operation.key, ...operation.args]);
    write(this.words, operation ? (short.length > 11 ? `${short.slice(0, 10)}…` : short) : this.isYou ? "ask…" : "");
    change(this.title, { y: this.words.textContent ? -4 : 5 });
  }
}

/** Small figures of the kinds of message in a run, for the legend. */
export function messageLegend(kinds, looks) {
  return kinds.map((kind) => {
    const { shape, hue, reply, isSmall } = lookOf(kind, looks);
    const look = `hue-${hue} ${reply ? "reply" : ""}`;
    const outline = svg("path", { d: shape, class: `shape ${look}`, transform: isSmall ? SMALL : null });
    const sign = svg("text", { class: `sign ${look}`, dy: "0.36em" }, signOf(kind, {}));
    return { kind, figure: svg("g", {}, outline, sign) };
  });
}

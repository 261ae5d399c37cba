// Where the network is cut: walls between groups of servers, and the single links that no wall explains.

import { Pool, change, svg, write } from "./svg.js";

const OUT = 46; // px by which a wall sticks out of the ring
const BEFORE = 12; // px before a wall at which a message dies
const BEND = 60; // px from the middle of the ring: where the controls of its curve are
const [ARROW_IN, ARROW_OUT] = ["M12-8L27 0L12 8Z", "M-12-8L-27 0L-12 8Z"]; // through a wall, to the right and to the left

/** Servers that reach each other, there and back, perhaps by way of others: [["S1", "S3"], ["S2"]]. */
export function groupsOf(servers, cut) {
  const reachedFrom = (start) => {
    const found = [start];
    for (const a of found) found.push(...servers.filter((b) => !found.includes(b) && !cut.has(`${a}>${b}`)));
    return found;
  };
  const reach = Object.fromEntries(servers.map((name) => [name, reachedFrom(name)]));
  const groups = [];
  for (const name of servers) {
    const home = groups.find(([first]) => reach[first].includes(name) && reach[name].includes(first));
    if (home) home.push(name);
    else groups.push([name]);
  }
  return groups;
}

/** Whether anything gets from the one group to the other. */
export function passes(from, to, cut) {
  return from.some((a) => to.some((b) => !cut.has(`${a}>${b}`)));
}

/** "S1 S2 | S3", with an arrow for two groups of which only one hears the other; "" for one group. */
export function partingInWords(groups, cut) {
  const told = groups.map((group) => group.join(" "));
  if (groups.length !== 2) return groups.length > 1 ? told.join(" | ") : "";
  if (passes(...groups, cut)) return told.join(" → ");
  return passes(...groups.toReversed(), cut) ? told.toReversed().join(" → ") : told.join(" | ");
}

/** The cuts of one picture. `places` are those of the ring; `show(cut)` takes a set of "S1>S2". */
export class Cuts {
  constructor(places) {
    this.places = places;
    this.servers = Object.keys(places).filter((name) => !places[name].isClient);
    this.clients = Object.keys(places).filter((name) => places[name].isClient);
    this.ring = ringOf(this.servers.map((name) => places[name]));
    const [links, walls] = [svg("g"), svg("g")];
    this.parted = svg("text", { class: "parted", x: this.ring.x, y: this.ring.bottom });
    this.element = svg("g", { class: "cuts", "aria-hidden": "true" }, links, walls, this.parted);
    this.links = new Pool(links, linkFigure);
    this.walls = new Pool(walls, wallFigure);
    this.cut = new Set();
    this.words = "";
    this.curves = []; // of the walls
    this.signs = new Map(); // "S1>S2": where the ✕ of a single link is
  }

  show(cut) {
    if (cut === this.cut || cut.size + this.cut.size === 0) return;
    this.cut = cut;
    const groups = groupsOf(this.servers, cut);
    const homes = this.withClients(groups);
    this.closed = new Set([...cut, ...this.clients.flatMap((a) => this.clients.map((b) => `${a}>${b}`))]); // these never talk
    this.words = partingInWords(homes, this.closed);
    write(this.parted, this.words && `parted: ${this.words}`);
    this.showWalls(groups);
    this.showLinks(homes);
  }

  /** The groups, each with the clients that reach it and nobody else. */
  withClients(groups) {
    const both = (a, b) => !this.cut.has(`${a}>${b}`) && !this.cut.has(`${b}>${a}`);
    const isOf = (client, group) => this.servers.every((name) => both(client, name) === group.includes(name));
    return groups.map((group) => [...group, ...this.clients.filter((client) => isOf(client, group))]);
  }

  showWalls(groups) {
    const runs = runsOf(this.servers, groups);
    const turn = (2 * Math.PI) / this.servers.length;
    this.curves = runs.map(([first, length]) => {
      const begin = (first - 0.5) * turn - Math.PI / 2;
      return curveBetween(this.ring, begin, begin + length * turn);
    });
    this.walls.take(runs.length).forEach((figure, i) => {
      const [first, length, group] = runs[i];
      const others = this.servers.filter((name) => !group.includes(name));
      showWall(figure, this.curves[i], (first + (length - 1) / 2) * turn - Math.PI / 2, {
        inward: passes(others, group, this.cut),
        outward: passes(group, others, this.cut),
      });
    });
  }

  /** A dashed line with a ✕ for each link that is cut but for which no wall stands. */
  showLinks(homes) {
    const { closed, cut, places } = this;
    const homeOf = (name) => homes.find((home) => home.includes(name));
    const isWalled = (a, b) => homeOf(a) !== homeOf(b) && homeOf(a) && homeOf(b) && !passes(homeOf(a), homeOf(b), closed);
    const pairs = [...cut].map((pair) => pair.split(">")).filter((pair) => !pair.every((name) => places[name]?.isClient));
    const single = pairs.filter(([a, b]) => places[a] && places[b] && !isWalled(a, b));
    const links = single.filter(([a, b]) => a < b || !cut.has(`${b}>${a}`));
    change(this.element, { class: links.length > 6 ? "cuts many" : "cuts" }); // a heap of ✕ says no more
    this.signs.clear();
    this.links.take(links.length).forEach((figure, i) => {
      const [from, to] = links[i];
      const sign = showLink(figure, places[from], places[to], !cut.has(`${to}>${from}`));
      this.signs.set(`${from}>${to}`, sign).set(`${to}>${from}`, sign);
    });
  }

  /** The share of its way {start, end} at which a message between these two dies; null if nothing stands there. */
  stopOf(from, to, { start, end }) {
    const link = `${from}>${to}`;
    if (!this.cut.has(link)) return null;
    const [dx, dy] = [end.x - start.x, end.y - start.y];
    const length = Math.hypot(dx, dy) || 1;
    const along = ({ x, y }) => ((x - start.x) * dx + (y - start.y) * dy) / length;
    const aside = ({ x, y }) => ((x - start.x) * dy - (y - start.y) * dx) / length;
    const found = this.signs.has(link) ? [along(this.signs.get(link))] : [];
    for (const curve of this.curves) {
      const points = pointsOf(curve);
      points.slice(1).forEach((point, i) => {
        if (aside(point) > 0 !== aside(points[i]) > 0) found.push(along(point));
      });
    }
    const near = found.filter((distance) => distance > 0 && distance < length).map((distance) => distance - BEFORE);
    return near.length ? Math.max(0, Math.min(...near)) / length : null;
  }
}

/** The ring that servers stand on: its middle, radius, and where there is room for words below it. */
function ringOf(spots) {
  const mean = (axis) => spots.reduce((sum, spot) => sum + spot[axis], 0) / spots.length;
  const [x, y] = [mean("x"), mean("y")];
  const radius = Math.hypot(spots[0].x - x, spots[0].y - y);
  return { x, y, radius, bottom: Math.max(...spots.map((spot) => spot.y)) + 90 };
}

/** Neighbours on the ring to be walled off, [first, how many, their group]: of every group but the largest. */
function runsOf(servers, groups) {
  const main = groups.reduce((most, group) => (group.length > most.length ? group : most));
  const at = (i) => groups.find((group) => group.includes(servers[(i + servers.length) % servers.length]));
  const runs = [];
  servers.forEach((_, i) => {
    if (at(i) === main || at(i) === at(i - 1)) return;
    let length = 1;
    while (at(i + length) === at(i)) length++;
    runs.push([i, length, at(i)]);
  });
  return runs;
}

function wallFigure() {
  const layers = ["edge", "bricks", "joints"].map((name) => svg("path", { class: name }));
  const door = svg("g", {}, svg("path", { class: "door", d: "M0-10V10" }), svg("path", { class: "open-way" }));
  return svg("g", { class: "wall" }, ...layers, door);
}

/** A wall from the gap at the angle `begin` to that at `end`, past the middle of the ring: a cubic curve. */
function curveBetween(ring, begin, end) {
  const [a, b] = [begin, end].map((angle) => onRay(ring, angle, Math.min(ring.radius + OUT, toWords(ring, angle))));
  const [c, d] = [begin, end].map((angle) => onRay(ring, angle, BEND));
  return [a, c, d, b];
}

/** Points close to each other on such a curve. */
function pointsOf([a, c, d, b]) {
  return Array.from({ length: 41 }, (_, i) => {
    const t = i / 40;
    const at = (axis) =>
      (1 - t) ** 3 * a[axis] + 3 * t * (1 - t) ** 2 * c[axis] + 3 * t ** 2 * (1 - t) * d[axis] + t ** 3 * b[axis];
    return { x: at("x"), y: at("y") };
  });
}

/** What still gets through has a door, which lies at the angle `middle` of the ring. */
function showWall(figure, [a, c, d, b], middle, { inward, outward }) {
  const told = [a, c, d, b].map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`);
  const [door, ...layers] = [...figure.children].reverse();
  for (const layer of layers) change(layer, { d: `M${told[0]}C${told.slice(1).join(" ")}` });
  const half = (axis) => ((a[axis] + 3 * c[axis] + 3 * d[axis] + b[axis]) / 8).toFixed(1);
  const angle = middle * (180 / Math.PI);
  change(door, { transform: `translate(${half("x")} ${half("y")}) rotate(${angle})`, display: inward || outward ? null : "none" });
  change(door.lastChild, { d: `M-16 0H16${inward ? ARROW_IN : ""}${outward ? ARROW_OUT : ""}` });
}

/** How far it is from the middle of the ring to the height of the words below it. */
function toWords({ y, bottom }, angle) {
  return Math.sin(angle) > 0.1 ? (bottom - 18 - y) / Math.sin(angle) : Infinity;
}

function onRay({ x, y }, angle, distance) {
  return { x: x + distance * Math.cos(angle), y: y + distance * Math.sin(angle) };
}

function linkFigure() {
  const sign = svg("text", { dy: "0.36em" }, "✕");
  return svg("g", { class: "cut-link" }, svg("line"), svg("path", { class: "open-way", d: "M7 -7L-7 0L7 7Z" }), sign);
}

/** The ✕ is nearer to the end that hears nothing if only one way is cut; then an arrow shows the way that is open.
 * Gives where the ✕ is.
 */
function showLink(figure, from, to, oneWay) {
  const [line, way, sign] = figure.children;
  const at = (share) => ({ x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share });
  const angle = (Math.atan2(to.y - from.y, to.x - from.x) * 180) / Math.PI;
  const { x, y } = at(0.34);
  change(line, { x1: from.x, y1: from.y, x2: to.x, y2: to.y });
  change(way, { transform: `translate(${x} ${y}) rotate(${angle})`, display: oneWay ? null : "none" });
  const place = at(oneWay ? 0.66 : 0.5);
  change(sign, place);
  return place;
}

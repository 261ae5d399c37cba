// The role diagram, lit as it moves: each server is a chip in the box of its role, and the way that one has just
// taken lights up. Python lays the diagram out (roles.py); here it follows the run.

import { movingPicture } from "./moving.js";
import { termColour, termInk } from "./palette.js";
import { change, html, svg, write } from "./svg.js";

export class RoleDiagram {
  constructor(layout) {
    this.layout = layout;
    const words = layout.ways.map(([, , condition]) => condition);
    this.sheet = movingPicture(layout.picture, words).root;
    this.sheet.classList.add("roles");
    this.arrows = layout.ways.map((_, number) => this.sheet.querySelector(`[data-operation="${number}"]`));
    this.chips = svg("g");
    const [x, y] = layout.crashed_at;
    this.crashed = svg("text", { x, y, class: "crashed" });
    this.sheet.append(this.chips, this.crashed);
    this.element = html("section", { class: "roles-panel", "aria-label": "Roles" }, this.sheet);
  }

  /** Follows the run that `reader` reads. */
  use(reader) {
    this.moves = movesOf(reader, this.layout.ways);
    this.figures = new Map(reader.servers.map((name) => [name, chip(name, this.layout.radius)]));
    this.chips.replaceChildren(...[...this.figures.values()].map(({ element }) => element));
  }

  show(facts, time) {
    const { layout } = this;
    const counts = {};
    for (const [name, { element, body, label }] of this.figures) {
      const { role, term, recoloured, status } = facts[name];
      const known = status === "down" ? "crashed" : role in layout.boxes ? role : null;
      change(element, { display: known ? null : "none" });
      if (!known) continue;
      const number = (counts[known] = (counts[known] ?? -1) + 1);
      const [x, y] = this.placeOf(known, number);
      element.style.transform = `translate(${x}px, ${y}px)`;
      const shown = known === "crashed" ? null : term;
      change(body, { fill: termColour(shown, recoloured) });
      change(label, { fill: termInk(shown, recoloured) });
    }
    write(this.crashed, "crashed" in counts ? "crashed:" : layout.nobody);
    const lit = new Set(this.moves.filter((move) => move.time <= time && time - move.time < layout.afterglow).map(({ way }) => way));
    this.arrows.forEach((arrow, way) => arrow.classList.toggle("lit", lit.has(way)));
  }

  placeOf(role, number) {
    const { boxes, crashed, room, per_row: perRow } = this.layout;
    if (role === "crashed") return [crashed[0] + room * number, crashed[1]];
    const [x, y] = boxes[role];
    return [x + room * (number % perRow), y + 17 * Math.floor(number / perRow)];
  }
}

function chip(name, radius) {
  const body = svg("circle", { r: radius });
  const label = svg("text", { y: 3.5, "text-anchor": "middle" });
  write(label, name);
  return { body, label, element: svg("g", { class: "chip" }, body, label) };
}

/** Every change of role in a run, and every new term of a candidate: [{time, who, way}]. */
function movesOf({ events, servers }, ways) {
  const numbers = new Map(ways.map(([source, target], number) => [`${source}>${target}`, number]));
  const roles = Object.fromEntries(servers.map((name) => [name, ""]));
  const moves = [];
  for (const { time, kind, who, changes } of events) {
    if (!(who in roles)) continue;
    if (kind === "crash") {
      roles[who] = "";
      continue;
    }
    const before = roles[who];
    const after = changes?.role ?? (before || "follower");
    roles[who] = after;
    const again = before === "candidate" && after === "candidate" && changes && "current_term" in changes;
    const way = numbers.get(`${before}>${after}`);
    if (way !== undefined && (before !== after || again)) moves.push({ time, who, way });
  }
  return moves;
}

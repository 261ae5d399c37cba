// The generals on their ring, and what they tell each other in the round at hand.

import { capsule, pill } from "./generals_values.js";
import { change, svg, write } from "./svg.js";

const SHEET = { width: 500, height: 440, x: 250, y: 222, radius: 150 };
const DISC = 31;
const ASIDE = 12; // pixels that a message goes beside the chord, so that those which meet do not cover each other
const REST = 0.7; // of the way: there a message can be read, and its sender is still clear
const BEHIND = 11; // pixels behind a message its road ends: at the end of a battle one looks through the message
const CROWD = 20; // more messages than that are too many: only those to the chosen general are shown

/** Where each general sits; the first, the commander, at the top. */
function seatsOf(names) {
  const turn = (2 * Math.PI) / names.length;
  const seat = (name, i) => [
    name,
    { x: SHEET.x + SHEET.radius * Math.sin(turn * i), y: SHEET.y - SHEET.radius * Math.cos(turn * i) },
  ];
  return Object.fromEntries(names.map(seat));
}

/** One general: a disc that can be chosen, with a mark for a traitor, and what it decides. */
class GeneralFigure {
  constructor(name, seat, choose) {
    Object.assign(this, { name, seat });
    const outward = Math.abs(seat.x - SHEET.x) < 1 ? 0 : Math.sign(seat.x - SHEET.x);
    const below = seat.y > SHEET.y - 1;
    this.body = svg("circle", { r: DISC, class: "gn-body" });
    this.inner = svg("circle", { r: DISC - 5, class: "gn-inner" });
    this.role = svg("text", { y: below ? DISC + 17 : -DISC - 9, class: "gn-role" });
    this.decision = svg("g", { transform: `translate(${outward ? outward * (DISC + 26) : DISC + 26} 0)` });
    const choice = svg("circle", { r: DISC + 6, class: "gn-choice" });
    const label = svg("text", { dy: "0.36em", class: "gn-name" }, name);
    this.element = svg(
      "g",
      { class: "gn-general", role: "button", tabindex: 0, transform: `translate(${seat.x} ${seat.y})` },
      choice,
      this.body,
      this.inner,
      label,
      this.role,
      this.decision,
    );
    this.element.addEventListener("click", () => choose(name));
    this.element.addEventListener("keydown", ({ key }) => key === "Enter" && choose(name));
  }

  show(story, chosen, decided) {
    const traitor = story.traitors.includes(this.name);
    const role = this.name === story.commander ? "commander" : "";
    const standing = [role, traitor ? "traitor" : ""].filter(Boolean).join(", ");
    const isChosen = chosen === this.name;
    const decision = decided && !traitor ? story.decisions[this.name] : undefined;
    const says = decision === undefined ? "" : `, decides ${decision}`;
    change(this.element, {
      class: `gn-general${traitor ? " traitor" : ""}${isChosen ? " chosen" : ""}`,
      "aria-pressed": String(isChosen),
      "aria-label": `${this.name}${standing ? `, ${standing}` : ", loyal"}${says}`,
    });
    write(this.role, standing);
    this.decision.replaceChildren(...(decision === undefined ? [] : [pill(story, decision)]));
  }
}

/** The whole ring. `choose(general)` and `edit(message)` are called for what is clicked. */
export class GeneralsRing {
  constructor(names, { choose, edit }) {
    this.edit = edit;
    this.seats = seatsOf(names);
    this.figures = names.map((name) => new GeneralFigure(name, this.seats[name], choose));
    this.roads = svg("g");
    this.flying = svg("g");
    const { width, height } = SHEET;
    const look = { viewBox: `0 0 ${width} ${height}`, class: "gn-ring", role: "group" };
    const people = this.figures.map((figure) => figure.element);
    this.element = svg("svg", look, this.roads, ...people, this.flying);
    this.drawn = null;
  }

  /** The messages of `round` that are shown. */
  static seen(story, round, chosen) {
    const all = story.messages.filter((message) => message.round === round);
    return all.length <= CROWD ? all : all.filter(({ to }) => to === chosen);
  }

  /** Draws the moment `share` (0 to 1) of the round; 0 is before the first, and `over` is once all decide. */
  show(story, { round, share, chosen, over }) {
    const key = [round, chosen, over].join();
    if (this.drawn?.story !== story || this.drawn.key !== key) {
      this.drawn = { story, key };
      for (const figure of this.figures) figure.show(story, chosen, over);
      this.setUp(story, GeneralsRing.seen(story, round, chosen));
      change(this.flying, { class: over ? "gn-flying over" : "gn-flying" });
      change(this.element, { "aria-label": over ? "The generals have decided" : `The generals in round ${round}` });
    }
    const eased = share * share * (3 - 2 * share);
    for (const { way, mover, road } of this.tokens) {
      const along = 0.05 + (REST - 0.05) * eased;
      const placeAt = (share) => [way.x + way.dx * share, way.y + way.dy * share].map((place) => place.toFixed(1));
      const [x2, y2] = placeAt(Math.max(0, along - way.behind));
      change(mover, { transform: `translate(${placeAt(along).join(" ")})` });
      change(road, { x2, y2 });
    }
  }

  setUp(story, messages) {
    const onWay = new Map();
    for (const message of messages) {
      const way = `${message.from}>${message.to}`;
      onWay.set(way, [...(onWay.get(way) ?? []), message]);
    }
    this.tokens = [...onWay.values()].map((group) => this.token(story, group));
    this.roads.replaceChildren(...this.tokens.map(({ road }) => road));
    this.flying.replaceChildren(...this.tokens.map(({ mover }) => mover));
  }

  /** What one general tells another in a round, as one thing that moves along their chord. */
  token(story, group) {
    const [first] = group;
    const [a, b] = [this.seats[first.from], this.seats[first.to]];
    const length = Math.hypot(b.x - a.x, b.y - a.y);
    const [ux, uy] = [(b.x - a.x) / length, (b.y - a.y) / length];
    const free = length - 2 * DISC;
    const begin = { x: a.x + ux * DISC - ASIDE * uy, y: a.y + uy * DISC + ASIDE * ux };
    const way = { ...begin, dx: ux * free, dy: uy * free, behind: BEHIND / free };
    const lie = group.some((message) => message.lie);
    const one = group.length === 1;
    const figure = one ? pill(story, first.value, { lie }) : capsule(story, group.map(({ value }) => value), lie);
    const mover = svg("g", { class: "gn-message" }, figure);
    if (one && first.refused) mover.append(svg("text", { y: 23, class: "gn-refused" }, "✕"));
    const editable = one && story.traitors.includes(first.from);
    const words = group.map((message) => message.words).join("\n");
    mover.append(svg("title", {}, words + (editable ? " Click to change it." : "")));
    if (editable) {
      mover.classList.add("editable");
      mover.addEventListener("click", () => this.edit(first));
    }
    const road = svg("line", { x1: way.x, y1: way.y, class: `gn-road${lie ? " lie" : ""}` });
    return { way, mover, road };
  }
}

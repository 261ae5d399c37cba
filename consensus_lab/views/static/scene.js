// The cluster of one run: servers on their ring, clients, messages in flight, cut links, and the table of what
// the servers hold. What is seen is a pure function of (run, time, what is selected).

import { LogTable, tableFor } from "./log.js";
import { Messages } from "./messages.js";
import { operationsByClient } from "./overview.js";
import { firstAfter } from "./playback.js";
import { ClientFigure, layOut, messageLegend, ServerFigure } from "./ring.js";
import { change, html, svg } from "./svg.js";
import { factsOf, leaderOf } from "./trace.js";
import { Cuts } from "./wall.js";
import { sceneInWords } from "./words.js";

/** The picture of the run that `reader` reads: `ring` and `table` are its elements.
 *
 * `you` is a client that is not in the run, but could ask; `select({server} or {message})` is called for what is
 * clicked, `ask()` for a click on `you`.
 */
export class Scene {
  constructor(reader, { you = null, select, ask = () => {} }) {
    const { servers } = reader;
    const names = namesOf(reader, you);
    const { places, width, height } = layOut(servers, names);
    this.figures = servers.map((name) => new ServerFigure(name, places[name], servers, (server) => select({ server })));
    this.clientFigures = names.map((name) => new ClientFigure(name, places[name], name === you, ask));
    this.cuts = new Cuts(places);
    this.flying = new Messages(places, this.cuts, (message) => select({ message }));
    const layers = [this.cuts.element, ...this.clientFigures.map((figure) => figure.element)];
    layers.push(...this.figures.map((figure) => figure.element), this.flying.element);
    this.sheet = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "ring", role: "group" }, ...layers);
    this.legend = legendOf(reader.messages, reader.shown.looks);
    this.table = tableFor(reader);
    this.cast = castOf(reader, you);
    this.use(reader);
  }

  /** Whether it can also show this run. The columns of a table without logs are as wide as the run needs them. */
  fits(reader, you) {
    return this.table instanceof LogTable && castOf(reader, you) === this.cast;
  }

  /** Shows another run that it fits. What is on the screen stays, so that the page has little to lay out. */
  use(reader) {
    this.reader = reader;
    for (const figure of this.clientFigures) figure.show(null);
    this.byClient = Object.entries(operationsByClient(reader)).map(([name, operations]) => {
      const figure = this.clientFigures.find((each) => each.name === name);
      return { figure, operations, starts: operations.map(({ start }) => start) };
    });
    this.state = null;
    this.drawn = { count: -1 };
  }

  /** Draws the moment `time`; the table gets `width` pixels. Gives the messages in flight. */
  show(time, { server = null, message = null, width }) {
    const { reader, drawn } = this;
    const flights = reader.flightsAt(time);
    const count = reader.countAt(time);
    if (drawn.count !== count || drawn.server !== server || drawn.width !== width) this.showState(count, server, width);
    for (const figure of this.figures) {
      figure.showTimer(time);
      figure.showVotes(flights, reader.shown.looks);
    }
    this.flying.show(reader, flights, time, message?.id ?? null);
    this.showClients(time);
    return flights;
  }

  /** What changes only when something happens, not with every frame. */
  showState(count, server, width) {
    const { reader } = this;
    this.drawn = { count, server, width };
    const before = this.state;
    this.state = reader.stateAfter(count);
    // The facts of a server stay the same object until it changes, so that no part looks at them in vain.
    const factsNow = (name) => factsOf(this.state[name], reader.durable, reader.shown);
    const facts = (name) => (before?.[name] === this.state[name] ? this.facts[name] : factsNow(name));
    this.facts = Object.fromEntries(reader.servers.map((name) => [name, facts(name)]));
    this.leader = leaderOf(this.facts);
    this.cut = reader.cutAfter(count);
    for (const figure of this.figures) figure.show(this.facts[figure.name], figure.name === server);
    this.cuts.show(this.cut);
    this.table.fit(width);
    this.table.show(this.facts, this.facts[server]?.role === "leader" ? server : this.leader, this.state);
  }

  showClients(time) {
    for (const { figure, operations, starts } of this.byClient) {
      const latest = operations[firstAfter(starts, time) - 1];
      const waits = latest && (latest.end === null || latest.end > time);
      figure?.show(waits ? latest : null);
    }
  }

  /** The picture in words, for those who hear it. */
  inWords(flights, time) {
    const words = sceneInWords(time, this.facts, flights, this.cuts.words);
    change(this.sheet, { "aria-label": words });
    this.table.arrange();
    this.flying.arrange();
    return words;
  }
}

/** The clients of a run, and `you`. */
function namesOf({ clients }, you) {
  return you === null || clients.includes(you) ? clients : [...clients, you];
}

/** Who takes part, and which kinds of message: what a scene is built from, as text. */
function castOf(reader, you) {
  return JSON.stringify([reader.servers, namesOf(reader, you), you, kindsIn(reader.messages)]);
}

/** The kinds of message in a run, as far as a legend has room. */
function kindsIn(messages) {
  return [...new Set(messages.map(({ kind }) => kind))].sort().slice(0, 12);
}

/** What the shapes of these messages mean. */
export function legendOf(messages, looks) {
  const kinds = kindsIn(messages);
  const items = messageLegend(kinds, looks).map(({ kind, figure }) =>
    html("span", { class: "key" }, svg("svg", { viewBox: "-10 -10 20 20", width: 16, height: 16 }, figure), kind),
  );
  return html("p", { class: "legend messages-legend", "aria-hidden": "true" }, ...items);
}

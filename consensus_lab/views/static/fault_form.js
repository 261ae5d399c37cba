// The form in which a fault is made: which one, and what it needs to know.

import { FORMS } from "./faults.js";
import { change, html, write } from "./svg.js";

const ROLES = ["leader", "follower"];

/** A row of controls. `add(fault, at)` is called with the fault and its time in ms, or null: now. */
export class FaultForm {
  constructor(add) {
    this.kind = html("select", { "aria-label": "What happens", onchange: () => this.renew() });
    this.at = html("input", { type: "number", min: 0, step: "any", class: "at", "aria-label": "When, in ms; empty: now" });
    this.fields = html("span", { class: "fields-of-fault" });
    const button = html("button", { type: "submit" }, "add");
    const time = html("label", {}, "at", this.at, "ms");
    this.element = html("form", { class: "add-fault" }, time, this.kind, this.fields, button);
    this.element.addEventListener("submit", (event) => {
      event.preventDefault(); // a form would else load the page anew
      add(this.fault, this.at.value === "" ? null : Number(this.at.value));
      this.at.value = "";
    });
  }

  /** There are these kinds to choose from; `run` says what one can name: {servers, client, questions, flights}. */
  use(kinds, run) {
    this.run = run;
    const chosen = this.kind.value || kinds[0];
    this.kind.replaceChildren(...kinds.map((kind) => html("option", { value: kind }, FORMS[kind].says)));
    this.kind.value = kinds.includes(chosen) ? chosen : kinds[0];
    this.renew();
  }

  renew() {
    const { fields } = FORMS[this.kind.value];
    this.controls = Object.entries(fields).map(([name, spec]) => [name, CONTROLS[spec.kind](name, spec, this.run)]);
    this.fields.replaceChildren(...this.controls.map(([, { element }]) => element));
    this.update();
  }

  /** Follows the time: what is in flight can be named, and nothing else. */
  update() {
    for (const [, control] of this.controls) control.update?.();
  }

  get fault() {
    const { make = (held) => held } = FORMS[this.kind.value];
    const held = Object.fromEntries(this.controls.map(([name, { value }]) => [name, value()]));
    return { fault: this.kind.value, ...make(held, this.run) };
  }

  /** It stands at `time` (µs); where no time is given, that is meant. */
  show(time) {
    const now = String(Math.round(time / 100) / 10);
    if (this.at.placeholder !== now) this.at.placeholder = now;
    this.update();
  }
}

function picker(name, options, chosen) {
  const select = html("select", { "aria-label": name }, ...options.map((option) => html("option", {}, option)));
  if (chosen !== undefined) select.value = chosen;
  return select;
}

/** For each kind of argument what makes its control: {element, value(), update()}. */
const CONTROLS = {
  server(name, { place = 0 }, { servers, selected }) {
    const select = picker(name, [...servers, ...ROLES], selected?.() ?? servers[place]);
    if (place && select.value !== servers[place]) select.value = servers.find((each) => each !== select.value);
    return { element: select, value: () => select.value };
  },

  number(name, { value, least, step = "any", unit }) {
    const input = html("input", { type: "number", value, min: least, step, class: "amount", "aria-label": name });
    return { element: html("label", {}, name.replaceAll("_", " "), input, unit), value: () => Number(input.value) };
  },

  dial(name, { value, least, most, step, unit }) {
    const told = html("output", {}, `${value} ${unit}`);
    const say = () => {
      write(told, `${input.value} ${unit}`);
      change(input, { "aria-valuetext": told.textContent });
    };
    const input = html("input", { type: "range", min: least, max: most, step, value, "aria-label": name, oninput: say });
    return { element: html("label", { class: "dial" }, name, input, told), value: () => Number(input.value) };
  },

  flag(_, { says }) {
    const box = html("input", { type: "checkbox" });
    return { element: html("label", {}, box, says), value: () => box.checked };
  },

  group(_, spec, { servers }) {
    const boxes = servers.map((name, i) => html("input", { type: "checkbox", value: name, checked: i < servers.length >> 1 }));
    const labels = boxes.map((box, i) => html("label", {}, box, servers[i]));
    const value = () => boxes.filter(({ checked }) => checked).map((box) => box.value);
    return { element: html("span", { class: "group" }, ...labels, "apart from the others"), value };
  },

  message(name, spec, run) {
    const select = picker(name, []);
    let known = "";
    const update = () => {
      const flights = run.flights();
      const ids = flights.map(({ id }) => id).join();
      if (ids === known && select.options.length) return;
      known = ids;
      const options = flights.map(({ id, kind, from, to }) => html("option", { value: id }, `${kind} ${from}→${to}`));
      select.replaceChildren(...(options.length ? options : [html("option", { value: "" }, "nothing is in flight")]));
    };
    return { element: select, value: () => (select.value === "" ? null : Number(select.value)), update };
  },

  client(name, spec, { clients, client }) {
    const select = picker(name, [...new Set([client, ...clients])], client);
    return { element: select, value: () => select.value };
  },

  /** What a client asks: with a key and a number of one's own where it has such, and else as it is. */
  operation(_, spec, { questions }) {
    const choices = Object.values(questions);
    const chosen = () => choices[select.selectedIndex];
    const hasKey = ([, name]) => name !== null;
    const hasAmount = ([, , ...args]) => args.length === 1 && Number.isInteger(args[0]);
    const select = picker("operation", choices.map(([kind, , ...args]) => (kind === "txn" ? args[0][0] : kind)));
    const key = html("input", { type: "text", value: choices[0][1] ?? "x", class: "key", "aria-label": "key" });
    const amount = html("input", { type: "number", value: choices[0][2], step: 1, class: "amount", "aria-label": "value" });
    const sync = () => {
      change(key, { hidden: !hasKey(chosen()) });
      change(amount, { hidden: !hasAmount(chosen()) });
    };
    select.addEventListener("change", sync);
    sync();
    const value = () => {
      const [kind, name, ...args] = chosen();
      return [kind, hasKey(chosen()) ? key.value : name, ...(hasAmount(chosen()) ? [Number(amount.value)] : args)];
    };
    return { element: html("span", {}, select, key, amount), value };
  },
};

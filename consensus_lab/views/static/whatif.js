// "What if?": a fault or a request, here and now. The kernel runs the scenario with it and sends a new trace.

import { signButton } from "./playback.js";
import { change, html, write } from "./svg.js";
import { leaderOf } from "./trace.js";
import { operationInWords } from "./words.js";

const LOST =
  "The kernel was restarted, and this picture is of before. It still plays, but nothing in it can be changed: " +
  "run its cell again.";
const PATIENCE = 3000; // ms until we say that the kernel is silent

/** Asks the kernel. Resolves to {content, buffers}; `onSilence` is called if nothing comes for a while, and
 * `onLoss` when it was restarted: it knows nothing of this view then.
 *
 * An answer with `more` in its content is only a beginning: `onRest` is called with the rest.
 */
export class Kernel {
  constructor(model, { onSilence, onLoss }) {
    Object.assign(this, { model, onSilence, asked: 0, waiting: new Map(), isLost: false });
    // The connection of a model is made once, before there is a view: what is told later is that it is lost.
    this.lose = () => {
      this.isLost = true;
      onLoss();
    };
    model.on("comm_live_update", this.lose);
    this.hear = (content, buffers) => {
      const told = this.waiting.get(content?.id);
      if (!content?.more) this.waiting.delete(content?.id);
      told?.({ content, buffers });
    };
    model.on("msg:custom", this.hear);
  }

  /** Whether there is anybody to ask: not on a page of its own. */
  get isThere() {
    return Boolean(this.model.send);
  }

  /** Why nobody can be asked, in a sentence; "" if somebody can. */
  get why() {
    if (this.isLost) return LOST;
    return this.isThere ? "" : "To read only: this page has no kernel that could run it anew. In a notebook each can be changed.";
  }

  ask(whatIf, onRest) {
    const id = ++this.asked;
    return new Promise((resolve) => {
      const timer = setTimeout(this.onSilence, PATIENCE);
      this.waiting.set(id, (answer) => {
        clearTimeout(timer);
        if (answer.content.more) this.waiting.set(id, onRest);
        resolve(answer);
      });
      try {
        this.model.send({ id, what_if: whatIf });
      } catch {
        this.onSilence(); // the connection is closed: it says so itself
      }
    });
  }

  dispose() {
    this.model.off?.("msg:custom", this.hear);
    this.model.off?.("comm_live_update", this.lose);
  }
}

/** A value nobody has written yet: 101, 102, …, so that a checker can tell the values apart. */
export function freshValue(operations) {
  const written = operations.flatMap(({ kind, args }) => (kind === "txn" ? args.map((step) => step[2]) : args[0]));
  return 1 + written.filter(Number.isInteger).reduce((most, value) => Math.max(most, value), 100);
}

/** What "you" can ask of the object that the clients of a run use: {write, read}, as operations.
 *
 * `known` is what the servers know, if that is known: then nothing else is offered, and maybe nothing at all.
 */
export function questionsFor(operations, value, known = null) {
  if (known) {
    const fresh = ([kind, key, held, ...rest], add) => (held === 0 ? [kind, key, value + add, ...rest] : known.write);
    const write = known.write && fresh(known.write, 0);
    const read = known.read?.[0] === "propose" ? fresh(known.read, 1) : known.read;
    return { ...(write && { write }), ...(read && { read }) };
  }
  const kindsOf = ({ kind, args }) => (kind === "txn" ? ["txn", ...args.map(([step]) => step)] : kind);
  const kinds = new Set(operations.flatMap(kindsOf));
  const change = ["increment", "add", "append"].find((kind) => kinds.has(kind)) ?? "write";
  if (kinds.has("propose")) return { write: ["propose", null, value], read: ["propose", null, value + 1] };
  const [write, read] = [[change, "x", change === "increment" ? 1 : value], ["read", "x"]];
  if (!kinds.has("txn")) return { write, read };
  return { write: ["txn", null, write], read: ["txn", null, [...read, null]] };
}

/** What can be done at this moment, by name: {says, fault, can, hidden}.
 *
 * `target` is the server that is meant, `facts` of all servers, `cut` the links that are cut; `message` is in flight
 * and selected; without a kernel nothing can be done.
 */
export function actionsFor({ canAsk = true, ...moment }) {
  const wishes = wishesAt(moment);
  if (!canAsk) for (const wish of Object.values(wishes)) wish.can = false;
  return wishes;
}

function wishesAt({ target, facts, cut, servers, client, questions, message }) {
  const status = facts[target]?.status;
  const down = status === "down";
  const paused = status === "paused";
  const of = target ? ` ${target}` : "";
  const others = servers.filter((name) => name !== target);
  const timer = Object.keys(facts[target]?.timers ?? {}).find((name) => ["election", "proposal"].includes(name));
  const onServer = (fault) => ({ fault, server: target });
  const request = (operation) => ({ fault: "request", operation, client });
  const onMessage = (fault) => ({ fault: { fault, message: message?.id }, can: Boolean(message) });
  return {
    crash: {
      says: `${down ? "restart" : "crash"}${of}`,
      fault: onServer(down ? "restart" : "crash"),
      can: Boolean(target),
    },
    pause: {
      says: `${paused ? "resume" : "pause"}${of}`,
      fault: onServer(paused ? "resume" : "pause"),
      can: Boolean(target) && !down,
    },
    timeout: {
      says: `time out${of}`,
      fault: { ...onServer("timeout"), ...(timer === "election" ? {} : { timer }) },
      can: status === "up" && Boolean(timer),
    },
    links: cut.size
      ? { says: "heal all links", fault: { fault: "heal" }, can: true }
      : {
          says: `cut off${of}`,
          fault: { fault: "partition", groups: [[target], others] },
          can: Boolean(target) && others.length > 0,
        },
    write: questionAction(questions.write, request),
    read: questionAction(questions.read, request),
    drop: onMessage("drop"),
    delay: onMessage("delay"),
    double: onMessage("duplicate"),
    member: memberAction(target, facts),
  };
}

/** A client asks; hidden if the servers do not know such a question. */
function questionAction(operation, request) {
  if (!operation) return { says: "", fault: null, can: false, hidden: true };
  return { says: asWords(operation), fault: request(operation), can: true };
}

/** An order to the leader: let the server join, or go. Only where servers know who belongs to the cluster. */
function memberAction(target, facts) {
  const leader = leaderOf(facts);
  const members = facts[leader]?.members;
  const isIn = Boolean(members) && [members.voters, members.old, members.learners].flat().includes(target);
  return {
    says: `${isIn ? "remove" : "add"} ${target ?? "a member"}`,
    fault: { fault: "reconfigure", server: leader, change: isIn ? "remove_server" : "add_server", members: [target] },
    can: Boolean(members && target),
    hidden: !Object.values(facts).some((each) => each.members),
  };
}

function asWords([kind, key, ...args]) {
  return operationInWords({ kind, key, args });
}

const KEYS = { crash: "r", pause: "s", timeout: "t", links: "p", write: "c", read: "g", member: "j" };
const MESSAGE_KEYS = { drop: "d", delay: "l", double: "u" };

const SELECT = "Select a server first: click it, or press its number";
const HINTS = {
  crash: SELECT,
  pause: "Select a running server first",
  timeout: "Select a server whose election timer runs",
  links: SELECT,
  member: "Select a server first, while there is a leader",
};

/** The row of buttons. `act(name)` is called with the name of the action; `more()` leads to all that there are. */
export class ActionBar {
  constructor(act, more) {
    this.buttons = Object.fromEntries(
      Object.keys(KEYS).map((name) => [name, signButton("", name, () => act(name))]),
    );
    const others = signButton("more …", "What if something else: slow disks, wrong clocks, one-way cuts … (key e)", more);
    this.message = html("p", { class: "say", role: "status" });
    this.element = html(
      "div",
      { class: "actions", role: "toolbar", "aria-label": "What if, from here on" },
      html("span", { class: "lead" }, "What if, from here on:"),
      ...Object.values(this.buttons),
      others,
      this.message,
    );
    for (const [name, button] of Object.entries(this.buttons)) button.classList.add(`do-${name}`);
  }

  show(actions) {
    for (const [name, button] of Object.entries(this.buttons)) {
      const { says, can, hidden } = actions[name];
      write(button, says);
      const title = can ? `What if: ${says}? (key ${KEYS[name]})` : HINTS[name];
      change(button, { disabled: !can, hidden: hidden ? true : null, title, "aria-label": says });
    }
  }

  /** A sentence beside the buttons: what went wrong, or that we wait. */
  say(words, isError = false) {
    write(this.message, words);
    change(this.message, { class: isError ? "say error" : "say" });
  }

  focus() {
    Object.values(this.buttons).find((button) => !button.disabled)?.focus();
  }
}

/** What can be done to a message in flight: buttons for the card that shows it. */
export class MessageActions {
  constructor(act) {
    this.buttons = Object.keys(MESSAGE_KEYS).map((name) => {
      return signButton(name, `What if: ${name} it? (key ${MESSAGE_KEYS[name]})`, () => act(name));
    });
    this.late = html("input", { type: "number", value: 100, min: 0, step: 10, class: "amount", "aria-label": "by how many ms" });
    const [drop, delay, double] = this.buttons;
    const look = { class: "message-actions", role: "toolbar", "aria-label": "What if this message" };
    this.element = html("div", look, drop, html("span", {}, delay, html("label", {}, "by", this.late, "ms")), double);
  }

  get by() {
    return Number(this.late.value);
  }

  show(can) {
    change(this.element, { hidden: !can });
  }
}

/** The keys of the actions, for `listenForKeys`. */
export function actionKeys(act, words) {
  const keys = Object.entries({ ...KEYS, ...MESSAGE_KEYS });
  return keys.map(([name, key]) => ({ keys: [key], says: words[name], does: () => act(name) }));
}

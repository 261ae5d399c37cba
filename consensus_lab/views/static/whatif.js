// "What if?": a fault or a request, here and now. The kernel runs the scenario with it and sends a new trace.

import { signButton } from "./playback.js";
import { change, html, write } from "./svg.js";
import { leaderOf } from "./trace.js";
import { operationInWords } from "./words.js";

const PATIENCE = 3000; // ms until we say that the kernel is silent

/** Asks the kernel. Resolves to {content, buffers}; `onSilence` is called if nothing comes for a while.
 *
 * An answer with `more` in its content is only a beginning: `onRest` is called with the rest.
 */
export class Kernel {
  constructor(model, onSilence) {
    Object.assign(this, { model, onSilence, asked: 0, waiting: new Map() });
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
  }
}

/** A value nobody has written yet: 101, 102, …, so that a checker can tell the values apart. */
export function freshValue(operations) {
  const written = operations.flatMap(({ kind, args }) => (kind === "txn" ? args.map((step) => step[2]) : args[0]));
  return 1 + written.filter(Number.isInteger).reduce((most, value) => Math.max(most, value), 100);
}

/** What "you" can ask of the object that the clients of a run use: {write, read}, as operations. */
export function questionsFor(operations, value) {
  const kindsOf = ({ kind, args }) => (kind === "txn" ? ["txn", ...args.map(([step]) => step)] : kind);
  const kinds = new Set(operations.flatMap(kindsOf));
  const change = ["increment", "add", "append"].find((kind) => kinds.has(kind)) ?? "write";
  const [write, read] = [[change, "x", change === "increment" ? 1 : value], ["read", "x"]];
  if (!kinds.has("txn")) return { write, read };
  return { write: ["txn", null, write], read: ["txn", null, [...read, null]] };
}

/** What can be done at this moment: rows {key, does, says, fault, can}.
 *
 * `target` is the server that is meant, `facts` of all servers, `cut` the links that are cut.
 */
export function actionsFor({ target, facts, cut, servers, client, questions, message }) {
  const status = facts[target]?.status;
  const down = status === "down";
  const paused = status === "paused";
  const of = target ? ` ${target}` : "";
  const others = servers.filter((name) => name !== target);
  const onServer = (fault) => ({ fault, server: target });
  const request = (operation) => ({ fault: "request", operation, client });
  return {
    crash: {
      says: `${down ? "restart" : "crash"}${of}`,
      words: `${target} ${down ? "restarts" : "crashes"}`,
      fault: onServer(down ? "restart" : "crash"),
      can: Boolean(target),
    },
    pause: {
      says: `${paused ? "resume" : "pause"}${of}`,
      words: `${target} ${paused ? "goes on" : "is paused"}`,
      fault: onServer(paused ? "resume" : "pause"),
      can: Boolean(target) && !down,
    },
    timeout: {
      says: `time out${of}`,
      words: `${target} times out`,
      fault: onServer("timeout"),
      can: status === "up" && Boolean(facts[target].timers.election),
    },
    links: cut.size
      ? { says: "heal all links", words: "all links work again", fault: { fault: "heal" }, can: true }
      : {
          says: `cut off${of}`,
          words: `${target} is cut off`,
          fault: { fault: "partition", groups: [[target], others] },
          can: Boolean(target) && others.length > 0,
        },
    write: {
      says: asWords(questions.write),
      words: `you ask: ${asWords(questions.write)}`,
      fault: request(questions.write),
      can: true,
    },
    read: {
      says: asWords(questions.read),
      words: `you ask: ${asWords(questions.read)}`,
      fault: request(questions.read),
      can: true,
    },
    drop: {
      says: "drop message",
      words: message ? `${message.kind} ${message.from}→${message.to} is dropped` : "",
      fault: { fault: "drop", message: message?.id },
      can: Boolean(message),
    },
    member: memberAction(target, facts),
  };
}

/** An order to the leader: let the server join, or go. Only where servers know who belongs to the cluster. */
function memberAction(target, facts) {
  const leader = leaderOf(facts);
  const members = facts[leader]?.members;
  const isIn = Boolean(members) && [members.voters, members.old, members.learners].flat().includes(target);
  return {
    says: `${isIn ? "remove" : "add"} ${target ?? "a member"}`,
    words: `${target} is ${isIn ? "removed" : "added"}`,
    fault: { fault: "reconfigure", server: leader, change: isIn ? "remove_server" : "add_server", members: [target] },
    can: Boolean(members && target),
    hidden: !Object.values(facts).some((each) => each.members),
  };
}

function asWords([kind, key, ...args]) {
  return operationInWords({ kind, key, args });
}

const KEYS = { crash: "r", pause: "s", timeout: "t", links: "p", write: "c", read: "g", drop: "d", member: "j" };

const SELECT = "Select a server first: click it, or press its number";
const HINTS = {
  crash: SELECT,
  pause: "Select a running server first",
  timeout: "Select a server whose election timer runs",
  links: SELECT,
  drop: "Click a message in flight first, or press m",
  member: "Select a server first, while there is a leader",
};

/** The row of buttons. `act(name)` is called with the name of the action. */
export class ActionBar {
  constructor(act) {
    this.buttons = Object.fromEntries(
      Object.keys(KEYS).map((name) => [name, signButton("", name, () => act(name))]),
    );
    this.message = html("p", { class: "say", role: "status" });
    this.element = html(
      "div",
      { class: "actions", role: "toolbar", "aria-label": "What if, from here on" },
      html("span", { class: "lead" }, "What if, from here on:"),
      ...Object.values(this.buttons),
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

/** The keys of the actions, for `listenForKeys`. */
export function actionKeys(act, words) {
  return Object.entries(KEYS).map(([name, key]) => ({ keys: [key], says: words[name], does: () => act(name) }));
}

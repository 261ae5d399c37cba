// Faults, requests and remarks: what each does, in words, and the form in which one is made. A fault here is the
// JSON of simulation/faults.py: {fault: "crash", server: "S2"}.

import { inMilliseconds, inShort, operationInWords } from "./words.js";

/** What happens, in words: "S2 crashes". `messages` are those of the run. */
export function faultInWords({ fault, ...told }, messages = []) {
  const words = WORDS[fault];
  return words ? words(told, messages) : `${fault} ${Object.values(told).map(inShort).join(" ")}`.trim();
}

/** A server by its name, or by its role: "the leader". */
function called(name) {
  return /^([A-Z]\d*|it)$/.test(name) ? name : `the ${name}`;
}

const WORDS = {
  crash: ({ server }) => `${called(server)} crashes`,
  restart: ({ server }) => `${called(server)} restarts`,
  wipe: ({ server }) => `${called(server)} restarts with an empty disk`,
  pause: ({ server }) => `${called(server)} is paused`,
  resume: ({ server }) => `${called(server)} goes on`,
  timeout: ({ server, timer }) =>
    timer && timer !== "election" ? `the timer ${timer} of ${called(server)} fires` : `${called(server)} times out`,
  slowdisk: ({ server, sync }) => `the disk of ${called(server)} takes ${sync} ms a write`,
  clockskew: ({ server, offset, rate = 1 }) => {
    const shows = offset ? `is ${Math.abs(offset)} ms ${offset < 0 ? "behind" : "ahead"}` : "shows the true time";
    return `the clock of ${called(server)} ${shows}${rate === 1 ? "" : ` and runs ${rate} times as fast`}`;
  },
  cut: ({ a, b, one_way: oneWay }) => `the link ${called(a)} ${oneWay ? "→" : "–"} ${called(b)} is cut`,
  heal: ({ a, b }) => (a && b ? `the link ${called(a)} – ${called(b)} works again` : "all links work again"),
  partition: ({ groups }) =>
    groups.length === 2 && groups[0].length === 1
      ? `${called(groups[0][0])} is cut off`
      : `the network parts: ${groups.map((group) => group.join(" ")).join(" | ")}`,
  weather: (told) => `the network changes: ${weatherInWords(told) || "nothing"}`,
  drop: ({ message }, messages) => `${messageNamed(message, messages)} is lost`,
  delay: ({ message, by }, messages) => `${messageNamed(message, messages)} comes ${by} ms late`,
  duplicate: ({ message }, messages) => `${messageNamed(message, messages)} comes twice`,
  transfer: ({ server, successor }) => `${called(server)} hands over to ${called(successor)}`,
  reconfigure: ({ change, members }) => `order to the leader: ${change.replaceAll("_", " ")} ${members.join(" ")}`,
  request: ({ client, operation: [kind, key, ...args], server }) =>
    `${client} asks: ${operationInWords({ kind, key, args })}${server ? ` (only ${called(server)})` : ""}`,
  say: ({ words }) => `remark: ${words}`,
  ask: ({ question }) => `question: ${question}`,
  when: ({ trigger, then, after, nth, times }, messages) => {
    const count = nth > 1 ? `, time ${nth}` : times === null ? ", each time" : "";
    const wait = after ? `, ${after} ms later` : "";
    return `when ${triggerInWords(trigger)}${count}${wait}: ${faultInWords(then, messages)}`;
  },
};

function weatherInWords({ loss, duplicate, reorder, latency }) {
  const share = (name, value) => (value === null || value === undefined ? [] : [`${name} ${Math.round(1000 * value) / 10} %`]);
  const time = latency ? [`latency ${latency.join("–")} ms`] : [];
  return [...share("loss", loss), ...time, ...share("duplicates", duplicate), ...share("reordered", reorder)].join(", ");
}

function messageNamed(number, messages) {
  if (number === "it") return "that message";
  const { kind, from, to } = messages[number] ?? {};
  return kind ? `${kind} ${from}→${to}` : `message ${number}`;
}

function triggerInWords({ what, by, name, other, having = [] }) {
  const who = by ? called(by) : "somebody";
  if (what === "changes" && name === "role" && having[0]) return `${who} becomes ${having[0][1]}`;
  const with_ = having.map(([field, value]) => `${field.replaceAll("_", " ")} ${inShort(value)}`).join(", ");
  const end = other ? ` ${what === "receives" ? "from" : "to"} ${called(other)}` : "";
  return `${who} ${what}${name ? ` ${name.replaceAll("_", " ")}` : ""}${end}${with_ ? ` (${with_})` : ""}`;
}

// ---- the form ----

const SERVER = { kind: "server" };
const ONE = { server: SERVER };
const MESSAGE = { message: { kind: "message" } };
const ms = (value, least = 0) => ({ kind: "number", value, least, unit: "ms" });
const percent = (value) => ({ kind: "dial", value, least: 0, most: 100, step: 1, unit: "%" });

/** The faults that can be added: {says, fields, make}. `make` turns what the fields hold into the fault's arguments. */
export const FORMS = {
  crash: { says: "a server crashes", fields: ONE },
  restart: { says: "a crashed server restarts", fields: ONE },
  wipe: { says: "a crashed server restarts with an empty disk", fields: ONE },
  pause: { says: "a server is paused", fields: ONE },
  resume: { says: "a paused server goes on", fields: ONE },
  timeout: { says: "an election timer fires", fields: ONE },
  slowdisk: { says: "a disk is slow", fields: { ...ONE, sync: ms(50) } },
  clockskew: {
    says: "a clock is wrong",
    fields: { ...ONE, offset: ms(0, null), rate: { kind: "number", value: 2, least: 0.01, unit: "× as fast" } },
  },
  cut: { says: "a link is cut", fields: { a: SERVER, b: { ...SERVER, place: 1 }, one_way: { kind: "flag", says: "only this way →" } } },
  heal: { says: "all links work again", fields: {} },
  partition: {
    says: "the network parts",
    fields: { apart: { kind: "group" } },
    make: ({ apart }, { servers }) => ({ groups: [apart, servers.filter((name) => !apart.includes(name))] }),
  },
  weather: {
    says: "the network changes",
    fields: {
      loss: percent(10),
      latency: { kind: "dial", value: 5, least: 0, most: 200, step: 1, unit: "ms" },
      jitter: { kind: "dial", value: 10, least: 0, most: 200, step: 1, unit: "ms" },
      duplicates: percent(0),
    },
    make: ({ loss, latency, jitter, duplicates }) => ({
      loss: loss / 100,
      duplicate: duplicates / 100,
      latency: [latency, latency + jitter],
    }),
  },
  drop: { says: "a message is lost", fields: MESSAGE },
  delay: { says: "a message is late", fields: { ...MESSAGE, by: ms(100) } },
  duplicate: { says: "a message comes twice", fields: { ...MESSAGE, after: ms(10) } },
  request: { says: "a client asks", fields: { client: { kind: "client" }, operation: { kind: "operation" } } },
  transfer: { says: "the leader hands over", fields: { successor: SERVER }, make: (held) => ({ server: "leader", ...held }) },
};

/** The kinds of fault that make sense in a run: where nobody stands for election, no timer of one can fire. */
export function kindsFor({ events, servers }, questions) {
  const elects = events.slice(0, 2 * servers.length).some(({ changes }) => changes?.timers?.election);
  const senseless = new Set(elects ? [] : ["timeout", "transfer"]);
  if (!Object.keys(questions).length) senseless.add("request");
  return Object.keys(FORMS).filter((kind) => !senseless.has(kind));
}

/** What was done to a list of faults, in words: the name of the branch that comes of it. */
export function editInWords({ verb, words, at, before }) {
  if (verb === "remove") return `without: ${words} at ${inMilliseconds(1000 * at, 0)}`;
  if (verb === "move") return `${words} at ${inMilliseconds(1000 * at, 0)}, not ${inMilliseconds(1000 * before, 0)}`;
  return `${words} at ${inMilliseconds(1000 * at, 0)}`;
}

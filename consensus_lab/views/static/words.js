// A run in words: commands, events, messages, a server, the whole picture.

import { partsOf } from "./palette.js";
import { lastIndexOf } from "./trace.js";

// Made once: to ask for a format anew at each call takes longer than all else that a frame does.
const FORMATS = [0, 1].map((digits) => new Intl.NumberFormat("en-US", { maximumFractionDigits: digits }));

const MOST_LETTERS = 60; // letters of a text that are worth showing

/** Virtual time for people: µs → "812.4 ms". */
export function inMilliseconds(time, digits = 1) {
  return `${FORMATS[digits].format(time / 1000)} ms`;
}

/** A ballot, [round, server]: what Ballot(3, "S1") of the package is here; before the first, [0, ""]. */
function isBallot(value) {
  return Array.isArray(value) && value.length === 2 && Number.isInteger(value[0]) && /^(S\d+)?$/.test(value[1]);
}

/** A value with its version, [value, number, server]. */
function isVersioned(value) {
  return Array.isArray(value) && value.length === 3 && isBallot(value.slice(1)) && value[2] !== "";
}

/** What was accepted under a ballot: {ballot, value}. */
function isProposal(value) {
  return value !== null && typeof value === "object" && isBallot(value.ballot) && "value" in value;
}

/** A value in a few letters: null, text, numbers and lists as they are, objects as their fields. */
export function inShort(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "string") return value.length > MOST_LETTERS ? `${value.slice(0, MOST_LETTERS - 1)}…` : value;
  if (isBallot(value)) return value[0] ? termInShort(value) : "–";
  if (isProposal(value)) return `${entryInShort(value)} @${termInShort(value.ballot)}`;
  if (isVersioned(value)) return `${inShort(value[0])} @${termInShort(value.slice(1))}`;
  if (Array.isArray(value)) return `[${value.map(innerInShort).join(", ")}]`;
  if (typeof value !== "object") return String(value);
  if ("operation" in value && "client" in value) return operationInShort(value.operation);
  return Object.entries(value).map(([name, item]) => `${name}=${innerInShort(item)}`).join(" ") || "{}";
}

/** The same inside another value: {value: 5, time: 3} is "5 @3", {key: "x", value: 5, time: 3} is "x=5 @3", what is only wrapped is unwrapped. */
function innerInShort(item) {
  if (item === null || typeof item !== "object" || Array.isArray(item)) return inShort(item);
  const { key, value, ...others } = item;
  const rest = Object.values(others);
  const held = key === undefined ? innerInShort(value) : `${key}=${innerInShort(value)}`;
  if (value !== undefined && rest.length) return `${held} @${rest.map(innerInShort).join(" ")}`;
  const [only, ...more] = Object.values(item);
  if (only !== null && typeof only === "object" && !more.length) return innerInShort(only);
  return Object.keys(item).length ? `(${inShort(item)})` : "{}";
}

/** A term as people write it: 4; a ballot "4.S1". */
export function termInShort(term) {
  const parts = partsOf(term);
  return parts === null ? inShort(term) : parts.filter((part) => part !== "").join(".");
}

/** "term 4", if that has no more than `most` letters; else without the word. "" for none. */
export function termInWords({ term, word }, most = Infinity) {
  if (term === null || term === undefined) return "";
  const short = termInShort(term);
  const whole = `${partsOf(term) ? `${word} ` : ""}${short}`;
  return whole.length > most ? short.slice(0, most) : whole;
}

/** A field of a server for a cell of a table: what it holds for each key stands on a line of its own. */
export function fieldInShort(value) {
  const isMap = value !== null && typeof value === "object" && !Array.isArray(value) && !isProposal(value);
  const requests = isMap ? Object.values(value).map((item) => item?.client && item.operation) : [];
  if (requests.length && requests.every(Boolean)) return requests.map(operationInShort).join("\n"); // by their digests
  if (!isMap || !Object.values(value).some((item) => item !== null && typeof item === "object")) return inShort(value);
  return Object.entries(value).map(([key, item]) => `${key} = ${innerInShort(item)}`).join("\n");
}

/** An operation as in a log: ["write", "x", 4] → "x=4", a read "x?", a cas "x:1→2". */
export function operationInShort(operation) {
  if (!Array.isArray(operation)) return inShort(operation);
  const [kind, key, ...args] = operation;
  if (kind === "write") return `${key}=${inShort(args[0])}`;
  if (kind === "read") return `${key}?`;
  if (kind === "cas") return `${key}:${inShort(args[0])}→${inShort(args[1])}`;
  if (kind === "txn") return transactionInShort(args);
  return `${kind} ${[key, ...args].filter((item) => item !== null && item !== undefined).map(inShort).join(" ")}`;
}

/** The steps of a transaction as in a drawing: "R(y) A(y,9)", and what its reads returned if that is known. */
export function transactionInShort(steps) {
  const letters = { read: "R", write: "W", append: "A" };
  const inStep = ([kind, key, value]) => {
    const told = value === null || value === undefined ? "" : inShort(value);
    return kind === "read" ? `R(${key})${told}` : `${letters[kind] ?? kind}(${key},${told})`;
  };
  return steps.map(inStep).join(" ");
}

/** The term or ballot that a value tells of: it is a ballot, or was accepted under one. Else null. */
export function ballotIn(value) {
  return isBallot(value) && value[0] ? value : isProposal(value) ? value.ballot : null;
}

/** An entry of a log as {term, command}: it is that, or what was accepted under a ballot. */
export function partsOfEntry(entry) {
  if (isProposal(entry)) return { term: entry.ballot, command: entry.value };
  return { term: entry?.term, command: entry?.command };
}

/** An entry of a log: its command, or "–" for the no-op at the start of a term. It may be a command itself. */
export function entryInShort(entry) {
  if (entry === null || typeof entry !== "object") return inShort(entry);
  if ("operation" in entry) return operationInShort(entry.operation);
  const { command } = partsOfEntry(entry);
  if (command === undefined) return inShort(entry);
  if (command?.voters) return configurationInShort(command);
  return command === null ? "–" : operationInShort(command.operation ?? command);
}

/** Who belongs to the cluster, for a cell of a log: "{123}", with a learner "{123}+4", joint "123→345". */
export function configurationInShort({ voters, old, learners }) {
  const group = (names) => names.map((name) => name.replace(/^S/, "")).join(names.some((name) => name.length > 2) ? " " : "");
  if (old.length) return `${group(old)}→${group(voters)}`;
  return `{${group(voters)}}${learners.length ? `+${group(learners)}` : ""}`;
}

/** The same where there is room: "S1 S2 S3", "S1 S2 S3 + S4", "S1 S2 S3 → S3 S4 S5". */
function configurationInWords({ voters, old, learners }) {
  const groups = old.length ? [old, voters] : [voters];
  return [groups.map((names) => names.join(" ")).join(" → "), ...learners].join(" + ");
}

/** A server's role; but of a follower that has no vote, by what it knows itself, that. */
export function standingInWords(name, { role, members }) {
  if (role !== "follower" || !members?.voters) return role;
  if (members.learners.includes(name)) return "learner";
  return members.voters.includes(name) || members.old.includes(name) ? role : "no member";
}

/** "write x=4", "read x", "cas x:1→2". */
export function operationInWords({ kind, key, args }) {
  const short = operationInShort([kind, key, ...args]);
  if (kind === "read") return `read ${key}`;
  return kind === "write" || kind === "cas" || kind === "txn" ? `${kind} ${short}` : short;
}

/** What came of an operation: "x=4 is written", "x is 4", "refused", "never answered". */
export function answerInWords({ kind, key, args, result, outcome }) {
  if (outcome === "unknown") return "never learns what became of it";
  if (outcome === "failed") return "it was not done";
  if (kind === "read") return `${key} is ${inShort(result)}`;
  if (kind === "write") return `${key}=${inShort(args[0])} is written`;
  if (kind === "cas" && result === false) return `${key} was not ${inShort(args[0])}`;
  if (kind === "cas") return `${key} is now ${inShort(args[1])}`;
  if (kind === "txn") return `${transactionInShort(result ?? args)} is committed`;
  return result === null || result === undefined ? "it is done" : inShort(result);
}

const STATUS_WORDS = { restart: "restarts", pause: "is paused", resume: "goes on" };

/** The sentences of an event for the feed; none for one that is not worth a word. */
export function eventInWords(event, reader) {
  const { kind, who, detail, notes } = event;
  const said = notes.map((note) => (reader.servers.includes(who) ? `${who} ${note}` : `client ${who} ${note}`));
  if (kind === "crash") return [crashInWords(event, reader), ...said];
  if (kind in STATUS_WORDS) return [`${who} ${STATUS_WORDS[kind]}`, ...said];
  if (kind === "fault") return [detail.text, ...said];
  if (kind === "error") return [String(detail), ...said];
  if (kind === "violation") return [`${detail.property} is broken: ${detail.text}`];
  if (kind === "request") return [`client ${who} asks: ${operationInWords(reader.operations[detail])}`, ...said];
  if (kind === "answer" && !said.length) {
    const operation = reader.operations[detail];
    return [`client ${who} hears: ${answerInWords(operation)}`];
  }
  return said;
}

/** "S1, the leader, crashes; it loses 2 entries that were not yet on disk". */
function crashInWords({ index, who }, reader) {
  const before = reader.stateAfter(index)[who] ?? {};
  const title = typeof before.role === "string" && before.role !== "follower" ? `, the ${before.role},` : "";
  const lastOf = (log, snapshot) => (log?.length ?? 0) + lastIndexOf(snapshot);
  const last = lastOf(before.log, before.snapshot);
  const lost = before["disk.log"] ? Math.max(0, last - lastOf(before["disk.log"], before["disk.snapshot"])) : 0;
  const entry = lost === 1 ? "1 entry that was" : `${lost} entries that were`;
  return `${who}${title} crashes${lost ? `; it loses ${entry} not yet on disk` : ""}`;
}

/** How eventful an event is: "high" (faults, elections), "low" (what clients do), or "" in between. */
export function weightOf({ kind, changes }) {
  if (["crash", "restart", "pause", "resume", "fault", "violation", "error"].includes(kind)) return "high";
  if (changes?.role === "leader") return "high";
  return kind === "request" || kind === "answer" ? "low" : "";
}

const FATES = {
  delivered: "",
  lost: "The network loses it.",
  cut: "The link is cut: it will not arrive.",
  down: "Nobody will be there to receive it.",
  dropped: "It is dropped.",
  flying: "The run ends before it arrives.",
};

/** A message, whole: {title, fields: [[name, value]], fate}. */
export function messageInWords({ kind, from, to, sent, due, body, fate, copyOf }) {
  const fields = body !== null && typeof body === "object" ? Object.entries(body) : [["content", body]];
  const arrival = fate === "delivered" ? `, arrives at ${inMilliseconds(due)}` : "";
  return {
    title: `${copyOf === undefined ? "" : "A copy of "}${kind}${chunkInWords(kind, body)}, ${from} → ${to}`,
    when: `sent at ${inMilliseconds(sent)}${arrival}`,
    fields: fields.map(([name, value]) => [name.replaceAll("_", " "), fieldInWords(name, value)]),
    fate: FATES[fate] ?? "",
  };
}

/** Which chunk of a snapshot a message brings. How large the others were, the last one does not know. */
function chunkInWords(kind, body) {
  if (kind !== "InstallSnapshot" || !body.total) return "";
  const { offset, size, total } = body;
  if (offset + size < total) return ` (chunk ${Math.floor(offset / size) + 1} of ${Math.ceil(total / size)})`;
  return offset ? " (the last chunk)" : " (all of it)";
}

function fieldInWords(name, value) {
  if (name === "snapshot") return snapshotInWords(value);
  if (name === "entries" && Array.isArray(value)) {
    if (!value.length) return "none: a heartbeat";
    const shown = value.slice(0, 4).map((entry) => `${entryInShort(entry)} (term ${entry?.term ?? "–"})`);
    return shown.join(", ") + (value.length > 4 ? `, … ${value.length} in all` : "");
  }
  return name === "operation" ? operationInShort(value) : inShort(value);
}

/** "up to index 12, term 2: x=4". */
function snapshotInWords(snapshot) {
  if (snapshot?.last_index === undefined) return inShort(snapshot);
  const { last_index: index, last_term: term, machine } = snapshot;
  return index ? `up to index ${index}, term ${term}: ${inShort(heldBy(machine))}` : "none yet";
}

/** What a state machine holds, without its clients' sessions; of one that has no `data`, its fields. */
export function heldBy(machine) {
  const inner = machine?.machine ?? machine;
  return inner?.data ?? inner;
}

/** A field of a server, for its card. Of a long list, its end. */
export function serverFieldInWords(name, value) {
  if (name === "timers") {
    const timers = Object.entries(value).map(([timer, [, due]]) => `${timer} at ${inMilliseconds(due)}`);
    return timers.join(", ") || "none set";
  }
  if (name === "snapshot") return snapshotInWords(value);
  if (value?.voters) return configurationInWords(value);
  const isLog = Array.isArray(value) && value.some((item) => item !== null && typeof item === "object");
  if (!isLog) return inShort(value);
  const end = value.slice(-5).map((entry) => entryInShort(entry)).join(" ");
  return `${value.length} long: ${value.length > 5 ? "… " : ""}${end}`;
}

/** A server in words, for those who hear the picture. */
export function serverInWords(name, facts) {
  const { status, term, log, compacted, commit } = facts;
  const role = standingInWords(name, facts);
  const parts = [status === "paused" ? `${role || "server"}, paused` : role || status];
  if (term !== null) parts.push(termInWords(facts));
  if (compacted) parts.push(`a snapshot up to index ${compacted}`);
  if (log?.length) parts.push(`${log.length} log ${log.length === 1 ? "entry" : "entries"}, ${commit} committed`);
  return `${name}: ${parts.join(", ")}`;
}

/** What the picture shows now, in words; `parted` tells the groups of a network that is parted. */
export function sceneInWords(time, facts, flights, parted = "") {
  const servers = Object.entries(facts).map(([name, fact]) => serverInWords(name, fact));
  const count = new Map();
  for (const { kind } of flights) count.set(kind, (count.get(kind) ?? 0) + 1);
  const moving = [...count].map(([kind, number]) => `${number} ${kind}`).join(", ");
  const network = parted && ` The network is parted: ${parted}.`;
  return `At ${inMilliseconds(time)}. ${servers.join(". ")}. In flight: ${moving || "nothing"}.${network}`;
}

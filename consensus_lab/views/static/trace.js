// Reads a trace: the state at a time, what is in flight, which links are cut. No DOM in here.
//
// The trace says what each event changed (simulation/trace.py describes the JSON). The state after n events is a
// keyframe and a few changes. States share all that did not change; nothing is ever cloned or altered.

import { isLater, recolouredTerms } from "./palette.js";
import { firstAfter } from "./playback.js";

const KEYFRAME = 256;

export class TraceReader {
  /** `trace` is a parsed trace; or only what follows a fork, and then `parent` reads the run that forked. */
  constructor(trace, parent = null) {
    const [events, messages, operations] = trace.since ?? [0, 0, 0];
    const after = (shared, rows, itemOf) => [...shared, ...rows.map((row, i) => itemOf(row, shared.length + i))];
    this.servers = trace.servers;
    this.clients = trace.clients ?? [];
    this.durable = trace.durable ?? [];
    this.shown = { ...USUAL, ...trace.shown };
    this.duration = trace.duration;
    this.protocol = trace.protocol ?? "";
    this.scenario = trace.scenario ?? {};
    this.violations = trace.violations ?? [];
    this.events = after(parent?.events.slice(0, events) ?? [], trace.events, eventOf);
    this.messages = after(parent?.messages.slice(0, messages) ?? [], trace.messages, messageOf);
    this.operations = after(parent?.operations.slice(0, operations) ?? [], trace.operations ?? [], operationOf);
    completeBodies(this.messages, messages);
    this.times = new Float64Array(this.events.map((event) => event.time));
    this.sentTimes = new Float64Array(this.messages.map((message) => message.sent));
    for (const { detail, time } of this.events) if (detail?.dropped >= 0) this.messages[detail.dropped].until = time;
    markCopies(this.messages, this.events);
    for (const [id, legs] of legsOf(this.messages, this.events)) this.messages[id].legs = legs;
    this.landed = runningMaximum(this.messages.map((message) => message.until));
    const empty = Object.fromEntries(this.servers.map((name) => [name, {}]));
    this.keyframes = parent?.keyframes.slice(0, Math.floor(events / KEYFRAME) + 1) ?? [empty];
    this.latest = { count: 0, state: this.keyframes[0] };
    this.shown.recoloured = recolouredTerms(this.events.map(({ changes }) => termIn(changes, this.shown)));
    this.cuts = cutsOf(this.events);
    this.flightTime = median(this.messages.map((message) => message.due - message.sent)) || 10_000;
  }

  /** How many events have happened at `time`. */
  countAt(time) {
    return firstAfter(this.times, time);
  }

  /** Every server's fields after the first `count` events: {S1: {role: …, …}, …}. */
  stateAfter(count) {
    const nearest = Math.floor(count / KEYFRAME);
    while (this.keyframes.length <= nearest) {
      const start = (this.keyframes.length - 1) * KEYFRAME;
      this.keyframes.push(this.advance(this.keyframes.at(-1), start, start + KEYFRAME));
    }
    // While playing, the state before is nearer than any keyframe.
    const near = this.latest.count <= count && this.latest.count >= nearest * KEYFRAME;
    const from = near ? this.latest : { count: nearest * KEYFRAME, state: this.keyframes[nearest] };
    this.latest = { count, state: this.advance(from.state, from.count, count) };
    return this.latest.state;
  }

  advance(state, from, to) {
    let after = state;
    for (let i = from; i < to; i++) {
      const { who, changes } = this.events[i];
      if (changes) after = { ...after, [who]: withChanges(after[who], changes) };
    }
    return after;
  }

  /** The messages in flight at `time`, in the order in which they were sent.
   *
   * All before the first whose running maximum of arrival times is later have landed; all that were
   * sent later are not yet on their way. So no frame looks at the whole list.
   */
  flightsAt(time) {
    const found = [];
    const end = firstAfter(this.sentTimes, time);
    for (let id = firstAfter(this.landed, time); id < end; id++) {
      if (this.messages[id].until > time) found.push(this.messages[id]);
    }
    return found;
  }

  /** The links that are cut after `count` events: a set of "S1>S2". */
  cutAfter(count) {
    const index = firstAfter(this.cuts.counts, count) - 1;
    return index < 0 ? new Set() : this.cuts.sets[index];
  }
}

function eventOf([time, kind, who = null, detail = null, changes, sent = [], notes = []], index) {
  const changed = changes && Object.keys(changes).length ? changes : null;
  return { index, time, kind, who, detail, changes: changed, sent, notes };
}

function messageOf([from, to, sent, kind, body, due, fate], id) {
  return { id, from, to, sent, kind, body: body ?? {}, due, until: due, fate };
}

function operationOf([process, kind, key, args, result, start, end, outcome, server], index) {
  return { index, process, kind, key, args, result, start, end, outcome, server };
}

/** Puts the lists of the bodies from number `start` on together: each is a patch of the one before it of its kind. */
function completeBodies(messages, start) {
  const latest = {};
  for (const message of messages) {
    const way = `${message.from}>${message.to} ${message.kind}`;
    if (message.id >= start) message.body = withChanges(latest[way] ?? {}, message.body);
    latest[way] = message.body;
  }
}

/** The fields with `changes`; a change of "log+" is [keep, added]: what stays of the list, and what follows. */
function withChanges(fields, changes) {
  const after = { ...fields };
  // A long run comes here a hundred thousand times before its first picture: no lists of pairs, no copy too many.
  for (const name in changes) {
    const value = changes[name];
    if (!name.endsWith("+")) after[name] = value;
    else {
      const field = name.slice(0, -1);
      const [keep, added] = value;
      const list = fields[field] ?? [];
      after[field] = (keep < list.length ? list.slice(0, keep) : list).concat(added);
    }
  }
  return after;
}

/** Says of each copy which message it doubles. Nobody has sent it; the network's own is the row after the original. */
function markCopies(messages, events) {
  const sent = new Set(events.flatMap((event) => event.sent));
  for (const message of messages) if (!sent.has(message.id)) message.copyOf = message.id - 1;
  for (const { detail } of events) if (detail?.copy >= 0) messages[detail.copy].copyOf = detail.doubled;
}

/** The ways of the messages that a fault delayed, or made by doubling one under way: [id, [[time, share, due], …]].
 *
 * From that time and share of the way on it goes evenly, and would arrive when it is due.
 */
function legsOf(messages, events) {
  const ways = new Map();
  const wayOf = (id) => ways.get(id) ?? [[messages[id].sent, 0, messages[id].due]];
  for (const { time, detail } of events) {
    const { delayed, due, doubled, copy } = detail ?? {};
    if (delayed >= 0) {
      const legs = wayOf(delayed);
      legs.at(-1)[2] = due;
      ways.set(delayed, [...legs, [time, shareOfWay({ legs }, time), messages[delayed].due]]);
    }
    if (copy >= 0) ways.set(copy, [[time, shareOfWay({ ...messages[doubled], legs: ways.get(doubled) }, time), messages[copy].due]]);
  }
  return ways;
}

/** How far a message has come at `time`, from 0 to 1. */
export function shareOfWay({ sent, due, legs }, time) {
  const [from, begin, end] = legs?.findLast(([since]) => since <= time) ?? legs?.[0] ?? [sent, 0, due];
  return begin + ((1 - begin) * (time - from)) / (end - from || 1);
}

function runningMaximum(values) {
  const result = new Float64Array(values.length);
  values.reduce((most, value, i) => (result[i] = Math.max(most, value)), 0);
  return result;
}

function median(values) {
  return Float64Array.from(values).sort()[values.length >> 1];
}

// ---- links ----

/** After how many events which links are cut: a fault that cuts or heals some tells of all that are cut then. */
function cutsOf(events) {
  const cuts = { counts: [], sets: [] };
  for (const { index, detail } of events) {
    if (!detail?.cut) continue;
    cuts.counts.push(index + 1);
    cuts.sets.push(new Set(detail.cut.map(([from, to]) => `${from}>${to}`)));
  }
  return cuts;
}

// ---- what the fields of a server mean ----

/** What a class shows that says nothing of it (protocols/shown.py). */
export const USUAL = {
  term: "",
  word: "term",
  fields: [],
  votes: { candidate: "votes" },
  looks: {},
};

/** The term of a server, if these `changes` of its fields name one. */
export function termIn(changes, { term: field }) {
  return field ? changes?.[field] : (changes?.current_term ?? changes?.term);
}

/** What can be said of a server, whatever its class has or lacks. A crashed one is what its disk holds. */
export function factsOf(fields, durable, shown = USUAL) {
  const status = fields.status ?? "up";
  const disk = (name) => (durable.includes(name) ? fields[`disk.${name}`] : fields[name]);
  const memory = status === "down" ? disk : (name) => fields[name];
  const log = listOr(memory("log"), null);
  const compacted = lastIndexOf(memory("snapshot"));
  return {
    status,
    role: status === "down" ? "crashed" : typeof fields.role === "string" ? fields.role : "",
    term: (shown.term ? memory(shown.term) : (memory("current_term") ?? memory("term"))) ?? null,
    word: shown.word,
    recoloured: shown.recoloured, // colours of terms, see palette.js
    votes: namesIn(fields[shown.votes[fields.role]]),
    collects: fields.role in shown.votes,
    members: status === "down" ? null : (fields.configuration ?? null),
    log, // what follows index `compacted`; `last` is the index at its end
    compacted,
    last: compacted + (log?.length ?? 0),
    onDisk: compacted + (log && listOr(disk("log"), null) ? sharedLength(log, onDisk(disk, compacted)) : (log?.length ?? 0)),
    hasDisk: durable.length > 0,
    saving: status !== "down" && durable.some((name) => !alike(fields[name], fields[`disk.${name}`])),
    commit: status === "down" ? 0 : (fields.commit_index ?? 0),
    applied: status === "down" ? 0 : (fields.last_applied ?? 0),
    match: fields.match_index ?? {},
    next: fields.next_index ?? {},
    timers: status === "down" ? {} : (fields.timers ?? {}),
    machine: status === "down" ? null : (fields.machine ?? null),
  };
}

/** The names in a field: it lists them, or holds something for each. */
function namesIn(value) {
  const names = value !== null && typeof value === "object" && !Array.isArray(value) ? Object.keys(value) : value;
  return listOr(names, []);
}

function listOr(value, otherwise) {
  return Array.isArray(value) ? value : otherwise;
}

/** The index of the last entry that a snapshot covers; 0 if there is none. */
export function lastIndexOf(snapshot) {
  return snapshot?.last_index ?? 0;
}

/** What the disk holds of the log after index `start`. Its own may begin elsewhere: a snapshot is on its way to it. */
function onDisk(disk, start) {
  const skip = start - lastIndexOf(disk("snapshot"));
  return skip < 0 ? [] : disk("log").slice(skip);
}

/** How much of `log` the disk holds. Logs differ at their ends, so the search begins there. */
function sharedLength(log, disk) {
  let length = Math.min(log.length, disk.length);
  while (length && !alike(log[length - 1], disk[length - 1])) length--;
  return length;
}

/** Equal, as far as a picture has to know: of two long lists only the ends are compared. */
function alike(a, b) {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && alike(a.at(-1), b.at(-1));
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The timer that a server's ring shows: [name, set at, fires at], or null. */
export function timerOf({ timers, role }) {
  const name = [role === "leader" ? "heartbeat" : "election", ...Object.keys(timers)].find((n) => timers[n]);
  return name ? [name, ...timers[name]] : null;
}

/** The server that leads: of several that believe so, the one with the highest term. */
export function leaderOf(facts) {
  const leaders = Object.keys(facts).filter((name) => facts[name].role === "leader");
  return leaders.reduce((best, name) => (best && !isLater(facts[name].term, facts[best].term) ? best : name), null);
}

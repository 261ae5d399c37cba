// A run at a glance: which term it was in when, and the moments worth a mark on the tape. No DOM in here.

import { isLater } from "./palette.js";
import { termIn } from "./trace.js";
import { inMilliseconds, termInShort } from "./words.js";

/** Stretches of time by the highest term that any server knew: [{from, to, term}]; 0 before the first. */
export function termsOf(reader) {
  const bands = [{ from: 0, to: reader.duration, term: 0 }];
  for (const { time, changes } of reader.events) {
    const term = termIn(changes, reader.shown);
    if (!isLater(term, bands.at(-1).term)) continue;
    bands.at(-1).to = time;
    bands.push({ from: time, to: reader.duration, term });
  }
  return bands.filter(({ from, to }) => to > from);
}

const MANY = 6; // so many in a row are no more told apart

/** The same with many in a row that are each shorter than `least` put together: {…, many: how many, last}. */
export function gathered(bands, least) {
  const runs = [];
  for (const band of bands) {
    const isShort = band.term && band.to - band.from < least;
    if (isShort && runs.at(-1)?.isShort) runs.at(-1).bands.push(band);
    else runs.push({ isShort, bands: [band] });
  }
  return runs.flatMap(({ isShort, bands: run }) => {
    if (!isShort || run.length < MANY) return run;
    return [{ ...run[0], to: run.at(-1).to, last: run.at(-1).term, many: run.length }];
  });
}

const SIGNS = { crash: "✕", restart: "↻", pause: "❚❚", resume: "▸" };
const OTHER_SIGNS = { fault: "↮", violation: "!", error: "!" };
const SAYINGS = { crash: "crashes", restart: "restarts", pause: "is paused", resume: "goes on" };

/** Marks above the tape: [{time, sign, words, kind}]. */
export function marksOf(reader) {
  const marks = [];
  for (const { index, time, kind, who, detail, changes } of reader.events) {
    const add = (sign, words, look = kind) => {
      marks.push({ time, sign, words: `${words} at ${inMilliseconds(time)}`, kind: look });
    };
    if (changes?.role === "leader") {
      const { term: field, word } = reader.shown;
      const term = reader.stateAfter(index + 1)[who][field || "current_term"] ?? null;
      add("★", `${who} becomes leader${term === null ? "" : ` of ${word} ${termInShort(term)}`}`, "elected");
    }
    if (kind in SAYINGS) add(SIGNS[kind], `${who} ${SAYINGS[kind]}`);
    if (kind in OTHER_SIGNS) {
      add(OTHER_SIGNS[kind], detail.property ? `${detail.property} is broken` : (detail.text ?? String(detail)));
    }
  }
  return marks;
}

/** When the clients asked to change something: ticks under the tape. */
export function writesOf(reader) {
  return reader.operations.filter(({ kind }) => kind !== "read").map(({ start }) => start);
}

/** Round times for an axis of `duration` µs: about `count` of them. */
export function roundTimes(duration, count) {
  const least = duration / count;
  const power = 10 ** Math.floor(Math.log10(least || 1));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= least);
  return Array.from({ length: Math.floor(duration / step) + 1 }, (_, i) => i * step);
}

/** The client under whose name a process goes: A.2 is A, after a request whose outcome it never learnt. */
export function clientOf(process, clients) {
  return clients.find((name) => process === name || process.startsWith(`${name}.`)) ?? process;
}

/** The operations of each client in order of time: {A: [operation, …]}. */
export function operationsByClient(reader) {
  const found = Object.fromEntries(reader.clients.map((name) => [name, []]));
  for (const operation of reader.operations) {
    (found[clientOf(operation.process, reader.clients)] ??= []).push(operation);
  }
  return found;
}

// What each colour and shape means. The values are those of views/colours.py (a test compares them).

export const TERM_COLOURS = ["#F0E442", "#56B4E9", "#E69F00", "#CC79A7", "#D55E00", "#0072B2", "#009E73"];
export const DARK_INK = "#11151c";
const LIGHT_INK = "#ffffff";
const NO_TERM = "#d0d5dd";

/** A term as [number, name]: it is a number, or a number and the server that made it (a ballot). Else null. */
export function partsOf(term) {
  const [number, name = "", ...more] = term !== null && typeof term === "object" ? Object.values(term) : [term];
  return Number.isInteger(number) && typeof name === "string" && !more.length ? [number, name] : null;
}

/** Whether the one term is later than the other; any is later than none. */
export function isLater(one, other) {
  const [[a, who], [b, whom]] = [partsOf(one) ?? [-1, ""], partsOf(other) ?? [-1, ""]];
  return a > b || (a === b && who > whom);
}

/** The colour of a term. What is neither a number nor a ballot (a learner's own) has none.
 *
 * `recoloured`: what `recolouredTerms` made of the terms of the run.
 */
export function termColour(term, recoloured) {
  const parts = partsOf(term);
  if (!parts || parts[0] <= 0) return NO_TERM;
  const changed = recoloured?.size ? recoloured.get(parts.join(".")) : undefined;
  return TERM_COLOURS[changed ?? usualPlace(parts)];
}

/** The ink that can be read on the colour of a term. */
export function termInk(term, recoloured) {
  return termColour(term, recoloured) === "#0072B2" ? LIGHT_INK : DARK_INK;
}

/** Which of the colours a term has by itself. */
function usualPlace([number, name]) {
  const place = name ? 2 * number + 3 * (parseInt(name.replace(/\D/g, ""), 10) || 0) : number;
  return place % TERM_COLOURS.length;
}

/** Terms that must have another colour than by themselves, "57." → 2, for one of the six new terms before has that.
 *
 * `terms` are those of a run in their order, also many times; what is no term is passed over. So 57 beside 1, or
 * ballot 1.S5 beside 2.S2, can be told apart (views/colours.py does the same for stills).
 */
export function recolouredTerms(terms) {
  const seen = new Set();
  const recent = [];
  const recoloured = new Map();
  for (const term of terms) {
    if (term === undefined) continue; // most events change no term, and there are many
    const parts = partsOf(term);
    if (!parts || parts[0] <= 0 || seen.has(parts.join("."))) continue;
    const key = parts.join(".");
    seen.add(key);
    let place = usualPlace(parts);
    while (recent.includes(place)) place = (place + 1) % TERM_COLOURS.length;
    if (place !== usualPlace(parts)) recoloured.set(key, place);
    recent.push(place);
    if (recent.length === TERM_COLOURS.length) recent.shift();
  }
  return recoloured;
}

// Outlines around (0, 0) of about the same area, told apart at 10 pixels.
const SHAPES = {
  circle: "M0-6.5A6.5 6.5 0 1 1 0 6.5A6.5 6.5 0 1 1 0-6.5Z",
  diamond: "M0-8.2L8.2 0L0 8.2L-8.2 0Z",
  square: "M-5.8-5.8H5.8V5.8H-5.8Z",
  triangle: "M0-8L7.6 5.6H-7.6Z",
  hexagon: "M-3.8-6.6H3.8L7.6 0L3.8 6.6H-3.8L-7.6 0Z",
  bar: "M-8.6-4H8.6V4H-8.6Z",
  drop: "M0 8L-7.6-5.6H7.6Z",
};

/** Kinds that everyone knows keep their look; a learner's kinds get one by their name. */
const KNOWN = {
  RequestVote: { shape: SHAPES.circle, hue: 0 },
  AppendEntries: { shape: SHAPES.diamond, hue: 1 },
  ClientRequest: { shape: SHAPES.square, hue: 2 },
  InstallSnapshot: { shape: SHAPES.bar, hue: 3 },
};
const SPARE_SHAPES = [SHAPES.triangle, SHAPES.hexagon, SHAPES.drop, SHAPES.bar, SHAPES.circle, SHAPES.square];
export const HUES = 6;

export const SMALL = "scale(0.72)"; // how a message looks that carries nothing

/** The look of a message: {shape, hue, reply, isSmall}. A reply looks like its request, but hollow.
 *
 * `looks` says of some kinds whose look they have.
 */
export function lookOf(name, looks = {}) {
  const kind = looks[name] ?? name;
  const client = kind === "ClientReply" || kind === "ClientRefusal";
  const question = client ? "ClientRequest" : kind.replace(/(Reply|Response|Ack|Answer)$/, "");
  const reply = question !== kind;
  const isSmall = name === "Heartbeat";
  const known = KNOWN[question];
  if (known) return { ...known, reply, isSmall };
  const number = hashOf(question);
  const shape = SPARE_SHAPES[number % SPARE_SHAPES.length];
  const hue = Math.floor(number / SPARE_SHAPES.length) % HUES;
  const isTaken = Object.values(KNOWN).some((look) => look.shape === shape && look.hue === hue);
  return { shape, hue: isTaken ? HUES - 1 : hue, reply, isSmall };
}

/** A small number that is the same for the same name, everywhere (FNV-1a). */
function hashOf(name) {
  let hash = 2166136261;
  for (const letter of name) hash = Math.imul(hash ^ letter.codePointAt(0), 16777619) >>> 0;
  return hash;
}

/** "+" for a reply that grants, "−" for one that refuses, "" if one cannot tell. */
export function signOf(kind, body) {
  if (/(Nack|Refusal)$/.test(kind)) return "−";
  if (body === null || typeof body !== "object") return "";
  const candidates = [body.granted, body.success, body.ok, ...Object.values(body)];
  const answer = candidates.find((value) => typeof value === "boolean");
  return answer === undefined ? "" : answer ? "+" : "−";
}

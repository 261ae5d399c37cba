// How fast time passes when nothing happens: a course that waits for election timeouts loses its audience.

import { firstAfter } from "./playback.js";

const MOST = 12;

/** A factor on the speed for each time: 1 while messages fly, up to 12 in the middle of long waits.
 *
 * It grows with the distance to the nearest message, so that time slows down before the next one leaves.
 */
export function paceOf(reader) {
  const quiet = quietStretches(reader);
  const starts = quiet.map(([start]) => start);
  const slope = (MOST - 1) / (2 * reader.flightTime);
  return (time) => {
    const index = firstAfter(starts, time) - 1;
    if (index < 0 || time >= quiet[index][1]) return 1;
    const distance = Math.min(time - quiet[index][0], quiet[index][1] - time);
    return Math.min(MOST, 1 + slope * distance);
  };
}

/** The stretches [from, to] of time in which no message is in flight and no fault strikes. */
function quietStretches({ messages, events, duration }) {
  const busy = messages.map(({ sent, due }) => [sent, due]);
  for (const { kind, time } of events) if (kind === "fault" || kind === "crash") busy.push([time, time]);
  busy.sort((a, b) => a[0] - b[0]);
  const quiet = [];
  let end = 0;
  for (const [sent, due] of [...busy, [duration, duration]]) {
    if (sent > end) quiet.push([end, sent]);
    end = Math.max(end, due);
  }
  return quiet;
}

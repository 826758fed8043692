// The days of a group's calendar on its wall clock, and the instants behind it. Pure.
//
// All that is needed to know of the zone is in the answer: the offset that its first instant carries, and when the clock is set.

import { addDays, dateOf, offsetMinutes } from "./clock.js";

const MINUTE = 60_000;

export class WallClock {
  /** The stretches of one offset each: `{begin, end, offset}`, in milliseconds and minutes. */
  #stretches;

  constructor({ from, to, clock_changes }) {
    let begin = -Infinity;
    let offset = offsetMinutes(from);
    this.#stretches = clock_changes.map(({ at }) => {
      const stretch = { begin, end: Date.parse(at), offset };
      begin = stretch.end;
      offset = offsetMinutes(at);
      return stretch;
    });
    this.#stretches.push({ begin, end: Infinity, offset });
    this.to = Date.parse(to);
  }

  /** The pieces of a span on the days it touches: `{date, from, to}`, minutes of the wall clock. */
  pieces({ begin_at, end_at }) {
    const [begin, end] = [Date.parse(begin_at), Date.parse(end_at)];
    return this.#stretches.flatMap((stretch) => {
      const [first, last] = [Math.max(begin, stretch.begin), Math.min(end, stretch.end)];
      return first < last ? cutAtMidnight(first + stretch.offset * MINUTE, last + stretch.offset * MINUTE) : [];
    });
  }

  /** The instants at which the wall clock shows this: none in a gap, two in a fold. As RFC 3339. */
  instants(date, minutes) {
    const wall = dateOf(date).getTime() + minutes * MINUTE;
    return this.#stretches
      .map(({ begin, end, offset }) => ({ at: wall - offset * MINUTE, begin, end, offset }))
      .filter(({ at, begin, end }) => begin <= at && at < end)
      .map(({ at, offset }) => written(at, offset));
  }
}

/** `begin` and `end` are wall clocks, written as if they were UTC. */
function cutAtMidnight(begin, end) {
  const pieces = [];
  for (let date = dateText(begin); dateOf(date).getTime() < end; date = addDays(date, 1)) {
    const midnight = dateOf(date).getTime();
    const [from, to] = [Math.max(begin, midnight), Math.min(end, dateOf(addDays(date, 1)).getTime())];
    pieces.push({ date, from: (from - midnight) / MINUTE, to: (to - midnight) / MINUTE });
  }
  return pieces;
}

function dateText(milliseconds) {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

function written(at, offset) {
  const two = (number) => String(number).padStart(2, "0");
  const wall = new Date(at + offset * MINUTE).toISOString().slice(0, 19);
  const size = Math.abs(offset);
  return `${wall}${offset < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

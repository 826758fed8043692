// The day line: one axis from 00:00 to 24:00, and what lies on it.

import { wallClock } from "../clock.js";
import { html, nothing, place } from "../view.js";
import { timeText, DAY } from "../week.js";

const HOURS = [0, 3, 6, 9, 12, 15, 18, 21, 24];

/** Minutes within which an hour has no room beside the time that it is now: on an axis of 480 pixels, and on one of 300. */
const NEAR = { wide: 120, narrow: 200 };

/** How many more those are for the ends of the day, whose hours stand inside of it. */
const INSIDE = { wide: 60, narrow: 80 };

/** The hours over lines of a day, with the moment `now` of its zone marked if there is one. A narrow axis has every other hour only. */
export function hourAxis(now = null) {
  const at = now && wallClock(now).minutes;
  const isFree = (hour, room) => at === null || Math.abs(hour * 60 - at) >= NEAR[room] + (hour % 24 === 0 ? INSIDE[room] : 0);
  return html`
    <div class="hours" aria-hidden="true">
      ${HOURS.filter((hour) => isFree(hour, "wide")).map((hour) => html`<span class=${hourClass(hour, isFree(hour, "narrow"))} ${place({ "--at": hour * 60 })}>${timeText(hour * 60)}</span>`)}
      ${at === null ? nothing : html`<div class="now" ${place({ "--at": at })}><b>${timeText(at)}</b></div>`}
    </div>
  `;
}

/** @param {number} hour @param {boolean} isFree whether a narrow axis has room for it */
function hourClass(hour, isFree) {
  const edge = { 0: "begin", 24: "end" }[hour] ?? "";
  return `${edge} ${hour % 6 === 0 ? "" : "odd"} ${isFree ? "" : "near"}`.trim();
}

/** `09:00–12:00`, minutes of a day that may have seconds. */
export function pieceText({ from, to }) {
  return `${timeText(Math.floor(from))}–${timeText(Math.ceil(to))}`;
}

/** A piece of a day that is open, or of another `kind`; one that goes on over midnight is dashed there. */
export function piece({ from, to }, kind = "") {
  return html`<div class="win ${kind}" aria-hidden="true" title=${pieceText({ from, to })} ${place({ "--from": from, "--to": to })}></div>`;
}

/** The same with its times in it. */
export function namedPiece({ from, to }, kind = "") {
  return html`
    <div class="win ${kind}" aria-hidden="true" title=${pieceText({ from, to })} ${place({ "--from": from, "--to": to })}><span>${pieceText({ from, to })}</span></div>
  `;
}

/** Pieces of a day without what lies in the others; both in order. */
export function without(pieces, holes) {
  return holes.reduce(
    (rest, hole) =>
      rest.flatMap(({ from, to }) => [
        { from, to: Math.min(to, hole.from) },
        { from: Math.max(from, hole.to), to },
      ]).filter(({ from, to }) => from < to),
    pieces,
  );
}

/** What lies in both. */
export function within(pieces, others) {
  return without(pieces, without([{ from: 0, to: DAY }], others));
}

/** How many minutes pieces are in all. */
export function lengthOf(pieces) {
  return pieces.reduce((sum, { from, to }) => sum + to - from, 0);
}

// The day line: one axis from 00:00 to 24:00, and what lies on it.

import { wallClock } from "../clock.js";
import { html, nothing, place } from "../view.js";
import { timeText, DAY } from "../week.js";

const HOURS = [0, 3, 6, 9, 12, 15, 18, 21, 24];

/** Minutes within which an hour is left out, for the time that it is now stands there. */
const NEAR = 120;

/** The hours over lines of a day, with the moment `now` of its zone marked if there is one. */
export function hourAxis(now = null) {
  const at = now && wallClock(now).minutes;
  const shown = HOURS.filter((hour) => at === null || hour % 24 === 0 || Math.abs(hour * 60 - at) >= NEAR);
  return html`
    <div class="hours" aria-hidden="true">
      ${shown.map((hour) => html`<span class=${hour % 6 === 0 ? "" : "odd"} ${place({ "--at": hour * 60 })}>${timeText(hour * 60)}</span>`)}
      ${at === null ? nothing : html`<div class="now" ${place({ "--at": at })}><b>${timeText(at)}</b></div>`}
    </div>
  `;
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

// A week drawn small: seven day lines side by side, Monday first, open in colour.

import { shortWeekday, t, weekday } from "../language.js";
import { wallClock, weekOf } from "../clock.js";
import { svg } from "../vendor/lit-html/lit-html.js";
import { fromContent, timeText, union, DAY, WEEKDAYS } from "../week.js";
import { html, nothing } from "../view.js";

/** From one day to the next, and the width of a day, in the picture. */
const PITCH = 28;
const WIDTH = 26;

function left(week) {
  return WEEKDAYS.indexOf(week) * PITCH;
}

/** Where a time of a day lies. */
function place(week, minutes) {
  return left(week) + 1 + (minutes / DAY) * (WIDTH - 1);
}

/** The picture of a group's `content`, in words for who does not see it; with `now`, an instant of its zone, today is marked. @param {Group["content"]} content */
export function weekStrip(content, now = null) {
  const pieces = union(fromContent(content));
  const today = now && weekOf(now.slice(0, 10));
  return html`
    <svg class="strip" role="img" aria-label=${weekText(pieces)} viewBox="0 0 196 18">
      ${WEEKDAYS.map((week) => svg`<rect class=${week === today ? "today" : "day"} x=${left(week) + 0.5} y=".5" width=${WIDTH} height="17" rx="2" />`)}
      ${pieces.map(({ week, from, to }) => svg`<rect class="open" x=${place(week, from)} y="4" width=${place(week, to) - place(week, from)} height="10" />`)}
      ${now ? svg`<path class="tick-now" d=${`M${place(today, wallClock(now).minutes)} 1v16`} />` : nothing}
    </svg>
  `;
}

/** The days over such pictures. */
export function stripHead() {
  return html`
    <svg class="strip heads" role="img" aria-label=${t("thisWeek")} viewBox="0 0 196 18">
      ${WEEKDAYS.map((week) => svg`<text x=${left(week) + 13} y="13" text-anchor="middle">${shortWeekday(week)}</text>`)}
    </svg>
  `;
}

/** `周一 08:00–20:00、20:30–22:00；周三 ...`, days with the same windows together. */
export function weekText(pieces) {
  const days = new Map();
  for (const week of WEEKDAYS) {
    const spans = pieces.filter((piece) => piece.week === week).map(({ from, to }) => `${timeText(from)}–${timeText(to)}`);
    if (spans.length === 0) continue;
    const text = spans.join(t("comma"));
    days.set(text, [...(days.get(text) ?? []), weekday(week)]);
  }
  return [...days].map(([text, names]) => `${names.join(t("comma"))} ${text}`).join(t("semicolon")) || t("neverOpen");
}

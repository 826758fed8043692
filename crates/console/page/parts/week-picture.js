// A week drawn small: a column a day, Monday first, open in colour.

import { t, weekday } from "../language.js";
import { svg } from "../vendor/lit-html/lit-html.js";
import { fromContent, timeText, union, WEEKDAYS } from "../week.js";
import { html } from "../view.js";

const COLUMN = 12;
const HEIGHT = 48;

/** The picture of a group's `content`, in words for who does not see it. @param {Group["content"]} content */
export function weekPicture(content) {
  const pieces = union(fromContent(content));
  return html`
    <svg class="week-picture" role="img" aria-label=${weekText(pieces)} viewBox="0 0 ${7 * COLUMN} ${HEIGHT}">
      ${WEEKDAYS.map((_, column) => svg`<rect class="shut" x=${column * COLUMN + 1} y="0" width=${COLUMN - 2} height=${HEIGHT} />`)}
      ${pieces.map(
        ({ week, from, to }) => svg`
          <rect class="open" x=${WEEKDAYS.indexOf(week) * COLUMN + 1} y=${(from / 1440) * HEIGHT}
            width=${COLUMN - 2} height=${((to - from) / 1440) * HEIGHT} />`,
      )}
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

// How many numbers of a list are left, from now until the last is called, with the times at which nothing is dialed.

import { momentText } from "../clock.js";
import { svg } from "../vendor/lit-html/lit-html.js";
import { html } from "../view.js";
import { t } from "../language.js";

/** Where the plot lies in its picture. */
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 302, 14, 106];

/** How wide the words under the plot are at most. */
const LABEL = 74;

/** How wide a pause has to be to be named. */
const NAMED = 60;

/** A time of the server's clock as a number, for arithmetic only. */
function moment(text) {
  return Date.parse(`${text.replace(" ", "T")}Z`);
}

/**
 * `points` say how many are left at each opening and closing, of `total`; `today` is the day on the server's clock.
 * @param {Data<"task_progress">["forecast"]} points
 */
export function remainderPlot(points, total, today) {
  const [first, last] = [points[0], points.at(-1)];
  const [from, to] = [moment(first.at), Math.max(moment(last.at), moment(first.at) + 1)];
  const x = (at) => LEFT + ((moment(at) - from) / (to - from)) * (RIGHT - LEFT);
  const top = Math.max(first.numbers, 1);
  const y = (numbers) => BOTTOM - (numbers / top) * (BOTTOM - TOP);
  const pauses = points.slice(1).flatMap((point, index) => (point.numbers === points[index].numbers ? [{ begin: points[index].at, end: point.at }] : []));
  const label = t("leftOver", { count: first.numbers.toLocaleString("en"), total: total.toLocaleString("en") });
  return html`
    <svg class="plot" viewBox="0 0 308 132" role="img" aria-label=${label}>
      ${[0, top / 2, top].map((numbers) => svg`<line class="grid" x1=${LEFT} x2=${RIGHT} y1=${y(numbers)} y2=${y(numbers)} /><text x=${LEFT - 6} y=${y(numbers) + 4} text-anchor="end">${shortCount(numbers)}</text>`)}
      ${pauses.map(({ begin, end }) => pause(x(begin), x(end)))}
      <polyline class="before" points=${points.map(({ at, numbers }) => `${x(at)},${y(numbers)}`).join(" ")} />
      <circle class="at" cx=${x(first.at)} cy=${y(first.numbers)} r="3.5" />
      <circle class="at" cx=${x(last.at)} cy=${y(last.numbers)} r="2.5" />
      ${under([last.at, ...pauses.map(({ end }) => end)], x, today)}
    </svg>
  `;
}

/** A stretch in which nothing is dialed. */
function pause(left, right) {
  const middle = (left + right) / 2;
  return svg`
    <rect class="pause" x=${left} y=${TOP} width=${right - left} height=${BOTTOM - TOP} />
    ${right - left < NAMED ? "" : svg`<text x=${middle} y=${TOP + 18} text-anchor="middle">${t("closed")}</text>`}
  `;
}

/** Now and these times under the plot, as far as there is room for them, the first ones first. */
function under(times, x, today) {
  const placed = [{ at: LEFT, text: t("now"), anchor: "start" }];
  for (const time of times) {
    const at = x(time);
    if (placed.some((other) => Math.abs(other.at - at) < LABEL)) continue;
    placed.push({ at, text: momentText(time, today), anchor: at > RIGHT - LABEL / 2 ? "end" : "middle" });
  }
  return placed.map(({ at, text, anchor }) => svg`<text x=${at} y="123" text-anchor=${anchor}>${text}</text>`);
}

/** `120k`, `1.2M`. */
export function shortCount(count) {
  const units = [[1e6, "M"], [1e3, "k"]].find(([size]) => count >= Number(size));
  if (!units) return String(Math.round(count));
  return `${Number((count / Number(units[0])).toFixed(1))}${units[1]}`;
}

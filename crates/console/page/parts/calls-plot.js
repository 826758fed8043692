// The calls of a day by quarters of an hour, and how many of them were answered, beside the day before.

import { countText, percentText } from "./task-progress.js";
import { pieceText } from "./day-line.js";
import { shortCount } from "./remainder-plot.js";
import { svg } from "../vendor/lit-html/lit-html.js";
import { html, nothing, place } from "../view.js";
import { t } from "../language.js";
import { timeText, DAY } from "../week.js";

/** A quarter of an hour in minutes. */
export const QUARTER = 15;

/** Where plots lie in their pictures. */
const [LEFT, RIGHT] = [40, 288];

/** Minutes between the words under a plot. */
const HOURS = 240;

/** The tries and answers of a quarter of an hour that begins `from` minutes after midnight. @typedef {{ from: number, tries: number, answered: number }} Quarter */

/** Quarters of all groups together, in order. @param {Data<"dialed_day">["groups"]} groups @returns {Quarter[]} */
export function dayQuarters(groups) {
  const sums = new Map();
  for (const { at, tries, answered } of groups.flatMap(({ quarters }) => quarters)) {
    const from = minutesOfStamp(at);
    const sum = sums.get(from) ?? { from, tries: 0, answered: 0 };
    sums.set(from, { from, tries: sum.tries + tries, answered: sum.answered + answered });
  }
  return [...sums.values()].sort((one, other) => one.from - other.from);
}

/** The minutes of a time of the server's clock. */
export function minutesOfStamp(stamp) {
  return Number(stamp.slice(11, 13)) * 60 + Number(stamp.slice(14, 16));
}

/** Both plots; `now` is the minute of the day, or null of another day. @param {Quarter[]} today @param {Quarter[]} before */
export function callPlots(today, before, now) {
  const span = spanOf([...today, ...before]);
  const last = today.at(-1);
  return html`
    <section class="panel plots" aria-labelledby="plots-title">
      <header><h2 id="plots-title">${t("callsAndAnswers")}</h2><span class="small quiet push">${t("byQuarters")}</span></header>
      <div class="body">
        <p class="legend">
          <span><i class="key p1"></i>${t("answered")}</span><span><i class="key p2"></i>${t("notAnswered")}</span>
          <b class="push">${t("callsOf", { count: countText(last?.tries ?? 0), at: last ? timeText(last.from) : "–" })}</b>
        </p>
        ${callBars(today, span)}
        <p class="legend">
          <span><svg class="stroke" viewBox="0 0 16 4" aria-hidden="true"><path d="M0 2h16" /></svg>${t("answerRate")}</span>
          ${before.length > 0 ? html`<span><svg class="stroke before" viewBox="0 0 16 4" aria-hidden="true"><path d="M0 2h16" /></svg>${t("dayBefore")}</span>` : nothing}
          <b class="push">${last ? percentText(last.answered, last.tries) : "–"}</b>
        </p>
        ${answerCurve(today, before, span, now)}
      </div>
    </section>
  `;
}

/** From the full hours before the first call to those after the last, at least four. @param {Quarter[]} quarters */
function spanOf(quarters) {
  const [first, last] = [Math.min(...quarters.map(({ from }) => from)), Math.max(...quarters.map(({ from }) => from))];
  const from = Math.max(0, Math.min(Math.floor(first / 60) * 60, DAY - HOURS));
  return { from, to: Math.min(DAY, Math.max(Math.ceil((last + QUARTER) / 60) * 60, from + HOURS)) };
}

function across(minutes, { from, to }) {
  return LEFT + ((minutes - from) / (to - from)) * (RIGHT - LEFT);
}

/** The hours under a plot, at `y`. */
function hours(span, y) {
  const step = [60, 120, HOURS].find((minutes) => (span.to - span.from) / minutes <= 5) ?? HOURS;
  const marks = [];
  for (let minutes = Math.ceil(span.from / step) * step; minutes < span.to; minutes += step) marks.push(minutes);
  return marks.map((minutes) => svg`<text x=${across(minutes, span)} y=${y} text-anchor="middle">${timeText(minutes)}</text>`);
}

function grid(y, text) {
  return svg`<line class="grid" x1=${LEFT - 2} x2=${RIGHT} y1=${y} y2=${y} /><text x=${LEFT - 8} y=${y + 4} text-anchor="end">${text}</text>`;
}

/** @param {Quarter[]} quarters */
function callBars(quarters, span) {
  const [top, bottom] = [16, 84];
  const most = niceTop(Math.max(1, ...quarters.map(({ tries }) => tries)));
  const height = (count) => (count / most) * (bottom - top);
  const width = Math.max(1, across(QUARTER, { ...span, to: span.to - span.from, from: 0 }) - LEFT - 1);
  const bar = ({ from, tries, answered }) => svg`
    <rect class="b" x=${across(from, span)} y=${bottom - height(tries)} width=${width} height=${height(tries - answered)} />
    <rect class="a" x=${across(from, span)} y=${bottom - height(answered)} width=${width} height=${height(answered)} />
  `;
  const label = t("callsByQuarters", { tries: countText(sum(quarters, "tries")), answered: countText(sum(quarters, "answered")) });
  return html`
    <svg class="plot" viewBox="0 0 288 104" role="img" aria-label=${label}>
      ${[0, most / 2, most].map((count) => grid(bottom - height(count), shortCount(count)))} ${quarters.map(bar)} ${hours(span, 99)}
    </svg>
  `;
}

/** @param {Quarter[]} quarters */
function sum(quarters, name) {
  return quarters.reduce((total, quarter) => total + quarter[name], 0);
}

/** The next even number of one or two leading digits: 1,146 has 1,200. */
function niceTop(most) {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(most)) - 1);
  return 2 * Math.ceil(most / unit / 2) * unit;
}

/** @param {Quarter[]} today @param {Quarter[]} before @param {{ from: number, to: number }} span @param {number | null} now */
function answerCurve(today, before, span, now) {
  const [top, bottom] = [14, 72];
  const shares = [...today, ...before].map(({ tries, answered }) => answered / tries);
  const least = Math.min(0.9, Math.floor(Math.min(...shares) * 10) / 10);
  const most = Math.max(Math.ceil(Math.max(...shares) * 10) / 10, least + 0.1);
  const y = (share) => bottom - ((share - least) / (most - least)) * (bottom - top);
  const points = (quarters) => quarters.map(({ from, tries, answered }) => `${across(from + QUARTER / 2, span)},${y(answered / tries)}`).join(" ");
  const last = today.at(-1);
  const label = t("answersByQuarters", { rate: last ? percentText(last.answered, last.tries) : "–" });
  return html`
    <svg class="plot" viewBox="0 0 288 92" role="img" aria-label=${label}>
      ${[least, (least + most) / 2, most].map((share) => grid(y(share), `${Math.round(share * 100)}%`))}
      ${before.length > 0 ? svg`<polyline class="before" points=${points(before)} />` : nothing}
      ${last ? svg`<polyline class="curve" points=${points(today)} />` : nothing}
      ${last && now !== null ? svg`<circle class="at" cx=${across(last.from + QUARTER / 2, span)} cy=${y(last.answered / last.tries)} r="3" />` : nothing}
      ${hours(span, 88)}
    </svg>
  `;
}

/**
 * The open pieces of a group on a day, with what its tasks dialed in them, of what all `groups` dialed; a piece that goes on over midnight is dashed there.
 * @param {{ from: number, to: number }[]} pieces @param {number} group @param {Data<"dialed_day">["groups"]} groups
 */
export function dialedWindows(pieces, group, groups) {
  const quarters = dayQuarters(groups.filter(({ dial_time_id: id }) => id === group));
  const most = Math.max(1, ...groups.flatMap(({ quarters: each }) => each.map(({ tries }) => tries)));
  return pieces.map(({ from, to }) => {
    const over = `${from === 0 && to < DAY ? "from-yesterday" : ""} ${to === DAY && from > 0 ? "to-tomorrow" : ""}`;
    return html`<div class="win ${over}" aria-hidden="true" title=${pieceText({ from, to })} ${place({ "--from": from, "--to": to })}>${dialedInWindow({ from, to }, quarters, most)}</div>`;
  });
}

/** What was dialed in a window, as bars in it; `most` is the most tries of a quarter that day. @param {{ from: number, to: number }} window @param {Quarter[]} quarters @param {number} most */
function dialedInWindow({ from, to }, quarters, most) {
  const inside = quarters.filter((quarter) => quarter.from + QUARTER > from && quarter.from < to);
  if (inside.length === 0) return nothing;
  const bar = ({ from: begin, tries }) => {
    const [left, right] = [Math.max(begin, from), Math.min(begin + QUARTER, to)];
    const height = Math.max(1, (20 * tries) / most);
    return svg`<rect x=${left - from} y=${20 - height} width=${Math.max(0.5, right - left - 2)} height=${height} />`;
  };
  return html`<svg class="made" viewBox=${`0 0 ${to - from} 20`} preserveAspectRatio="none" aria-hidden="true">${inside.map(bar)}</svg>`;
}

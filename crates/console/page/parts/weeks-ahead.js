// The next four weeks of a group, each day as it will really be, and how that differs from what it would have been.

import { addDays, dateOf, dateText, hoursText, weekOf } from "../clock.js";
import { html, nothing } from "../view.js";
import { lengthOf, pieceText, within, without } from "./day-line.js";
import { shortWeekday, t, word } from "../language.js";
import { svg } from "../vendor/lit-html/lit-html.js";
import { WallClock } from "../days.js";
import { DAY, WEEKDAYS } from "../week.js";

/** The width of a day in its picture. */
const WIDTH = 144;

/** By date, when a calendar's days are open. @param {Data<"group_calendar">} calendar @returns {Map<string, { from: number, to: number }[]>} */
export function openByDate(calendar) {
  const clock = new WallClock(calendar);
  return Map.groupBy(
    calendar.spans.flatMap((span) => clock.pieces(span)),
    ({ date }) => date,
  );
}

/** What a day gains and loses: `{date, gone, added}` of every day that differs. */
export function changedDays(before, after) {
  const [old, now] = [openByDate(before), openByDate(after)];
  return datesOf(after)
    .map((date) => ({ date, gone: without(old.get(date) ?? [], now.get(date) ?? []), added: without(now.get(date) ?? [], old.get(date) ?? []) }))
    .filter(({ gone, added }) => gone.length + added.length > 0);
}

function datesOf({ from, to }) {
  const [first, end] = [from.slice(0, 10), to.slice(0, 10)];
  const days = Math.round((dateOf(end).getTime() - dateOf(first).getTime()) / 86_400_000);
  return Array.from({ length: days }, (_, day) => addDays(first, day));
}

/** The panel of the weeks of `after`, with what differs from `before`. @param {Data<"group_calendar">} after @param {Data<"group_calendar">} before */
export function weeksPanel(after, before) {
  const keys = [["made", "open"], ["p3", "gained"], ["p6", "lost"], ["p4", "rule.exception"]];
  return html`
    <section class="panel" aria-labelledby="weeks-title">
      <header>
        <h2 id="weeks-title">${t("fourWeeks")}</h2>
        <span class="small quiet">${t("fourWeeksMean")}</span>
        <p class="legend push">${keys.map(([key, word]) => html`<span><i class="key ${key}"></i>${t(word)}</span>`)}</p>
      </header>
      ${weeksAhead(after, before)}
    </section>
  `;
}

/** @param {Data<"group_calendar">} after @param {Data<"group_calendar">} before */
function weeksAhead(after, before) {
  const first = after.from.slice(0, 10);
  const start = addDays(first, -WEEKDAYS.indexOf(weekOf(first)));
  const dates = new Set(datesOf(after));
  const days = Math.ceil((dates.size + WEEKDAYS.indexOf(weekOf(first))) / 7) * 7;
  const [open, old] = [openByDate(after), openByDate(before)];
  const ruled = new Map(after.days.map((day) => [day.date, day]));
  const cell = (date) => (dates.has(date) ? dayCell(date, date === first, open.get(date) ?? [], old.get(date) ?? [], ruled.get(date)) : outside(date));
  return html`
    <div class="weeks">
      ${WEEKDAYS.map((week) => html`<div class="name" aria-hidden="true">${shortWeekday(week)}</div>`)}
      ${Array.from({ length: days }, (_, day) => cell(addDays(start, day)))}
    </div>
  `;
}

function outside(date) {
  return html`<div class="cell out" aria-hidden="true"><div>${dayNumber(date)}</div></div>`;
}

function dayCell(date, isFirst, open, old, rule) {
  const change = lengthOf(open) - lengthOf(old);
  const [gone, added] = [without(old, open), without(open, old)];
  const changed = gone.length + added.length > 0;
  return html`
    <div class="cell ${changed ? "changed" : ""}">
      <div>
        <b class="strong" aria-hidden="true">${isFirst ? shortDate(date) : dayNumber(date)}</b>
        <span class="cut">${changed ? changeText(change) : noteText(rule)}</span>
      </div>
      <span class="visually-hidden">${dateText(date)} ${open.map(pieceText).join(t("comma")) || t("closedAllDay")}</span>
      <svg viewBox="0 0 ${WIDTH} 12" preserveAspectRatio="none" aria-hidden="true">
        ${bar("rail", { from: 0, to: DAY })} ${within(open, old).map((piece) => bar(rule?.rule === "exception" ? "shut" : "open", piece))}
        ${gone.map((piece) => bar("gone", piece))} ${added.map((piece) => bar("new", piece))}
      </svg>
    </div>
  `;
}

function bar(kind, { from, to }) {
  return svg`<rect class=${kind} x=${(from / DAY) * WIDTH} width=${((to - from) / DAY) * WIDTH} height="12" rx="1" />`;
}

function changeText(minutes) {
  if (minutes === 0) return html`<span class="is-wait">±0</span>`;
  return minutes > 0 ? html`<span class="is-open">+${hoursText(minutes)}</span>` : html`<span class="is-bad">−${hoursText(-minutes)}</span>`;
}

function noteText(rule) {
  return rule ? html`<span class="is-wait">${rule.name || word("rule", rule.rule)}</span>` : nothing;
}

function dayNumber(date) {
  return date.endsWith("-01") ? shortDate(date) : Number(date.slice(8));
}

function shortDate(date) {
  return t("monthAndDay", { day: Number(date.slice(8)), name: t(`month.${Number(date.slice(5, 7))}`) });
}

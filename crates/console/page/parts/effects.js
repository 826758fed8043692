// What saving a draft of a group changes: the edits, tasks that stop or start at once and later, and the next weeks.

import { changeCount, changeList } from "./change-list.js";
import { changedDays } from "./weeks-ahead.js";
import { dateText, hoursText, serverNow, wallTimeIn } from "../clock.js";
import { html, nothing } from "../view.js";
import { listText, t } from "../language.js";
import { minutesOf } from "../week.js";
import { pieceText } from "./day-line.js";

/** How many tasks are named, and how many days with later changes. */
export const NAMED = 10;
const LATER_DAYS = 5;

/**
 * The panel of the edits from `before` to `after`; of a new group (`isNew`) the edits are all of it, and not listed. `preview` is what the
 * server says of them and `calendar` what it says without them; null until that is known. `users` are the tasks that use the group, the first `NAMED` of them; `calendarName` says what a holiday calendar is called.
 * @param {{ before: Draft, after: Draft, isNew: boolean, preview: Data<"preview_group">, calendar: Data<"group_calendar">, isKnown: boolean, users: TasksOfGroup, calendarName?: (id: string) => string }} draft
 */
export function effects({ before, after, isNew, preview, calendar, isKnown, users, calendarName }) {
  return html`
    <section class="panel effects" aria-labelledby="effects-title" tabindex="-1">
      <header>
        <h2 id="effects-title">${t("willChange")}</h2>
        ${isNew ? nothing : html`<span class="chip accent push">${t("places", { count: changeCount(before, after) })}</span>`}
      </header>
      <div class="body">
        ${isNew ? nothing : changeList(before, after, [], calendarName)}
        <div class="stack" role="status" aria-busy=${String(!isKnown)}>${preview ? effectFacts(preview, calendar, users) : html`<p class="small quiet">${t(isKnown ? "effectUnknown" : "loading")}</p>`}</div>
      </div>
    </section>
  `;
}

function effectFacts({ stopping, starting, calendar: after }, before, users) {
  const none = stopping.total + starting.total === 0;
  return html`
    <dl class="facts">
      <dt>${t("effectNow")}</dt>
      <dd>
        ${none ? html`<span class="no-effect">${t("noTaskAffected")}</span>` : nothing}
        ${taskList("tasksStopping", "stopping", stopping)} ${taskList("tasksStarting", "starting", starting)}
      </dd>
      ${before ? laterChanges(before, after, users) : nothing}
      <dt>${t("fourWeeks")}</dt>
      <dd>${sumText(before?.open_seconds, after.open_seconds)}</dd>
    </dl>
    <p class="small quiet">${t("timesIn", { zone: after.timezone })}${after.warning ? t("nextSentence") + after.warning.message : nothing}</p>
  `;
}

/** When the group no longer opens as it would have, or newly does, day by day, and the tasks that this is about. @param {TasksOfGroup} users */
function laterChanges(before, after, users) {
  const days = stillToCome(changedDays(before, after), after.timezone);
  if (days.length === 0) return nothing;
  return html`
    <dt>${t("effectLater")}</dt>
    <dd class="later">${[users ? usersText(users) : "", furtherText(days.length)].filter(Boolean).join(t("nextSentence"))}</dd>
    ${days.slice(0, LATER_DAYS).map(dayChange)}
  `;
}

function furtherText(count) {
  return count > LATER_DAYS ? t("daysDiffer", { count, shown: LATER_DAYS }) : "";
}

/** Of today only what is not past. */
function stillToCome(days, zone) {
  const { date: today, time } = wallTimeIn(zone, serverNow());
  const now = minutesOf(time.slice(0, 5));
  const rest = (pieces) => pieces.filter(({ to }) => to > now).map(({ from, to }) => ({ from: Math.max(from, now), to }));
  return days
    .map((day) => (day.date === today ? { ...day, gone: rest(day.gone), added: rest(day.added) } : day))
    .filter(({ gone, added }) => gone.length + added.length > 0);
}

function dayChange({ date, gone, added }) {
  return html`
    <dt>${dateText(date)}</dt>
    <dd>
      ${gone.length > 0 ? html`<b class="strong is-bad">${t("noLongerOpen", { times: listText(gone.map(pieceText)) })}</b>` : nothing}
      ${added.length > 0 ? html`<b class="strong is-open">${t("newlyOpen", { times: listText(added.map(pieceText)) })}</b>` : nothing}
    </dd>
  `;
}

/** @param {TasksOfGroup} users */
function usersText({ data, meta: { total } }) {
  if (total === 0) return t("noTaskThen");
  const names = listText(data.map(({ name }) => name));
  return t("tasksThen", { names: total > data.length ? `${names}${t("pause")}${t("andMore", { count: total - data.length })}` : names });
}

function sumText(before, after) {
  const hours = (seconds) => hoursText(seconds / 60);
  if (before === undefined || before === after) return t("hours", { hours: hours(after) });
  const change = `${after > before ? "+" : "−"}${hours(Math.abs(after - before))}`;
  return t("hoursChange", { before: hours(before), after: hours(after), change });
}

/** Tasks that an edit stops or starts, the first of them named; nothing where there are none. */
export function taskList(text, kind, { total, tasks }) {
  if (total === 0) return nothing;
  const shown = tasks.slice(0, NAMED);
  return html`
    <div class=${kind}>
      <b class="strong">${t(text, { count: total })}</b>
      <ul class="named-tasks">
        ${shown.map(({ name }) => html`<li>${name}</li>`)}
        ${total > shown.length ? html`<li class="quiet">${t("andMore", { count: total - shown.length })}</li>` : nothing}
      </ul>
    </div>
  `;
}

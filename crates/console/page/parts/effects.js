// What saving a draft of a group changes: the edits, tasks that stop or start at once, and the next weeks.

import { changeCount, changeList } from "./change-list.js";
import { changedDays } from "./weeks-ahead.js";
import { dateText, hoursText } from "../clock.js";
import { html, nothing } from "../view.js";
import { listText, t } from "../language.js";
import { pieceText } from "./day-line.js";

/** How many tasks are named. */
const NAMED = 10;

/**
 * The panel of the edits from `before` to `after`; of a new group (`isNew`) the edits are all of it, and not listed. `preview` is what the
 * server says of them and `calendar` what it says without them; null until that is known.
 * @param {{ before: Draft, after: Draft, isNew: boolean, preview: Data<"preview_group">, calendar: Data<"group_calendar">, isKnown: boolean }} draft
 */
export function effects({ before, after, isNew, preview, calendar, isKnown }) {
  return html`
    <section class="panel effects" aria-labelledby="effects-title" tabindex="-1">
      <header>
        <h2 id="effects-title">${t("willChange")}</h2>
        ${isNew ? nothing : html`<span class="chip accent push">${t("places", { count: changeCount(before, after) })}</span>`}
      </header>
      <div class="body">
        ${isNew ? nothing : changeList(before, after)}
        <div class="stack" role="status" aria-busy=${String(!isKnown)}>${preview ? effectFacts(preview, calendar) : html`<p class="small quiet">${t(isKnown ? "effectUnknown" : "loading")}</p>`}</div>
      </div>
    </section>
  `;
}

function effectFacts({ stopping, starting, calendar: after }, before) {
  const none = stopping.total + starting.total === 0;
  return html`
    <dl class="facts">
      <dt>${t("effectNow")}</dt>
      <dd>
        ${none ? html`<span class="no-effect">${t("noTaskAffected")}</span>` : nothing}
        ${taskList("tasksStopping", "stopping", stopping)} ${taskList("tasksStarting", "starting", starting)}
      </dd>
      ${before ? firstChange(before, after) : nothing}
      <dt>${t("fourWeeks")}</dt>
      <dd>${sumText(before?.open_seconds, after.open_seconds)}</dd>
    </dl>
    <p class="small quiet">${t("timesIn", { zone: after.timezone })}${after.warning ? t("nextSentence") + after.warning.message : nothing}</p>
  `;
}

/** The first day that becomes another. */
function firstChange(before, after) {
  const [first] = changedDays(before, after);
  if (!first) return nothing;
  return html`
    <dt>${dateText(first.date)}</dt>
    <dd>
      ${first.gone.length > 0 ? html`<b class="strong is-bad">${t("noLongerOpen", { times: listText(first.gone.map(pieceText)) })}</b>` : nothing}
      ${first.added.length > 0 ? html`<b class="strong is-open">${t("newlyOpen", { times: listText(first.added.map(pieceText)) })}</b>` : nothing}
    </dd>
  `;
}

function sumText(before, after) {
  const hours = (seconds) => hoursText(seconds / 60);
  if (before === undefined || before === after) return t("hours", { hours: hours(after) });
  const change = `${after > before ? "+" : "−"}${hours(Math.abs(after - before))}`;
  return t("hoursChange", { before: hours(before), after: hours(after), change });
}

function taskList(text, kind, { total, tasks }) {
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

// What an edit of many groups or tasks means, before it is made: which tasks stop and start now, and when something is open otherwise later.

import { html, nothing } from "../view.js";
import { listText, t } from "../language.js";
import { instantText, momentText } from "../clock.js";
import { taskList } from "./effects.js";
import "../words/bulk-words.js";

/** How many spans have a line, and how many groups are named in it. */
const SPANS = 6;
const NAMES = 3;

/** @typedef {{ begin_at: string, end_at: string, opens: boolean, names: string[], tasks: number }} LaterSpan */

/**
 * What a lookahead knows; `nameOf` gives what a group is called.
 * @param {{ answer: Data<"bulk_add_exceptions">, isKnown: boolean }} ahead @param {(group: number) => string} nameOf
 */
export function bulkEffects({ answer, isKnown }, nameOf) {
  const facts = answer ? effectFacts(answer, nameOf) : html`<p class="small quiet">${t(isKnown ? "bulkEffectUnknown" : "loading")}</p>`;
  return html`<div class="bulk-effects stack" role="status" tabindex="-1" aria-busy=${String(!isKnown)}>${facts}</div>`;
}

/** @param {Data<"bulk_add_exceptions">} effects @param {(group: number) => string} nameOf */
function effectFacts({ stopping, starting, later, later_total: total }, nameOf) {
  const spans = spansOf(later, nameOf);
  const more = spans.length - SPANS;
  return html`
    <dl class="facts">
      <dt>${t("effectNow")}</dt>
      <dd>
        ${stopping.total + starting.total === 0 ? html`<span class="no-effect">${t("noTaskAffected")}</span>` : nothing}
        ${taskList("tasksStopping", "stopping", stopping)} ${taskList("tasksStarting", "starting", starting)}
      </dd>
      <dt>${t("fourWeeks")}</dt>
      ${spans.length === 0 ? html`<dd>${t("nothingLater")}</dd>` : spans.slice(0, SPANS).map((span) => html`<dd>${spanText(span)}</dd>`)}
      ${more > 0 || total > later.length ? html`<dd class="quiet">${t("moreSpans", { count: Math.max(more, 0) + total - later.length })}</dd>` : nothing}
    </dl>
  `;
}

/** The same span of several groups is one. @param {Data<"bulk_add_exceptions">["later"]} later @param {(group: number) => string} nameOf @returns {LaterSpan[]} */
function spansOf(later, nameOf) {
  const same = Map.groupBy(later, ({ begin_at: begin, end_at: end, opens }) => `${begin} ${end} ${opens}`);
  const spans = [...same.values()].map((all) => ({
    ...all[0],
    names: all.map(({ group_id: id }) => nameOf(id)),
    tasks: all.reduce((sum, { tasks }) => sum + tasks, 0),
  }));
  return spans.toSorted((one, other) => Date.parse(one.begin_at) - Date.parse(other.begin_at));
}

/** @param {LaterSpan} span */
function spanText({ begin_at: begin, end_at: end, opens, names, tasks }) {
  const times = `${instantText(begin)}–${momentText(end, begin)}`;
  const shown = listText(names.slice(0, NAMES));
  const who = names.length > NAMES ? t("namesOfGroups", { names: shown, count: names.length }) : shown;
  return html`
    <b class="strong ${opens ? "is-open" : "is-bad"}">${t(opens ? "newlyOpen" : "noLongerOpen", { times })}</b>
    <small class="small quiet">${who}${t("pause")}${t("taskCount", { count: tasks })}</small>
  `;
}

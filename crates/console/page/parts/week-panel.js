// The week of a group, or of one of its seasons, as it is edited: painted or written out.

import { faultLine } from "./faults.js";
import { hoursText } from "../clock.js";
import { html, nothing } from "../view.js";
import { seasonName } from "./season-words.js";
import { t } from "../language.js";
import { union } from "../week.js";
import { weekHelp, weekModes, weekSteps } from "./week-tools.js";
import "./week-grid.js";
import "./week-times.js";

/**
 * `before` is the draft as the server has it, `seasonKey` the season whose week is shown, null the group's own; `now` the wall clock of the `zone`. `faults` is what
 * the server refused, `marks` with what is plain without asking it.
 * @typedef {{ draft: Draft, before: Draft, seasonKey: number | null, history: import("../group-draft.js").History, mode: string, zone: string, now: string, faults: import("./faults.js").Faults, marks: import("./faults.js").Faults, isNew: boolean, isFixed: boolean }} EditedWeek
 * @typedef {{ set: (field: string, value: any) => void, take: (mode: string) => void, undo: () => void, redo: () => void, leaveSeason: () => void }} WeekActions
 */

/** @param {EditedWeek} week @param {WeekActions} actions */
export function weekPanel(week, actions) {
  const { draft, before, seasonKey, history, mode, zone, faults, isFixed } = week;
  const season = seasonOf(draft, seasonKey);
  const { windows } = season ?? draft;
  const earlier = season ? (seasonOf(before, seasonKey)?.windows ?? null) : before.windows;
  return html`
    <section class="panel week-panel" aria-labelledby="week-title">
      <header>
        <h2 id="week-title">${season ? t("weekOfSeason", { name: seasonName(season, draft.seasons.indexOf(season)) }) : t("weeklyWindows")}</h2>
        ${season ? html`<button type="button" class="button little" @click=${actions.leaveSeason}>${t("groupsWeek")}</button>` : nothing}
        ${isFixed ? nothing : html`${weekModes(mode, actions.take)} ${weekSteps(history, actions.undo, actions.redo)}`} ${total(windows, week.isNew ? windows : earlier)}
      </header>
      ${isFixed ? nothing : weekHelp()}
      <p class="small quiet zone">${zone ? t("timesIn", { zone }) : ""}${faultLine(faults, null, "content")}</p>
      ${editor(week, windows, earlier, ({ detail }) => paint(week, actions, detail))}
    </section>
  `;
}

/** @param {Draft} draft */
function seasonOf({ seasons }, seasonKey) {
  return seasons.find(({ key }) => key === seasonKey) ?? null;
}

/** @param {EditedWeek} week @param {WeekActions} actions @param {WindowRow[]} windows */
function paint({ draft, seasonKey }, actions, windows) {
  const season = seasonOf(draft, seasonKey);
  if (season) actions.set("seasons", draft.seasons.map((each) => (each === season ? { ...each, windows } : each)));
  else actions.set("windows", windows);
}

/** @param {EditedWeek} week @param {WindowRow[]} windows @param {WindowRow[] | null} earlier */
function editor({ mode, marks, now, isNew, isFixed }, windows, earlier, paint) {
  if (mode === "write") return html`<week-times .windows=${windows} .faults=${marks} @paint=${paint}></week-times>`;
  return html`
    <week-grid .windows=${windows} .before=${isNew ? null : earlier} .faults=${marks} .tool=${isFixed ? "read" : mode} .now=${now} @paint=${paint}></week-grid>
  `;
}

/** Hours a week, and how many there were. */
function total(windows, earlier) {
  const hours = (windows) => hoursText(union(windows).reduce((sum, { from, to }) => sum + to - from, 0));
  const [now, before] = [hours(windows), hours(earlier ?? windows)];
  return html`<span class="push small quiet">${now === before ? t("hoursAWeek", { hours: now }) : t("hoursAWeekBefore", { hours: now, before })}</span>`;
}

// The figures above today: its tasks, and what was dialed; of an account that nothing dials for, its groups instead.

import { address } from "../route.js";
import { countText, percentText } from "./task-progress.js";
import { html } from "../view.js";
import { icon } from "./icon.js";
import { momentText } from "../clock.js";
import { nextToChange } from "../today.js";
import { t } from "../language.js";

/** The states of tasks, by their names. */
export const STATES = { running: "2", waiting: "3", paused: "1" };

/**
 * What the figures are made of: the groups that tasks use; of each state how many tasks there are; what was dialed today and the day before, null where nothing
 * is; the first of the running tasks, of which there are `runningCount`. `moment` says an instant on the server's clock, whose date is `today`.
 * @typedef {{ account: Account, rows: import("../today.js").Row[], tasks: Record<string, { total: number }>, dialed: Data<"dialed_day"> | null, before: Data<"dialed_day"> | null, running: Data<"list_progress">, runningCount: number, today: string, moment: (at: string) => string }} Figures
 */

/** @param {Figures} figures */
export function todayCounters(figures) {
  const { account, rows, dialed } = figures;
  const tasks = html`
    ${taskCounter("running", html`<span class="dot live is-open"></span>`, figures)} ${taskCounter("waiting", html`<span class="dot hollow is-wait"></span>`, figures)}
  `;
  if (dialed) return html`<div class="counters">${tasks} ${callCounters(figures)}</div>`;
  const open = rows.filter(({ decision }) => decision.allowed).length;
  return html`
    <div class="counters five">
      ${tasks} ${taskCounter("paused", icon("pause"), figures)}
      <a class="counter" href=${address(account, "groups")}>
        <span class="name">${icon("group")}${t("openGroups")}</span><b>${open}</b><small>${t("ofUsed", { count: rows.length })}</small>
      </a>
      ${nextCounter(figures)}
    </div>
  `;
}

/** @param {Figures} figures */
function taskCounter(name, sign, figures) {
  const { account, tasks } = figures;
  const { total } = tasks[name];
  return html`
    <a class="counter" data-counter=${name} href=${`${address(account, "tasks")}?status=${STATES[name]}`}>
      <span class="name">${sign}${t(`state.${name}`)}</span><b>${total.toLocaleString("en")}</b><small>${t("tasksUnit", { count: total })}</small>
    </a>
  `;
}

/** What is dialed now, what was today, and what is left. @param {Figures} figures */
function callCounters(figures) {
  const { account, dialed } = figures;
  const { calls, tries, answered, to_call: toCall } = dialed;
  const records = `${address(account, "records")}?today=1`;
  const linked = (name, label, figure, unit, href) => html`
    <a class="counter" data-counter=${name} href=${href}><span class="name">${label}</span><b>${figure}</b><small>${unit}</small></a>
  `;
  return html`
    ${linked("calls", html`${icon("phone")}${t("callsNow")}`, countText(calls.talking + calls.ringing), t("ringingOfThem", { count: countText(calls.ringing) }), records)}
    ${linked("tries", t("callsToday"), countText(tries), t("callsUnit", { count: tries }), records)}
    ${linked("answered", t("answeredToday"), tries > 0 ? percentText(answered, tries) : "–", changeText(figures), `${records}&status=1`)}
    ${linked("left", t("leftToCall"), countText(toCall), endText(figures) ?? t("numbersUnit", { count: toCall }), address(account, "tasks"))}
  `;
}

/** When the last of the running lists is done, if all of them say when. @param {Figures} figures */
function endText({ running, runningCount, today }) {
  const open = running.filter(({ progress: { numbers } }) => numbers.done < numbers.total);
  const ends = open.map(({ progress }) => progress.finishes_at);
  if (ends.length === 0 || running.length < runningCount || ends.includes(null)) return null;
  return t("runningDoneAt", { at: momentText(ends.toSorted().at(-1), today) });
}

/** By how much more are answered than the day before, in points. @param {Figures} figures */
function changeText({ dialed, before }) {
  if (dialed.tries === 0 || before.tries === 0) return "";
  const points = 100 * (dialed.answered / dialed.tries - before.answered / before.tries);
  const text = t(points < 0 ? "fewerPoints" : "morePoints", { points: Math.abs(points).toFixed(1) });
  return points < 0 ? text : html`<span class="is-open">${text}</span>`;
}

/** What happens next. @param {Figures} figures */
function nextCounter({ account, rows, moment }) {
  const next = nextToChange(rows);
  if (!next) return html`<div class="counter"><span class="name">${icon("wait")}${t("nextChange")}</span><b>–</b></div>`;
  const { group, decision } = next;
  return html`
    <a class="counter" data-counter="next" href=${address(account, "groups", String(group.id))}>
      <span class="name">${icon("wait")}${t(decision.allowed ? "closesNext" : "opensNext")}</span>
      <b>${moment(decision.next_change_at)}</b><small class="cut">${group.name}</small>
    </a>
  `;
}

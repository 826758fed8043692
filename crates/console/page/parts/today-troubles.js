// What needs attention today: lines and tasks in trouble, groups that never open, webhooks that were given up, and holiday calendars that end.

import { address } from "../route.js";
import { countText } from "./task-progress.js";
import { html, nothing } from "../view.js";
import { icon } from "./icon.js";
import { listText, t } from "../language.js";
import { STATES } from "./today-counters.js";
import { neverOpening } from "../today.js";
import { taskTroubles } from "../task-troubles.js";

/** How many groups are named that a ceiling keeps closed. */
const NAMED = 3;

/**
 * The groups that tasks use and the first of the running tasks, of which there are `runningCount`, on the day `today` of the server's clock; webhooks that were given up, and holiday calendars that end soon.
 * @typedef {{ account: Account, rows: import("../today.js").Row[], running: Data<"list_progress">, runningCount: number, failing: Webhook[], ending: { id: string, name: string | null, known_until: string }[], today: string }} Troubled
 */

/** Nothing where all is well. @param {Troubled} troubled */
export function todayTroubles({ account, rows, running, runningCount, failing, ending, today }) {
  const { lines, tasks, more } = taskTroubles(running, today);
  const { byThemselves, byCeilings } = neverOpening(rows);
  const items = [
    ...lines.map(({ name, message, task_id: id }) => item("bad", "bolt", t("lineInTrouble", { name }), message, address(account, "tasks", id))),
    ...tasks.map((trouble) => taskInTrouble(trouble, account)),
    ...(more > 0 ? [item("wait", "more", t("moreInTrouble", { count: more }), "", runningTasks(account))] : []),
    ...byThemselves.map(({ group, decision }) => item("wait", "wait", t("neverOpens", group), decision.reason.detail, address(account, "groups", String(group.id)))),
    ...(byCeilings.length > 0 ? [belowCeilings(byCeilings, account)] : []),
    ...failing.map((webhook) => item("bad", "hook", t("webhookGaveUp"), webhook.url, address(account, "webhooks"))),
    ...ending.map((calendar) => item("wait", "today", t("calendarEnds", { name: calendar.name ?? calendar.id }), t("calendarEndsMeans", calendar), address(account, "calendars", calendar.id))),
  ];
  if (items.length === 0) return nothing;
  const count = items.length + Math.max(0, more - 1);
  const isWhole = running.length >= runningCount;
  return html`
    <section class="panel first" aria-labelledby="todo-title">
      <header><h2 id="todo-title">${t("needsAttention")}</h2><span class="chip bad push">${count}${isWhole ? "" : "+"}</span></header>
      <ul class="todo">
        ${items} ${isWhole ? nothing : item("wait", "info", t("newestLookedAt", { count: running.length, all: countText(runningCount) }), "", runningTasks(account))}
      </ul>
    </section>
  `;
}

/** The list of the tasks that run, which says of each whether it dials. @param {Account} account */
function runningTasks(account) {
  return `${address(account, "tasks")}?status=${STATES.running}`;
}

/** One that does not dial though it might, or that will not be done today. @param {import("../task-troubles.js").TaskTrouble} trouble @param {Account} account */
function taskInTrouble({ task_id: id, name, message, left, at }, account) {
  const href = address(account, "tasks", id);
  if (message) return item("wait", "warn", t("dialsNothingNow", { name }), message, href, t("seeWhy"));
  const text = at ? t("leftAtClose", { at, count: countText(left.then), now: countText(left.now) }) : t("leftNow", { now: countText(left.now) });
  return item("wait", "wait", t("notDoneToday", { name }), text, href, t("seeWhy"));
}

/** Those that would open, but never inside of their ceilings: it is mended there, and once for all of them. @param {import("../today.js").Row[]} rows @param {Account} account */
function belowCeilings(rows, account) {
  const names = listText(rows.slice(0, NAMED).map(({ group }) => group.name));
  const who = rows.length > NAMED ? t("amongThem", { names }) : names;
  return item("wait", "pause", t("neverInsideCeilings", { count: rows.length }), who, address(account, "closures"));
}

function item(kind, sign, title, text, href, action = t("look")) {
  return html`<li><span class="is-${kind}">${icon(sign)}</span><b class="strong">${title}</b><a href=${href} aria-label=${`${action} ${title}`}>${action}</a>${text ? html`<small>${text}</small>` : nothing}</li>`;
}

// The board of today: a line for each group that tasks use, when it is open, what was dialed in it, and until when.

import { address } from "../route.js";
import { DAY } from "../week.js";
import { dialedWindows } from "./calls-plot.js";
import { foreverText } from "./state.js";
import { hourAxis, pieceText } from "./day-line.js";
import { html, nothing, place } from "../view.js";
import { listText, t } from "../language.js";
import { offsetMinutes, wallClock } from "../clock.js";

/**
 * The groups by what changes first, and those that have a line; their open pieces by their ids, and what was dialed, null where nothing is; of each state how many
 * tasks there are, and the first of them, of which `known` states whether they are all. `now` is an instant of the server's `zone`, and `moment` says one on its clock.
 * @typedef {{ account: Account, parts: ReturnType<typeof import("../today.js").sorted>, shown: Set<import("../today.js").Row>, isWhole: boolean, pieces: Map<number, { from: number, to: number }[]>, dialed: Data<"dialed_day"> | null, tasks: Record<string, { total: number, tasks: Task[] }>, most: number, now: string, zone: string, moment: (at: string) => string }} Board
 */

/** @param {Board} board */
export function todayBoard(board) {
  const { parts, isWhole, dialed, now, zone, account } = board;
  const count = parts.open.length + parts.later.length + parts.over.length;
  return html`
    <section class="panel board" aria-label=${t("todaysWindows")}>
      <div class="axis"><span>${t("groupsWithTasks", { count })}</span>${hourAxis(now)}<span>${t("tasks")}</span></div>
      ${part("openNow", parts.open, board)} ${part("laterToday", parts.later, board)} ${part("overToday", parts.over, board)}
      <footer class="legend">
        <span><i class="key open"></i>${t("open")}</span>
        ${dialed ? html`<span><i class="key made"></i>${t("dialedByQuarters")}</span>` : nothing}
        <span><i class="key moment"></i>${t("now")}</span>
        <span class="faint">${t("timesIn", { zone })}</span>
        ${isWhole ? nothing : html`<a href=${address(account, "groups")}>${t("allGroups")}</a>`}
      </footer>
    </section>
  `;
}

/** @param {import("../today.js").Row[]} rows @param {Board} board */
function part(name, rows, board) {
  const lines = rows.filter((row) => board.shown.has(row));
  if (lines.length === 0) return nothing;
  const isStopped = rows.every(({ decision }) => decision.reason.rule === "stopped");
  return html`<h2 class="section">${t(isStopped ? "stopLayer" : name)}<span class="faint">${rows.length}</span></h2>${lines.map((row) => line(row, name, board))}`;
}

/** @param {import("../today.js").Row} row @param {Board} board */
function line({ group, decision }, part, board) {
  const { account, zone, dialed, now } = board;
  const pieces = board.pieces.get(group.id) ?? [];
  const [kind, dot] = { openNow: ["is-open", "live"], laterToday: ["is-wait", "hollow"], overToday: ["faint", "hollow"] }[part];
  const edge = edgeText(decision, board);
  const { at, side } = edgeOf(pieces, edge);
  return html`
    <a class="line" data-group=${group.id} href=${address(account, "groups", String(group.id))}>
      <span class="who">
        <span class="dot ${dot} ${kind}"></span><span class="cut" title=${group.name}>${group.name}</span>
        ${group.is_default ? html`<span class="tag">${t("default")}</span>` : nothing}
        ${decision.reason.rule === "ceiling" ? html`<span class="tag wait" title=${decision.reason.detail}>${t("rule.ceiling")}</span>` : nothing}
        ${group.timezone === zone ? nothing : html`<span class="tag" title=${group.timezone}>${zoneText(decision, now)}</span>`}
      </span>
      <div class="track">
        <span class="visually-hidden">${listText(pieces.map(pieceText)) || t("closedAllDay")}</span>
        ${dialedWindows(pieces, group.id, dialed?.groups ?? [])}
        <span class="edge ${part === "openNow" ? "" : "later"} ${side}" ${place({ "--at": at })}>${edge}</span>
        <div class="now" ${place({ "--at": wallClock(now).minutes })}></div>
      </div>
      <span class="then"><b class="phone-only">${edge}</b><span>${taskText(group, board)}</span></span>
    </a>
  `;
}

/** @param {Decision} decision @param {Board} board */
function edgeText({ allowed, reason, next_change_at: change }, { moment }) {
  if (change === null) return foreverText(allowed, reason);
  return t(allowed ? "untilMoment" : "fromMoment", { at: moment(change) });
}

/** `2 执行，1 等待`; where there are too many to tell them apart, how many in all. @param {Group} group @param {Board} board */
function taskText({ id, task_count: count }, { tasks, most }) {
  const known = ["running", "waiting"].every((name) => tasks[name].total <= most);
  if (!known) return t("taskCount", { count });
  const number = (name) => tasks[name].tasks.filter((task) => task.dial_time_id === id).length;
  const [running, waiting] = [number("running"), number("waiting")];
  const parts = [["running", running], ["waiting", waiting], ["paused", count - running - waiting]].filter(([, each]) => Number(each) > 0);
  return parts.map(([name, each]) => t(`few.${name}`, { count: each })).join(t("pause"));
}

/** How many minutes of the day some words take beside a window, on a board of usual width. */
function roomFor(words) {
  const letters = [...words].map((letter) => (letter < "\u2e80" ? LETTER : 2 * LETTER));
  return Math.max(LEAST_ROOM, letters.reduce((sum, minutes) => sum + minutes, 2 * LETTER));
}
const [LETTER, LEAST_ROOM] = [15, 240];

/** Where a line says until when it is open: in the last gap that has room for it, after a window or before the first; else at the end of the day. */
function edgeOf(pieces, words) {
  const room = roomFor(words);
  const begins = [...pieces.slice(1).map(({ from }) => from), DAY];
  const after = pieces.findLastIndex(({ to }, index) => begins[index] - to >= room);
  if (after >= 0) return { at: pieces[after].to, side: "" };
  return { at: pieces[0]?.from >= room ? pieces[0].from : DAY, side: "before" };
}

/** Another zone in short, with the hours by which its clock is ahead: `Tokyo +1`. @param {Decision} decision */
function zoneText({ timezone, at }, serverAt) {
  const hours = (offsetMinutes(at) - offsetMinutes(serverAt)) / 60;
  const city = timezone.split("/").at(-1).replaceAll("_", " ");
  return `${city} ${hours < 0 ? "−" : "+"}${Math.abs(hours)}`;
}

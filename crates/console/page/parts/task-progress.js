// How far a task is: its figures, its numbers by what became of them, when the list will be done, and the lines it uses.

import { html, nothing, place } from "../view.js";
import { hindranceOf, isSlower } from "../task-troubles.js";
import { icon } from "./icon.js";
import { momentText } from "../clock.js";
import { remainderPlot } from "./remainder-plot.js";
import { t } from "../language.js";

/** @typedef {Data<"task_progress">} Progress */

/** What there is to tell of numbers, by colour: those that are done with, by status; `others` are all that are named nowhere else. */
const DONE = [
  { word: "status.1", colour: "p1", statuses: [1] },
  { word: "status.4", colour: "p7", statuses: [4] },
  { word: "status.3", colour: "p8", statuses: [3] },
  { word: "status.8", colour: "p9", statuses: [8] },
  { word: "noSuchNumbers", colour: "p5", statuses: [5, 7] },
];
const NAMED = DONE.flatMap(({ statuses }) => statuses);

/** A count for people: `68,615`. @param {number} count */
export function countText(count) {
  return count.toLocaleString("en");
}

/** A part of a whole: `41.8%`. */
export function percentText(part, whole) {
  return `${((100 * part) / whole).toFixed(1)}%`;
}

/** Its figures in one strip; `today` is the day on the server's clock. @param {{ maximumcall: number }} task @param {Progress} progress @param {string} today */
export function progressCounters({ maximumcall: most }, progress, today) {
  const { numbers, calls, rate, answer_rate: answered, finishes_at: end } = progress;
  const known = (value, text) => (value === null ? "–" : text(value));
  return html`
    <div class="counters five">
      ${counter("progress", t("progress"), percentText(numbers.done, numbers.total), `${countText(numbers.done)} / ${countText(numbers.total)}`)}
      ${counter("answered", t("answerRate"), known(answered, (share) => percentText(share, 1)), t("lastTwoHours"))}
      ${counter("rate", t("rate"), countText(rate), t("callsAMinute"))}
      ${counter("calls", t("callsNow"), countText(calls.talking + calls.ringing), t("ofConcurrency", { most }))}
      ${counter("end", t("expectedEnd"), known(end, (at) => momentText(at, today)), "")}
    </div>
  `;
}

/** One figure of a strip. */
export function counter(name, label, figure, unit, sign = nothing) {
  return html`
    <div class="counter" data-counter=${name}><span class="name">${sign}${label}</span><b>${figure}</b>${unit ? html`<small>${unit}</small>` : nothing}</div>
  `;
}

/** Its numbers as parts of a whole, in a picture and in words; `tool` stands beside the heading. @param {Progress} progress @param {unknown} tool */
export function numberStates({ numbers }, tool) {
  const parts = partsOf(numbers).filter(({ count }) => count > 0);
  const share = (count) => percentText(count, numbers.total);
  return html`
    <section class="panel" aria-labelledby="states-title">
      <header><h2 id="states-title">${t("numberStates")}</h2><span class="small quiet">${t("numberCount", { count: countText(numbers.total) })}</span>${tool}</header>
      <div class="body">
        <div class="parts" aria-hidden="true">
          ${parts.map(({ text, colour, count }) => html`<i class=${colour} title=${`${text} ${countText(count)}`} ${place({ "--part": (100 * count) / numbers.total })}></i>`)}
        </div>
        <ul class="shares">
          ${parts.map(
            ({ text, colour, count }) => html`<li><i class="key ${colour}"></i><span>${text}</span><b>${countText(count)}</b><small>${share(count)}</small></li>`,
          )}
        </ul>
      </div>
    </section>
  `;
}

/** @param {Progress["numbers"]} numbers @returns {{ text: string, colour: string, count: number }[]} */
function partsOf({ by_status: byStatus, redials, held, leased, in_call: inCall, waiting }) {
  const done = (wanted) => byStatus.filter(({ status }) => wanted(status)).reduce((sum, { done: count }) => sum + count, 0);
  const [answered, ...failed] = DONE.map(({ word, colour, statuses }) => ({ text: t(word), colour, count: done((status) => statuses.includes(status)) }));
  return [
    answered,
    { text: t("waitingAgain"), colour: "p3", count: redials },
    { text: t("heldNumbers"), colour: "p6", count: held },
    ...failed,
    { text: t("otherEnds"), colour: "p0", count: done((status) => !NAMED.includes(status)) },
    { text: t("beingCalled"), colour: "p4", count: leased + inCall },
    { text: t("waitingFirst"), colour: "p2", count: waiting },
  ];
}

/** When the list will be done, and why not sooner; `today` is the day on the server's clock. @param {Progress} progress */
export function expectedEnd(progress, today) {
  const { forecast, finishes_at: end, numbers } = progress;
  return html`
    <section class="panel" aria-labelledby="end-title">
      <header><h2 id="end-title">${t("whenDone")}</h2>${end ? html`<span class="small quiet push">${momentText(end, today)}</span>` : nothing}</header>
      <div class="body">
        ${forecast.length > 1 ? remainderPlot(forecast, numbers.total, today) : nothing}
        <p class="small">${endText(progress, today)}</p>
        ${limitText(progress)}
      </div>
    </section>
  `;
}

/** @param {Progress} progress */
function endText({ forecast, finishes_at: end, numbers, remaining_seconds: seconds }, today) {
  if (numbers.done === numbers.total) return t("listDone");
  if (end) return t("doneAt", { at: momentText(end, today) });
  if (forecast.length > 1) return t("notDoneBy", { at: momentText(forecast.at(-1).at, today), count: countText(forecast.at(-1).numbers) });
  return seconds === null ? t("endUnknown") : t("noWindowLeft");
}

/** The smallest limit, in words. @param {Progress} progress */
function limitText(progress) {
  const { reason, lines } = progress;
  if (!reason) return html`<p class="small" data-limit="">${t("noLimit")}</p>`;
  if (reason.code === "finished") return nothing;
  const line = lines.find(({ line_id: id }) => id === reason.line_id)?.name;
  const lead = t(isSlower(progress) ? "whyNotFaster" : "whyNotAtAll");
  return html`
    <p class="small" data-limit=${reason.code}><b class="strong is-wait">${lead}</b>${reason.message}${line ? t("bracketed", { text: line }) : ""}</p>
  `;
}

/** What keeps a task from dialing that may dial now, for beside the verdict. @param {Progress | null | undefined} progress */
export function hindranceText(progress) {
  const reason = hindranceOf(progress);
  if (!reason) return nothing;
  const done = reason.code === "finished";
  return html`<span class="small ${done ? "quiet" : "is-wait"} hindrance">${icon(done ? "check" : "warn")} ${done ? t("listDone") : t("dialsNothing", { why: reason.message })}</span>`;
}

/** The lines that it names, how full their shares are, and what keeps calls from them. @param {Progress} progress */
export function linesInUse({ lines }) {
  if (lines.length === 0) return nothing;
  return html`
    <section class="panel" aria-labelledby="lines-title">
      <header><h2 id="lines-title">${t("linesInUse")}</h2></header>
      <ul class="rules">
        ${lines.map(lineInUse)}
      </ul>
    </section>
  `;
}

/** @param {Progress["lines"][number]} line */
function lineInUse({ line_id: id, name, simulated, calls, share, reason, message }) {
  const full = ["route_full", "share_full", "line_full"].includes(reason);
  const part = share ? Math.min(100, (100 * calls) / share) : 0;
  return html`
    <li class="line-use" data-line=${id}>
      <span class="row"><span class="cut" title=${name}>${name}</span>${simulated ? html`<span class="tag accent">${t("simulated")}</span>` : nothing}</span>
      <span class="num small">${share === null ? "–" : t("ofShare", { calls, share })}</span>
      <span class="meter ${reason ? (full ? "full" : "stopped") : ""}" aria-hidden="true"><i ${place({ "--part": part })}></i></span>
      ${reason ? html`<small class=${full ? "" : "is-wait"}>${message}</small>` : nothing}
    </li>
  `;
}

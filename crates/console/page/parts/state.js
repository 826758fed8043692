// Whether calls may go out now and until when, as a group or a task shows it: by sign, word and colour.

import { momentText, serverNow } from "../clock.js";
import { listText, t } from "../language.js";
import { html, nothing } from "../view.js";
import { icon } from "./icon.js";
import "./time-left.js";

/** Whether a decision was right until a while ago only, and nobody knows what is now. @param {Decision} decision */
export function isOver({ next_change_at: change }) {
  return change !== null && Date.parse(change) <= serverNow();
}

/** Whether it opens later on the same day of its zone. @param {Decision} decision */
export function opensToday({ allowed, at, next_change_at: change }) {
  return !allowed && change !== null && change.slice(0, 10) === at.slice(0, 10);
}

/** Whether a group is open, closed, or opens later today. @param {Decision} decision */
export function groupChip(decision) {
  if (!decision || isOver(decision)) return html`<span class="quiet">…</span>`;
  const [kind, dot, word] = decision.allowed ? ["open", "live", "open"] : opensToday(decision) ? ["wait", "hollow", "later"] : ["", "hollow", "closed"];
  return html`<span class="chip state ${kind}"><span class="dot ${dot}"></span>${t(word)}</span>`;
}

/** Now, until when, and why. @param {Decision} decision */
export function groupState(decision) {
  if (!decision || isOver(decision)) return groupChip(decision);
  return html`
    <span class="row wrap current">${groupChip(decision)} ${untilChange(decision)}</span>
    ${whyText(decision)}
    ${decision.warning ? html`<small class="small is-wait">${icon("warn")} ${decision.warning.message}</small>` : nothing}
  `;
}

/** `至 20:00（Asia/Shanghai，2 小时 5 分后）`. @param {Decision} decision */
export function untilChange({ allowed, at, reason, next_change_at: change, timezone }) {
  if (change === null) return html`<span class="until">${foreverText(allowed, reason)}</span>`;
  const text = t(allowed ? "untilMoment" : "fromMoment", { at: momentText(change, at) });
  return html`<span class="until">${text}<time-left .until=${change} .zone=${timezone}></time-left></span>`;
}

/** What there is to say where nothing will change by itself. @param {boolean} allowed @param {Decision["reason"]} reason */
export function foreverText(allowed, reason) {
  if (reason.rule === "stopped") return t("stoppedNow");
  return t(allowed ? "openForGood" : "closedForGood");
}

/** Why, as the API says it, and what else with a name closes it. @param {Decision} decision */
export function whyText({ reason, closed_by: closing }) {
  const others = closing.filter(({ rule, name }) => name && (rule !== reason.rule || name !== reason.name));
  const also = others.length > 0 ? t("semicolon") + t("alsoClosedBy", { names: listText(others.map(({ name }) => name)) }) : "";
  return html`<small class="small quiet why">${reason.detail}${also}</small>`;
}

/** @type {Record<number, [string, string, unknown]>} */
const TASK_STATES = {
  1: ["paused", "", icon("pause")],
  2: ["running", "open", html`<span class="dot live"></span>`],
  3: ["waiting", "wait", html`<span class="dot hollow"></span>`],
};

/** A task's state: 1 paused, 2 running, 3 waiting; `hindered` where it runs and dials nothing, or is done. */
export function taskState(status, hindered = false) {
  const [name, kind, sign] = hindered && status === 2 ? ["running", "", html`<span class="dot hollow"></span>`] : TASK_STATES[status];
  return html`<span class="chip state ${kind}">${sign}${t(`state.${name}`)}</span>`;
}

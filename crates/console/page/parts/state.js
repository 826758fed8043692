// Whether calls may go out now and until when, as a group or a task shows it: by sign, word and colour.

import { instantText, serverNow } from "../clock.js";
import { t } from "../language.js";
import { html, nothing } from "../view.js";
import "./time-left.js";

/** Whether a decision was right until a while ago only, and nobody knows what is now. @param {Decision} decision */
function isOver({ next_change_at: change }) {
  return change !== null && Date.parse(change) <= serverNow();
}

/** What a decision says of a group. @param {Decision} decision */
export function groupState(decision) {
  if (!decision || isOver(decision)) return html`<span class="quiet">…</span>`;
  return html`
    <span class="state ${decision.allowed ? "is-open" : "is-shut"}">
      <span aria-hidden="true">${decision.allowed ? "●" : "○"}</span> ${t(decision.allowed ? "openNow" : "closedNow")}
    </span>
    ${untilChange(decision)}
    ${decision.warning ? html`<span class="warning">⚠ ${decision.warning.message}</span>` : nothing}
  `;
}

/** `10月12日周一 08:00 开放（Asia/Shanghai，2 小时 5 分后）`, and why, as the API says it. @param {Decision} decision */
export function untilChange({ allowed, next_change_at: change, reason, timezone }) {
  const why = html`<span class="quiet why">${reason.detail}</span>`;
  if (change === null) return html`<span class="until">${t(allowed ? "openForGood" : "closedForGood")}</span> ${why}`;
  const text = t(allowed ? "closesAt" : "opensAt", { at: instantText(change) });
  return html`<span class="until">${text}<time-left .until=${change} .zone=${timezone}></time-left></span> ${why}`;
}

const TASK_STATES = { 1: "paused", 2: "running", 3: "waiting" };
const TASK_SIGNS = { 1: "‖", 2: "▶", 3: "…" };

/** A task's state: 1 paused, 2 running, 3 waiting. */
export function taskState(status) {
  return html`
    <span class="state is-${TASK_STATES[status]}">
      <span aria-hidden="true">${TASK_SIGNS[status]}</span> ${t(`state.${TASK_STATES[status]}`)}
    </span>
  `;
}

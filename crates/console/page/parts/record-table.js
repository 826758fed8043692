// Records as rows: when, whom, what came of it, how long, and what the network said.

import { html, nothing, place, repeat } from "../view.js";
import { icon } from "./icon.js";
import { address } from "../route.js";
import { t, word } from "../language.js";

/** The longest call that its bar has room for, in seconds. */
const LONGEST = 120;

/** How a status reads: answered, blocked by somebody, or not reached, which is no fault. */
const SIGNS = { 1: ["check", "open"], 2: ["warn", "wait"], 11: ["stop", "wait"], 12: ["stop", "wait"] };

/** How an attempt that counts no try reads. */
const FAILURES = ["line_failure", "configuration", "bot_failed"];

/** What became of a number. */
export function statusChip(status, text) {
  const [sign, look] = status === 0 ? ["wait", ""] : (SIGNS[status] ?? ["minus", ""]);
  return html`<span class="chip ${look}">${icon(sign)}${text}</span>`;
}

/** What came of a call, by sign and word. @param {CallRecord} record */
export function outcomeChip({ status, class: kind }) {
  const failed = FAILURES.includes(kind);
  const [sign, look] = failed ? ["bolt", "bad"] : (SIGNS[status] ?? ["minus", ""]);
  return html`<span class="chip ${look}">${icon(sign)}${failed || status === null ? word("class", kind) : word("status", status)}</span>`;
}

/** Seconds as minutes: `01:12`. */
export function minutesText(seconds) {
  return [Math.floor(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

/** For how long it rang; null where it did not. @param {CallRecord} record */
function ringSeconds({ times: { ringing, answered, ended } }) {
  return ringing === null ? null : (Date.parse(answered ?? ended) - Date.parse(ringing)) / 1000;
}

/** How a call reads that is under way. */
const STATES = { dialing: "", ringing: "wait", answered: "open" };

/** How far a call is. @param {{ state: keyof typeof STATES }} call */
export function stateChip({ state }) {
  return html`<span class="chip ${STATES[state]}"><span class="dot live"></span>${t(`call.${state}`)}</span>`;
}

/** What a row's button does: plays its recording. @typedef {{ play: (record: CallRecord) => void, canPlay: (record: CallRecord) => boolean, playing: string }} Hearing */

/**
 * A table of an account's records; `tasks` says whether each names its task. Calls that are under way stand before them. With `hearing` a row
 * has a button that plays its recording. @param {CallRecord[]} records @param {Account} account @param {LiveCall[]} calls @param {Hearing} hearing
 */
export function recordTable(records, account, tasks = false, calls = [], hearing = null) {
  return html`
    <table class="table dense records">
      <thead>
        <tr>
          <th scope="col">${t("dialed")}</th>
          <th scope="col">${t("callee")}</th>
          <th scope="col">${t("outcome")}</th>
          ${tasks ? html`<th scope="col" class="grow">${t("task")}</th>` : nothing}
          <th scope="col" class="w2">${t("intention")}</th>
          <th scope="col">${t("talk")}</th>
          <th scope="col" class="num w1">${t("ringSeconds")}</th>
          <th scope="col" class="w3">SIP</th>
          <th scope="col" class="w1">Q.850</th>
          <th scope="col" class="w1">${t("endedBy")}</th>
          ${hearing ? html`<th scope="col" class="stays"><span class="visually-hidden">${t("hearRecording")}</span></th>` : nothing}
        </tr>
      </thead>
      <tbody>
        ${repeat(
          calls,
          ({ record_id: id }) => id,
          (call) => liveRow(call, tasks),
        )}
        ${repeat(
          records,
          ({ record_id: id }) => id,
          (record) => row(record, account, tasks, hearing),
        )}
      </tbody>
    </table>
  `;
}

/** @param {LiveCall} call */
function liveRow(call, tasks) {
  const blank = html`<span class="faint">–</span>`;
  return html`
    <tr data-call=${call.record_id}>
      <td class="quiet"><time datetime=${call.dialed_at}>${call.dialed_at.slice(5)}</time></td>
      <td class="strong">${call.phone} ${call.simulated ? html`<span class="tag accent">${t("simulated")}</span>` : nothing}</td>
      <td>${stateChip(call)}</td>
      ${tasks ? html`<td class="grow"><span class="cut">${call.task_name}</span></td>` : nothing}
      <td class="w2">${blank}</td>
      <td>${call.state === "answered" ? minutesText(call.seconds) : blank}</td>
      <td class="num quiet w1">–</td>
      <td class="w3">–</td>
      <td class="quiet w1">–</td>
      <td class="quiet w1">–</td>
    </tr>
  `;
}

/** @param {CallRecord} record @param {Hearing} hearing */
function row(record, account, tasks, hearing) {
  const ring = ringSeconds(record);
  return html`
    <tr data-record=${record.record_id}>
      <td class="quiet"><time datetime=${record.times.dialed}>${record.calldate.slice(5)}</time></td>
      <td class="strong"><a href=${address(account, "records", record.record_id, record.task_id)}>${record.phone}</a> ${record.simulated ? html`<span class="tag accent">${t("simulated")}</span>` : nothing}</td>
      <td>${outcomeChip(record)}</td>
      ${tasks
        ? html`<td class="grow"><a class="cut" href=${address(account, "tasks", record.task_id)} title=${record.task_name}>${record.task_name}</a></td>`
        : nothing}
      <td class="w2">${intentionTag(record)}</td>
      <td>${record.bill > 0 ? talk(record.bill) : html`<span class="faint">–</span>`}</td>
      <td class="num quiet w1">${ring === null ? "–" : ring.toFixed(1)}</td>
      <td class="w3" title=${record.cause.phrase ?? ""}>${record.cause.code ?? "–"}</td>
      <td class="quiet w1">${record.cause.q850 ?? "–"}</td>
      <td class="quiet w1">${word("endedBy", record.ended_by)}</td>
      ${hearing ? html`<td class="stays">${hearing.canPlay(record) ? playButton(record, hearing) : nothing}</td>` : nothing}
    </tr>
  `;
}

/** What the callee wants, by its letter. @param {CallRecord} record */
function intentionTag({ intention_results: number }) {
  if (number === null) return html`<span class="faint">–</span>`;
  const letter = "ABCDE"[number - 1];
  return html`<span class="tag accent" title=${t(`intention.${letter}`)}>${letter}</span>`;
}

/** @param {CallRecord} record @param {Hearing} hearing */
function playButton(record, { play, playing }) {
  const isPlaying = playing === record.record_id;
  const name = t(isPlaying ? "pauseOf" : "playOf", record);
  return html`<button type="button" class="button plain little square" aria-label=${name} title=${name} @click=${() => play(record)}>${icon(isPlaying ? "pause" : "play")}</button>`;
}

function talk(seconds) {
  const part = Math.min(100, Math.round((seconds / LONGEST) * 100));
  return html`<span class="row"><span class="meter" aria-hidden="true"><i ${place({ "--part": part })}></i></span>${minutesText(seconds)}</span>`;
}

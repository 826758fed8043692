// Imports of numbers: those that run with how far they are, those that have ended, and what became of the rows.

import { countText, percentText } from "./task-progress.js";
import { durationText } from "../clock.js";
import { html, nothing, place } from "../view.js";
import { icon } from "./icon.js";
import { t } from "../language.js";

/** @typedef {Data<"import_numbers">} Import */

/** How each state reads. @type {Record<string, [string, string]>} */
const STATES = { running: ["spin", "accent"], interrupted: ["wait", "wait"], finished: ["check", "open"], cancelled: ["minus", ""], failed: ["cross", "bad"] };

/** Whether it still goes on. @param {Import} one */
export function isRunning({ state }) {
  return state === "running" || state === "interrupted";
}

/** What became of the rows, as parts of a whole, in a picture and in words. @param {Import} one */
export function importShares({ rows, added, replaced, skipped, refused, dry_run: trial }) {
  const parts = [
    { text: t(trial ? "wouldImport" : "imported"), colour: "p1", count: added + replaced },
    { text: t("duplicatesSkipped"), colour: "p4", count: skipped },
    { text: t("refusedCount"), colour: "p6", count: refused },
  ];
  const whole = Math.max(1, rows);
  return html`
    <div class="parts" aria-hidden="true">
      ${parts.filter(({ count }) => count > 0).map(({ colour, count }) => html`<i class=${colour} ${place({ "--part": (100 * count) / whole })}></i>`)}
    </div>
    <ul class="shares three">
      ${parts.map(({ text, colour, count }) => html`<li><i class="key ${colour}"></i><span class="cut">${text}</span><b>${countText(count)}</b><small>${percentText(count, whole)}</small></li>`)}
    </ul>
  `;
}

/** All imports of a task. @param {Import[]} imports @param {{ mayCancel: boolean, cancel: (one: Import) => void, download: ((one: Import) => void) | null }} tools */
export function importList(imports, tools) {
  const [running, ended] = [imports.filter(isRunning), imports.filter((one) => !isRunning(one))];
  return html`
    ${running.map((one) => runningImport(one, tools))}
    <section class="panel" aria-labelledby="imports-title">
      <header><h2 id="imports-title">${t("earlierImports")}</h2></header>
      ${ended.length > 0 ? html`<ul class="rules">${ended.map((one) => endedImport(one, tools))}</ul>` : html`<p class="small quiet">${t("noImport")}</p>`}
    </section>
  `;
}

/** @param {Import} one */
function runningImport(one, { mayCancel, cancel }) {
  const part = one.bytes > 0 ? Math.floor((100 * one.bytes_done) / one.bytes) : 0;
  const left = one.seconds_left === null ? "" : `${t("pause")}${t("timeLeft", { left: durationText(1000 * one.seconds_left) })}`;
  return html`
    <section class="panel" aria-label=${t("underWay")} data-import=${one.id}>
      <header><h2>${t("underWay")}</h2><span class="push">${stateChip(one)}</span></header>
      <div class="body">
        <div class="stack tight">
          <b class="strong cut">${one.file_name ?? one.id}</b>
          <span class="small quiet">${t("rowsDone", { rows: countText(one.rows), speed: countText(one.rows_per_second) })}${left}</span>
        </div>
        <span class="meter thick work" role="progressbar" aria-valuenow=${part} aria-valuemin="0" aria-valuemax="100" aria-label=${t("importProgress")}><i ${place({ "--part": part })}></i></span>
        ${importShares(one)}
        ${mayCancel ? html`<div class="row"><button type="button" class="button little danger" @click=${() => cancel(one)}>${icon("stop")}${t("stopImport")}</button></div>` : nothing}
        <p class="small quiet">${t("importGoesOn")}</p>
      </div>
    </section>
  `;
}

/** @param {Import} one */
function endedImport(one, { download }) {
  const counts = t("importCounts", { at: one.ended_at ?? "", added: countText(one.added + one.replaced), refused: countText(one.refused) });
  return html`
    <li data-import=${one.id}>
      <span class="cut" title=${one.file_name ?? one.id}>${one.file_name ?? one.id}</span>${stateChip(one)}
      <small>
        ${one.failure_message ? `${one.failure_message}${t("semicolon")}` : ""}${counts}
        ${one.refused_rows > 0 && download ? html`<button type="button" class="button little plain" @click=${() => download(one)}>${icon("download")}${t("refusedRows")}</button>` : nothing}
      </small>
    </li>
  `;
}

/** @param {Import} one */
function stateChip({ state }) {
  const [sign, look] = STATES[state] ?? ["minus", ""];
  return html`<span class="chip ${look}">${icon(sign)}${t(`import.${state}`)}</span>`;
}

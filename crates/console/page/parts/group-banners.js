// What a group's editor says around the fields: that someone else saved or deleted the group, what was refused, and below, what is not saved yet.

import { changeList } from "./change-list.js";
import { draftOf } from "../group-draft.js";
import { html, nothing } from "../view.js";
import { icon } from "./icon.js";
import { t } from "../language.js";

/**
 * Of the group on which the edits stand: `newer` is what someone else saved meanwhile, `gone` whether someone deleted it, `faults` what was refused and
 * stands at no field; null where nothing was.
 * @param {Group} base @param {{ newer: Group, gone: boolean, faults: string[] | null, keepMine: () => void, takeTheirs: () => void }} meanwhile
 */
export function groupBanners(base, { newer, gone, faults, keepMine, takeTheirs }) {
  return html`${newerNotice(base, { newer, gone, keepMine, takeTheirs })} ${faults ? faultSummary(faults) : nothing}`;
}

function newerNotice(base, { newer, gone, keepMine, takeTheirs }) {
  if (gone) return html`<p class="banner" role="alert" tabindex="-1">${icon("warn")}<span>${t("goneMeanwhile")}</span></p>`;
  if (!newer) return nothing;
  return html`
    <section class="banner choice" role="alert" tabindex="-1" aria-labelledby="newer-title">
      <h2 id="newer-title">${t("newerVersion", newer)}</h2>
      ${changeList(draftOf(base), draftOf(newer))}
      <p class="actions">
        <button type="button" class="button primary" @click=${keepMine}>${t("keepMine")}</button>
        <button type="button" class="button" @click=${takeTheirs}>${t("takeTheirs")}</button>
      </p>
    </section>
  `;
}

/** @param {string[]} beside */
function faultSummary(beside) {
  return html`
    <div class="banner bad" role="alert" tabindex="-1">
      ${icon("warn")}<span>${t("faultsBelow")}</span>
      ${beside.length > 0 ? html`<ul>${beside.map((text) => html`<li>${text}</li>`)}</ul>` : nothing}
    </div>
  `;
}

/**
 * `changes` is how many places differ, `version` that which saving makes; null of a new group. `stopping` is how many tasks stop at once.
 * @param {{ changes: number, version: number | null, isChanged: boolean, isOutdated: boolean, isSaving: boolean, stopping: number, discard: () => void, save: () => void }} edits
 */
export function saveBar({ changes, version, isChanged, isOutdated, isSaving, stopping, discard, save }) {
  const isNew = version === null;
  return html`
    <div class="savebar" role="group" aria-label=${t("save")} tabindex="-1" data-focus>
      <span role="status">${isChanged || isNew ? html`<span class="chip accent">${changes > 0 ? t("unsavedPlaces", { count: changes }) : t("unsaved")}</span>` : html`<span class="small quiet">${t("nothingUnsaved")}</span>`}</span>
      ${isOutdated ? html`<span class="small is-wait">${icon("warn")} ${t("newerFirst")}</span>` : stopText(stopping)}
      <span class="push row">
        ${isChanged ? html`<button type="button" class="button" @click=${discard}>${t("discard")}</button>` : nothing}
        <button type="button" class="button primary" ?disabled=${(!isNew && !isChanged) || isOutdated} aria-busy=${String(isSaving)} @click=${save}>
          ${icon(isSaving ? "spin" : "check")}${isNew ? t("save") : t("saveAs", { version })}
        </button>
      </span>
    </div>
  `;
}

/** What must not be overlooked. */
function stopText(stopping) {
  return stopping > 0 ? html`<b class="small strong is-bad">${t("tasksStopping", { count: stopping })}</b>` : nothing;
}

// What stands above the week editor: what is done in it, undo and redo, and help.

import { html } from "../view.js";
import { icon } from "./icon.js";
import { t } from "../language.js";

/** What is done in the week: windows are painted, erased, or written out. */
const MODES = ["draw", "erase", "write"];

/** @param {string} chosen @param {(mode: string) => void} take */
export function weekModes(chosen, take) {
  return html`
    <div class="segments" role="group" aria-label=${t("tool")}>
      ${MODES.map((mode) => html`<button type="button" value=${mode} aria-pressed=${String(mode === chosen)} @click=${() => take(mode)}>${t(`tool.${mode}`)}</button>`)}
    </div>
  `;
}

/** @param {import("../group-draft.js").History} history @param {() => void} undo @param {() => void} redo */
export function weekSteps({ canUndo, canRedo }, undo, redo) {
  return html`
    <span class="row" data-focus="button:enabled">
      <button type="button" class="button plain little square" aria-label=${t("undo")} ?disabled=${!canUndo} @click=${undo}>${icon("undo")}</button>
      <button type="button" class="button plain little square" aria-label=${t("redo")} ?disabled=${!canRedo} @click=${redo}>${icon("redo")}</button>
    </span>
  `;
}

export function weekHelp() {
  return html`
    <details class="help small quiet">
      <summary>${t("gridHelpTitle")}</summary>
      <p id="grid-help">${t("gridHelp")}</p>
    </details>
  `;
}

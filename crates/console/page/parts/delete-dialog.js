// The question before something is deleted that others may use. Where that is refused because they do, it names them instead.

import { closeDialog, modal } from "./dialog.js";
import { html } from "../view.js";
import { icon } from "./icon.js";
import { t } from "../language.js";

/**
 * What `inUse` says is the refusal, if there was one; `closed` hears that the dialog is gone, `act` deletes.
 * @param {{ name: string, means?: string, inUse: any, closed: () => void, act: (event: Event) => unknown }} asked
 */
export function deleteDialog({ name, means = t("deleteMeans"), inUse, closed, act }) {
  return html`
    <dialog ${modal()} aria-labelledby="delete-title" @close=${closed}>
      <h2 id="delete-title">${t("deleteOf", { name })}</h2>
      ${inUse ? html`<p role="alert">${inUse.message}</p><ul class="named-tasks">${inUse.faults.map((fault) => html`<li>${fault.name}</li>`)}</ul>` : html`<p>${means}</p>`}
      <p class="actions">
        <button type="button" class="button" autofocus @click=${closeDialog}>${t("cancel")}</button>
        <button type="button" class="button danger" ?disabled=${inUse !== null} @click=${act}>${icon("trash")}${t("delete")}</button>
      </p>
    </dialog>
  `;
}

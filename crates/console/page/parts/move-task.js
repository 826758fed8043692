// Lets a task dial in another group. It shows the `task`, and tells `moving` with the chosen group, and `closed` in any case.

import { closeDialog, modal } from "./dialog.js";
import { t } from "../language.js";
import { View, define, html } from "../view.js";
import "./group-picker.js";

class MoveTask extends View {
  /** The group that is chosen. @type {Group} */
  #to = null;

  draw() {
    const { task } = this;
    const pick = (event) => {
      this.#to = event.detail;
      this.update();
    };
    return html`
      <dialog ${modal()} aria-labelledby="move-title" @close=${() => this.tell("closed")}>
        <h2 id="move-title">${t("moveOf", task)}</h2>
        <p>${t("moveMeans")}</p>
        <group-picker .api=${this.api} .except=${task.dial_time_id} .label=${t("changeGroup")} @pick=${pick}></group-picker>
        <p class="actions">
          <button type="button" class="button" @click=${closeDialog}>${t("cancel")}</button>
          <button type="button" class="button primary" ?disabled=${!this.#to} @click=${this.#carryOut}>${t("changeGroup")}</button>
        </p>
      </dialog>
    `;
  }

  #carryOut = (event) => {
    this.tell("moving", this.#to);
    closeDialog(event);
  };
}

define("move-task", MoveTask, ["api", "task"]);

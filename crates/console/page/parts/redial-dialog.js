// Has numbers of a task called again by what became of them. Tells `closed`, and `redone` when it was done. `task` is the task,
// `numbers` its numbers as its progress has them.

import { closeDialog, modal, once } from "./dialog.js";
import { complain, say } from "./notice.js";
import { countText } from "./task-progress.js";
import { icon } from "./icon.js";
import { t } from "../language.js";
import { View, define, html, nothing } from "../view.js";

/** A number that must not be called stays what it is. */
const BLACKLISTED = 11;

class RedialDialog extends View {
  #chosen = new Set();

  draw() {
    const called = this.numbers.by_status.filter(({ status }) => status > 0 && status !== BLACKLISTED);
    const count = called.filter(({ status }) => this.#chosen.has(status)).reduce((sum, { numbers }) => sum + numbers, 0);
    return html`
      <dialog ${modal()} aria-labelledby="redial-title" @close=${() => this.tell("closed")}>
        <form @submit=${this.#reset}>
          <h2 id="redial-title">${t("redialByStatus")}</h2>
          <p>${t("redialMeans")}</p>
          <fieldset class="checks">
            <legend>${t("redialWhich")}</legend>
            ${called.map(
              ({ status, status_str: name, numbers }) => html`
                <label class="check">
                  <input type="checkbox" class="tick" value=${status} @change=${() => this.#choose(status)} /> ${name} <span class="quiet">${countText(numbers)}</span>
                </label>
              `,
            )}
          </fieldset>
          <p class="actions">
            <button type="button" class="button" @click=${closeDialog}>${t("cancel")}</button>
            <button type="submit" class="button primary" aria-disabled=${count === 0 ? "true" : nothing}>${icon("redo")}${t("redialCount", { count: countText(count) })}</button>
          </p>
        </form>
      </dialog>
    `;
  }

  #choose(status) {
    if (!this.#chosen.delete(status)) this.#chosen.add(status);
    this.update();
  }

  #reset = once(async (event) => {
    if (this.#chosen.size === 0) return;
    try {
      const { data } = await this.api.resetNumbers(this.task.uuid, [...this.#chosen]);
      say(data.reset_id ? t("redialGoesOn") : t("redialDone", { count: countText(data.reset) }));
      this.tell("redone");
    } catch (error) {
      complain(error);
    }
    closeDialog(event);
  });
}

define("redial-dialog", RedialDialog, ["api", "task", "numbers"]);

// What was just done to several groups, and a way back: each becomes again what it was before, unless someone has changed it since. It shows `done`, and tells
// `closed`.

import { CODE } from "../api.js";
import { complain, say } from "./notice.js";
import { icon } from "./icon.js";
import { listText, t } from "../language.js";
import { once } from "./dialog.js";
import { View, define, html, nothing } from "../view.js";

class UndoBar extends View {
  #busy = false;
  /** The groups that were changed since, and stay as they are. @type {GroupEdit[]} */
  #left = [];

  start() {
    // What had the focus, the bar of those selected, is gone.
    requestAnimationFrame(() => this.querySelector(".bulk")?.focus());
  }

  draw() {
    const { name, edits } = this.done;
    return html`
      <div class="bulk" role="region" aria-label=${t("lastBulk")} tabindex="-1" data-focus>
        <span role="status">
          ${this.#left.length > 0
            ? html`${icon("warn")} ${t("notUndone", { names: listText(this.#left.map((edit) => edit.name)) })}`
            : html`<b class="strong">${t("exceptionFor", { name, count: edits.length })}</b>`}
        </span>
        <span class="push row wrap">
          ${this.#left.length > 0
            ? nothing
            : html`<button type="button" class="button undo" aria-busy=${String(this.#busy)} @click=${this.#undo}>${icon(this.#busy ? "spin" : "undo")}${t("undo")}</button>`}
          <button type="button" class="button square" aria-label=${t("dismiss")} @click=${() => this.tell("closed")}>${icon("cross")}</button>
        </span>
      </div>
    `;
  }

  #setBusy(busy) {
    this.#busy = busy;
    this.update();
  }

  #undo = once(async () => {
    this.#setBusy(true);
    const { edits } = this.done;
    const undone = [];
    const left = [];
    try {
      for (const edit of edits) (await this.#takeBack(edit) ? undone : left).push(edit);
    } catch (error) {
      // Those that are done are not tried again.
      this.done = { ...this.done, edits: edits.filter((edit) => !undone.includes(edit)) };
      this.#setBusy(false);
      return complain(error);
    }
    say(t("bulkUndone", { count: undone.length }));
    this.#left = left;
    this.#setBusy(false);
    if (left.length === 0) this.tell("closed");
  });

  /** Whether it could be taken back. @param {GroupEdit} edit */
  async #takeBack({ id, before, after }) {
    try {
      await this.api.restoreGroup(id, before, after);
      return true;
    } catch (error) {
      if (error.code === CODE.stale || error.code === CODE.notFound) return false;
      throw error;
    }
  }
}

define("undo-bar", UndoBar, ["api", "done"]);

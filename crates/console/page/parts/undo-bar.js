// What was just done to several, and a way back: each part becomes again what it was before, unless someone has changed it since. It shows `done`,
// and tells `closed`.

import { complain, say } from "./notice.js";
import { icon } from "./icon.js";
import { listText, t } from "../language.js";
import { once } from "./dialog.js";
import { View, define, html, nothing } from "../view.js";
import "../words/bulk-words.js";

class UndoBar extends View {
  #busy = false;
  /** What was changed since, and stays as it is. @type {string[]} */
  #left = [];

  start() {
    // What had the focus, the bar of those selected, is gone.
    requestAnimationFrame(() => this.querySelector(".bulk")?.focus());
  }

  draw() {
    return html`
      <div class="bulk" role="region" aria-label=${t("lastBulk")} tabindex="-1" data-focus>
        <span role="status">
          ${this.#left.length > 0
            ? html`${icon("warn")} ${t("notUndone", { names: listText(this.#left) })}`
            : html`<b class="strong">${this.done.said()}</b>`}
        </span>
        <span class="push row wrap">
          ${this.#left.length > 0 || this.done.parts.length === 0
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
    let undone = 0;
    const left = [];
    for (const part of [...this.done.parts]) {
      try {
        const changed = await part.takeBack();
        left.push(...changed);
        undone += part.count - changed.length;
      } catch (error) {
        this.#setBusy(false);
        return complain(error);
      }
      // Those that are done are not tried again.
      this.done.parts = this.done.parts.filter((each) => each !== part);
    }
    say(t("bulkUndone", { count: undone }));
    this.#left = left;
    this.#setBusy(false);
    if (left.length === 0) this.tell("closed");
  });
}

define("undo-bar", UndoBar, ["done"]);

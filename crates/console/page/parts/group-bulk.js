// What can be done to several groups at once, and the way back from it: a bar below the list. It shows the ticked `groups`, and tells `untick` when they are to
// be ticked no more.

import { CODE } from "../api.js";
import { icon } from "./icon.js";
import { t } from "../language.js";
import { View, define, html, nothing } from "../view.js";
import "./add-exception.js";
import "./undo-bar.js";
import "../words/bulk-words.js";

class GroupBulk extends View {
  #adding = false;
  /** What was done last, and can be undone. @type {BulkEdit | null} */
  #done = null;

  draw() {
    const { groups } = this;
    if (groups.length === 0) return this.#undoBar();
    const tasks = groups.reduce((sum, { task_count: count }) => sum + count, 0);
    return html`
      <div class="bulk" role="region" aria-label=${t("forTicked")}>
        <b class="strong" role="status">${t("ticked", { count: groups.length })}</b><span class="small">${t("usedBy", { count: tasks })}</span>
        <span class="push row wrap">
          <button type="button" class="button" @click=${() => this.#setAdding(true)}>${icon("plus")}${t("addException")}</button>
          <button type="button" class="button square" aria-label=${t("untick")} @click=${() => this.tell("untick")}>${icon("cross")}</button>
        </span>
      </div>
      ${this.#adding ? this.#dialog(groups) : nothing}
    `;
  }

  /** @param {Group[]} groups */
  #dialog(groups) {
    return html`<add-exception .api=${this.api} .groups=${groups} @closed=${() => this.#setAdding(false)} @done=${({ detail }) => this.#end(detail)}></add-exception>`;
  }

  #setAdding(adding) {
    this.#adding = adding;
    this.update();
  }

  /** @param {{ name: string, edits: GroupEdit[] }} edit */
  #end({ name, edits }) {
    const said = () => t("exceptionFor", { name, count: edits.length });
    this.#done = { said, parts: edits.map((edit) => ({ count: 1, takeBack: () => this.#takeBack(edit) })) };
    this.#setAdding(false);
    this.tell("untick");
  }

  /** Makes a group again what it was, unless someone has changed it since: what it is called then. @param {GroupEdit} edit */
  async #takeBack({ id, name, before, after }) {
    try {
      await this.api.restoreGroup(id, before, after);
      return [];
    } catch (error) {
      if (error.code === CODE.stale || error.code === CODE.notFound) return [name];
      throw error;
    }
  }

  #undoBar() {
    const closed = () => {
      this.#done = null;
      this.update();
    };
    return this.#done ? html`<undo-bar .done=${this.#done} @closed=${closed}></undo-bar>` : nothing;
  }
}

define("group-bulk", GroupBulk, ["api", "groups"]);

// What can be done to several groups at once, and the way back from it: a bar below the list. It shows the ticked `groups` and how many there are of the list in all
// (`total`), and tells `untick` when they are to be ticked no more, `tick-all` when all of the list are.

import { CODE, wishKey } from "../api.js";
import { draftOf, written } from "../group-draft.js";
import { icon } from "./icon.js";
import { listText, t } from "../language.js";
import { View, define, html, nothing } from "../view.js";
import "./add-exception.js";
import "./delete-groups.js";
import "./undo-bar.js";
import "../words/bulk-words.js";

/** How many groups the API changes at once. */
const MOST = 1000;

class GroupBulk extends View {
  /** What the person is about to do. @type {"add" | "delete" | null} */
  #doing = null;
  /** What was done last, and can be undone. @type {BulkEdit | null} */
  #done = null;

  draw() {
    const { groups, total } = this;
    if (groups.length === 0) return this.#undoBar();
    const tasks = groups.reduce((sum, { task_count: count }) => sum + count, 0);
    return html`
      <div class="bulk" role="region" aria-label=${t("forTicked")}>
        <b class="strong" role="status">${t("ticked", { count: groups.length })}</b><span class="small">${t("usedBy", { count: tasks })}</span>
        <span class="push row wrap">
          ${total > groups.length && total <= MOST
            ? html`<button type="button" class="button plain all" @click=${() => this.tell("tick-all")}>${t("tickAllOfList", { count: total })}</button>`
            : nothing}
          <button type="button" class="button exception" @click=${() => this.#begin("add")}>${icon("plus")}${t("addException")}</button>
          <button type="button" class="button danger delete" @click=${() => this.#begin("delete")}>${icon("trash")}${t("delete")}</button>
          <button type="button" class="button square" aria-label=${t("untick")} @click=${() => this.tell("untick")}>${icon("cross")}</button>
        </span>
      </div>
      ${this.#doing ? this.#dialog(groups) : nothing}
    `;
  }

  /** @param {Group[]} groups */
  #dialog(groups) {
    const closed = () => this.#begin(null);
    if (this.#doing === "delete") return html`<delete-groups .api=${this.api} .groups=${groups} @closed=${closed} @done=${({ detail }) => this.#deleted(detail)}></delete-groups>`;
    return html`<add-exception .api=${this.api} .groups=${groups} @closed=${closed} @done=${({ detail }) => this.#added(detail)}></add-exception>`;
  }

  /** @param {"add" | "delete" | null} doing */
  #begin(doing) {
    this.#doing = doing;
    this.update();
  }

  /** @param {BulkEdit} done */
  #end(done) {
    this.#done = done;
    this.#begin(null);
    this.tell("untick");
  }

  /** @param {{ name: string, edits: GroupEdit[] }} edit */
  #added({ name, edits }) {
    const said = () => t("exceptionFor", { name, count: edits.length });
    this.#end({ said, parts: edits.map((edit) => ({ count: 1, takeBack: () => this.#takeBack(edit) })) });
  }

  /** @param {{ deleted: Group[], left: string[] }} what */
  #deleted({ deleted, left }) {
    const text = () => t("groupsDeleted", { count: deleted.length }) + (left.length > 0 ? t("semicolon") + t("groupsStay", { names: listText(left) }) : "");
    const parts = deleted.map((group) => {
      // It stays the same however often the wish must be sent.
      const key = wishKey();
      return { count: 1, takeBack: () => this.#makeAgain(group, key) };
    });
    this.#end({ said: text, parts });
  }

  /** A group like the one that was deleted: it gets a number of its own. @param {Group} group @param {string} key */
  async #makeAgain(group, key) {
    await this.api.saveGroup(written(draftOf(group)).group, key);
    return [];
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

define("group-bulk", GroupBulk, ["api", "groups", "total"]);

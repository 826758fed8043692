// Deleting several groups: those that no task uses, after saying which stay. It shows `groups`, and tells `done` with what was deleted and what stayed, and
// `closed`.

import { closeDialog, modal, once } from "./dialog.js";
import { CODE } from "../api.js";
import { complain, say } from "./notice.js";
import { groupsNow } from "../groups-now.js";
import { icon } from "./icon.js";
import { t } from "../language.js";
import { View, define, html, nothing } from "../view.js";
import "../words/bulk-words.js";

/** How many of each kind are named. */
const NAMED = 10;

/** Why the API lets a group stay: a task uses it, it is a ceiling, someone has changed it since; or it was gone before. */
const STAYS = [CODE.groupInUse, CODE.groupIsCeiling, CODE.stale, CODE.notFound];

class DeleteGroups extends View {
  /** The groups as they are now; null until that is known. @type {Group[]} */
  #now = null;
  /** The ids of those that are a ceiling, as far as that is known here. @type {Set<number>} */
  #ceilings = new Set();
  /** What was deleted, once it is. @type {{ deleted: Group[], left: string[] } | null} */
  #done = null;

  async start() {
    try {
      const [now, ceilings] = await Promise.all([groupsNow(this.api, this.groups.map(({ id }) => id), this), this.api.ceilings(this)]);
      this.#ceilings = new Set(ceilings.data.map(({ dial_time_id: id }) => id));
      this.#now = [...now.values()];
      this.update();
    } catch (error) {
      complain(error);
    }
  }

  /** @returns {Group[]} */
  get #unused() {
    return (this.#now ?? []).filter((group) => !this.#stays(group));
  }

  /** @param {Group} group */
  #stays({ id, task_count: count }) {
    return count > 0 || this.#ceilings.has(id);
  }

  draw() {
    const unused = this.#unused;
    const closed = () => (this.#done ? this.tell("done", this.#done) : this.tell("closed"));
    return html`
      <dialog ${modal()} aria-labelledby="delete-groups-title" @close=${closed}>
        <h2 id="delete-groups-title">${t("deleteTicked", { count: this.groups.length })}</h2>
        <div class="stack" role="status">${this.#now === null ? html`<p class="small quiet">${t("loading")}</p>` : this.#means(this.#now)}</div>
        <p class="actions">
          <button type="button" class="button" autofocus @click=${closeDialog}>${t("cancel")}</button>
          <button type="button" class="button danger" ?disabled=${unused.length === 0} @click=${this.#carryOut}>${icon("trash")}${t("deleteUnused", { count: unused.length })}</button>
        </p>
      </dialog>
    `;
  }

  /** @param {Group[]} groups */
  #means(groups) {
    const used = groups.filter((group) => this.#stays(group));
    const gone = this.groups.length - groups.length;
    return html`
      ${list("deletedGroups", "goes", this.#unused)} ${list("usedGroupsStay", "stays", used)} ${gone > 0 ? html`<p class="small quiet">${t("goneAlready", { count: gone })}</p>` : nothing}
      <p class="small quiet">${t("deletedGroupsMean")}</p>
    `;
  }

  #carryOut = once(async (event) => {
    const deleted = [];
    const left = [];
    try {
      for (const group of this.#unused) {
        if (await this.#delete(group)) deleted.push(group);
        else left.push(group.name);
      }
    } catch (error) {
      complain(error);
    }
    if (deleted.length + left.length > 0) this.#done = { deleted, left };
    if (deleted.length > 0) say(t("groupsDeleted", { count: deleted.length }));
    closeDialog(event);
  });

  /** Whether it is deleted. @param {Group} group */
  async #delete({ id, version }) {
    try {
      await this.api.deleteGroup(id, version);
      return true;
    } catch (error) {
      if (STAYS.includes(error.code)) return false;
      throw error;
    }
  }
}

/** @param {Group[]} groups */
function list(text, kind, groups) {
  if (groups.length === 0) return nothing;
  return html`
    <div class=${kind}>
      <b class="strong">${t(text, { count: groups.length })}</b>
      <ul class="named-tasks">
        ${groups.slice(0, NAMED).map(({ name, task_count: count }) => html`<li>${name}${count > 0 ? html` <small class="quiet">${t("taskCount", { count })}</small>` : nothing}</li>`)}
        ${groups.length > NAMED ? html`<li class="quiet">${t("andMore", { count: groups.length - NAMED })}</li>` : nothing}
      </ul>
    </div>
  `;
}

define("delete-groups", DeleteGroups, ["api", "groups"]);

// Deleting a group; one that tasks use can only be replaced by another. Tells `closed`.

import { address } from "../route.js";
import { CODE } from "../api.js";
import { closeDialog, modal, once } from "./dialog.js";
import { complain, say } from "./notice.js";
import { t } from "../language.js";
import { icon } from "./icon.js";
import { taskState } from "./state.js";
import { View, define, html, nothing } from "../view.js";
import "./group-picker.js";

/** How many of the tasks that use it are named. */
const NAMED = 10;

class DeleteGroup extends View {
  /** The tasks that use it, once it is known that there are some. @type {Task[]} */
  #tasks = null;
  #total = 0;
  /** @type {Group} */
  #by = null;

  start() {
    if (this.group.task_count > 0) this.#showTasks();
  }

  draw() {
    const closed = () => this.tell("closed");
    return html`
      <dialog ${modal()} aria-labelledby="delete-title" @close=${closed}>
        <h2 id="delete-title">${t("deleteOf", this.group)}</h2>
        ${this.#tasks ? this.#inUse() : html`<p>${t("deleteMeans")}</p>`}
        <p class="actions">
          <button type="button" class="button" autofocus @click=${closeDialog}>${t("cancel")}</button>
          ${this.#tasks
            ? html`
                <button type="button" class="button danger" ?disabled=${!this.#by} @click=${this.#replace}>
                  ${this.#by ? t("replaceByAndDelete", this.#by) : t("replaceAndDelete")}
                </button>
              `
            : html`<button type="button" class="button danger" @click=${this.#delete}>${icon("trash")}${t("delete")}</button>`}
        </p>
      </dialog>
    `;
  }

  #inUse() {
    return html`
      <p role="alert">${t("inUse", { count: this.#total })}</p>
      <ul class="named-tasks">
        ${this.#tasks.map((task) => html`<li>${task.name} ${taskState(task.status)}</li>`)}
        ${this.#total > this.#tasks.length ? html`<li class="quiet">${t("andMore", { count: this.#total - this.#tasks.length })}</li>` : nothing}
      </ul>
      <p><a href=${`${address(this.account, "tasks")}?group=${this.group.id}`} @click=${closeDialog}>${t("allTheseTasks")}</a></p>
      <h3>${t("replaceBy")}</h3>
      <group-picker .api=${this.api} .except=${this.group.id} .label=${t("replaceBy")} @pick=${this.#pick}></group-picker>
    `;
  }

  #pick = (event) => {
    this.#by = event.detail;
    this.update();
  };

  #delete = once(async (event) => {
    try {
      await this.api.deleteGroup(this.group.id, this.group.version);
      say(t("deleted", this.group));
      closeDialog(event);
    } catch (error) {
      if (error.code === CODE.groupInUse) await this.#showTasks();
      else this.#refused(error, event);
    }
  });

  #replace = once(async (event) => {
    try {
      const { data } = await this.api.replaceGroup(this.group.id, this.#by.id, this.group.version);
      say(t("replaced", { name: this.group.name, by: this.#by.name, count: data.tasks }));
      closeDialog(event);
    } catch (error) {
      this.#refused(error, event);
    }
  });

  async #showTasks() {
    try {
      const { data, meta } = await this.api.groupTasks(this.group.id, { per_page: NAMED }, this);
      if (meta.total > 0) [this.#tasks, this.#total] = [data, meta.total];
      this.update();
    } catch (error) {
      complain(error);
    }
  }

  /** A notice would lie behind the dialog. */
  #refused(error, event) {
    closeDialog(event);
    complain(error);
  }
}

define("delete-group", DeleteGroup, ["api", "account", "group"]);

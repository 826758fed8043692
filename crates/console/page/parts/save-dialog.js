// What saving a group would change: its settings, tasks that stop or start now, and the next weeks. Tells `save`, `closed`, or `refused`
// with what the server found wrong.

import { changeList } from "./change-list.js";
import { closeDialog, modal } from "./dialog.js";
import { t } from "../language.js";
import { View, define, html, nothing } from "../view.js";

class SaveDialog extends View {
  /** @type {Data<"preview_group">} */
  #preview = null;

  async start() {
    const body = this.groupId === null ? this.body : { ...this.body, group_id: this.groupId };
    try {
      this.#preview = (await this.api.previewGroup(body, this)).data;
      this.update();
    } catch (error) {
      if (error.name !== "AbortError") this.tell("refused", error);
    }
  }

  draw() {
    return html`
      <dialog ${modal()} aria-labelledby="save-title" @close=${() => this.tell("closed")}>
        <h2 id="save-title">${t("beforeSaving")}</h2>
        ${this.groupId === null ? nothing : changeList(this.before, this.after)}
        ${this.#preview ? this.#effects(this.#preview) : html`<p class="quiet">${t("loading")}</p>`}
        <p class="actions">
          <button type="button" class="primary" ?disabled=${!this.#preview || this.newer} @click=${() => this.tell("save")}>
            ${t("save")}
          </button>
          <button type="button" @click=${closeDialog}>${t("back")}</button>
        </p>
        ${this.newer ? html`<p class="warning" role="alert">⚠ ${t("newerFirst")}</p>` : nothing}
      </dialog>
    `;
  }

  /** @param {Data<"preview_group">} preview */
  #effects({ stopping, starting, calendar }) {
    const none = stopping.total + starting.total === 0;
    return html`
      <h3>${t("effectNow")}</h3>
      ${none ? html`<p class="no-effect">${t("noTaskAffected")}</p>` : nothing}
      ${this.#tasks("tasksStopping", "stopping", stopping)} ${this.#tasks("tasksStarting", "starting", starting)}
      <h3>${t("fourWeeks")}</h3>
      <p>${t("openHours", { hours: Math.round(calendar.open_seconds / 360) / 10, days: calendar.days.length })}</p>
      <p class="quiet">${t("timesIn", { zone: calendar.timezone })}</p>
      ${calendar.warning ? html`<p class="warning">⚠ ${calendar.warning.message}</p>` : nothing}
    `;
  }

  #tasks(text, kind, { total, tasks }) {
    if (total === 0) return nothing;
    const shown = tasks.slice(0, 10);
    return html`
      <p class=${kind}>${t(text, { count: total })}</p>
      <ul class="named-tasks ${kind}">
        ${shown.map(({ name }) => html`<li>${name}</li>`)}
        ${total > shown.length ? html`<li class="quiet">${t("andMore", { count: total - shown.length })}</li>` : nothing}
      </ul>
    `;
  }
}

define("save-dialog", SaveDialog, ["api", "groupId", "body", "before", "after", "newer"]);

// What can be done to several tasks at once, and the way back from it: a bar below the list. It shows the ticked `tasks`, and tells `untick` when they are to
// be ticked no more.

import { CODE } from "../api.js";
import { bulkEffects } from "./bulk-effects.js";
import { closeDialog, modal, once } from "./dialog.js";
import { complain, refusalText, say } from "./notice.js";
import { icon } from "./icon.js";
import { Lookahead } from "../lookahead.js";
import { Names } from "../names.js";
import { t } from "../language.js";
import { View, define, html, nothing } from "../view.js";
import "./group-picker.js";
import "./undo-bar.js";
import "../words/bulk-words.js";

/** The state of a task that is paused. */
const PAUSED = 1;

/** What is not there any more is nothing; all else went wrong. @returns {null} */
function whereGone(error) {
  if (error.code === CODE.notFound) return null;
  throw error;
}

class TaskBulk extends View {
  /** What the person is about to do. @type {"move" | "pause" | null} */
  #doing = null;
  /** The group that is chosen. @type {Group} */
  #to = null;
  /** Why it was refused. */
  #refusal = "";
  /** What was done last, and can be undone. @type {BulkEdit | null} */
  #done = null;
  #groupNames = new Names((id) => this.api.group(id, this), () => this.update());
  #lookahead = new Lookahead(this, (_, options) => this.#send(true, options));

  get #ids() {
    return this.tasks.map(({ uuid }) => uuid);
  }

  /** @param {boolean} dryRun */
  #send(dryRun, options = undefined) {
    if (this.#doing === "pause") return this.api.bulkPause({ task_ids: this.#ids }, dryRun, options);
    return this.api.bulkMove({ task_ids: this.#ids, dial_time_id: this.#to.id }, dryRun, options);
  }

  draw() {
    if (this.tasks.length === 0) return this.#undoBar();
    return html`
      <div class="bulk" role="region" aria-label=${t("forTicked")}>
        <b class="strong" role="status">${t("ticked", { count: this.tasks.length })}</b>
        <span class="push row wrap">
          <button type="button" class="button pause" @click=${() => this.#begin("pause")}>${icon("pause")}${t("stop")}</button>
          <button type="button" class="button move" @click=${() => this.#begin("move")}>${icon("group")}${t("changeGroup")}</button>
          <button type="button" class="button square" aria-label=${t("untick")} @click=${() => this.tell("untick")}>${icon("cross")}</button>
        </span>
      </div>
      ${this.#doing ? this.#dialog() : nothing}
    `;
  }

  /** @param {"move" | "pause" | null} doing */
  #begin(doing) {
    [this.#doing, this.#to, this.#refusal] = [doing, null, ""];
    // What was known of something else is none of it.
    this.#lookahead.want(null, "");
    if (doing) this.#groupNames.want(this.tasks.map(({ dial_time_id: id }) => id)).catch(complain);
    this.update();
  }

  get #isReady() {
    return this.#doing === "pause" || this.#to !== null;
  }

  #dialog() {
    const doing = this.#doing;
    this.#lookahead.want(this.#isReady ? { doing, ids: this.#ids, to: this.#to?.id } : null, "");
    const pick = ({ detail }) => {
      this.#to = detail;
      this.update();
    };
    return html`
      <dialog ${modal()} aria-labelledby="bulk-title" @close=${() => this.#begin(null)}>
        <h2 id="bulk-title">${t(doing === "pause" ? "pauseTicked" : "moveTicked", { count: this.tasks.length })}</h2>
        ${doing === "move" ? html`<group-picker .api=${this.api} .label=${t("changeGroup")} @pick=${pick}></group-picker>` : nothing}
        ${bulkEffects(this.#lookahead, (id) => this.#groupNames.get(id) ?? String(id))}
        ${this.#refusal ? html`<p class="fault" role="alert">${icon("warn")}${this.#refusal}</p>` : nothing}
        <p class="actions">
          <button type="button" class="button" @click=${closeDialog}>${t("cancel")}</button>
          <button type="button" class="button primary" ?disabled=${!this.#isReady} @click=${this.#carryOut}>${t(doing === "pause" ? "stop" : "changeGroup")}</button>
        </p>
      </dialog>
    `;
  }

  #carryOut = once(async (event) => {
    if (!(await this.#lookahead.isSeen(() => this.querySelector(".bulk-effects")?.focus()))) return;
    const { tasks } = this;
    let answer;
    try {
      answer = await this.#send(false);
    } catch (error) {
      this.#refusal = refusalText(error);
      return this.update();
    }
    this.#done = this.#doing === "pause" ? this.#paused(tasks, answer.data) : this.#moved(tasks, this.#to, answer.data);
    say(this.#done.said());
    closeDialog(event);
    this.tell("untick");
  });

  /** Those start again together that were paused. @param {Task[]} tasks @param {{ undo?: unknown }} done @returns {BulkEdit} */
  #paused(tasks, { undo }) {
    const { task_ids: ids } = /** @type {{ task_ids: string[] }} */ (undo ?? { task_ids: [] });
    const takeBack = async () => {
      const { same, left } = await this.#unchanged(tasks, ids, ({ status }) => status === PAUSED);
      if (same.size > 0) await this.api.bulkResume({ task_ids: [...same] });
      return left;
    };
    return { said: () => t("pausedTicked", { count: tasks.length }), parts: ids.length > 0 ? [{ count: ids.length, takeBack }] : [] };
  }

  /** Each goes back to the group that it came from. @param {Task[]} tasks @param {Group} to @param {{ undo?: unknown }} done @returns {BulkEdit} */
  #moved(tasks, to, { undo }) {
    const { moves: back } = /** @type {{ moves: { task_ids: string[], dial_time_id: number }[] }} */ (undo ?? { moves: [] });
    const ids = back.flatMap(({ task_ids: all }) => all);
    const takeBack = async () => {
      const { same, left } = await this.#unchanged(tasks, ids, ({ dial_time_id: group }) => group === to.id);
      const moves = back
        .map(({ task_ids: all, dial_time_id }) => ({ task_ids: all.filter((id) => same.has(id)), dial_time_id }))
        .filter(({ task_ids: all }) => all.length > 0);
      if (moves.length > 0) await this.api.bulkMove({ moves }, false);
      return left;
    };
    return { said: () => t("movedTicked", { count: tasks.length, group: to.name }), parts: ids.length > 0 ? [{ count: ids.length, takeBack }] : [] };
  }

  /** Which of them are as they were made, and what those are called that someone has changed since, or deleted. @param {Task[]} tasks @param {string[]} ids @param {(task: { status: number, dial_time_id: number }) => boolean} isSame */
  async #unchanged(tasks, ids, isSame) {
    const now = await Promise.all(ids.map((id) => this.api.task(id, this).then(({ data }) => data, whereGone)));
    const same = new Set(ids.filter((_, index) => now[index] && isSame(now[index])));
    return { same, left: tasks.filter(({ uuid }) => ids.includes(uuid) && !same.has(uuid)).map(({ name }) => name) };
  }

  #undoBar() {
    const closed = () => {
      this.#done = null;
      this.update();
    };
    return this.#done ? html`<undo-bar .done=${this.#done} @closed=${closed}></undo-bar>` : nothing;
  }
}

define("task-bulk", TaskBulk, ["api", "tasks"]);

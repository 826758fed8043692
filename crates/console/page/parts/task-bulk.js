// What can be done to several tasks at once, and the way back from it: a bar below the list. It shows the ticked `tasks`, and tells `untick` when they are to
// be ticked no more.

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
    if (doing === "move") this.#groupNames.want(this.tasks.map(({ dial_time_id: id }) => id)).catch(complain);
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
    try {
      await this.#send(false);
    } catch (error) {
      this.#refusal = refusalText(error);
      return this.update();
    }
    this.#done = this.#doing === "pause" ? this.#paused(tasks) : this.#moved(tasks, this.#to);
    say(this.#done.said());
    closeDialog(event);
    this.tell("untick");
  });

  /** Those start again that were paused. @param {Task[]} tasks @returns {BulkEdit} */
  #paused(tasks) {
    const takeBack = async (task) => {
      await this.api.startTask(task.uuid);
      return [];
    };
    const stopped = tasks.filter(({ status }) => status !== PAUSED);
    return { said: () => t("pausedTicked", { count: tasks.length }), parts: stopped.map((task) => ({ count: 1, takeBack: () => takeBack(task) })) };
  }

  /** Those of each group go back to it together, but for those that someone has moved since. @param {Task[]} tasks @param {Group} to @returns {BulkEdit} */
  #moved(tasks, to) {
    const back = async (all, group) => {
      const now = await Promise.all(all.map(({ uuid }) => this.api.task(uuid, this)));
      const isThere = (_, index) => now[index].data.dial_time_id === to.id;
      const ids = all.filter(isThere).map(({ uuid }) => uuid);
      if (ids.length > 0) await this.api.bulkMove({ task_ids: ids, dial_time_id: group }, false);
      return all.filter((task, index) => !isThere(task, index)).map(({ name }) => name);
    };
    const before = Map.groupBy(tasks, ({ dial_time_id: group }) => group);
    before.delete(to.id);
    const parts = [...before].map(([group, all]) => ({ count: all.length, takeBack: () => back(all, group) }));
    return { said: () => t("movedTicked", { count: tasks.length, group: to.name }), parts };
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

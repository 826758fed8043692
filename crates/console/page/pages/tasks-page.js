// The tasks of an account, or of one group: state, group, next change; start, stop, another group.

import { address, keepQuery, pageNumber } from "../route.js";
import { closeDialog, modal } from "../parts/dialog.js";
import { say } from "../parts/notice.js";
import { define, html, Latest, live, nothing, repeat, settled } from "../view.js";
import { Names } from "../names.js";
import { Page } from "./page.js";
import { countOf, pager } from "../parts/pager.js";
import { SteadyRows } from "../parts/steady-rows.js";
import { taskState, untilChange } from "../parts/state.js";
import { t } from "../language.js";
import "../parts/group-picker.js";

const PER_PAGE = 20;

class TasksPage extends Page {
  /** @type {SteadyRows<Task>} */
  #tasks = new SteadyRows(this, ({ uuid }) => uuid, () => this.#load(this.#page));
  /** @type {Meta} */
  #meta = null;
  /** @type {Map<string, Decision>} */
  #decisions = new Map();
  #groupNames = new Names((id) => this.api.group(id, this), () => this.update());
  #page = 1;
  #name = "";
  #status = "";
  /** The task that is being moved to another group, and that group once it is chosen. @type {Task} */
  #moving = null;
  /** @type {Group} */
  #to = null;
  #reading = new Latest();
  #search = settled(250, () => this.#turn(1));
  #loadAgain = settled(400, () => this.#load(this.#page));

  /** The group whose tasks are shown; null is all. */
  get #group() {
    return this.route.query.get("group");
  }

  start() {
    this.#name = this.route.query.get("name") ?? "";
    this.#status = this.route.query.get("status") ?? "";
    this.#load(pageNumber(this.route));
    this.followFeed((event) => this.#hear(event));
  }

  /** @param {AccountEvent} event */
  #hear(event) {
    if (event?.type === "group.updated") this.#groupNames.forget(event.group_id);
    if (!event || /^(task|group)\./.test(event.type)) this.#loadAgain();
  }

  /** Shows another page, for the person asks for it. */
  #turn(page) {
    this.#tasks.letGo();
    return this.#load(page);
  }

  async #load(page) {
    if (!this.isConnected) return;
    this.#page = page;
    keepQuery(this.route, { group: this.#group, name: this.#name, status: this.#status, page: page > 1 ? page : null });
    await this.attempt(async () => {
      const options = this.#reading.instead(this.signal);
      const { data, meta } = await this.#read(page, options);
      if (data.length === 0 && page > 1) return this.#load(meta.last_page);
      this.#tasks.take(data);
      this.#meta = meta;
      this.update();
      await Promise.all([this.#ask(this.#tasks.all, options), this.#groupNames.want(this.#groupIds())]);
    });
  }

  async #read(page, options) {
    if (this.route.id) return this.#readOne(options);
    const query = { page, per_page: PER_PAGE };
    if (this.#group) return this.api.groupTasks(this.#group, query, options);
    return this.api.tasks({ ...query, name: this.#name.trim(), status: this.#status }, options);
  }

  /** None if it is gone, as those of old events may be. */
  async #readOne(options) {
    const task = await this.found(this.api.task(this.route.id, options));
    return { data: task ? [task.data] : [], meta: null };
  }

  #groupIds() {
    return [...this.#tasks.all.map((task) => task.dial_time_id), ...(this.#group ? [Number(this.#group)] : [])];
  }

  /** @param {Task[]} tasks */
  async #ask(tasks, options) {
    if (tasks.length === 0) return;
    const decisions = await this.api.decisions(tasks.map(({ uuid }) => ({ task_id: uuid })), options);
    this.#decisions = new Map(tasks.map(({ uuid }, index) => [uuid, decisions[index]]));
    this.update();
  }

  draw() {
    return html`
      <main id="main" tabindex="-1" @elapsed=${this.#loadAgain}>
        <h1>${t("tasks")}</h1>
        ${this.#narrowing()} ${countOf(this.#meta)} ${this.#tasks.all === null ? html`<p class="quiet">${t("loading")}</p>` : this.#list()}
        ${pager(this.#meta, (page) => this.#turn(page))} ${this.#moving ? this.#moveDialog() : nothing}
      </main>
    `;
  }

  #narrowing() {
    if (this.#group || this.route.id) {
      const what = this.#group ? t("tasksOf", { name: this.#groupNames.get(Number(this.#group)) ?? this.#group }) : t("oneTask");
      return html`<p>${what} <a href=${address(this.account, "tasks")}>${t("allTasks")}</a></p>`;
    }
    const choose = (event) => {
      this.#status = event.target.value;
      this.#turn(1);
    };
    const typed = (event) => {
      this.#name = event.target.value;
      this.#search();
    };
    return html`
      <div class="search-line">
        <label class="field search"><span>${t("searchByName")}</span><input type="search" autocomplete="off" .value=${live(this.#name)} @input=${typed} /></label>
        <label class="field">
          <span>${t("state")}</span>
          <select name="status" .value=${live(this.#status)} @change=${choose}>
            <option value="">${t("anyState")}</option>
            <option value="2">${t("state.running")}</option>
            <option value="3">${t("state.waiting")}</option>
            <option value="1">${t("state.paused")}</option>
          </select>
        </label>
      </div>
    `;
  }

  #list() {
    if (this.#tasks.all.length === 0) return html`<p class="quiet">${t("noTask")}</p>`;
    return html`
      <ul class="tasks">
        ${repeat(
          this.#tasks.all,
          ({ uuid }) => uuid,
          (task) => this.#row(task),
        )}
      </ul>
    `;
  }

  /** @param {Task} task */
  #row(task) {
    const decision = this.#decisions.get(task.uuid);
    const group = address(this.account, "groups", String(task.dial_time_id));
    return html`
      <li data-task=${task.uuid}>
        <div>
          <h2>${task.name}</h2>
          <p>${t("group")}${t("colon")}<a href=${group}>${this.#groupNames.get(task.dial_time_id) ?? task.dial_time_id}</a></p>
        </div>
        <div>
          <p class="now">${taskState(task.status)}</p>
          <p class="now">${decision ? this.#nextChange(decision) : nothing}</p>
        </div>
        <div class="row-tools">
          ${this.#switch(task)}
          <button type="button" class="small" aria-label=${t("moveOf", task)} @click=${() => this.#move(task)}>${t("changeGroup")}</button>
        </div>
      </li>
    `;
  }

  /** One button whatever it says, so that the focus stays on it. @param {Task} task */
  #switch(task) {
    const paused = task.status === 1;
    return html`
      <button
        type="button"
        class=${paused ? "small primary" : "small"}
        aria-label=${t(paused ? "startOf" : "stopOf", task)}
        aria-disabled=${this.#tasks.isBusy(task.uuid) ? "true" : nothing}
        @click=${() => this.#tasks.act(task.uuid, () => this.#turnOn(task, paused))}
      >
        ${t(paused ? "start" : "stop")}
      </button>
    `;
  }

  /** A paused task does not change by itself. @param {Decision} decision */
  #nextChange(decision) {
    return decision.reason.rule === "paused" ? nothing : untilChange(decision);
  }

  /** @param {Task} task */
  async #turnOn(task, on) {
    await this.attempt(async () => {
      const { data } = await (on ? this.api.startTask(task.uuid) : this.api.stopTask(task.uuid));
      this.#tasks.put({ ...task, status: data.status });
      say(t(on ? "started" : "stopped", task));
    });
    this.#load(this.#page);
  }

  #move(task) {
    this.#moving = task;
    this.#to = null;
    this.update();
  }

  #moveDialog() {
    const task = this.#moving;
    const closed = () => {
      this.#moving = null;
      this.update();
    };
    const pick = (event) => {
      this.#to = event.detail;
      this.update();
    };
    const carryOut = (event) => {
      const to = this.#to;
      closeDialog(event);
      return this.#tasks.act(task.uuid, async () => {
        if (await this.attempt(() => this.api.moveTask(task.uuid, to.id))) say(t("moved", { name: task.name, group: to.name }));
        this.#load(this.#page);
      });
    };
    return html`
      <dialog ${modal()} aria-labelledby="move-title" @close=${closed}>
        <h2 id="move-title">${t("moveOf", task)}</h2>
        <p>${t("moveMeans")}</p>
        <group-picker .api=${this.api} .except=${task.dial_time_id} .label=${t("changeGroup")} @pick=${pick}></group-picker>
        <p class="actions">
          <button type="button" class="primary" ?disabled=${!this.#to} @click=${carryOut}>${t("changeGroup")}</button>
          <button type="button" @click=${closeDialog}>${t("cancel")}</button>
        </p>
      </dialog>
    `;
  }
}

define("tasks-page", TasksPage, ["api", "account", "feed", "route"]);

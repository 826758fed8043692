// The tasks of an account, or of one group, as a table: state, group, next change; start, stop, another group.

import { address, keepQuery, pageNumber } from "../route.js";
import { countOf, pager } from "../parts/pager.js";
import { define, html, Latest, nothing, repeat, settled } from "../view.js";
import { empty, loading } from "../parts/blank.js";
import { fetchPage, isHere } from "../rare-pages.js";
import { hindranceOf } from "../task-troubles.js";
import { hindranceText } from "../parts/task-progress.js";
import { icon } from "../parts/icon.js";
import { Names } from "../names.js";
import { Page } from "./page.js";
import { complain, say } from "../parts/notice.js";
import { searchField } from "../parts/search-field.js";
import { SteadyRows } from "../parts/steady-rows.js";
import { taskState, untilChange, whyText } from "../parts/state.js";
import { t } from "../language.js";
import { Ticks } from "../parts/ticks.js";
import "../parts/move-task.js";

/** The states by which the list can be narrowed: all, running, waiting, paused. */
const STATES = [["", "anyState"], ["2", "state.running"], ["3", "state.waiting"], ["1", "state.paused"]];

const PER_PAGE = 20;

class TasksPage extends Page {
  /** @type {SteadyRows<Task>} */
  #tasks = new SteadyRows(this, ({ uuid }) => uuid, () => this.#load(this.#page));
  /** @type {Meta} */
  #meta = null;
  /** @type {Map<string, Decision>} */
  #decisions = new Map();
  /** How far those are that run. @type {Map<string, Data<"task_progress">>} */
  #progress = new Map();
  #groupNames = new Names((id) => this.api.group(id, this), () => this.update());
  #page = 1;
  #name = "";
  #status = "";
  /** @type {Ticks<Task>} */
  #ticks = new Ticks(this, ({ uuid }) => uuid, () => fetchPage("task-bulk")?.then(() => this.update(), complain));
  /** The task that is being moved to another group. @type {Task} */
  #moving = null;
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
    if (event?.type === "task.deleted") this.#ticks.drop(event.task_id);
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
      this.#ticks.refresh(data);
      this.#meta = meta;
      this.update();
      await Promise.all([this.#ask(this.#tasks.all, options), this.#groupNames.want(this.#groupIds())]);
    });
  }

  async #read(page, options) {
    const query = { page, per_page: PER_PAGE };
    if (this.#group) return this.api.groupTasks(this.#group, query, options);
    return this.api.tasks({ ...query, name: this.#name.trim(), status: this.#status }, options);
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
    await this.#askRunning(tasks.filter(({ status }) => status === 2), options);
  }

  /** Whether those that may dial do. @param {Task[]} tasks */
  async #askRunning(tasks, options) {
    const answers = await Promise.all(tasks.map(({ uuid }) => this.found(this.api.taskProgress(uuid, options))));
    this.#progress = new Map(tasks.flatMap(({ uuid }, index) => (answers[index] ? [[uuid, answers[index].data]] : [])));
    this.update();
  }

  draw() {
    return html`
      <main id="main" tabindex="-1" @elapsed=${this.#loadAgain}>
        <div class="head"><h1>${t("tasks")}</h1>${countOf(this.#meta)}</div>
        ${this.#narrowing()}
        <div class="panel">
          ${this.#tasks.all === null ? loading() : this.#list()} ${pager(this.#meta, (page) => this.#turn(page))}
        </div>
        ${this.#moving ? this.#moveDialog(this.#moving) : nothing} ${this.#bulk()}
      </main>
    `;
  }

  /** For several at once: it comes when something is ticked first. */
  #bulk() {
    if (!isHere("task-bulk")) return nothing;
    const untick = () => {
      this.#ticks.clear();
      this.#loadAgain();
    };
    return html`<task-bulk .api=${this.api} .tasks=${this.#ticks.all} @untick=${untick}></task-bulk>`;
  }

  #narrowing() {
    if (this.#group) {
      const name = this.#groupNames.get(Number(this.#group)) ?? this.#group;
      return html`<p>${t("tasksOf", { name })} <a href=${address(this.account, "tasks")}>${t("allTasks")}</a></p>`;
    }
    const choose = (status) => {
      this.#status = status;
      this.#turn(1);
    };
    const typed = (text) => {
      this.#name = text;
      this.#search();
    };
    return html`
      <div class="filters">
        ${searchField(t("searchByName"), this.#name, typed)}
        <div class="segments" role="group" aria-label=${t("state")}>
          ${STATES.map(
            ([status, word]) => html`<button type="button" value=${status} aria-pressed=${String(status === this.#status)} @click=${() => choose(status)}>${t(word)}</button>`,
          )}
        </div>
      </div>
    `;
  }

  #list() {
    if (this.#tasks.all.length === 0) {
      const isNarrowed = this.#group || this.#name || this.#status;
      return empty("task", t("noTask"), isNarrowed ? nothing : html`<p class="small">${t("howTasksCome")}</p>`);
    }
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label=${t("tasks")}>
        <table class="table tasks">
          <thead>
            <tr>
              ${this.mayChange ? html`<th scope="col">${this.#ticks.fieldOfAll(this.#tasks.all)}</th>` : nothing}
              <th scope="col" class="grow">${t("name")}</th>
              <th scope="col">${t("state")}</th>
              <th scope="col">${t("untilWhy")}</th>
              <th scope="col">${t("group")}</th>
              <th scope="col"><span class="visually-hidden">${t("actions")}</span></th>
            </tr>
          </thead>
          <tbody>
            ${repeat(
              this.#tasks.all,
              ({ uuid }) => uuid,
              (task) => this.#row(task),
            )}
          </tbody>
        </table>
      </div>
    `;
  }

  /** @param {Task} task */
  #row(task) {
    const decision = this.#decisions.get(task.uuid);
    const progress = task.status === 2 ? this.#progress.get(task.uuid) : null;
    const group = address(this.account, "groups", String(task.dial_time_id));
    return html`
      <tr data-task=${task.uuid} aria-selected=${this.#ticks.has(task) ? "true" : nothing}>
        ${this.mayChange ? html`<td>${this.#ticks.field(task)}</td>` : nothing}
        <td class="grow"><a class="cut strong name" href=${address(this.account, "tasks", task.uuid)} title=${task.name}>${task.name}</a></td>
        <td>${taskState(task.status, hindranceOf(progress) !== null)}</td>
        <td class="wrap wide">${decision ? html`<span class="stack tight">${this.#nextChange(decision)}${whyText(decision)}${hindranceText(progress)}</span>` : nothing}</td>
        <td class="wrap"><a class="group" href=${group}>${this.#groupNames.get(task.dial_time_id) ?? task.dial_time_id}</a></td>
        <td class="num">
          ${this.mayChange ? this.#tools(task) : nothing}
        </td>
      </tr>
    `;
  }

  /** @param {Task} task */
  #tools(task) {
    return html`
      <span class="row-tools">
        ${this.#switch(task)}
        <button type="button" class="button little" aria-label=${t("moveOf", task)} @click=${() => this.#move(task)}>${t("changeGroup")}</button>
      </span>
    `;
  }

  /** One button whatever it says, so that the focus stays on it. @param {Task} task */
  #switch(task) {
    const paused = task.status === 1;
    return html`
      <button
        type="button"
        class="button little"
        aria-label=${t(paused ? "startOf" : "stopOf", task)}
        aria-disabled=${this.#tasks.isBusy(task.uuid) ? "true" : nothing}
        @click=${() => this.#tasks.act(task.uuid, () => this.#turnOn(task, paused))}
      >
        ${icon(paused ? "play" : "pause")}${t(paused ? "start" : "stop")}
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
    this.update();
  }

  #moveDialog(task) {
    const closed = () => {
      this.#moving = null;
      this.update();
    };
    const carryOut = ({ detail: to }) =>
      this.#tasks.act(task.uuid, async () => {
        if (await this.attempt(() => this.api.moveTask(task.uuid, to.id))) say(t("moved", { name: task.name, group: to.name }));
        this.#load(this.#page);
      });
    return html`<move-task .api=${this.api} .task=${task} @moving=${carryOut} @closed=${closed}></move-task>`;
  }
}

define("tasks-page", TasksPage, ["api", "account", "feed", "route", "token"]);

// A task: whether it dials now or at any other moment, and why, layer by layer; start, stop, another group.

import { addDays, instantText, isDate, serverNow, wallClock, wallTimeIn } from "../clock.js";
import { address } from "../route.js";
import { countText, expectedEnd, hindranceText, linesInUse, numberStates, progressCounters } from "../parts/task-progress.js";
import { define, html, Latest, nothing, settled, textOf } from "../view.js";
import { icon } from "../parts/icon.js";
import { isOver, taskState, untilChange, whyText } from "../parts/state.js";
import { loading } from "../parts/blank.js";
import { once } from "../parts/dialog.js";
import { Page } from "./page.js";
import { recordTable } from "../parts/record-table.js";
import { say } from "../parts/notice.js";
import { t } from "../language.js";
import { TaskDay } from "../task-day.js";
import { taskLayers } from "../parts/task-layers.js";
import { minutesOf, timeText, DAY } from "../week.js";
import "../parts/move-task.js";
import "../parts/redial-dialog.js";
import "../parts/task-numbers.js";

/** How many of its last calls are shown. */
const CALLS = 7;

/** How often the mark of now moves on, and how often a running list is looked at where no event tells of it. */
const MINUTE = 60_000;
const LOOK = 10_000;

/** The rules by which holidays change a day. */
const HOLIDAYS = ["holiday", "makeup_workday", "beyond_horizon"];

class TaskPage extends Page {
  /** @type {any} */
  #task = null;
  /** @type {Group} */
  #group = null;
  /** @type {TaskDay} */
  #day = null;
  /** @type {Decision} */
  #decision = null;
  /** How far it is. @type {Data<"task_progress">} */
  #progress = null;
  /** The server's zone, in which the times of lists are. */
  #zone = "";
  #missing = false;
  #moving = false;
  /** Whether the person is asked which numbers are to be called again. */
  #redialing = false;
  #busy = false;
  /** Its last calls. @type {CallRecord[]} */
  #records = [];
  #recordCount = 0;
  /** Those of its calls that are under way. @type {LiveCall[]} */
  #calling = [];
  /** The wall clock that is asked about; null is now. */
  #asked = null;
  /** Why what was asked is not answered. */
  #fault = null;
  #reading = new Latest();
  #readingCalls = new Latest();
  #loadAgain = settled(300, () => this.#load());
  #followCalls = settled(500, () => this.#readCalls());
  #timers = [];

  start() {
    this.#load();
    this.followFeed((event) => this.#hear(event));
    this.#timers = [setInterval(() => this.update(), MINUTE), setInterval(() => this.#look(), LOOK)];
  }

  stop() {
    this.#timers.forEach(clearInterval);
  }

  /** Calls may begin and ring without an event. */
  #look() {
    if (!document.hidden && this.#task?.status === 2 && this.#hasList) this.#readCalls();
  }

  get #hasCalls() {
    return this.#recordCount > 0 || this.#calling.length > 0;
  }

  get #hasList() {
    return this.#progress !== null && this.#progress.numbers.total > 0;
  }

  /** @param {AccountEvent} event */
  #hear(event) {
    const ours = event && (event.task_id === this.route.id || event.group_id === this.#group?.id);
    if (ours && event.type.startsWith("call.")) this.#followCalls();
    else if (!event || ours || event.type.startsWith("line.")) this.#loadAgain();
  }

  async #load() {
    if (!this.isConnected) return;
    await this.attempt(async () => {
      const options = this.#reading.instead(this.signal);
      const task = await this.found(this.api.task(this.route.id, options));
      this.#missing = !task;
      this.update();
      if (!task) return;
      const [group, decision] = await Promise.all([
        this.found(this.api.group(task.data.dial_time_id, options)),
        this.found(this.api.taskDecision(this.route.id, null, options)),
      ]);
      if (!group || !decision) return;
      [this.#task, this.#group] = [task.data, group.data];
      if (this.#asked) await this.#ask(this.#asked, options);
      else await this.#show(decision.data, options);
    });
    await this.#readCalls();
  }

  /** Its progress and its last calls. */
  async #readCalls() {
    if (!this.isConnected || this.#missing) return;
    await this.attempt(async () => {
      const options = this.#readingCalls.instead(this.signal);
      const [progress, calling, records] = await Promise.all([
        this.found(this.api.taskProgress(this.route.id, options)),
        this.api.calls({ task_id: this.route.id, page: 1, per_page: CALLS }, options),
        this.api.records({ task_id: this.route.id, page: 1, per_page: CALLS }, options),
      ]);
      if (!progress) return;
      this.#progress = progress.data;
      [this.#calling, this.#records, this.#recordCount] = [calling.data, records.data, records.meta.total];
      this.update();
    });
  }

  /** Shows a decision on its day. @param {Decision} decision */
  async #show(decision, options) {
    const { date } = wallClock(decision.at);
    const day = await this.#dayOf(date, options);
    [this.#decision, this.#day] = [decision, day];
    this.update();
  }

  async #dayOf(date, options) {
    const [calendar, server] = await Promise.all([
      this.api.groupCalendar(this.#group.id, { from: date, to: addDays(date, 1) }, options),
      this.api.serverCalendar({ from: addDays(date, -2), to: addDays(date, 3) }, options),
    ]);
    this.#zone = server.timezone;
    const special = HOLIDAYS.includes(calendar.data.days[0]?.rule);
    return new TaskDay(this.#task, calendar.data, server, special ? await this.#withoutHolidays(date, options) : undefined);
  }

  /** When its group would be open on a day if there were no holidays. */
  async #withoutHolidays(date, options) {
    const { name, content, timezone, exceptions } = this.#group;
    const plain = { name, content, timezone, exceptions, is_default: false, skip_holiday: false };
    return (await this.api.previewGroup({ ...plain, from: date, to: addDays(date, 1) }, options)).data.calendar;
  }

  async #ask({ date, minutes }, options) {
    const day = await this.#dayOf(date, options);
    const [at] = day.instants(minutes);
    this.#fault = at ? null : t("inGap");
    if (!at) return this.update();
    const { data } = await this.api.taskDecision(this.route.id, at, options);
    [this.#decision, this.#day] = [data, day];
    this.update();
  }

  // What is shown.

  draw() {
    if (this.#missing) return this.#noSuchTask();
    if (!this.#day) return html`<main id="main" tabindex="-1"><h1>${t("task")}</h1><section class="panel">${loading()}</section></main>`;
    return html`
      <main id="main" tabindex="-1" data-task=${this.#task.uuid} @elapsed=${this.#loadAgain}>
        ${this.#head()}
        <section class="panel" aria-label=${t("why")}>${this.#verdict()} ${this.#board()}</section>
        ${this.#hasList ? progressCounters(this.#task, this.#progress, this.#today) : nothing}
        <div class=${this.#hasList || this.#hasCalls ? "with-rail wide-rail" : ""}>
          ${this.#hasList || this.#hasCalls
            ? html`<div class="stack apart">${this.#hasList ? numberStates(this.#progress, this.mayChange ? this.#redialButton() : nothing) : nothing} ${this.#hasCalls ? this.#calls() : nothing}</div>`
            : nothing}
          <div class="stack apart">
            ${this.#hasList ? html`${expectedEnd(this.#progress, this.#today)} ${linesInUse(this.#progress)}` : nothing}
            <section class="panel" aria-labelledby="facts-title">
              <header><h2 id="facts-title">${t("settings")}</h2></header>
              ${this.#facts()}
            </section>
          </div>
        </div>
        <task-numbers class="panel" .api=${this.api} .task=${this.#task} .fixed=${!this.mayChange || !this.seesNumbers}></task-numbers>
        ${this.#moving ? this.#moveDialog() : nothing} ${this.#redialing ? this.#redialDialog() : nothing}
      </main>
    `;
  }

  #noSuchTask() {
    return html`
      <main id="main" tabindex="-1">
        <h1>${t("noSuchTask")}</h1>
        <p><a href=${address(this.account, "tasks")}>${t("allTasks")}</a></p>
      </main>
    `;
  }

  #head() {
    const task = this.#task;
    const script = task.destination_extension_name;
    return html`
      <div class="head">
        <nav class="crumbs" aria-label=${t("place")}><a href=${address(this.account, "tasks")}>${t("tasks")}</a>${icon("right")}</nav>
        <h1>${task.name}</h1>
        ${taskState(task.status)}
        <span class="small quiet">
          ${t("group")} <a href=${address(this.account, "groups", String(this.#group.id))}>${this.#group.name}</a>${script ? `${t("pause")}${t("scriptNamed", { name: script })}` : nothing}
        </span>
        ${this.mayChange ? this.#tools() : nothing}
      </div>
    `;
  }

  #tools() {
    const task = this.#task;
    const paused = task.status === 1;
    return html`
      <div class="tools">
        <button type="button" class="button" aria-label=${t("moveOf", task)} @click=${() => this.#move(true)}>${icon("group")}${t("changeGroup")}</button>
        ${this.seesNumbers ? html`<a class="button" href=${address(this.account, "tasks", task.uuid, "import")}>${icon("upload")}${t("importNumbers")}</a>` : nothing}
        <button
          type="button"
          class=${paused ? "button primary" : "button"}
          aria-label=${t(paused ? "startOf" : "stopOf", task)}
          aria-disabled=${this.#busy ? "true" : nothing}
          @click=${this.#switch}
        >
          ${icon(paused ? "play" : "pause")}${t(paused ? "start" : "stop")}
        </button>
      </div>
    `;
  }

  /** The answer in words, and the question about another moment. */
  #verdict() {
    const decision = this.#decision;
    const over = !this.#asked && isOver(decision);
    const when = this.#asked ? t("atMoment", { at: instantText(decision.at) }) : t("now");
    const answer = html`<b class="strong ${decision.allowed ? "is-open" : "is-wait"}">${t(decision.allowed ? "mayDial" : "mayNotDial", { when })}</b>`;
    return html`
      <div class="verdict" role="status">
        <span>${over ? "…" : answer}</span>
        <span class="small quiet">${over || decision.reason.rule === "paused" ? nothing : untilChange(decision)}</span>
        ${whyText(decision)} ${this.#asked ? nothing : html`${this.#lastStart()} ${hindranceText(this.#progress)}`} ${this.#question()}
      </div>
      ${decision.warning ? html`<p class="small is-wait">${icon("warn")} ${decision.warning.message}</p>` : nothing}
    `;
  }

  #question() {
    const { date, minutes } = this.#asked ?? wallClock(this.#decision.at);
    return html`
      <form class="push row wrap" @submit=${this.#submit}>
        <label class="over inline">
          ${t("someMoment")}
          <input class="field" name="moment" maxlength="16" autocomplete="off" placeholder="YYYY-MM-DD HH:MM" ${textOf(`${date} ${timeText(minutes)}`)} aria-describedby=${this.#fault ? "moment-fault" : nothing} />
        </label>
        <button type="submit" class="button">${t("ask")}</button>
        ${this.#asked ? html`<button type="button" class="button plain" @click=${this.#askNow}>${t("now")}</button>` : nothing}
        ${this.#fault ? html`<span class="fault" id="moment-fault">${icon("warn")}${this.#fault}</span>` : nothing}
      </form>
    `;
  }

  #submit = (event) => {
    event.preventDefault();
    const [date, time = ""] = new FormData(event.target).get("moment").trim().split(/\s+/);
    const minutes = minutesOf(time);
    if (minutes === null || minutes === DAY || !isDate(date)) {
      this.#fault = t("noSuchInstant");
      return this.update();
    }
    this.#asked = { date, minutes };
    this.#load();
  };

  #askNow = () => {
    this.#asked = this.#fault = null;
    this.#load();
  };

  /** From when on nothing starts in this window. */
  #lastStart() {
    const last = this.#progress?.latest_start;
    if (!last || !this.#decision.allowed || last.slice(0, 10) !== this.#today) return nothing;
    return html`<span class="small quiet">${t("noStartAfter", { at: last.slice(11) })}</span>`;
  }

  /** Today on the server's clock. */
  get #today() {
    return wallTimeIn(this.#zone, serverNow()).date;
  }

  #board() {
    const stopped = (this.#progress?.lines ?? []).filter(({ reason }) => reason === "line_stopped").map(({ name }) => name);
    const what = { day: this.#day, decision: this.#decision, group: this.#group, moment: this.#moment(), stopped };
    return html`${taskLayers(what)}<footer>${t("timesIn", { zone: this.#group.timezone })}</footer>`;
  }

  /** The moment that is marked: the one that was asked about, or now where the day is today. */
  #moment() {
    if (this.#asked) return this.#decision.at;
    const { date, time } = wallTimeIn(this.#group.timezone, serverNow());
    return date === this.#day.date ? `${date}T${time}` : null;
  }

  #calls() {
    const all = `${address(this.account, "records")}?task=${this.#task.uuid}`;
    return html`
      <section class="panel" aria-labelledby="calls-title">
        <header>
          <h2 id="calls-title">${t("lastCalls")}</h2>
          ${this.feed.live ? html`<span class="chip bare open"><span class="dot live"></span>${t("live")}</span>` : nothing}
          <a class="push small" href=${all}>${t("allOfThem", { count: countText(this.#recordCount) })}</a>
        </header>
        <div class="scroll" tabindex="0" role="group" aria-label=${t("lastCalls")}>${recordTable(this.#records, this.account, false, this.#calling)}</div>
      </section>
    `;
  }

  #facts() {
    const task = this.#task;
    const line = (label, value) => (value === null || value === undefined || value === "" ? nothing : html`<dt>${label}</dt><dd>${value}</dd>`);
    return html`
      <dl class="facts">
        ${line(t("concurrency"), task.maximumcall)} ${line(t("script"), task.destination_extension)} ${line(t("remark"), task.remark)}
        ${line(t("createdAt"), task.create_datetime)} ${line(t("changedAt"), task.alter_datetime)} <dt>UUID</dt>
        <dd><code>${task.uuid}</code></dd>
      </dl>
    `;
  }

  // What is done.

  #switch = once(async () => {
    const task = this.#task;
    const on = task.status === 1;
    this.#setBusy(true);
    await this.attempt(async () => {
      const { data } = await (on ? this.api.startTask(task.uuid) : this.api.stopTask(task.uuid));
      this.#task = { ...task, status: data.status, enable: on };
      say(t(on ? "started" : "stopped", task));
    });
    this.#setBusy(false);
    await this.#load();
  });

  #setBusy(busy) {
    this.#busy = busy;
    this.update();
  }

  #redialButton() {
    return html`<button type="button" class="button plain little push" @click=${() => this.#redial(true)}>${t("redialByStatus")}…</button>`;
  }

  #redial(redialing) {
    this.#redialing = redialing;
    this.update();
  }

  #redialDialog() {
    const { numbers } = this.#progress;
    return html`
      <redial-dialog .api=${this.api} .task=${this.#task} .numbers=${numbers} @redone=${() => this.#readCalls()} @closed=${() => this.#redial(false)}></redial-dialog>
    `;
  }

  #move(moving) {
    this.#moving = moving;
    this.update();
  }

  #moveDialog() {
    const task = this.#task;
    const carryOut = async ({ detail: to }) => {
      if (await this.attempt(() => this.api.moveTask(task.uuid, to.id))) say(t("moved", { name: task.name, group: to.name }));
      this.#load();
    };
    return html`<move-task .api=${this.api} .task=${task} @moving=${carryOut} @closed=${() => this.#move(false)}></move-task>`;
  }
}

define("task-page", TaskPage, ["api", "account", "feed", "route", "token"]);

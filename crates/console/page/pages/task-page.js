// A task: whether it dials now or at any other moment, and why, layer by layer; start, stop, another group.

import { addDays, hoursText, instantText, isDate, serverNow, wallClock, wallTimeIn } from "../clock.js";
import { address } from "../route.js";
import { define, html, Latest, nothing, place, settled, textOf } from "../view.js";
import { hourAxis, lengthOf, piece, pieceText, without } from "../parts/day-line.js";
import { icon } from "../parts/icon.js";
import { isOver, taskState, untilChange, whyText } from "../parts/state.js";
import { listText, t, word } from "../language.js";
import { loading } from "../parts/blank.js";
import { once } from "../parts/dialog.js";
import { Page } from "./page.js";
import { recordTable } from "../parts/record-table.js";
import { say } from "../parts/notice.js";
import { TaskDay, wholeDay } from "../task-day.js";
import { minutesOf, timeText, DAY } from "../week.js";
import "../parts/move-task.js";
import "../parts/task-numbers.js";

/** The layer that each rule belongs to. */
const LAYERS = { paused: "switch", before_start: "switch", after_stop: "switch", account_disabled: "switch", stopped: "stop", closure: "rest" };

/** How many of its last calls are shown. */
const CALLS = 7;

/** How often the mark of now moves on. */
const MINUTE = 60_000;

class TaskPage extends Page {
  /** @type {any} */
  #task = null;
  /** @type {Group} */
  #group = null;
  /** @type {TaskDay} */
  #day = null;
  /** @type {Decision} */
  #decision = null;
  #missing = false;
  #moving = false;
  #busy = false;
  /** Its last calls. @type {CallRecord[]} */
  #records = [];
  #recordCount = 0;
  /** The wall clock that is asked about; null is now. */
  #asked = null;
  /** Why what was asked is not answered. */
  #fault = null;
  #reading = new Latest();
  #loadAgain = settled(300, () => this.#load());
  #timer = null;

  start() {
    this.#load();
    this.followFeed((event) => this.#hear(event));
    this.#timer = setInterval(() => this.update(), MINUTE);
  }

  stop() {
    clearInterval(this.#timer);
  }

  /** @param {AccountEvent} event */
  #hear(event) {
    const ours = event && (event.task_id === this.route.id || event.group_id === this.#group?.id);
    if (!event || ours) this.#loadAgain();
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
      await this.#readRecords(options);
    });
  }

  async #readRecords(options) {
    const { data, meta } = await this.api.records({ task_id: this.route.id, page: 1, per_page: CALLS }, options);
    [this.#records, this.#recordCount] = [data, meta.total];
    this.update();
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
    return new TaskDay(this.#task, calendar.data, server);
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
        <task-numbers class="panel" .api=${this.api} .task=${this.#task}></task-numbers>
        ${this.#recordCount > 0 ? this.#calls() : nothing}
        <section class="panel" aria-labelledby="facts-title">
          <header><h2 id="facts-title">${t("settings")}</h2></header>
          ${this.#facts()}
        </section>
        ${this.#moving ? this.#moveDialog() : nothing}
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
    const paused = task.status === 1;
    return html`
      <div class="head">
        <nav class="crumbs" aria-label=${t("place")}><a href=${address(this.account, "tasks")}>${t("tasks")}</a>${icon("right")}</nav>
        <h1>${task.name}</h1>
        ${taskState(task.status)}
        <span class="small quiet">${t("group")} <a href=${address(this.account, "groups", String(this.#group.id))}>${this.#group.name}</a></span>
        <div class="tools">
          <button type="button" class="button" aria-label=${t("moveOf", task)} @click=${() => this.#move(true)}>${icon("group")}${t("changeGroup")}</button>
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
        ${whyText(decision)} ${this.#question()}
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

  #board() {
    const day = this.#day;
    const rests = day.closures;
    return html`
      <div class="board inner layers">
        <div class="axis"><span>${t("everyLayer")}</span>${hourAxis(this.#moment())}<span>${t("explanation")}</span></div>
        ${day.calendar.stopped ? this.#layer("stop", t("stopLayer"), [], [], this.#stopText()) : nothing}
        ${this.#layer("switch", t("switchLayer"), day.bounds, [], this.#switchText())}
        ${this.#layer("rest", t("restLayer"), without(wholeDay(), rests), rests, rests.length > 0 ? listText(rests.map(pieceText)) : t("noRest"))}
        ${this.#layer("group", t("group"), day.group, [], this.#groupText())}
        <div class="line sum">
          <span class="who"><span class="cut">${t("result")}</span></span>
          ${this.#track(day.open, [])}
          <span class="then cut">${t("openThatDay", { hours: hoursText(day.openMinutes) })}</span>
        </div>
      </div>
      <footer>${t("timesIn", { zone: this.#group.timezone })}</footer>
    `;
  }

  /** Whom it covers, since when and why. */
  #stopText() {
    const { rule, detail } = this.#decision.reason;
    return rule === "stopped" ? detail : t("stoppedNow");
  }

  /** The moment that is marked: the one that was asked about, or now where the day is today. */
  #moment() {
    if (this.#asked) return this.#decision.at;
    const { date, time } = wallTimeIn(this.#group.timezone, serverNow());
    return date === this.#day.date ? `${date}T${time}` : null;
  }

  #layer(name, label, open, shut, text) {
    const decides = !this.#decision.allowed && (LAYERS[this.#decision.reason.rule] ?? "group") === name;
    const at = this.#moment() && wallClock(this.#moment()).minutes;
    const agrees = at === null ? lengthOf(open) > 0 : open.some(({ from, to }) => from <= at && at < to);
    return html`
      <div class="line ${decides ? "decides" : ""}">
        <span class="who"><span class=${agrees ? "is-open" : "is-wait"}>${icon(agrees ? "check" : "wait")}</span><span class="cut">${label}</span></span>
        ${this.#track(open, shut)}
        <span class="then cut" title=${text}>${text}</span>
      </div>
    `;
  }

  #track(open, shut) {
    const moment = this.#moment();
    return html`
      <div class="track">
        <span class="visually-hidden">${listText(open.map(pieceText)) || t("closedAllDay")}</span>
        ${open.map((span) => piece(span))} ${shut.map((span) => piece(span, "shut"))}
        ${moment ? html`<div class="now" ${place({ "--at": wallClock(moment).minutes })}></div>` : nothing}
      </div>
    `;
  }

  #calls() {
    const all = `${address(this.account, "records")}?task=${this.#task.uuid}`;
    return html`
      <section class="panel" aria-labelledby="calls-title">
        <header>
          <h2 id="calls-title">${t("lastCalls")}</h2>
          <a class="push small" href=${all}>${t("allOfThem", { count: this.#recordCount })}</a>
        </header>
        <div class="scroll" tabindex="0" role="region" aria-label=${t("lastCalls")}>${recordTable(this.#records)}</div>
      </section>
    `;
  }

  #switchText() {
    const { enable, task_extras: extras } = this.#task;
    const bounds = [extras?.start_time, extras?.stop_time].map((time) => time?.slice(0, 10) ?? "…");
    const text = extras?.start_time || extras?.stop_time ? `${t("semicolon")}${bounds.join(" – ")}` : "";
    return t(enable ? "switchedOn" : "state.paused") + text;
  }

  #groupText() {
    const [ruled] = this.#day.calendar.days;
    const rule = ruled ? `${word("rule", ruled.rule)}${ruled.name ? ` ${ruled.name}` : ""}` : t("weeklyWindows");
    return `${this.#group.name}${t("pause")}${rule}`;
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

define("task-page", TaskPage, ["api", "account", "feed", "route"]);

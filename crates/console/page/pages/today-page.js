// Today: what runs now, what closes next, and what needs attention.

import { addDays, dateText, momentText, serverNow, wallClock, wallTimeIn } from "../clock.js";
import { address } from "../route.js";
import { callPlots, dayQuarters, dialedWindows } from "../parts/calls-plot.js";
import { complain } from "../parts/notice.js";
import { countText, percentText } from "../parts/task-progress.js";
import { define, html, Latest, nothing, place, settled } from "../view.js";
import { empty, loading } from "../parts/blank.js";
import { fetchPage, isHere } from "../rare-pages.js";
import { hourAxis, pieceText } from "../parts/day-line.js";
import { icon } from "../parts/icon.js";
import { foreverText, isOver } from "../parts/state.js";
import { listText, t } from "../language.js";
import { closedByCeilings, nextToChange, sorted } from "../today.js";
import { otherDayBoard, otherDayCounters } from "../parts/other-day.js";
import { Page } from "./page.js";
import { taskTroubles } from "../task-troubles.js";
import "../parts/stop-dialog.js";
import { offsetMinutes, WallClock } from "../days.js";
import { DAY } from "../week.js";

/** How many groups are looked at, and how many of them have a line; how many tasks are told apart by their groups. */
const LOOKED_AT = 100;
const SHOWN = 30;
const TASKS = 100;

/** How many closures are looked at for those of today. */
const CLOSURES = 20;

/** How many calendars of groups are kept: some of every day that is looked at. */
const MOST_CALENDARS = 1000;

/** How many running tasks are looked at for what keeps them from dialing. */
const RUNNING = 30;

/** The states of tasks, by their names. */
const STATES = { running: "2", waiting: "3", paused: "1" };

class TodayPage extends Page {
  /** The groups that tasks use, with what is decided of them. @type {import("../today.js").Row[]} */
  #rows = null;
  /** How many groups the account has. */
  #groupCount = 0;
  /** Of each state, how many tasks there are, and the first of them. @type {Record<string, { total: number, tasks: Task[] }>} */
  #tasks = {};
  /** The open pieces of today by the id of the group. @type {Map<number, { from: number, to: number }[]>} */
  #pieces = new Map();
  /** The calendars that were read, by group, version and day: they change with these only, or with the holidays. */
  #calendars = new Map();
  /** Holiday calendars that end soon, and webhooks that were given up. */
  #ending = [];
  #failing = [];
  /** The days around today on the server's clock, and which day that was. @type {Data<"group_calendar">} */
  #server = null;
  #serverDate = "";
  /** What was dialed today and the day before, and how far the tasks are that run. @type {Data<"dialed_day">} */
  #dialed = null;
  /** @type {Data<"dialed_day">} */
  #dialedBefore = null;
  /** @type {Data<"list_progress">} */
  #running = [];
  /** Whether that was asked for: until then nobody knows which figures there are. */
  #callsAsked = false;
  /** Whether the person is asked what to stop, and why. */
  #stopping = false;
  /** The closures that have not ended, the first to begin first. @type {PlannedClosure[]} */
  #closures = [];
  /** Another day that is looked at; `null` is today. @type {import("../parts/other-day.js").OtherDay | null} */
  #other = null;
  /** The date that was asked for last; `null` is today. */
  #wanted = null;
  #readingOther = new Latest();
  #reading = new Latest();
  #readingCalls = new Latest();
  #loadAgain = settled(500, () => this.#load());
  #followCalls = settled(1000, () => this.#readCalls());
  #timer = null;

  start() {
    this.#load();
    this.followFeed((event) => {
      if (event?.type.startsWith("call.")) return this.#followCalls();
      if (event?.type.startsWith("holidays.")) this.#calendars.clear();
      this.#loadAgain();
    });
    this.#timer = setInterval(() => this.#tick(), 1000);
  }

  stop() {
    clearInterval(this.#timer);
  }

  /** The mark of now moves on, and what was decided may be over. */
  #tick() {
    const over = this.#rows?.some(({ decision }) => isOver(decision)) || (this.#server && this.#today !== this.#serverDate);
    if (over) this.#loadAgain();
    else if (Math.floor(serverNow() / 1000) % 15 === 0) this.#dials && !document.hidden ? this.#readCalls() : this.update();
  }

  /** Whether anything is or was dialed here, and not by another dialer alone. */
  get #dials() {
    if (!this.#dialed) return false;
    const { tries, to_call: toCall, calls } = this.#dialed;
    return tries + toCall + calls.ringing + calls.talking > 0;
  }

  get #today() {
    return wallTimeIn(this.#server.timezone, serverNow()).date;
  }

  async #load() {
    if (!this.isConnected) return;
    await this.attempt(async () => {
      const options = this.#reading.instead(this.signal);
      const [groups, closures, states] = await Promise.all([
        this.api.groups({ page: 1, per_page: LOOKED_AT }, options),
        this.api.closures({ per_page: CLOSURES }, options),
        Promise.all(Object.values(STATES).map((status) => this.api.tasks({ status, page: 1, per_page: status === STATES.paused ? 1 : TASKS }, options))),
        this.#learnDay(options),
      ]);
      [this.#groupCount, this.#closures] = [groups.meta.total, closures.data];
      Object.keys(STATES).forEach((name, index) => (this.#tasks[name] = { total: states[index].meta.total, tasks: states[index].data }));
      await this.#decide(groups.data.filter(({ task_count: count }) => count > 0), options);
      await Promise.all([this.#readDays(options), this.#lookForTrouble(options), this.#readCalls()]);
      this.update();
    });
  }

  /** What was dialed, and how far the running tasks are. */
  async #readCalls() {
    if (!this.isConnected || !this.#server) return;
    await this.attempt(async () => {
      const options = this.#readingCalls.instead(this.signal);
      const [today, before, running] = await Promise.all([
        this.api.dialedDay({ date: this.#today }, options),
        this.api.dialedDay({ date: addDays(this.#today, -1) }, options),
        this.api.runningProgress({ page: 1, per_page: RUNNING }, options),
      ]);
      [this.#dialed, this.#dialedBefore, this.#running] = [today.data, before.data, running.data];
    });
    this.#callsAsked = true;
    this.update();
  }

  /** The days around today on the server's clock. */
  async #learnDay(options) {
    if (this.#server && this.#today === this.#serverDate) return;
    const zone = this.#server?.timezone ?? (await this.api.serverZone(options));
    const { date } = wallTimeIn(zone, serverNow());
    this.#server = await this.api.serverCalendar({ from: addDays(date, -1), to: addDays(date, 2) }, options);
    this.#serverDate = date;
    this.#calendars.clear();
  }

  /** @param {Group[]} groups */
  async #decide(groups, options) {
    const queries = groups.map(({ id }) => ({ group_id: id }));
    const decisions = groups.length > 0 ? await this.api.decisions(queries, options) : [];
    this.#rows = groups.map((group, index) => ({ group, decision: decisions[index] })).filter(({ decision }) => decision);
    this.update();
  }

  /** When the groups that have a line are open today, on the server's clock. */
  async #readDays(options) {
    const clock = new WallClock(this.#server);
    const date = this.#today;
    await Promise.all(
      this.#shown().map(async (row) => {
        this.#pieces.set(row.group.id, await this.#piecesOf(row, date, clock, options));
      }),
    );
  }

  /** When a group is open on a day of a clock. @param {import("../today.js").Row} row @param {WallClock} clock */
  async #piecesOf(row, date, clock, options) {
    const calendar = await this.#calendarOf(row, date, options);
    return calendar?.spans.flatMap((span) => clock.pieces(span)).filter((each) => each.date === date) ?? [];
  }

  /** @param {import("../today.js").Row} row */
  async #calendarOf({ group: { id, version }, decision }, date, options) {
    const key = `${id} ${version} ${date} ${decision.reason.rule === "stopped"}`;
    if (this.#calendars.size > MOST_CALENDARS) this.#calendars.clear();
    if (!this.#calendars.has(key)) {
      const days = { from: addDays(date, -1), to: addDays(date, 2) };
      this.#calendars.set(key, (await this.found(this.api.groupCalendar(id, days, options)))?.data);
    }
    return this.#calendars.get(key);
  }

  /** What else may need somebody. */
  async #lookForTrouble(options) {
    const [calendars, webhooks] = await Promise.all([this.api.holidayCalendars(options), this.api.webhooks(options)]);
    const used = new Set(this.#rows.filter(({ group }) => group.skip_holiday).map(({ group }) => group.holiday_calendar));
    this.#ending = calendars.data.filter(({ id, near_horizon: near }) => near && used.has(id));
    this.#failing = webhooks.data.filter(({ disabled_for_failing_at: gaveUp }) => gaveUp);
  }

  /** Now, as an instant of the server's zone. */
  #serverNow() {
    const { date, time } = wallTimeIn(this.#server.timezone, serverNow());
    const minutes = wallClock(`${date}T${time}`).minutes;
    return new WallClock(this.#server).instants(date, minutes)[0] ?? this.#server.from;
  }

  get #parts() {
    const end = new WallClock(this.#server).instants(addDays(this.#today, 1), 0)[0];
    return sorted(this.#rows, Date.parse(end));
  }

  #shown() {
    const { open, later, over } = this.#parts;
    return [...open, ...later, ...over].slice(0, SHOWN);
  }

  /** Looks at another day, or at today again. */
  async #goTo(date) {
    this.#wanted = date === this.#today ? null : date;
    if (this.#wanted === null) {
      this.#other = null;
      return this.update();
    }
    await this.attempt(async () => {
      const options = this.#readingOther.instead(this.signal);
      const [server, dialed, before] = await Promise.all([
        this.api.serverCalendar({ from: addDays(date, -1), to: addDays(date, 2) }, options),
        this.api.dialedDay({ date }, options),
        this.api.dialedDay({ date: addDays(date, -1) }, options),
      ]);
      const clock = new WallClock(server);
      const ofRow = async (row) => pieces.set(row.group.id, await this.#piecesOf(row, date, clock, options));
      /** @type {import("../parts/other-day.js").OtherDay["pieces"]} */
      const pieces = new Map();
      await Promise.all(this.#shown().map(ofRow));
      if (this.#wanted === date) this.#other = { date, pieces, dialed: dialed.data, before: before.data };
      this.update();
    });
  }

  // What is shown.

  draw() {
    const known = this.#rows !== null && this.#server !== null && this.#callsAsked;
    const date = this.#other?.date ?? (known ? this.#today : "");
    return html`
      <main id="main" tabindex="-1">
        <div class="head">
          <h1>${this.#other ? dateText(date) : t("today")}</h1>
          ${known && !this.#other ? html`<span class="quiet">${dateText(date)}</span>` : nothing} ${known ? this.#tools(date) : nothing}
        </div>
        ${known ? this.#content() : html`<section class="panel">${loading()}</section>`}
        ${this.#stopping ? this.#stopDialog() : nothing}
      </main>
    `;
  }

  #content() {
    if (!this.#other) return html`${this.#closedToday()} ${this.#counters()} ${this.#body()}`;
    const where = { account: this.account, zone: this.#server.timezone };
    return html`${otherDayCounters(this.#other)} ${otherDayBoard(this.#other, this.#shown(), where)}`;
  }

  /** What closes everything today, or a part of it; it comes when there is something. */
  #closedToday() {
    const now = `${this.#today} ${wallTimeIn(this.#server.timezone, serverNow()).time}`;
    const closures = this.#closures.filter(({ begin, end }) => now < end && begin.slice(0, 10) <= this.#today);
    const ceilings = closedByCeilings(this.#rows);
    if (closures.length + ceilings.length === 0) return nothing;
    if (!isHere("closed-today")) {
      fetchPage("closed-today")?.then(() => this.update(), complain);
      return nothing;
    }
    const { running, waiting } = this.#tasks;
    const tasks = { total: running.total + waiting.total, tasks: [...running.tasks, ...waiting.tasks] };
    const revoked = () => this.#loadAgain();
    return html`
      <closed-today .api=${this.api} .account=${this.account} .token=${this.token} .closures=${closures} .ceilings=${ceilings} .tasks=${tasks} .now=${now} @revoked=${revoked}></closed-today>
    `;
  }

  /** The day before and the one after, and the kill switch. */
  #tools(date) {
    const step = (days, label, sign) => html`
      <button type="button" class="square" aria-label=${t(label)} title=${t(label)} @click=${() => this.#goTo(addDays(this.#wanted ?? date, days))}>${icon(sign)}</button>
    `;
    return html`
      <div class="tools">
        <div class="segments" role="group" aria-label=${t("whichDay")}>
          ${step(-1, "dayBeforeThis", "left")}
          <button type="button" aria-pressed=${String(!this.#other)} @click=${() => this.#goTo(this.#today)}>${t("thisDay")}</button>
          ${step(1, "dayAfterThis", "right")}
        </div>
        ${this.mayChange
          ? html`
              <a class="button plan" href=${`${address(this.account, "closures")}?plan=1`}>${icon("pause")}${t("planClosure")}</a>
              <button type="button" class="button danger" @click=${() => this.#askToStop(true)}>${icon("stop")}${t("stopDialing")}</button>
            `
          : nothing}
      </div>
    `;
  }

  #askToStop(stopping) {
    this.#stopping = stopping;
    this.update();
  }

  #stopDialog() {
    return html`
      <stop-dialog
        .api=${this.api}
        .account=${this.account}
        .name=${this.name || t("account")}
        .chosen=${this.#tasks.running.total}
        .token=${this.token}
        @closed=${() => this.#askToStop(false)}
      ></stop-dialog>
    `;
  }

  #counters() {
    const tasks = html`
      ${this.#taskCounter("running", html`<span class="dot live is-open"></span>`)} ${this.#taskCounter("waiting", html`<span class="dot hollow is-wait"></span>`)}
    `;
    if (this.#dials) return html`<div class="counters">${tasks} ${this.#callCounters()}</div>`;
    const open = this.#rows.filter(({ decision }) => decision.allowed).length;
    return html`
      <div class="counters five">
        ${tasks} ${this.#taskCounter("paused", icon("pause"))}
        <a class="counter" href=${address(this.account, "groups")}>
          <span class="name">${icon("group")}${t("openGroups")}</span><b>${open}</b><small>${t("ofUsed", { count: this.#rows.length })}</small>
        </a>
        ${this.#nextCounter()}
      </div>
    `;
  }

  /** What is dialed now, what was today, and what is left. */
  #callCounters() {
    const { calls, tries, answered, to_call: toCall } = this.#dialed;
    const records = `${address(this.account, "records")}?today=1`;
    const linked = (name, label, figure, unit, href) => html`
      <a class="counter" data-counter=${name} href=${href}><span class="name">${label}</span><b>${figure}</b><small>${unit}</small></a>
    `;
    return html`
      ${linked("calls", html`${icon("phone")}${t("callsNow")}`, countText(calls.talking + calls.ringing), t("ringingOfThem", { count: countText(calls.ringing) }), records)}
      ${linked("tries", t("callsToday"), countText(tries), t("callsUnit", { count: tries }), records)}
      ${linked("answered", t("answeredToday"), tries > 0 ? percentText(answered, tries) : "–", this.#changeText(), `${records}&status=1`)}
      ${linked("left", t("leftToCall"), countText(toCall), this.#endText() ?? t("numbersUnit", { count: toCall }), address(this.account, "tasks"))}
    `;
  }

  /** When the last of the running lists is done, if all of them say when. */
  #endText() {
    const open = this.#running.filter(({ progress: { numbers } }) => numbers.done < numbers.total);
    const ends = open.map(({ progress }) => progress.finishes_at);
    if (ends.length === 0 || this.#running.length === RUNNING || ends.includes(null)) return null;
    return t("runningDoneAt", { at: momentText(ends.toSorted().at(-1), this.#today) });
  }

  /** By how much more are answered than the day before, in points. */
  #changeText() {
    const [now, before] = [this.#dialed, this.#dialedBefore];
    if (now.tries === 0 || before.tries === 0) return "";
    const points = 100 * (now.answered / now.tries - before.answered / before.tries);
    const text = t(points < 0 ? "fewerPoints" : "morePoints", { points: Math.abs(points).toFixed(1) });
    return points < 0 ? text : html`<span class="is-open">${text}</span>`;
  }

  #taskCounter(name, sign) {
    const { total } = this.#tasks[name];
    return html`
      <a class="counter" data-counter=${name} href=${`${address(this.account, "tasks")}?status=${STATES[name]}`}>
        <span class="name">${sign}${t(`state.${name}`)}</span><b>${total.toLocaleString("en")}</b><small>${t("tasksUnit", { count: total })}</small>
      </a>
    `;
  }

  /** What happens next. */
  #nextCounter() {
    const next = nextToChange(this.#rows);
    if (!next) return html`<div class="counter"><span class="name">${icon("wait")}${t("nextChange")}</span><b>–</b></div>`;
    const { group, decision } = next;
    return html`
      <a class="counter" data-counter="next" href=${address(this.account, "groups", String(group.id))}>
        <span class="name">${icon("wait")}${t(decision.allowed ? "closesNext" : "opensNext")}</span>
        <b>${this.#serverMoment(decision.next_change_at)}</b><small class="cut">${group.name}</small>
      </a>
    `;
  }

  /** An instant on the server's clock, today's without the day. */
  #serverMoment(at) {
    const { date, time } = wallTimeIn(this.#server.timezone, Date.parse(at));
    return momentText(`${date}T${time}`, `${this.#today}T`);
  }

  #body() {
    const trouble = this.#trouble();
    if (this.#rows.length === 0) {
      return html`
        ${trouble}
        <section class="panel">
          ${empty("task", t("noTaskToday"), html`<a class="button primary" href=${address(this.account, "groups")}>${t("allGroups")}</a>`)}
        </section>
      `;
    }
    const plots = this.#plots();
    return trouble === nothing && plots === nothing ? this.#board() : html`<div class="with-rail three">${trouble} ${this.#board()} ${plots}</div>`;
  }

  #plots() {
    if (!this.#dialed) return nothing;
    const [today, before] = [this.#dialed, this.#dialedBefore].map(({ groups }) => dayQuarters(groups));
    return today.length > 0 ? callPlots(today, before, this.#minute) : nothing;
  }

  /** The minute of the day on the server's clock. */
  get #minute() {
    return wallClock(`${this.#today}T${wallTimeIn(this.#server.timezone, serverNow()).time}`).minutes;
  }

  /** What needs attention; nothing where all is well. */
  #trouble() {
    const { lines, tasks } = taskTroubles(this.#running, this.#today);
    const items = [
      ...lines.map(({ name, message, task_id: id }) => this.#item("bad", "bolt", t("lineInTrouble", { name }), message, address(this.account, "tasks", id))),
      ...tasks.map((trouble) => this.#taskInTrouble(trouble)),
      ...this.#rows.filter(({ decision }) => neverOpens(decision)).map(({ group, decision }) => this.#never(group, decision)),
      ...this.#failing.map((webhook) => this.#item("bad", "hook", t("webhookGaveUp"), webhook.url, address(this.account, "webhooks"))),
      ...this.#ending.map((calendar) => this.#item("wait", "today", t("calendarEnds", calendar), t("calendarEndsMeans", calendar), address(this.account, "groups"))),
    ];
    if (items.length === 0) return nothing;
    return html`
      <section class="panel first" aria-labelledby="todo-title">
        <header><h2 id="todo-title">${t("needsAttention")}</h2><span class="chip bad push">${items.length}</span></header>
        <ul class="todo">
          ${items}
        </ul>
      </section>
    `;
  }

  /** One that does not dial though it might, or that will not be done today. @param {import("../task-troubles.js").TaskTrouble} trouble */
  #taskInTrouble({ task_id: id, name, message, left, at }) {
    const href = address(this.account, "tasks", id);
    if (message) return this.#item("wait", "warn", t("dialsNothingNow", { name }), message, href, t("seeWhy"));
    const text = at ? t("leftAtClose", { at, count: countText(left.then), now: countText(left.now) }) : t("leftNow", { now: countText(left.now) });
    return this.#item("wait", "wait", t("notDoneToday", { name }), text, href, t("seeWhy"));
  }

  #never(group, decision) {
    return this.#item("wait", "wait", t("neverOpens", group), decision.reason.detail, address(this.account, "groups", String(group.id)));
  }

  #item(kind, sign, title, text, href, action = t("look")) {
    return html`<li><span class="is-${kind}">${icon(sign)}</span><b class="strong">${title}</b><a href=${href} aria-label=${`${action} ${title}`}>${action}</a><small>${text}</small></li>`;
  }

  #board() {
    const { open, later, over } = this.#parts;
    const shown = new Set(this.#shown());
    const part = (name, rows) => this.#part(name, rows, shown);
    const { date, time } = wallTimeIn(this.#server.timezone, serverNow());
    return html`
      <section class="panel board" aria-label=${t("todaysWindows")}>
        <div class="axis"><span>${t("groupsWithTasks", { count: this.#rows.length })}</span>${hourAxis(`${date}T${time}`)}<span>${t("tasks")}</span></div>
        ${part("openNow", open)} ${part("laterToday", later)} ${part("overToday", over)}
        <footer class="legend">
          <span><i class="key open"></i>${t("open")}</span>
          ${this.#dials ? html`<span><i class="key made"></i>${t("dialedByQuarters")}</span>` : nothing}
          <span><i class="key moment"></i>${t("now")}</span>
          <span class="faint">${t("timesIn", { zone: this.#server.timezone })}</span>
          ${this.#groupCount > LOOKED_AT || shown.size < this.#rows.length ? html`<a href=${address(this.account, "groups")}>${t("allGroups")}</a>` : nothing}
        </footer>
      </section>
    `;
  }

  #part(name, rows, shown) {
    const lines = rows.filter((row) => shown.has(row));
    if (lines.length === 0) return nothing;
    const isStopped = rows.every(({ decision }) => decision.reason.rule === "stopped");
    return html`<h2 class="section">${t(isStopped ? "stopLayer" : name)}<span class="faint">${rows.length}</span></h2>${lines.map((row) => this.#line(row, name))}`;
  }

  #line({ group, decision }, part) {
    const pieces = this.#pieces.get(group.id) ?? [];
    const [kind, dot] = { openNow: ["is-open", "live"], laterToday: ["is-wait", "hollow"], overToday: ["faint", "hollow"] }[part];
    const edge = this.#edgeText(decision);
    const { at, side } = edgeOf(pieces);
    return html`
      <a class="line" data-group=${group.id} href=${address(this.account, "groups", String(group.id))}>
        <span class="who">
          <span class="dot ${dot} ${kind}"></span><span class="cut" title=${group.name}>${group.name}</span>
          ${group.is_default ? html`<span class="tag">${t("default")}</span>` : nothing}
          ${decision.reason.rule === "ceiling" ? html`<span class="tag wait" title=${decision.reason.detail}>${t("rule.ceiling")}</span>` : nothing}
          ${group.timezone === this.#server.timezone ? nothing : html`<span class="tag" title=${group.timezone}>${zoneText(decision, this.#serverNow())}</span>`}
        </span>
        <div class="track">
          <span class="visually-hidden">${listText(pieces.map(pieceText)) || t("closedAllDay")}</span>
          ${dialedWindows(pieces, group.id, this.#dialed?.groups ?? [])}
          <span class="edge ${part === "openNow" ? "" : "later"} ${side}" ${place({ "--at": at })}>${edge}</span>
          <div class="now" ${place({ "--at": this.#minute })}></div>
        </div>
        <span class="then"><b class="phone-only">${edge}</b><span>${this.#taskText(group)}</span></span>
      </a>
    `;
  }

  #edgeText({ allowed, reason, next_change_at: change }) {
    if (change === null) return foreverText(allowed, reason);
    return t(allowed ? "untilMoment" : "fromMoment", { at: this.#serverMoment(change) });
  }

  /** `2 执行，1 等待`; where there are too many to tell them apart, how many in all. @param {Group} group */
  #taskText({ id, task_count: count }) {
    const known = ["running", "waiting"].every((name) => this.#tasks[name].total <= TASKS);
    if (!known) return t("taskCount", { count });
    const number = (name) => this.#tasks[name].tasks.filter((task) => task.dial_time_id === id).length;
    const [running, waiting] = [number("running"), number("waiting")];
    const parts = [["running", running], ["waiting", waiting], ["paused", count - running - waiting]].filter(([, each]) => Number(each) > 0);
    return parts.map(([name, each]) => t(`few.${name}`, { count: each })).join(t("pause"));
  }
}

/** Whether only an edit would open it: that it is stopped, the banner says. @param {Decision} decision */
function neverOpens({ allowed, reason, next_change_at: change }) {
  return !allowed && change === null && reason.rule !== "stopped";
}

/** How many minutes the words beside a window take. */
const ROOM = 240;

/** Where a line says until when it is open: in the last gap that has room, after a window or before the first; else at the end of the day. */
function edgeOf(pieces) {
  const begins = [...pieces.slice(1).map(({ from }) => from), DAY];
  const after = pieces.findLastIndex(({ to }, index) => begins[index] - to >= ROOM);
  if (after >= 0) return { at: pieces[after].to, side: "" };
  return { at: pieces[0]?.from >= ROOM ? pieces[0].from : DAY, side: "before" };
}

/** Another zone in short, with the hours by which its clock is ahead: `Tokyo +1`. @param {Decision} decision */
function zoneText({ timezone, at }, serverAt) {
  const hours = (offsetMinutes(at) - offsetMinutes(serverAt)) / 60;
  const city = timezone.split("/").at(-1).replaceAll("_", " ");
  return `${city} ${hours < 0 ? "−" : "+"}${Math.abs(hours)}`;
}

define("today-page", TodayPage, ["api", "account", "feed", "route", "name", "token"]);

// Today: what runs now, what closes next, and what needs attention.

import { addDays, dateText, instantText, serverNow, wallClock, wallTimeIn } from "../clock.js";
import { address } from "../route.js";
import { callPlots, dayQuarters } from "../parts/calls-plot.js";
import { closedByCeilings, sorted } from "../today.js";
import { complain } from "../parts/notice.js";
import { define, html, Latest, nothing, settled } from "../view.js";
import { empty, loading } from "../parts/blank.js";
import { fetchPage, isHere } from "../rare-pages.js";
import { icon } from "../parts/icon.js";
import { isOver } from "../parts/state.js";
import { otherDayBoard, otherDayCounters } from "../parts/other-day.js";
import { Page } from "./page.js";
import { STATES, todayCounters } from "../parts/today-counters.js";
import { t } from "../language.js";
import { todayBoard } from "../parts/today-board.js";
import { todayTroubles } from "../parts/today-troubles.js";
import { WallClock } from "../days.js";
import "../parts/stop-dialog.js";

/** How many groups are looked at, and how many of them have a line; how many tasks are told apart by their groups. */
const LOOKED_AT = 100;
const SHOWN = 30;
const TASKS = 100;

/** How many closures are looked at for those of today. */
const CLOSURES = 20;

/** How many calendars of groups are kept: some of every day that is looked at. */
const MOST_CALENDARS = 1000;

/** How many running tasks are looked at for what keeps them from dialing. */
const RUNNING = 100;

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
  /** How many tasks run. */
  #runningCount = 0;
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
      this.#runningCount = running.meta.total;
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
    const used = new Set(this.#rows.filter(({ group }) => group.skip_holiday).flatMap(({ group }) => group.holiday_calendars));
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
    if (!this.#other) return html`${this.#closedToday()} ${todayCounters(this.#figures)} ${this.#body()}`;
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

  /** An instant on the server's clock, today's without the day. */
  #serverMoment(at) {
    const { date, time } = wallTimeIn(this.#server.timezone, Date.parse(at));
    return date === this.#today ? time.slice(0, 5) : instantText(`${date}T${time}`, this.#today);
  }

  /** What all that is shown of today is made of. */
  get #figures() {
    return {
      account: this.account,
      rows: this.#rows,
      tasks: this.#tasks,
      dialed: this.#dials ? this.#dialed : null,
      before: this.#dialedBefore,
      running: this.#running,
      runningCount: this.#runningCount,
      today: this.#today,
      moment: (at) => this.#serverMoment(at),
    };
  }

  #body() {
    const troubles = todayTroubles({ ...this.#figures, failing: this.#failing, ending: this.#ending });
    if (this.#rows.length === 0) {
      return html`
        ${troubles}
        <section class="panel">
          ${empty("task", t("noTaskToday"), html`<a class="button primary" href=${address(this.account, "groups")}>${t("allGroups")}</a>`)}
        </section>
      `;
    }
    const [board, plots] = [this.#board(), this.#plots()];
    return troubles === nothing && plots === nothing ? board : html`<div class="with-rail three">${troubles} ${board} ${plots}</div>`;
  }

  #board() {
    const shown = new Set(this.#shown());
    const isWhole = this.#groupCount <= LOOKED_AT && shown.size === this.#rows.length;
    return todayBoard({ ...this.#figures, parts: this.#parts, shown, isWhole, pieces: this.#pieces, most: TASKS, now: this.#serverNow(), zone: this.#server.timezone });
  }

  #plots() {
    if (!this.#dialed) return nothing;
    const [today, before] = [this.#dialed, this.#dialedBefore].map(({ groups }) => dayQuarters(groups));
    return today.length > 0 ? callPlots(today, before, wallClock(this.#serverNow()).minutes) : nothing;
  }
}

define("today-page", TodayPage, ["api", "account", "feed", "route", "name", "token"]);

// One holiday calendar: its days year by year, and of the account's own how they are changed, imported, followed at an address and deleted.

import { address, goInstead, keepQuery } from "../route.js";
import { closeDialog, once } from "../parts/dialog.js";
import { deleteDialog } from "../parts/delete-dialog.js";
import { CODE } from "../api.js";
import { complain, say } from "../parts/notice.js";
import { dayText, feedChip, isOwn, KINDS, ownerText, unclearChoice, weekdayText } from "../parts/holidays.js";
import { define, html, Latest, nothing, repeat } from "../view.js";
import { faultLine, Faults, invalid } from "../parts/faults.js";
import { icon } from "../parts/icon.js";
import { loading } from "../parts/blank.js";
import { Page } from "./page.js";
import { serverNow } from "../clock.js";
import { listText, t } from "../language.js";
import { forgetUndecided, undecidedOf, undecidedPanel } from "../parts/undecided-days.js";
import "../parts/holiday-file.js";

/** @typedef {HolidayCalendar["days"][number]} HolidayDay */

/** How often an address that was just set is looked at, in milliseconds. */
const LOOK = 1000;

const NO_DAY = { date: "", kind: /** @type {HolidayDay["kind"]} */ ("holiday"), name: "", times: [] };

class HolidayCalendarPage extends Page {
  /** @type {HolidayCalendar} */
  #calendar = null;
  #missing = false;
  #year = 0;
  /** Whether that is the year that was asked for. */
  #chosen = false;
  /** The day that is edited. @type {any} */
  #day = NO_DAY;
  #faults = new Faults();
  #feedFaults = new Faults();
  #deleting = false;
  /** The groups that keep it from being deleted. */
  #inUse = null;
  #reading = new Latest();
  #timer = null;

  start() {
    this.#chosen = this.route.query.has("year");
    this.#year = Number(this.route.query.get("year")) || new Date(serverNow()).getFullYear();
    this.#load();
    this.followFeed((event) => (!event || event.type.startsWith("holidays.")) && this.#load());
    this.#timer = setInterval(() => this.#isWaiting && this.#load(), LOOK);
  }

  stop() {
    clearInterval(this.#timer);
  }

  /** Whether its address was not read yet. */
  get #isWaiting() {
    const feed = this.#calendar?.feed;
    return feed && !feed.read_at && !feed.failing;
  }

  async #load() {
    await this.attempt(async () => {
      const found = await this.found(this.api.calendar(this.route.id, { year: this.#year }, this.#reading.instead(this.signal)));
      const years = found?.data.years ?? [];
      // Who asked for no year is shown one that there is something in.
      if (!this.#chosen && years.length > 0 && !years.includes(this.#year)) return this.#turn(years.at(-1));
      [this.#calendar, this.#missing] = [found?.data ?? null, !found];
      this.update();
    });
  }

  #turn(year) {
    this.#chosen = true;
    this.#year = year;
    keepQuery(this.route, { year });
    this.#load();
  }

  draw() {
    if (this.#missing) {
      return html`<main id="main" tabindex="-1"><h1>${t("noSuchCalendar")}</h1><p><a href=${address(this.account, "calendars")}>${t("allCalendars")}</a></p></main>`;
    }
    const calendar = this.#calendar;
    if (!calendar) return html`<main id="main" tabindex="-1"><h1>${t("calendars")}</h1><section class="panel">${loading()}</section></main>`;
    const mayEdit = this.mayChange && isOwn(calendar, this.account);
    return html`
      <main id="main" tabindex="-1">
        ${this.#head(calendar, mayEdit)}
        <div class="with-rail wide-rail">
          <div class="stack apart">
            ${this.#days(calendar, mayEdit)}
            ${mayEdit ? html`<holiday-file .api=${this.api} .calendar=${calendar.id} @stored=${this.#stored}></holiday-file>` : nothing}
          </div>
          <div class="stack apart">${mayEdit ? html`${undecidedPanel(undecidedOf(calendar), this.#year, this.#decide, (year) => this.#turn(year))} ${this.#dayForm()} ${this.#feedPanel(calendar)}` : nothing}</div>
        </div>
        ${this.#deleting ? this.#deleteDialog(calendar) : nothing}
      </main>
    `;
  }

  /** @param {HolidayCalendar} calendar */
  #head(calendar, mayEdit) {
    const ask = () => {
      this.#deleting = true;
      this.update();
    };
    return html`
      <div class="head">
        <nav class="crumbs" aria-label=${t("place")}><a href=${address(this.account, "calendars")}>${t("calendars")}</a>${icon("right")}</nav>
        <h1>${calendar.name ?? calendar.id}</h1>
        <span class="tag">${ownerText(calendar, this.account)}</span>
        <span class="quiet ${calendar.near_horizon ? "is-bad" : ""}">${t("knownUntilDay", { date: calendar.known_until })}</span>
        <div class="tools">${mayEdit ? html`<button type="button" class="button delete" @click=${ask}>${icon("trash")}${t("deleteCalendar")}</button>` : nothing}</div>
      </div>
    `;
  }

  /** @param {HolidayCalendar} calendar */
  #days({ days, years }, mayEdit) {
    const at = (step) => html`
      <button type="button" class="button plain little square" aria-label=${t("yearOf", { year: this.#year + step })} @click=${() => this.#turn(this.#year + step)}>${icon(step < 0 ? "left" : "right")}</button>
    `;
    const first = Math.min(this.#year, ...years);
    const last = Math.max(this.#year, ...years);
    return html`
      <section class="panel" aria-labelledby="days-title">
        <header>
          <h2 id="days-title">${t("daysListed")}</h2>
          <span class="push row year">${this.#year > first ? at(-1) : nothing}<b>${t("yearOf", { year: this.#year })}</b>${this.#year < last ? at(1) : nothing}</span>
        </header>
        ${days.length === 0 ? html`<p class="body small quiet">${t("noDays")}</p>` : this.#table(days, mayEdit)}
      </section>
    `;
  }

  /** @param {HolidayDay[]} days */
  #table(days, mayEdit) {
    return html`
      <div class="scroll" tabindex="0" role="group" aria-label=${t("daysListed")}>
        <table class="table dense inner">
          <thead>
            <tr>
              <th scope="col">${t("day")}</th>
              <th scope="col" class="grow">${t("dayName")}</th>
              ${mayEdit ? html`<th scope="col"><span class="visually-hidden">${t("actions")}</span></th>` : nothing}
            </tr>
          </thead>
          <tbody>
            ${repeat(
              days,
              ({ date }) => date,
              (day) => html`<tr data-day=${day.date}>
                <td>${day.date} ${weekdayText(day.date)}</td>
                <td class="grow">${dayText(day)}</td>
                ${mayEdit ? this.#tools(day) : nothing}
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
    `;
  }

  /** @param {HolidayDay} day */
  #tools(day) {
    const edit = () => {
      [this.#day, this.#faults] = [day, new Faults()];
      this.drawNow();
      this.querySelector(".day-form select").focus();
    };
    return html`<td class="num">
      <span class="row-tools">
        <button type="button" class="button plain little" aria-label=${t("editDay", day)} @click=${edit}>${t("edit")}</button>
        <button type="button" class="button plain little square" aria-label=${t("removeDay", day)} @click=${() => this.#remove(day)}>${icon("trash")}</button>
      </span>
    </td>`;
  }

  /** Has the form of days begin with a day in question. @param {import("../parts/undecided-days.js").Undecided} entry */
  #decide = ({ date, name }) => {
    [this.#day, this.#faults] = [{ ...NO_DAY, date, name }, new Faults()];
    this.drawNow();
    this.querySelector(".day-form select").focus();
  };

  #dayForm() {
    const { date, kind, name, times } = this.#day;
    const [{ begin_time: begin, end_time: end }] = [...times, { begin_time: "09:00", end_time: "12:00" }];
    const choose = (event) => {
      this.#day = { ...this.#day, kind: event.target.value };
      this.update();
    };
    const field = (of, label, value, type) => html`
      <label class="over">
        ${label}
        <input class="field" type=${type} name=${of} required autocomplete="off" .value=${value} @change=${(event) => (this.#day = { ...this.#day, [of]: event.target.value })} ${invalid(this.#faults, null, of)} />
        ${faultLine(this.#faults, null, of)}
      </label>
    `;
    const time = (of, label, value) => html`<label class="over">${label}<input class="field time" name=${of} required value=${value} pattern="[0-9]{1,2}:[0-9]{2}" /></label>`;
    return html`
      <form class="panel day-form" aria-labelledby="day-title" @submit=${this.#saveDay}>
        <header><h2 id="day-title">${t("setDay")}</h2></header>
        <div class="body stack">
          <p class="small quiet">${t("setDayMeans")}</p>
          ${field("date", t("day"), date, "date")}
          <label class="over">
            ${t("dayKind")}
            <select class="field" name="kind" @change=${choose}>
              ${KINDS.map((one) => html`<option value=${one} .selected=${one === kind}>${t(`kind.${one}`)}</option>`)}
            </select>
          </label>
          ${field("name", t("dayName"), name, "text")}
          ${kind === "half_day" ? html`<span class="row">${time("begin_time", t("openFrom"), begin)}${time("end_time", t("openTo"), end)}</span>` : nothing}
          ${this.#faults.beside(["date", "name"]).map((text) => html`<p class="fault">${icon("warn")}${text}</p>`)}
        </div>
        <footer><span class="push"></span><button class="button primary">${t("save")}</button></footer>
      </form>
    `;
  }

  #saveDay = once(async (event) => {
    const fields = new FormData(event.target);
    const [date, kind] = [String(fields.get("date")), /** @type {any} */ (fields.get("kind"))];
    const times = kind === "half_day" ? [{ begin_time: String(fields.get("begin_time")), end_time: String(fields.get("end_time")) }] : [];
    try {
      await this.api.setHoliday(this.#calendar.id, date, { kind, name: String(fields.get("name")), times });
      forgetUndecided(this.#calendar.id, date);
      say(t("daySaved", { date }));
      [this.#day, this.#faults] = [NO_DAY, new Faults()];
      this.#turn(Number(date.slice(0, 4)));
    } catch (error) {
      if (error.code === CODE.invalid) this.#faults = new Faults(error.faults);
      else complain(error);
    }
    this.update();
  });

  /** @param {HolidayDay} day */
  async #remove({ date }) {
    const done = await this.attempt(() => this.api.removeHoliday(this.#calendar.id, date));
    if (done) say(t("dayRemoved", { date }));
    await this.#load();
  }

  /** @param {HolidayCalendar} calendar */
  #feedPanel({ feed }) {
    const failing = feed?.failing;
    return html`
      <form class="panel feed-form" aria-labelledby="feed-title" @submit=${this.#follow}>
        <header><h2 id="feed-title">${t("followAddress")}</h2>${feed ? html`<span class="push">${feedChip(feed)}</span>` : nothing}</header>
        <div class="body stack">
          <p class="small quiet">${t("followMeans")}</p>
          <label class="over">
            ${t("feedUrl")}
            <input class="field" type="url" name="url" required maxlength="2000" autocomplete="off" value=${feed?.url ?? ""} ${invalid(this.#feedFaults, null, "url")} />
            ${faultLine(this.#feedFaults, null, "url")}
          </label>
          ${unclearChoice(feed?.unclear, t("unclear.refuse"), () => {})}
          ${failing?.fault === "not_understood" ? html`<p class="small is-wait">${icon("warn")} ${t("unclearFailed")}</p>` : nothing}
          ${feed?.only_repeated.length > 0
            ? html`<p class="small is-wait only-repeated">${icon("warn")} ${t("onlyRepeatedThere", { years: listText(feed.only_repeated) })}</p>`
            : nothing}
          ${feed
            ? html`<dl class="facts">
                <dt>${t("unclearAre")}</dt><dd class="unclear">${t(`unclear.${feed.unclear ?? "refuse"}`)}</dd>
                <dt>${t("keptDays")}</dt><dd>${feed.kept_days}</dd>
                <dt>${t("lastRead")}</dt><dd>${feed.read_at ?? t("notReadYet")}</dd>
                <dt>${t("lastChanged")}</dt><dd>${feed.changed_at ?? "–"}</dd>
                ${failing ? html`<dt>${t("lastFault")}</dt><dd class="is-bad">${t(`feed.${failing.fault}`)}${t("pause")}${t("failingSince", failing)}<br /><small>${failing.detail}</small></dd>` : nothing}
              </dl>`
            : nothing}
        </div>
        <footer>
          <span class="push row">
            ${feed ? html`<button type="button" class="button" @click=${this.#unfollow}>${t("unfollow")}</button>` : nothing}
            <button class="button primary">${t("follow")}</button>
          </span>
        </footer>
      </form>
    `;
  }

  #follow = once(async (event) => {
    const form = new FormData(event.target);
    const [url, unclear] = [String(form.get("url")), form.get("unclear") || undefined];
    try {
      await this.api.followAddress(this.#calendar.id, { url, unclear });
      this.#feedFaults = new Faults();
      say(t("followSet"));
    } catch (error) {
      if (error.code === CODE.invalid) this.#feedFaults = new Faults(error.faults);
      else complain(error);
    }
    await this.#load();
  });

  #unfollow = once(async () => {
    if (await this.attempt(() => this.api.unfollowAddress(this.#calendar.id))) say(t("unfollowed"));
    await this.#load();
  });

  /** @param {CustomEvent} event */
  #stored = ({ detail }) => {
    say(t("holidaysStored", { count: detail.changes_total }));
    this.#turn(detail.years[0] ?? this.#year);
  };

  /** @param {HolidayCalendar} calendar */
  #deleteDialog(calendar) {
    const closed = () => {
      [this.#deleting, this.#inUse] = [false, null];
      this.update();
    };
    return deleteDialog({ name: calendar.name, means: t("deleteCalendarMeans"), inUse: this.#inUse, closed, act: this.#delete });
  }

  #delete = once(async (event) => {
    try {
      await this.api.deleteCalendar(this.#calendar.id);
      say(t("deleted", { name: this.#calendar.name }));
      return goInstead(address(this.account, "calendars"));
    } catch (error) {
      if (error.code === CODE.calendarInUse) {
        this.#inUse = error;
        return this.update();
      }
      complain(error);
    }
    closeDialog(event);
  });
}

define("holiday-calendar-page", HolidayCalendarPage, ["api", "account", "feed", "route", "token"]);

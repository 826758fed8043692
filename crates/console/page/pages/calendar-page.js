// The next weeks of a group with holidays, make-up workdays and clock changes, and the decision about any instant.

import { addDays, dateText, instantText, isDate, offsetText, wallClock, weekOf } from "../clock.js";
import { address } from "../route.js";
import { define, html, nothing, place, settled, textOf } from "../view.js";
import { foreverText } from "../parts/state.js";
import { hourAxis, namedPiece, pieceText } from "../parts/day-line.js";
import { icon } from "../parts/icon.js";
import { loading } from "../parts/blank.js";
import { minutesOf, timeText, DAY } from "../week.js";
import { openByDate } from "../parts/weeks-ahead.js";
import { Page } from "./page.js";
import { t, word } from "../language.js";
import { WallClock } from "../days.js";

/** What a rule that decides a day means for who wants to call. */
const RULE_KINDS = { holiday: "wait", beyond_horizon: "wait", makeup_workday: "accent", exception: "accent" };

/** How many days are shown at once. */
const DAYS = 28;

class CalendarPage extends Page {
  /** @type {Group} */
  #group = null;
  #missing = false;
  /** @type {Data<"group_calendar">} */
  #calendar = null;
  /** @type {WallClock} */
  #clock = null;
  /** The first day shown; null is today. */
  #from = null;
  #today = null;
  /** The wall clock that is asked about, and what is answered: none, one, or two instants. */
  #asked = null;
  #answers = null;
  #loadAgain = settled(300, () => this.#load());

  start() {
    this.#load();
    this.followFeed((event) => {
      if (!event || (String(event.group_id) === this.route.id && /updated|deleted/.test(event.type))) this.#loadAgain();
    });
  }

  async #load() {
    if (!this.isConnected) return;
    await this.attempt(async () => {
      const query = this.#from ? { from: this.#from, to: addDays(this.#from, DAYS) } : {};
      const [group, calendar] = await Promise.all([
        this.found(this.api.group(this.route.id, this)),
        this.found(this.api.groupCalendar(this.route.id, query, this)),
      ]);
      this.#missing = !group || !calendar;
      this.update();
      if (this.#missing) return;
      this.#group = group.data;
      this.#calendar = calendar.data;
      this.#clock = new WallClock(calendar.data);
      if (!this.#from) this.#today = this.#from = wallClock(calendar.data.from).date;
      if (this.#asked) await this.#ask(this.#asked);
      else await this.#askNow();
    });
  }

  draw() {
    if (this.#missing) return this.noSuchGroup();
    if (!this.#calendar) return html`<main id="main" tabindex="-1"><h1>${t("calendar")}</h1><section class="panel">${loading()}</section></main>`;
    const { warning, timezone, calendar } = this.#calendar;
    return html`
      <main id="main" tabindex="-1">
        <div class="head">
          <nav class="crumbs" aria-label=${t("place")}><a href=${address(this.account, "groups")}>${t("groups")}</a>${icon("right")}</nav>
          <h1>${t("calendarOf", this.#group)}</h1>
          <div class="tools"><a class="button" href=${address(this.account, "groups", this.route.id)}>${icon("group")}${t("edit")}</a></div>
        </div>
        <p class="small quiet zone">
          ${t("timesIn", { zone: timezone })}${calendar ? t("nextSentence") + t("holidaysKnownUntil", calendar) : nothing}
        </p>
        ${warning ? html`<p class="banner">${icon("warn")}<span>${warning.message}</span></p>` : nothing} ${this.#question()}
        <section class="panel board days-ahead ask-day" aria-label=${t("calendar")}>
          <header>${this.#turning()}</header>
          <div class="axis"><span></span>${hourAxis()}<span></span></div>
          <ol class="calendar">
            ${this.#days()}
          </ol>
          <footer class="legend"><span><i class="key open"></i>${t("open")}</span><span><i class="key moment"></i>${t("askedMoment")}</span></footer>
        </section>
      </main>
    `;
  }

  #turning() {
    const turn = (from) => {
      this.#from = from;
      this.#load();
    };
    return html`
      <nav class="row wrap turning" aria-label=${t("weeks")}>
        <span class="segments">
          <button type="button" @click=${() => turn(addDays(this.#from, -DAYS))}>${icon("left")}${t("weeksBefore")}</button>
          <button type="button" aria-pressed=${String(this.#from === this.#today)} @click=${() => turn(this.#today)}>${t("thisDay")}</button>
          <button type="button" @click=${() => turn(addDays(this.#from, DAYS))}>${t("weeksAfter")}${icon("right")}</button>
        </span>
        <span class="small quiet">${dateText(this.#from)} – ${dateText(addDays(this.#from, DAYS - 1))}</span>
      </nav>
    `;
  }

  #days() {
    const { days, clock_changes: changes } = this.#calendar;
    const pieces = openByDate(this.#calendar);
    const changed = new Map(days.map((day) => [day.date, day]));
    const clocks = Map.groupBy(changes, ({ at }) => at.slice(0, 10));
    return Array.from({ length: DAYS }, (_, index) => {
      const date = addDays(this.#from, index);
      return this.#day(date, pieces.get(date) ?? [], changed.get(date), clocks.get(date) ?? []);
    });
  }

  #day(date, pieces, changed, clocks) {
    const asked = this.#asked?.date === date ? this.#asked : null;
    const week = weekOf(date);
    return html`
      <li class="line ${week === 0 || week === 6 ? "weekend" : ""}" data-date=${date}>
        <span class="who date">
          ${dateText(date)} ${date === this.#today ? html`<span class="tag accent">${t("thisDay")}</span>` : nothing}
          ${changed ? this.#ruleTag(changed) : nothing}
          ${clocks.map((change) => html`<span class="tag wait clock">${icon("wait")}${clockText(change)}</span>`)}
        </span>
        <div class="track day-line" @click=${(event) => this.#click(event, date)}>
          <span class="visually-hidden">${pieces.map(pieceText).join(t("comma")) || t("closedAllDay")}</span>
          ${pieces.map((each) => namedPiece(each))}
          ${clocks.map(({ at }) => html`<div class="clock-mark" ${place({ "--at": wallClock(at).minutes })}></div>`)}
          ${asked ? html`<div class="asked-mark" ${place({ "--at": asked.minutes })}></div>` : nothing}
        </div>
      </li>
    `;
  }

  /** @param {Data<"group_calendar">["days"][number]} day */
  #ruleTag({ rule, name, detail, notice }) {
    const text = `${word("rule", rule)}${name ? ` ${name}` : ""}`;
    const tag = html`<span class="tag ${RULE_KINDS[rule] ?? ""}" title=${detail}>${text}<span class="visually-hidden"> ${detail}</span></span>`;
    if (!notice) return tag;
    return html`${tag} <a class="small" href=${notice.address} target="_blank" rel="noreferrer">${t("notice", notice)}</a>`;
  }

  // Asking about an instant.

  #question() {
    const asked = this.#asked ?? { date: this.#from, minutes: 0 };
    return html`
      <section class="panel question" aria-labelledby="question-title">
        <header><h2 id="question-title">${t("askInstant")}</h2><span class="small quiet">${t("askByClick")}</span></header>
        <div class="body">
        <form class="row wrap" @submit=${this.#submit}>
          <label class="over inline">${t("date")}
            <input type="text" class="field" name="date" maxlength="10" autocomplete="off" placeholder="YYYY-MM-DD" ${textOf(asked.date)} />
          </label>
          <label class="over inline">${t("time")}
            <input type="text" class="field time" name="time" maxlength="5" autocomplete="off" placeholder="HH:MM" ${textOf(timeText(asked.minutes))} />
          </label>
          <button type="submit" class="button">${t("ask")}</button>
        </form>
        <div role="status" class="answers">${this.#answers}</div>
        </div>
      </section>
    `;
  }

  #submit = (event) => {
    event.preventDefault();
    const fields = new FormData(event.target);
    const minutes = minutesOf(fields.get("time").trim());
    const date = fields.get("date").trim();
    if (minutes === null || minutes === DAY || !isDate(date)) {
      this.#answers = html`<p class="fault">${icon("warn")}${t("noSuchInstant")}</p>`;
      this.update();
      return;
    }
    this.#ask({ date, minutes });
  };

  #click(event, date) {
    const line = event.currentTarget.getBoundingClientRect();
    // A pixel is about two minutes wide.
    const minutes = Math.round((((event.clientX - line.left) / line.width) * DAY) / 5) * 5;
    this.#ask({ date, minutes: Math.min(Math.max(minutes, 0), DAY - 1) });
  }

  async #askNow() {
    await this.attempt(async () => {
      const { data } = await this.api.groupDecision(this.route.id, null, this);
      this.#asked = wallClock(data.at);
      this.#answers = decisionText(data, false);
      this.update();
    });
  }

  async #ask({ date, minutes }) {
    this.#asked = { date, minutes };
    await this.attempt(async () => {
      // A day beyond those shown has clock changes that are not known here: its own calendar tells them.
      const clock = this.#shows(date) ? this.#clock : await this.#clockOf(date);
      const instants = clock.instants(date, minutes);
      const decisions = await Promise.all(instants.map((at) => this.api.groupDecision(this.route.id, at, this)));
      this.#answers = instants.length === 0 ? html`<p>${t("inGap")}</p>` : decisions.map(({ data }) => decisionText(data, instants.length > 1));
    });
    this.update();
  }

  #shows(date) {
    return this.#from <= date && date < addDays(this.#from, DAYS);
  }

  async #clockOf(date) {
    const { data } = await this.api.groupCalendar(this.route.id, { from: date, to: addDays(date, 1) }, this);
    return new WallClock(data);
  }
}

/** @param {Decision} decision */
function decisionText(decision, repeated) {
  const { allowed, at, reason, timezone, warning } = decision;
  const zone = repeated ? `${timezone}${t("pause")}${offsetText(at)}` : timezone;
  return html`
    <div class="answer">
      <p>
        <strong class="strong ${allowed ? "is-open" : "is-wait"}">
          ${icon(allowed ? "check" : "wait")} ${t("timeInZone", { at: instantText(at), zone })}${t("colon")}${t(allowed ? "allowed" : "notAllowed")}
        </strong>
      </p>
      <p>${reason.detail} <span class="tag">${word("rule", reason.rule)}</span></p>
      <p>${whenNext(decision)}</p>
      ${warning ? html`<p class="small is-wait warning">${icon("warn")} ${warning.message}</p>` : nothing}
    </div>
  `;
}

/** @param {Decision} decision */
function whenNext({ allowed, reason, next_change_at: change, next_allowed_at: opening, timezone: zone }) {
  if (change === null) return foreverText(allowed, reason);
  const next = t(allowed ? "closesAt" : "opensAt", { at: instantText(change) });
  const again = allowed && opening !== null ? t("opensAgainAt", { at: instantText(opening) }) : "";
  return t("timeInZone", { at: next + again, zone });
}

function clockText({ at, seconds }) {
  const { minutes } = wallClock(at);
  const before = (minutes - seconds / 60 + DAY) % DAY;
  return t(seconds > 0 ? "clockForward" : "clockBack", { from: timeText(before), to: timeText(minutes) });
}

define("calendar-page", CalendarPage, ["api", "account", "feed", "route"]);

// The next weeks of a group with holidays, make-up workdays and clock changes, and the decision about any instant.

import { addDays, dateText, instantText, isDate, offsetText, wallClock, weekOf } from "../clock.js";
import { address } from "../route.js";
import { WallClock } from "../days.js";
import { define, html, live, nothing, place, settled } from "../view.js";
import { minutesOf, timeText, DAY } from "../week.js";
import { Page } from "./page.js";
import { t, word } from "../language.js";

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
    if (!this.#calendar) return html`<main id="main" tabindex="-1"><h1>${t("calendar")}</h1><p class="quiet">${t("loading")}</p></main>`;
    const { warning, timezone, calendar } = this.#calendar;
    return html`
      <main id="main" tabindex="-1">
        <div class="title">
          <h1>${t("calendarOf", this.#group)}</h1>
          <a class="button small" href=${address(this.account, "groups", this.route.id)}>${t("edit")}</a>
        </div>
        <p class="quiet">
          ${t("timesIn", { zone: timezone })}${calendar ? t("nextSentence") + t("holidaysKnownUntil", calendar) : nothing}
        </p>
        ${warning ? html`<p class="warning">⚠ ${warning.message}</p>` : nothing} ${this.#question()} ${this.#turning()}
        <div class="hour-line" aria-hidden="true">
          <span></span>
          <div>${[0, 6, 12, 18, 24].map((hour) => html`<span ${place({ "--at": hour * 60 })}>${timeText(hour * 60)}</span>`)}</div>
        </div>
        <ol class="calendar">
          ${this.#days()}
        </ol>
        <p class="legend">
          <span class="sample open"></span> ${t("open")} <span class="sample shut"></span> ${t("closed")}
        </p>
      </main>
    `;
  }

  #turning() {
    const turn = (from) => {
      this.#from = from;
      this.#load();
    };
    return html`
      <nav class="pager" aria-label=${t("weeks")}>
        <button type="button" @click=${() => turn(addDays(this.#from, -DAYS))}>${t("weeksBefore")}</button>
        <button type="button" @click=${() => turn(this.#today)}>${t("today")}</button>
        <button type="button" @click=${() => turn(addDays(this.#from, DAYS))}>${t("weeksAfter")}</button>
        <span>${dateText(this.#from)} – ${dateText(addDays(this.#from, DAYS - 1))}</span>
      </nav>
    `;
  }

  #days() {
    const { spans, days, clock_changes: changes } = this.#calendar;
    const pieces = Map.groupBy(
      spans.flatMap((span) => this.#clock.pieces(span)),
      ({ date }) => date,
    );
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
      <li class=${week === 0 || week === 6 ? "weekend" : ""} data-date=${date}>
        <span class="date">
          ${dateText(date)} ${date === this.#today ? html`<span class="badge">${t("today")}</span>` : nothing}
          ${changed ? this.#ruleBadge(changed) : nothing}
          ${clocks.map((change) => html`<span class="badge clock">◷ ${clockText(change)}</span>`)}
        </span>
        <div class="day-line" @click=${(event) => this.#click(event, date)}>
          <span class="visually-hidden">${pieces.map(pieceText).join(t("comma")) || t("closedAllDay")}</span>
          ${pieces.map(
            (piece) => html`
              <div class="span" aria-hidden="true" title=${pieceText(piece)} ${place({ "--from": piece.from, "--to": piece.to })}>
                <span>${pieceText(piece)}</span>
              </div>
            `,
          )}
          ${clocks.map(({ at }) => html`<div class="clock-mark" ${place({ "--at": wallClock(at).minutes })}></div>`)}
          ${asked ? html`<div class="asked-mark" ${place({ "--at": asked.minutes })}></div>` : nothing}
        </div>
      </li>
    `;
  }

  /** @param {Data<"group_calendar">["days"][number]} day */
  #ruleBadge({ rule, name, detail, notice }) {
    const text = `${word("rule", rule)}${name ? ` ${name}` : ""}`;
    const badge = html`<span class="badge rule-${rule}" title=${detail}>${text}<span class="visually-hidden"> ${detail}</span></span>`;
    if (!notice) return badge;
    return html`${badge} <a class="quiet" href=${notice.address} target="_blank" rel="noreferrer">${t("notice", notice)}</a>`;
  }

  // Asking about an instant.

  #question() {
    const asked = this.#asked ?? { date: this.#from, minutes: 0 };
    return html`
      <section class="question" aria-labelledby="question-title">
        <h2 id="question-title">${t("askInstant")}</h2>
        <form @submit=${this.#submit}>
          <label class="field"><span>${t("date")}</span>
            <input type="text" class="date" name="date" maxlength="10" autocomplete="off" placeholder="YYYY-MM-DD" .value=${live(asked.date)} />
          </label>
          <label class="field"><span>${t("time")}</span>
            <input type="text" class="time" name="time" maxlength="5" autocomplete="off" placeholder="HH:MM" .value=${live(timeText(asked.minutes))} />
          </label>
          <button type="submit">${t("ask")}</button>
        </form>
        <div role="status" class="answers">${this.#answers}</div>
        <p class="quiet">${t("askByClick")}</p>
      </section>
    `;
  }

  #submit = (event) => {
    event.preventDefault();
    const fields = new FormData(event.target);
    const minutes = minutesOf(fields.get("time").trim());
    const date = fields.get("date").trim();
    if (minutes === null || minutes === DAY || !isDate(date)) {
      this.#answers = html`<p class="fault">${t("noSuchInstant")}</p>`;
      this.update();
      return;
    }
    this.#ask({ date, minutes });
  };

  #click(event, date) {
    const line = event.currentTarget.getBoundingClientRect();
    const minutes = Math.floor(((event.clientX - line.left) / line.width) * DAY);
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
  const { allowed, at, reason, next_change_at: change, next_allowed_at: opening, timezone, warning } = decision;
  const zone = repeated ? `${timezone}${t("pause")}${offsetText(at)}` : timezone;
  return html`
    <div class="answer">
      <p>
        <strong class="state ${allowed ? "is-open" : "is-shut"}">
          <span aria-hidden="true">${allowed ? "●" : "○"}</span> ${t("timeInZone", { at: instantText(at), zone })}${t("colon")}${t(allowed ? "allowed" : "notAllowed")}
        </strong>
      </p>
      <p>${reason.detail} <span class="badge">${word("rule", reason.rule)}</span></p>
      <p>${whenNext(allowed, change, opening, timezone)}</p>
      ${warning ? html`<p class="warning">⚠ ${warning.message}</p>` : nothing}
    </div>
  `;
}

function whenNext(allowed, change, opening, zone) {
  if (change === null) return t(allowed ? "openForGood" : "closedForGood");
  const next = t(allowed ? "closesAt" : "opensAt", { at: instantText(change) });
  const again = allowed && opening !== null ? t("opensAgainAt", { at: instantText(opening) }) : "";
  return t("timeInZone", { at: next + again, zone });
}

function pieceText({ from, to }) {
  return `${timeText(Math.floor(from))}–${timeText(Math.ceil(to))}`;
}

function clockText({ at, seconds }) {
  const { minutes } = wallClock(at);
  const before = (minutes - seconds / 60 + DAY) % DAY;
  return t(seconds > 0 ? "clockForward" : "clockBack", { from: timeText(before), to: timeText(minutes) });
}

define("calendar-page", CalendarPage, ["api", "account", "feed", "route"]);

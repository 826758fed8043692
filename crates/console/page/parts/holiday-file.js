// A file of holidays: shown before it is stored, with all that it leaves out and changes, and asked where it is not understood.

import { dayText, unclearChoice, weekdayText } from "./holidays.js";
import { define, html, Latest, nothing, View } from "../view.js";
import { CODE, Refusal } from "../api.js";
import { complain } from "./notice.js";
import { fileButton, fileDrop } from "./file-drop.js";
import { icon } from "./icon.js";
import { listText, t, word } from "../language.js";
import { once } from "./dialog.js";
import { rememberUndecided } from "./undecided-days.js";
import { unclearEntries } from "../unclear-entries.js";

/** @typedef {Data<"import_holidays">} Import */

/** How many changes and entries are listed, and how many places of entries that say the same. */
const LISTED = 50;
const PLACES = 5;

/** The rule of a fault that is an entry nobody understands. */
const UNCLEAR_RULE = "not_understood";

/** `calendar` is the id of the one that the file goes into; null: a new one is made. Tells `stored` with what was. */
class HolidayFile extends View {
  /** @type {File} */
  #file = null;
  /** What is said of the file, as it stands in the request. @type {Record<string, string | boolean>} */
  #said = {};
  #name = "";
  /** What would be stored. @type {Import} */
  #trial = null;
  /** Why it would not. @type {Refusal} */
  #refusal = null;
  /** The entries of the file that are not understood, whatever they are taken for. @type {import("../unclear-entries.js").UnclearEntries[]} */
  #unclear = [];
  #unclearTotal = 0;
  #trying = new Latest();

  /** @param {File | undefined} file */
  #choose(file) {
    if (!file) return;
    [this.#file, this.#said, this.#unclear, this.#unclearTotal] = [file, {}, [], 0];
    this.#try();
  }

  get #query() {
    // Of a new calendar a trial needs a name as well.
    return this.calendar === null ? { ...this.#said, name: this.#name.trim() || "-" } : this.#said;
  }

  async #try() {
    [this.#trial, this.#refusal] = [null, null];
    this.update();
    try {
      const options = this.#trying.instead(this.signal);
      this.#trial = (await this.api.importHolidays(this.calendar, this.#file, { ...this.#query, dry_run: true }, options)).data;
    } catch (error) {
      await this.#refused(error);
    }
    this.update();
  }

  /** A refusal of the file stays beside it. */
  async #refused(error) {
    if (!(error instanceof Refusal && error.code === CODE.invalid)) return complain(error);
    const unclear = error.faults.filter(({ rule }) => rule === UNCLEAR_RULE);
    if (unclear.length > 0) [this.#unclear, this.#unclearTotal] = [unclearEntries(unclear, await this.#file.text()), unclear.length];
    this.#refusal = error;
  }

  #say(what, value) {
    if (value) this.#said = { ...this.#said, [what]: value };
    else delete this.#said[what];
    this.#try();
  }

  #store = once(async (event) => {
    if (!event.target.reportValidity()) return;
    try {
      const { data } = await this.api.importHolidays(this.calendar, this.#file, this.#query, this);
      [this.#file, this.#trial] = [null, null];
      this.update();
      rememberUndecided(data);
      this.tell("stored", data);
    } catch (error) {
      await this.#refused(error);
      this.update();
    }
  });

  draw() {
    return html`<div class="stack apart">${this.#dropField()} ${this.#file ? this.#shown() : nothing}</div>`;
  }

  #dropField() {
    const file = this.#file;
    const choose = (file) => this.#choose(file);
    return html`
      <section class="drop" aria-label=${t("importHolidays")} ${fileDrop(choose)}>
        <span class="sheet-icon">${icon("file")}</span>
        <span class="stack tight">
          <b class="strong">${file ? file.name : t("noHolidayFile")}</b>
          <span class="small quiet">${t("whichHolidayFiles")}</span>
        </span>
        <span class="push row wrap">
          ${fileButton(t(file ? "otherHolidayFile" : "chooseHolidayFile"), ".ics,.csv,.json,.txt", choose)}
        </span>
      </section>
    `;
  }

  #shown() {
    const trial = this.#trial;
    return html`
      <form class="panel" aria-labelledby="before-title" @submit=${this.#store}>
        <header><h2 id="before-title">${t("beforeStored")}</h2><span class="small quiet">${t("nothingStoredYet")}</span></header>
        <div class="body stack" role="status">
          ${this.#refusal ? this.#faults(this.#refusal) : nothing} ${this.#questions()} ${trial ? this.#figures(trial) : nothing}
        </div>
        ${trial ? html`${this.#changes(trial)} ${keptDays(trial)} ${this.#leftOut(trial)}` : nothing}
        <footer>
          ${this.calendar === null
            ? html`<label class="inline">${t("calendarName")}<input class="field" name="name" required maxlength="100" autocomplete="off" @input=${(event) => (this.#name = event.target.value)} /></label>`
            : nothing}
          <span class="push row"><button class="button primary" ?disabled=${!trial}>${t(this.calendar === null ? "createCalendar" : "storeHolidays")}</button></span>
        </footer>
      </form>
    `;
  }

  /** @param {Refusal} refusal */
  #faults(refusal) {
    return html`<ul class="rules">
      ${refusal.faults.filter(({ rule }) => rule !== UNCLEAR_RULE).slice(0, LISTED).map(({ field, message }) => html`<li class="fault">${icon("warn")}<span>${field}${t("colon")}${message}</span></li>`)}
    </ul>`;
  }

  /** What only the person can say, once it is in question. */
  #questions() {
    const said = this.#said;
    const is = (rule) => this.#refusal?.faults.some((fault) => fault.rule === rule);
    const drops = said.drop_makeup_workdays || this.#trial?.kept.some(({ kind }) => kind === "makeup_workday");
    const tick = (what, text) => html`
      <label class="row"><input type="checkbox" class="tick" name=${what} .checked=${Boolean(said[what])} @change=${(event) => this.#say(what, event.target.checked)} />${text}</label>
    `;
    return html`
      ${is(UNCLEAR_RULE) || said.unclear ? this.#unclearEntries() : nothing}
      ${this.#onlyRepeated()}
      ${this.#trial?.unknown_zones.length > 0 ? html`<p class="small quiet unknown-zones">${t("unknownZones", { zones: listText(this.#trial.unknown_zones) })}</p>` : nothing}
      ${is("known_until_needed") || said.known_until || this.#trial?.only_repeated.length > 0
        ? html`<label class="over">${t("completeUntil")}<input class="field" type="date" name="known_until" @change=${(event) => this.#say("known_until", event.target.value)} /></label>`
        : nothing}
      ${is("fewer_days") || said.allow_fewer_days ? tick("allow_fewer_days", t("allowFewerDays")) : nothing}
      ${drops ? tick("drop_makeup_workdays", t("dropMakeupWorkdays")) : nothing}
    `;
  }

  /** Years that may lack the holidays whose dates change. */
  #onlyRepeated() {
    const years = this.#trial?.only_repeated ?? [];
    if (years.length === 0) return nothing;
    return html`<ul class="rules"><li class="fault only-repeated">${icon("warn")}<span>${t("onlyRepeated", { years: listText(years) })}</span></li></ul>`;
  }

  /** They stay in sight once it is said what they are. */
  #unclearEntries() {
    const { unclear } = this.#said;
    const isOpen = this.#refusal?.faults.some(({ rule }) => rule === UNCLEAR_RULE);
    return html`
      <div class="stack tight unclear">
        <b class="strong">${t("unclearEntries", { count: this.#unclearTotal })}</b>
        <ul class="rules">${this.#unclear.slice(0, LISTED).map((entries) => unclearLine(entries, isOpen ? t("feed.not_understood") : t(`unclear.${unclear}`), isOpen))}</ul>
        ${this.#unclear.length > LISTED ? html`<p class="small quiet">${t("firstOf", { shown: LISTED, count: this.#unclear.length })}</p>` : nothing}
        ${this.#unclearTotal > 1 ? html`<p class="small quiet">${t("unclearOneAnswer")}</p>` : nothing}
      </div>
      ${unclearChoice(unclear, t("unclear.none"), (one) => this.#say("unclear", one))}
    `;
  }

  /** @param {Import} trial */
  #figures(trial) {
    const figures = [
      ["yearsImported", listText(trial.years)],
      ["daysOff", trial.days_off],
      ["makeupWorkdays", trial.makeup_workdays],
      ["halfDays", trial.half_days],
      ["observances", trial.observances],
      ["keptDays", trial.kept.length],
      ["knownUntil", trial.known_until],
    ];
    return html`<dl class="facts">${figures.map(([name, figure]) => html`<dt>${t(name)}</dt><dd data-figure=${name}>${figure}</dd>`)}</dl>`;
  }

  /** @param {Import} trial */
  #changes({ changes, changes_total: total }) {
    if (total === 0) return html`<p class="body small quiet">${t("noChange")}</p>`;
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label=${t("whatChanges")}>
        <table class="table dense inner changes">
          <thead>
            <tr><th scope="col">${t("day")}</th><th scope="col">${t("before")}</th><th scope="col" class="grow">${t("after")}</th></tr>
          </thead>
          <tbody>
            ${changes.slice(0, LISTED).map(({ before, after }) => {
              const { date } = after ?? before;
              return html`<tr><td>${date} ${weekdayText(date)}</td><td>${dayText(before)}</td><td class="grow">${dayText(after)}</td></tr>`;
            })}
          </tbody>
        </table>
      </div>
      ${total > LISTED ? html`<p class="body small quiet">${t("firstOf", { shown: LISTED, count: total })}</p>` : nothing}
    `;
  }

  /** @param {Import} trial */
  #leftOut({ left_out: entries, left_out_total: total }) {
    if (total === 0) return nothing;
    return html`
      <section class="body" aria-labelledby="left-out-title">
        <h3 id="left-out-title">${t("leftOut")}</h3>
        <ul class="rules">
          ${entries.slice(0, LISTED).map(({ place, name, date, reason }) => html`<li><b class="strong">${name || place}</b><small>${[date, name && place, word("leftOut", reason)].filter(Boolean).join(t("pause"))}</small></li>`)}
        </ul>
        ${total > LISTED ? html`<p class="small quiet">${t("firstOf", { shown: LISTED, count: total })}</p>` : nothing}
      </section>
    `;
  }
}

/** The days that stay although the file does not name them. @param {Import} trial */
function keptDays({ kept }) {
  if (kept.length === 0) return nothing;
  const shown = kept.slice(0, LISTED);
  return html`
    <details class="body kept">
      <summary>${t("keptDays")}</summary>
      <ul class="rules">${shown.map((day) => html`<li><span>${day.date} ${weekdayText(day.date)} ${dayText(day)}</span></li>`)}</ul>
      ${kept.length > LISTED ? html`<p class="small quiet">${t("firstOf", { shown: LISTED, count: kept.length })}</p>` : nothing}
    </details>
  `;
}

/** @param {import("../unclear-entries.js").UnclearEntries} entries @param {string} taken what they are taken for @param {boolean} isFault */
function unclearLine({ said, places }, taken, isFault) {
  const where = listText(places.slice(0, PLACES));
  const all = places.length > PLACES ? t("placesOfMany", { places: where, count: places.length }) : where;
  return html`
    <li class=${isFault ? "fault" : ""}>
      <span>${icon("warn")}<b class="strong">${said}</b>${t("colon")}${taken}</span>${places[0] === said ? nothing : html`<small class="small quiet">${all}</small>`}
    </li>
  `;
}

define("holiday-file", HolidayFile, ["api", "calendar"]);

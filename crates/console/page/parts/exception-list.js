// The exceptions of a group: which days, what they do with them, and their times. It shows `exceptions` with their `faults`, and tells
// `change-exceptions` with the changed ones, unless it is `fixed`. Today is that of the `zone`. Events of a file come in for a `group` as the server has it.

import { newException } from "../group-draft.js";
import { faultLine } from "./faults.js";
import { nextWindow, timeRows } from "./week-times.js";
import { icon } from "./icon.js";
import { isDate, todayIn } from "../clock.js";
import { exceptionDays } from "./exception-words.js";
import { datesTogether, RowList } from "./row-list.js";
import { t, weekday } from "../language.js";
import { WEEKDAYS } from "../week.js";
import { define, html, nothing, repeat } from "../view.js";
import "./event-file.js";
import "../words/group-words.js";

const EFFECTS = ["replace", "add", "only", "close"];

/** Which days it can be about; those of each month can be of one month only. */
const DAYS = /** @type {const} */ (["date", "nth_weekday", "first_workday", "last_workday", "holiday", "makeup_workday", "day_before_holiday"]);
const MONTHLY = ["nth_weekday", "first_workday", "last_workday"];

/** Which of a month's weekdays: -1 is the last. */
const NTH = [1, 2, 3, 4, 5, -1];

const MONTHS = Array.from({ length: 12 }, (_, month) => month + 1);

/** The fields of an exception whose faults are shown in its row, beside those of its times. */
const FIELDS = ["name", "effect", "on", "week", "nth", "month", "begin_date", "end_date", "times"];

class ExceptionList extends RowList {
  /** Whether a file of events is asked for. */
  #importing = false;

  constructor() {
    super("exceptions");
  }

  draw() {
    return html`
      <header>
        <h2 id="exceptions-title">${t("exceptions")}</h2>
        ${this.addButton(t("addException"), () => this.addRow(newException(todayIn(this.zone))))} ${this.#importButton()}
      </header>
      ${this.#importing ? this.#eventFile() : nothing}
      <ul class="rules exceptions">
        ${repeat(
          this.exceptions,
          ({ key }) => key,
          (exception, index) => this.#row(exception, index + 1),
        )}
      </ul>
    `;
  }

  #importButton() {
    if (this.fixed) return nothing;
    const turn = () => {
      this.#importing = !this.#importing;
      this.update();
    };
    const text = t("importEvents");
    return html`<button type="button" class="button plain little square import" aria-label=${text} title=${text} aria-expanded=${String(this.#importing)} @click=${turn}>${icon("file")}</button>`;
  }

  #eventFile() {
    const take = ({ detail }) => this.changeRows([...this.exceptions, ...detail]);
    return html`<event-file .api=${this.api} .group=${this.group} .exceptions=${this.exceptions} .zone=${this.zone} @take=${take}></event-file>`;
  }

  /** @param {ExceptionRow} exception */
  #row(exception, number) {
    const label = exception.name || t("exceptionNumber", { number });
    return html`
      <li>
        ${this.nameButton(exception, label)}
        <span class="row">${tagOf(exception)} ${this.fixed ? nothing : this.removeButton(exception, label)}</span>
        ${this.isOpen(exception) ? this.#fields(exception, number, label) : html`<small>${exceptionDays(exception)}</small>`} ${this.#pastLine(exception)}
      </li>
    `;
  }

  /** @param {ExceptionRow} exception */
  #fields(exception, number, label) {
    const { windows } = exception;
    const put = (change) => this.putRow(exception, change);
    const add = () => put({ windows: [...windows, nextWindow(windows, 0)] });
    return html`
      <fieldset class="fields" ?disabled=${this.fixed}>
        ${this.field(exception, "name", t("exceptionName", { number }), { maxlength: 100, placeholder: t("name") })}
        <select class="field" name="effect" aria-label=${t("effectOf", { name: label })} @change=${({ target }) => put(effectChange(exception, target.value))}>
          ${EFFECTS.map((code) => html`<option value=${code} ?selected=${code === exception.effect}>${t(`effect.${code}`)}</option>`)}
        </select>
        ${this.#days(exception, label)}
        <span class="row dates">
          ${this.field(exception, "begin_date", t("firstDay", { number }), { maxlength: 10, placeholder: "YYYY-MM-DD" })}
          <span aria-hidden="true">–</span>
          ${this.field(exception, "end_date", t("lastDay", { number }), { maxlength: 10, placeholder: "YYYY-MM-DD" })}
        </span>
        ${FIELDS.slice(1).filter((field) => !field.endsWith("_date")).map((field) => faultLine(this.faults, exception.key, field))}
        ${timeRows(windows, label, this.faults, (changed) => put({ windows: changed }))}
        <button type="button" class="button little" aria-label=${t("addWindowTo", { day: label })} @click=${add}>${icon("plus")}${t("addWindow")}</button>
      </fieldset>
    `;
  }

  /** Which days it is about. @param {ExceptionRow} exception */
  #days(exception, label) {
    const { days } = exception;
    const put = (change) => this.putRow(exception, { days: { ...days, ...change } });
    const choice = (name, text, options, chosen, set) => html`
      <select class="field" name=${name} aria-label=${t(text, { name: label })} @change=${({ target }) => set(target.value)}>
        ${options.map(([value, shown]) => html`<option value=${value} .selected=${value === chosen}>${shown}</option>`)}
      </select>
    `;
    const ordinal = (nth) => t(nth === -1 ? "lastOfMonth" : "nthOfMonth", { nth });
    return html`
      ${choice("on", "exceptionDaysOf", DAYS.map((on) => [on, t(`days.${on}`)]), days.on, (on) => this.#chooseDays(exception, on))}
      ${days.on === "nth_weekday"
        ? html`
            ${choice("nth", "whichOfMonth", NTH.map((nth) => [nth, ordinal(nth)]), days.nth, (nth) => put({ nth: Number(nth) }))}
            ${choice("week", "weekdayOf", WEEKDAYS.map((week) => [week, weekday(week)]), days.week, (week) => put({ week: Number(week) }))}
          `
        : nothing}
      ${MONTHLY.includes(days.on)
        ? choice("month", "monthOf", [[0, t("everyMonth")], ...MONTHS.map((month) => [month, t(`month.${month}`)])], days.month ?? 0, (month) => put({ month: Number(month) || undefined }))
        : nothing}
      ${days.on === "date" ? nothing : html`<small class="quiet">${t("datesBound")}</small>`}
    `;
  }

  /** The dates of single days bound other days, which few want. @param {ExceptionRow} exception @param {ExceptionRow["days"]["on"]} on */
  #chooseDays(exception, on) {
    const today = todayIn(this.zone);
    const [begin_date, end_date] = on === "date" ? [today, today] : ["", ""];
    const dates = (on === "date") === (exception.days.on === "date") ? {} : { begin_date, end_date };
    const days = on === "nth_weekday" ? { on, week: 1, nth: 1 } : { on };
    this.putRow(exception, { days, ...dates });
  }

  /** @param {ExceptionRow} exception */
  hasFault({ key, windows }) {
    const told = (row, fields) => fields.some((field) => this.faults.of(row, field).length > 0);
    return told(key, FIELDS) || windows.some((window) => told(window.key, ["begin_time", "end_time"]));
  }

  /** The last day of a single one follows the first. @param {ExceptionRow} exception */
  changeOf(exception, field, value) {
    const single = field === "begin_date" && exception.days.on === "date" && exception.end_date === exception.begin_date;
    return single ? { begin_date: value, end_date: value } : datesTogether(exception, field, value);
  }

  /** Says of days that are over that they are; those of every year never are. @param {ExceptionRow} exception */
  #pastLine({ begin_date: first, end_date: last }) {
    const today = todayIn(this.zone);
    const isOver = (date) => isDate(date) && date < today;
    if (!isOver(first)) return nothing;
    return html`<small class="is-wait past" role="status">${icon("warn")} ${t(isOver(last || first) ? "daysPast" : "firstDayPast")}</small>`;
  }
}

/** Another effect; with a window for those that mean nothing without. @param {ExceptionRow} exception @param {ExceptionRow["effect"]} effect */
function effectChange({ windows }, effect) {
  return windows.length === 0 && (effect === "add" || effect === "only") ? { effect, windows: [nextWindow([], 0)] } : { effect };
}

/** What an exception does, unless its times say that. @param {ExceptionRow} exception */
function tagOf({ effect, windows }) {
  if (effect !== "replace") return html`<span class="tag wait">${t(`effect.${effect}`)}</span>`;
  return windows.length === 0 ? html`<span class="tag wait">${t("closedAllDay")}</span>` : nothing;
}

define("exception-list", ExceptionList, ["api", "group", "exceptions", "faults", "zone", "fixed"]);

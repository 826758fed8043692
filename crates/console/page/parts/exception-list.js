// The dated exceptions of a group: days with windows of their own, or none. It shows `exceptions` with their `faults`, and tells
// `change-exceptions` with the changed ones, unless it is `fixed`. Today is that of the `zone`.

import { newException } from "../group-draft.js";
import { nextWindow, timeRows } from "./week-times.js";
import { icon } from "./icon.js";
import { isDate, todayIn } from "../clock.js";
import { exceptionDays } from "./exception-words.js";
import { RowList } from "./row-list.js";
import { t } from "../language.js";
import { define, html, nothing, repeat } from "../view.js";

const EFFECTS = ["replace", "add", "only", "close"];

class ExceptionList extends RowList {
  constructor() {
    super("exceptions");
  }

  draw() {
    return html`
      <header>
        <h2 id="exceptions-title">${t("exceptions")}</h2>
        ${this.zone ? html`<span class="small quiet cut zone">${t("timesIn", { zone: this.zone })}</span>` : nothing}
        ${this.addButton(t("addException"), () => this.addRow(newException(todayIn(this.zone))))}
      </header>
      <ul class="rules exceptions">
        ${repeat(
          this.exceptions,
          ({ key }) => key,
          (exception, index) => this.#row(exception, index + 1),
        )}
      </ul>
    `;
  }

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

  #fields(exception, number, label) {
    const { windows } = exception;
    const put = (change) => this.putRow(exception, change);
    const add = () => put({ windows: [...windows, nextWindow(windows, 0)] });
    return html`
      <fieldset class="fields" ?disabled=${this.fixed}>
        ${this.field(exception, "name", t("exceptionName", { number }), { maxlength: 100, placeholder: t("name") })}
        <select class="field" aria-label=${t("effectOf", { name: label })} @change=${(event) => put({ effect: event.target.value })}>
          ${EFFECTS.map((code) => html`<option value=${code} ?selected=${code === exception.effect}>${t(`effect.${code}`)}</option>`)}
        </select>
        ${this.field(exception, "begin_date", t("firstDay", { number }), { maxlength: 10, placeholder: "YYYY-MM-DD" })}
        <span aria-hidden="true">–</span>
        ${this.field(exception, "end_date", t("lastDay", { number }), { maxlength: 10, placeholder: "YYYY-MM-DD" })}
        ${timeRows(windows, label, this.faults, (changed) => put({ windows: changed }))}
        <button type="button" class="button little" aria-label=${t("addWindowTo", { day: label })} @click=${add}>${icon("plus")}${t("addWindow")}</button>
      </fieldset>
    `;
  }

  hasFault({ key, windows }) {
    const told = (row, fields) => fields.some((field) => this.faults.of(row, field).length > 0);
    return told(key, ["name", "begin_date", "end_date"]) || windows.some((window) => told(window.key, ["begin_time", "end_time"]));
  }

  /** The last day of a single one follows the first. */
  changeOf(exception, field, value) {
    const single = field === "begin_date" && exception.end_date === exception.begin_date;
    return single ? { begin_date: value, end_date: value } : { [field]: value };
  }

  /** Says of days that are over that they are; those of every year never are. */
  #pastLine({ begin_date: first, end_date: last }) {
    const today = todayIn(this.zone);
    const isOver = (date) => isDate(date) && date < today;
    if (!isOver(first)) return nothing;
    return html`<small class="is-wait past" role="status">${icon("warn")} ${t(isOver(last || first) ? "daysPast" : "firstDayPast")}</small>`;
  }
}

/** What an exception does, unless its times say that. @param {ExceptionRow} exception */
function tagOf({ effect, windows }) {
  if (effect !== "replace") return html`<span class="tag wait">${t(`effect.${effect}`)}</span>`;
  return windows.length === 0 ? html`<span class="tag wait">${t("closedAllDay")}</span>` : nothing;
}

define("exception-list", ExceptionList, ["exceptions", "faults", "zone", "fixed"]);

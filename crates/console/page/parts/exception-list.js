// The dated exceptions of a group: days with windows of their own, or none. It shows `exceptions` with their `faults`, and tells
// `change-exceptions` with the changed ones. Today is that of the `zone`.

import { newException } from "../group-draft.js";
import { nextWindow, timeRows } from "./week-times.js";
import { faultLine, invalid } from "./faults.js";
import { isDate, todayIn } from "../clock.js";
import { t } from "../language.js";
import { View, define, html, live, nothing, repeat } from "../view.js";

class ExceptionList extends View {
  start() {
    // Where the focus goes when an exception that has it is removed.
    this.dataset.focus = ":scope > button";
  }

  draw() {
    return html`
      <ul class="exceptions">
        ${repeat(
          this.exceptions,
          ({ key }) => key,
          (exception, index) => this.#row(exception, index + 1),
        )}
      </ul>
      <button type="button" @click=${this.#add}>${t("addException")}</button>
    `;
  }

  #row(exception, number) {
    const put = (change) => this.#put(exception, change);
    const label = exception.name || t("exceptionNumber", { number });
    return html`
      <li>
        ${this.#field(exception, "name", t("exceptionName", { number }), { maxlength: 100, placeholder: t("name") })}
        ${this.#field(exception, "begin_date", t("firstDay", { number }), { maxlength: 10, placeholder: "YYYY-MM-DD" })}
        <span aria-hidden="true">–</span>
        ${this.#field(exception, "end_date", t("lastDay", { number }), { maxlength: 10, placeholder: "YYYY-MM-DD" })}
        ${this.#pastLine(exception)}
        ${exception.windows.length === 0 ? html`<span class="badge">${t("closedAllDay")}</span>` : nothing}
        ${timeRows(exception.windows, label, this.faults, (windows) => put({ windows }))}
        <span class="row-tools">
          <button
            type="button"
            class="small"
            aria-label=${t("addWindowTo", { day: label })}
            @click=${() => put({ windows: [...exception.windows, nextWindow(exception.windows, 0)] })}
          >
            ${t("addWindow")}
          </button>
          <button type="button" class="small" aria-label=${t("removeOf", { name: label })} @click=${() => this.#remove(exception)}>✕</button>
        </span>
      </li>
    `;
  }

  #field(exception, field, label, { maxlength, placeholder }) {
    return html`
      <span>
        <input
          class=${field === "name" ? "" : "date"}
          maxlength=${maxlength}
          autocomplete="off"
          placeholder=${placeholder}
          aria-label=${label}
          .value=${live(exception[field])}
          ${invalid(this.faults, exception.key, field)}
          @change=${(event) => this.#put(exception, this.#changeOf(exception, field, event.target.value.trim()))}
        />
        ${faultLine(this.faults, exception.key, field)}
      </span>
    `;
  }

  /** The last day of a single one follows the first. */
  #changeOf(exception, field, value) {
    const single = field === "begin_date" && exception.end_date === exception.begin_date;
    return single ? { begin_date: value, end_date: value } : { [field]: value };
  }

  /** Says of days that are over that they are; those of every year never are. */
  #pastLine({ begin_date: first, end_date: last }) {
    const today = todayIn(this.zone);
    const isOver = (date) => isDate(date) && date < today;
    if (!isOver(first)) return nothing;
    return html`<span class="warning past" role="status">⚠ ${t(isOver(last || first) ? "daysPast" : "firstDayPast")}</span>`;
  }

  #put(exception, change) {
    this.tell("change-exceptions", this.exceptions.map((each) => (each === exception ? { ...each, ...change } : each)));
  }

  #remove(exception) {
    this.tell("change-exceptions", this.exceptions.filter((each) => each !== exception));
  }

  #add = () => {
    this.tell("change-exceptions", [...this.exceptions, newException(todayIn(this.zone))]);
  };
}

define("exception-list", ExceptionList, ["exceptions", "faults", "zone"]);

// The dated exceptions of a group: days with windows of their own, or none. It shows `exceptions`, with `faults` at their fields, and
// tells `change-exceptions` with them as they are to be.

import { newException } from "../group-draft.js";
import { nextWindow, timeRows } from "./week-times.js";
import { faultLine, invalid } from "./faults.js";
import { serverNow } from "../clock.js";
import { t } from "../language.js";
import { View, define, html, live, nothing, repeat } from "../view.js";

class ExceptionList extends View {
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
          @change=${(event) => this.#put(exception, { [field]: event.target.value.trim() })}
        />
        ${faultLine(this.faults, exception.key, field)}
      </span>
    `;
  }

  #put(exception, change) {
    this.tell("change-exceptions", this.exceptions.map((each) => (each === exception ? { ...each, ...change } : each)));
  }

  #remove(exception) {
    this.tell("change-exceptions", this.exceptions.filter((each) => each !== exception));
  }

  #add = () => {
    const today = new Date(serverNow()).toISOString().slice(0, 10);
    this.tell("change-exceptions", [...this.exceptions, newException(today)]);
  };
}

define("exception-list", ExceptionList, ["exceptions", "faults"]);

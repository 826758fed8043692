// The same exception for several groups: its name, its days and its windows. It shows `groups`, and tells `done` with what was changed when all have
// it, and `closed` with what was changed in spite of that.

import { closeDialog, modal, once } from "./dialog.js";
import { CODE } from "../api.js";
import { complain, say } from "./notice.js";
import { faultLine, Faults, invalid } from "./faults.js";
import { icon } from "./icon.js";
import { tidyTime } from "../week.js";
import { t } from "../language.js";
import { todayIn } from "../clock.js";
import { View, define, html, nothing } from "../view.js";
import "./undo-bar.js";

class AddException extends View {
  #faults = new Faults();
  /** Of which group the server refused it, and that some have it already. */
  #refusedBy = null;
  /** What was changed, also by tries that failed at another group. @type {BulkEdit} */
  #done = { name: "", edits: [] };
  #isWhole = false;

  draw() {
    const closed = () => this.tell(this.#isWhole ? "done" : "closed", this.#done);
    return html`
      <dialog ${modal()} aria-labelledby="add-exception-title" @close=${closed}>
        <form @submit=${this.#add}>
          <h2 id="add-exception-title">${t("addExceptionTo", { count: this.groups.length })}</h2>
          <p class="small quiet">${t("exceptionForAll")}</p>
          ${this.#field("name", t("name"), { maxlength: 100, value: "" })}
          <div class="row wrap">
            ${this.#field("begin_date", t("firstDate"), { maxlength: 10, value: todayIn(this.groups[0].timezone) })}
            ${this.#field("end_date", t("lastDate"), { maxlength: 10, value: "" })}
          </div>
          <div class="row wrap">
            ${this.#field("begin_time", t("timeFrom"), { maxlength: 10, value: "" })} ${this.#field("end_time", t("timeTo"), { maxlength: 10, value: "" })}
          </div>
          <p class="small quiet">${t("noTimesMean")}</p>
          ${this.#faults.beside(["name", "begin_date", "end_date", "begin_time", "end_time"]).map((text) => html`<p class="fault" role="alert">${icon("warn")}${text}</p>`)}
          ${this.#refusedBy ? html`<p class="fault" role="alert">${icon("warn")}${t("refusedBy", this.#refusedBy)}</p>` : nothing}
          <p class="actions">
            <button type="button" class="button" @click=${closeDialog}>${t("cancel")}</button>
            <button type="submit" class="button primary">${t("save")}</button>
          </p>
        </form>
      </dialog>
    `;
  }

  #field(name, label, { maxlength, value }) {
    const isTime = name.endsWith("_time");
    return html`
      <label class="over">
        ${label}
        <input
          class="field ${isTime ? "time" : name.endsWith("_date") ? "date" : ""}"
          name=${name}
          maxlength=${maxlength}
          autocomplete="off"
          placeholder=${isTime ? "HH:MM" : name.endsWith("_date") ? "YYYY-MM-DD" : ""}
          value=${value}
          ?required=${name === "name" || name === "begin_date"}
          ${invalid(this.#faults, null, name)}
        />
        ${faultLine(this.#faults, null, name)}
      </label>
    `;
  }

  #add = once(async (event) => {
    const exception = exceptionOf(new FormData(event.target));
    this.#done.name = exception.name;
    for (const { id } of [...this.groups]) {
      try {
        await this.#addTo(id, exception);
      } catch (error) {
        if (error.code === CODE.invalid) return this.#show(error.faults, id);
        closeDialog(event);
        return complain(error);
      }
    }
    this.#isWhole = true;
    closeDialog(event);
    say(t("exceptionAdded", { name: exception.name, count: this.groups.length }));
  });

  /** One that has it already, from a try that failed at another group, is left as it is. */
  async #addTo(id, exception) {
    const { data: group } = await this.api.group(id, this);
    const text = JSON.stringify(written(exception));
    if (group.exceptions.some((each) => JSON.stringify(written(each)) === text)) return;
    const { data: changed } = await this.api.updateGroup(id, { name: group.name, exceptions: [...group.exceptions, exception] }, group.version);
    this.#done.edits.push({ id, name: group.name, before: group.version, after: changed.version });
  }

  /** The faults are those of the last exception of the group. */
  #show(faults, id) {
    this.#faults = new Faults(faults.map(({ field, message }) => ({ field: field.replace(/^exceptions\[\d+\]\.(times\[0\]\.)?/, ""), message })));
    this.#refusedBy = this.groups.find((group) => group.id === id);
    this.update();
  }
}

/** What the API is told; without times the days are closed. */
function exceptionOf(fields) {
  const [begin_date, begin_time, end_time] = ["begin_date", "begin_time", "end_time"].map((name) => fields.get(name).trim());
  const times = begin_time || end_time ? [{ begin_time: tidyTime(begin_time), end_time: tidyTime(end_time) }] : [];
  return { name: fields.get("name").trim(), begin_date, end_date: fields.get("end_date").trim() || begin_date, times };
}

/** What tells whether two exceptions are the same. @param {Exception} exception */
function written({ name, effect, on, begin_date, end_date, times }) {
  return [name, effect ?? "replace", on ?? "date", begin_date, end_date ?? begin_date, times.map(({ begin_time, end_time }) => [begin_time, end_time])];
}

define("add-exception", AddException, ["api", "groups"]);

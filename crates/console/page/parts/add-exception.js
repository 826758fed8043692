// The same exception for several groups, all of them or none: its name, its days and its windows, and what it would mean. It shows `groups`, and tells
// `done` with what was changed, and `closed`.

import { bulkEffects } from "./bulk-effects.js";
import { closeDialog, modal, once } from "./dialog.js";
import { CODE } from "../api.js";
import { complain, say } from "./notice.js";
import { faultLine, Faults, invalid } from "./faults.js";
import { groupsNow } from "../groups-now.js";
import { icon } from "./icon.js";
import { isDate, todayIn } from "../clock.js";
import { Lookahead } from "../lookahead.js";
import { t } from "../language.js";
import { minutesOf, tidyTime } from "../week.js";
import { View, define, html } from "../view.js";
import "../words/bulk-words.js";

const FIELDS = ["name", "begin_date", "end_date", "begin_time", "end_time"];

/** What it can do with its times; without any the first two close the whole day, and the others mean nothing. Many are closed together more often than opened. */
const EFFECTS = /** @type {const} */ (["close", "replace", "add", "only"]);

class AddException extends View {
  #faults = new Faults();
  /** What is written. @type {Record<string, string>} */
  #written = Object.fromEntries(FIELDS.map((field) => [field, ""]));
  /** @type {typeof EFFECTS[number]} */
  #effect = "close";
  #lookahead = new Lookahead(this, (body, options) => this.api.bulkAddExceptions(body, true, options));
  /** What was changed, once it is. @type {{ name: string, edits: GroupEdit[] } | null} */
  #done = null;

  start() {
    this.#written.begin_date = todayIn(this.groups[0].timezone);
  }

  draw() {
    this.#lookahead.want(this.#isWhole ? this.#body() : null, "");
    const closed = () => (this.#done ? this.tell("done", this.#done) : this.tell("closed"));
    const names = new Map(this.groups.map(({ id, name }) => [id, name]));
    return html`
      <dialog ${modal()} aria-labelledby="add-exception-title" @close=${closed}>
        <form @submit=${this.#add}>
          <h2 id="add-exception-title">${t("addExceptionTo", { count: this.groups.length })}</h2>
          <p class="small quiet">${t("exceptionForAll")}</p>
          ${this.#field("name", t("name"), 100)}
          <div class="row wrap">${this.#field("begin_date", t("firstDate"), 10)} ${this.#field("end_date", t("lastDate"), 10)}</div>
          ${this.#effectField()}
          <div class="row wrap">${this.#field("begin_time", t("timeFrom"), 10)} ${this.#field("end_time", t("timeTo"), 10)}</div>
          <p class="small quiet">${t("noTimesMean")}</p>
          ${this.#faults.beside([...FIELDS, "effect", "times"]).map((text) => html`<p class="fault" role="alert">${icon("warn")}${text}</p>`)}
          ${bulkEffects(this.#lookahead, (id) => names.get(id))}
          <p class="actions">
            <button type="button" class="button" @click=${closeDialog}>${t("cancel")}</button>
            <button type="submit" class="button primary">${t("save")}</button>
          </p>
        </form>
      </dialog>
    `;
  }

  #effectField() {
    const choose = ({ target }) => {
      this.#effect = target.value;
      this.update();
    };
    return html`
      <label class="over">
        ${t("exceptionDoes")}
        <select class="field" name="effect" ${invalid(this.#faults, null, "effect")} @change=${choose}>
          ${EFFECTS.map((code) => html`<option value=${code} ?selected=${code === this.#effect}>${t(`effect.${code}`)}</option>`)}
        </select>
        ${faultLine(this.#faults, null, "effect")} ${faultLine(this.#faults, null, "times")}
      </label>
    `;
  }

  #field(name, label, maxlength) {
    const isTime = name.endsWith("_time");
    const write = ({ target }) => {
      this.#written = { ...this.#written, [name]: target.value };
      this.update();
    };
    return html`
      <label class="over">
        ${label}
        <input
          class="field ${isTime ? "time" : name.endsWith("_date") ? "date" : ""}"
          name=${name}
          maxlength=${maxlength}
          autocomplete="off"
          placeholder=${isTime ? "HH:MM" : name.endsWith("_date") ? "YYYY-MM-DD" : ""}
          .value=${this.#written[name]}
          ?required=${name === "name" || name === "begin_date"}
          ${invalid(this.#faults, null, name)}
          @input=${write}
        />
        ${faultLine(this.#faults, null, name)}
      </label>
    `;
  }

  /** Whether there is something to look at: half a date or a time is none. */
  get #isWhole() {
    const [, first, last, ...times] = FIELDS.map((field) => this.#written[field].trim());
    const isWritten = (date) => isDate(date) || /^\d\d-\d\d$/.test(date);
    const mayHaveNone = this.#effect === "replace" || this.#effect === "close";
    const areTimes = (mayHaveNone && times.every((time) => time === "")) || times.every((time) => minutesOf(tidyTime(time)) !== null);
    return areTimes && isWritten(first) && (last === "" || isWritten(last));
  }

  /** What the API is told; without times the days are closed. @returns {Sent<"bulk_add_exceptions">} */
  #body() {
    const [name, begin_date, end_date, begin_time, end_time] = FIELDS.map((field) => this.#written[field].trim());
    const times = begin_time || end_time ? [{ begin_time: tidyTime(begin_time), end_time: tidyTime(end_time) }] : [];
    return { group_ids: this.groups.map(({ id }) => id), exceptions: [{ name: name || "-", effect: this.#effect, begin_date, end_date: end_date || begin_date, times }] };
  }

  #add = once(async (event) => {
    if (!(await this.#lookahead.isSeen(() => this.querySelector(".bulk-effects")?.focus()))) return;
    const body = this.#body();
    const [{ name }] = body.exceptions;
    try {
      const versions = await this.#versions();
      await this.api.bulkAddExceptions(body, false);
      const edits = this.groups.map(({ id, name: group }) => ({ id, name: group, before: versions.get(id), after: versions.get(id) + 1 }));
      this.#done = { name, edits };
    } catch (error) {
      if (error.code === CODE.invalid) return this.#show(error.faults);
      closeDialog(event);
      return complain(error);
    }
    closeDialog(event);
    say(t("exceptionAdded", { name, count: this.groups.length }));
  });

  /** The versions of the groups now, by their ids: those that it is undone to. */
  async #versions() {
    const now = await groupsNow(this.api, this.groups.map(({ id }) => id), this);
    return new Map(this.groups.map(({ id, version }) => [id, now.get(id)?.version ?? version]));
  }

  #show(faults) {
    this.#faults = new Faults(faults.map(({ field, message }) => ({ field: field.replace(/^exceptions\[\d+\]\.(times\[0\]\.)?/, ""), message })));
    this.update();
  }
}

define("add-exception", AddException, ["api", "groups"]);

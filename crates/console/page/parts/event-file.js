// Timed events of an iCalendar file as exceptions of a group: shown, with those that are left out, before they are taken into its draft. It shows a `group` as
// the server has it, whose draft has the `exceptions` and the `zone`, and tells `take` with further exceptions.

import { addDays, todayIn } from "../clock.js";
import { CODE, Refusal } from "../api.js";
import { complain } from "./notice.js";
import { exceptionChanges, exceptionRow } from "../group-draft.js";
import { exceptionDays } from "./exception-words.js";
import { fileButton, fileDrop } from "./file-drop.js";
import { icon } from "./icon.js";
import { t, word } from "../language.js";
import { define, html, Latest, nothing, View } from "../view.js";
import "../words/group-words.js";

/** What events can do with their times. */
const EFFECTS = /** @type {const} */ (["close", "add"]);

/** How many of each kind are listed. */
const LISTED = 50;

/** For how many days, from today on, events that repeat are counted out; the API counts at most 400. */
const DAYS = 365;

class EventFile extends View {
  /** @type {File} */
  #file = null;
  /** @type {{ effect: "close" | "add", from: string, to: string }} */
  #asked = { effect: "close", from: "", to: "" };
  /** What the file comes to. @type {Data<"import_events">} */
  #read = null;
  /** Why it comes to nothing. @type {Refusal} */
  #refusal = null;
  #reading = new Latest();

  start() {
    const today = todayIn(this.zone);
    this.#asked = { ...this.#asked, from: today, to: addDays(today, DAYS) };
  }

  /** @param {File | undefined} file */
  #choose(file) {
    if (!file) return;
    this.#file = file;
    this.#look();
  }

  #ask(change) {
    this.#asked = { ...this.#asked, ...change };
    if (this.#file) this.#look();
    this.update();
  }

  async #look() {
    [this.#read, this.#refusal] = [null, null];
    this.update();
    try {
      this.#read = (await this.api.importEvents(this.group.id, this.#file, this.#asked, this.#reading.instead(this.signal))).data;
    } catch (error) {
      if (error instanceof Refusal && error.code === CODE.invalid) this.#refusal = error;
      else complain(error);
    }
    this.update();
  }

  /** Those that the draft does not have yet. */
  get #fresh() {
    return exceptionChanges(this.exceptions, (this.#read?.exceptions ?? []).map(exceptionRow)).added;
  }

  /** Why nothing can be read yet: the API moves times to the zone of a group as it has it. */
  get #obstacle() {
    if (this.group.id === null) return t("saveFirst");
    return this.zone === this.group.timezone ? "" : t("zoneFirst");
  }

  draw() {
    const obstacle = this.#obstacle;
    if (obstacle) return html`<p class="body small is-wait obstacle" role="status">${icon("warn")} ${obstacle}</p>`;
    const choose = (file) => this.#choose(file);
    return html`
      <div class="body stack event-file">
        <section class="drop" aria-label=${t("importEvents")} ${fileDrop(choose)}>
          <span class="sheet-icon">${icon("file")}</span>
          <span class="stack tight"><b class="strong">${this.#file?.name ?? t("noEventFile")}</b><span class="small quiet">${t("eventsMean")}</span></span>
          <span class="push">${fileButton(t("chooseEventFile"), ".ics,text/calendar", choose)}</span>
        </section>
        ${this.#questions()}
        <div class="stack" role="status">${this.#refusal ? this.#faults(this.#refusal) : nothing} ${this.#read ? this.#shown(this.#read) : nothing}</div>
      </div>
    `;
  }

  #questions() {
    const { effect, from, to } = this.#asked;
    const date = (name, label, value) => html`
      <label class="over">${label}<input class="field" type="date" name=${name} required .value=${value} @change=${({ target }) => this.#ask({ [name]: target.value })} /></label>
    `;
    return html`
      <div class="row wrap">
        <label class="over">
          ${t("eventsDo")}
          <select class="field" name="event-effect" @change=${({ target }) => this.#ask({ effect: target.value })}>
            ${EFFECTS.map((one) => html`<option value=${one} ?selected=${one === effect}>${t(`effect.${one}`)}</option>`)}
          </select>
        </label>
        ${date("from", t("eventsFrom"), from)} ${date("to", t("eventsTo"), to)}
      </div>
    `;
  }

  /** @param {Refusal} refusal */
  #faults({ faults }) {
    return faults.slice(0, LISTED).map(({ field, message }) => html`<p class="fault" role="alert">${icon("warn")}${field}${t("colon")}${message}</p>`);
  }

  /** @param {Data<"import_events">} read */
  #shown({ exceptions, left_out: leftOut, left_out_total: total }) {
    const rows = exceptions.map(exceptionRow);
    const fresh = this.#fresh;
    const take = () => {
      this.tell("take", fresh);
      [this.#file, this.#read] = [null, null];
      this.update();
    };
    return html`
      <p class="small">${t("eventsRead", { count: rows.length, left: total })}</p>
      ${rows.length === 0 ? nothing : html`<ul class="rules taken">${rows.slice(0, LISTED).map(exceptionLine)}</ul>`} ${rest(rows.length)}
      ${total === 0 ? nothing : html`<h3>${t("eventsLeftOut")}</h3><ul class="rules left-out">${leftOut.slice(0, LISTED).map(leftOutLine)}</ul>`} ${rest(total)}
      <p class="row">
        <button type="button" class="button primary little take" ?disabled=${fresh.length === 0} @click=${take}>${icon("plus")}${t("takeEvents", { count: fresh.length })}</button>
        <span class="small quiet">${t("notSavedYet")}</span>
      </p>
    `;
  }
}

/** @param {ExceptionRow} row */
function exceptionLine(row) {
  return html`<li><b class="strong">${row.name}</b><span class="tag wait">${t(`effect.${row.effect}`)}</span><small>${exceptionDays(row)}</small></li>`;
}

/** @param {Data<"import_events">["left_out"][number]} entry */
function leftOutLine({ place, name, reason }) {
  return html`<li><b class="strong">${name || place}</b><small>${word("eventLeftOut", reason)}</small></li>`;
}

function rest(count) {
  return count > LISTED ? html`<p class="small quiet">${t("andMore", { count: count - LISTED })}</p>` : nothing;
}

define("event-file", EventFile, ["api", "group", "exceptions", "zone"]);

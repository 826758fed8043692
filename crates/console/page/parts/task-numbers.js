// The numbers of a task: what became of each, adding some by hand, and deleting one.

import { closeDialog, modal, once } from "./dialog.js";
import { CODE } from "../api.js";
import { complain, say } from "./notice.js";
import { icon } from "./icon.js";
import { pager } from "./pager.js";
import { statusChip } from "./record-table.js";
import { t } from "../language.js";
import { View, define, html, Latest, nothing, repeat } from "../view.js";

const PER_PAGE = 10;

/** How many may be added at once. */
const BATCH = 100;

const STATUSES = [0, 1, 4, 8, 3, 5, 6, 7, 2, 9, 10, 12, 11];

class TaskNumbers extends View {
  /** @type {TaskNumber[]} */
  #numbers = null;
  /** @type {Meta} */
  #meta = null;
  #status = "";
  #page = 1;
  #adding = false;
  /** @type {TaskNumber} */
  #deleting = null;
  /** What was wrong with those to be added. @type {{ line: number, message: string }[]} */
  #refused = [];
  #reading = new Latest();

  start() {
    this.#load(1);
  }

  async #load(page) {
    try {
      const query = { page, per_page: PER_PAGE, status: this.#status };
      const { data, meta } = await this.api.numbers(this.task.uuid, query, this.#reading.instead(this.signal));
      if (data.length === 0 && page > 1) return this.#load(meta.last_page);
      this.#page = page;
      [this.#numbers, this.#meta] = [data, meta];
      this.update();
    } catch (error) {
      complain(error);
    }
  }

  draw() {
    const narrow = (event) => {
      this.#status = event.target.value;
      this.#load(1);
    };
    return html`
      <header>
        <h2>${t("numbers")}</h2>
        ${this.#meta ? html`<span class="small quiet" role="status">${t("found", this.#meta)}</span>` : nothing}
        <span class="row push">
          <select class="field" aria-label=${t("state")} @change=${narrow}>
            <option value="">${t("anyState")}</option>
            ${STATUSES.map((status) => html`<option value=${status}>${t(`status.${status}`)}</option>`)}
          </select>
          ${this.fixed ? nothing : html`<button type="button" class="button" @click=${() => this.#add(true)}>${icon("plus")}${t("addNumbers")}</button>`}
        </span>
      </header>
      ${this.#numbers?.length ? this.#table() : html`<p class="small quiet">${this.#numbers === null ? t("loading") : t("noNumber")}</p>`}
      ${pager(this.#meta, (page) => this.#load(page))} ${this.#adding ? this.#dialog() : nothing}
      ${this.#deleting ? this.#deleteDialog(this.#deleting) : nothing}
    `;
  }

  #table() {
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label=${t("numbers")}>
        <table class="table dense numbers">
          <thead>
            <tr>
              <th scope="col">${t("callee")}</th>
              <th scope="col" class="grow">${t("name")}</th>
              <th scope="col">${t("state")}</th>
              <th scope="col" class="num">${t("tries")}</th>
              <th scope="col" class="w3">${t("nextTry")}</th>
              <th scope="col" class="w2">${t("addedAt")}</th>
              ${this.fixed ? nothing : html`<th scope="col"><span class="visually-hidden">${t("actions")}</span></th>`}
            </tr>
          </thead>
          <tbody>
            ${repeat(
              this.#numbers,
              ({ id }) => id,
              (number) => this.#row(number),
            )}
          </tbody>
        </table>
      </div>
    `;
  }

  /** @param {TaskNumber} number */
  #row(number) {
    const { id, phone, name, status, status_str: text, state, tries, next_attempt_at: next, held, created_at: added } = number;
    const label = t("deleteOf", { name: phone });
    return html`
      <tr data-number=${id}>
        <td class="strong">${phone}</td>
        <td class="grow"><span class="cut">${name ?? "–"}</span></td>
        <td>${statusChip(status, state === "in_call" ? t("inCall") : text)}</td>
        <td class="num">${tries}</td>
        <td class="quiet w3">${state === "due" ? (held ? t("afterReset") : (next ?? t("atOnce"))) : "–"}</td>
        <td class="quiet w2">${added}</td>
        ${this.fixed
          ? nothing
          : html`<td class="num">
              <span class="row-tools"><button type="button" class="button plain little square" aria-label=${label} title=${t("delete")} @click=${() => this.#ask(number)}>${icon("trash")}</button></span>
            </td>`}
      </tr>
    `;
  }

  // Deleting.

  /** @param {TaskNumber | null} number */
  #ask(number) {
    this.#deleting = number;
    this.update();
  }

  /** @param {TaskNumber} number */
  #deleteDialog({ phone }) {
    return html`
      <dialog ${modal()} aria-labelledby="delete-number-title" @close=${() => this.#ask(null)}>
        <h2 id="delete-number-title">${t("deleteOf", { name: phone })}</h2>
        <p>${t("deleteNumberMeans")}</p>
        <p class="actions">
          <button type="button" class="button" autofocus @click=${closeDialog}>${t("cancel")}</button>
          <button type="button" class="button danger" @click=${this.#delete}>${icon("trash")}${t("delete")}</button>
        </p>
      </dialog>
    `;
  }

  /** One that is being called is left out. */
  #delete = once(async (event) => {
    const { phone } = this.#deleting;
    try {
      const { data } = await this.api.deleteNumbers(this.task.uuid, [phone]);
      say(data.deleted > 0 ? t("deleted", { name: phone }) : t("numberLeftOut", { phone }));
    } catch (error) {
      complain(error);
    }
    closeDialog(event);
    this.#load(this.#page);
  });

  // Adding.

  #add(adding) {
    this.#adding = adding;
    this.#refused = [];
    this.update();
  }

  #dialog() {
    return html`
      <dialog ${modal()} aria-labelledby="add-numbers-title" @close=${() => this.#add(false)}>
        <form @submit=${this.#send}>
          <h2 id="add-numbers-title">${t("addNumbers")}</h2>
          <label class="over">
            ${t("numbersAsLines", { most: BATCH })}
            <textarea class="field" name="lines" rows="8" required spellcheck="false" autocomplete="off"></textarea>
          </label>
          <label class="check"><input type="checkbox" class="tick" name="skip" checked /> ${t("skipFaulty")}</label>
          ${this.#refused.length > 0
            ? html`<div role="alert"><ul>${this.#refused.map(({ line, message }) => html`<li class="fault">${icon("warn")}${line > 0 ? t("lineFault", { line, message }) : message}</li>`)}</ul></div>`
            : nothing}
          <p class="actions">
            <button type="button" class="button" @click=${closeDialog}>${t("cancel")}</button>
            <button type="submit" class="button primary">${t("addNumbers")}</button>
          </p>
        </form>
      </dialog>
    `;
  }

  #send = once(async (event) => {
    const fields = new FormData(event.target);
    const lines = fields.get("lines").split("\n").filter((line) => line.trim() !== "");
    const data = lines.map((line) => {
      const [phone, ...name] = line.trim().split(/[,，\t]/);
      return { phone: phone.trim(), ...(name.length > 0 && { name: name.join(",").trim() }) };
    });
    try {
      const { data: done } = await this.api.addNumbers(this.task.uuid, { data, skip_error: fields.has("skip") });
      say(t("numbersAdded", { count: done.added, skipped: done.skipped }));
      this.#load(1);
      if (done.refused.length === 0) return closeDialog(event);
      // What is left to mend stays.
      const left = lineFaults(done.refused);
      event.target.lines.value = left.map(({ line }) => lines[line - 1]).join("\n");
      this.#refused = left.map(({ message }, place) => ({ line: place + 1, message }));
    } catch (error) {
      if (error.code === CODE.invalid) this.#refused = lineFaults(error.faults);
      else this.#refused = [{ line: 0, message: error.message }];
      if (error.code === CODE.token || error.code === CODE.unreachable) complain(error);
    }
    this.update();
  });
}

/** `data[3].phone` is of the fourth line. */
function lineFaults(faults) {
  return faults.map(({ field, message }) => ({ line: Number(/\d+/.exec(field) ?? -1) + 1, message }));
}

define("task-numbers", TaskNumbers, ["api", "task", "fixed"]);

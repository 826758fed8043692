// What the lists of a group's editor have in common: rows that unfold into their fields, and are added, changed and removed.

import { faultLine, invalid } from "./faults.js";
import { icon } from "./icon.js";
import { t } from "../language.js";
import { View, html, nothing, textOf } from "../view.js";

/** The other end of each date. @type {Record<string, "begin_date" | "end_date">} */
const OTHER_END = { begin_date: "end_date", end_date: "begin_date" };

const YEARLY = /^\d\d-\d\d$/;
const DATED = /^\d{4}-\d\d-\d\d$/;

/**
 * A field of a row as it was written; with one of its dates also the other, if one would be of every year and the other of one year, which nobody
 * means.
 * @param {any} row @param {string} field @param {string} text
 */
export function datesTogether(row, field, text) {
  const other = OTHER_END[field];
  const beside = other ? (row[other] ?? "") : "";
  if (YEARLY.test(text) && DATED.test(beside)) return { [field]: text, [other]: beside.slice(5) };
  if (DATED.test(text) && YEARLY.test(beside)) return { [field]: text, [other]: `${text.slice(0, 5)}${beside}` };
  return { [field]: text };
}

/** @typedef {{ key: number }} Row */

/** The rows are the property `what`; it tells `change-{what}` with the changed ones, unless it is `fixed`. */
export class RowList extends View {
  /** The keys of those whose fields are shown. */
  #open = new Set();
  #what;

  constructor(what) {
    super();
    this.#what = what;
  }

  start() {
    // Where the focus goes when a row that has it is removed.
    this.dataset.focus = "header .button";
  }

  /** @returns {Row[]} */
  get #rows() {
    return this[this.#what];
  }

  /** Tells the changed rows. @param {Row[]} rows */
  changeRows(rows) {
    this.tell(`change-${this.#what}`, rows);
  }

  putRow(row, change) {
    this.changeRows(this.#rows.map((each) => (each === row ? { ...each, ...change } : each)));
  }

  removeRow(row) {
    this.changeRows(this.#rows.filter((each) => each !== row));
  }

  /** Adds a row, unfolded. @param {Row} row */
  addRow(row) {
    this.#open.add(row.key);
    this.changeRows([...this.#rows, row]);
  }

  /** Whether the server found something wrong with the row. @param {Row} _row */
  hasFault(_row) {
    return false;
  }

  /** Whether its fields are shown: where one is wrong they always are. @param {Row} row */
  isOpen(row) {
    return this.#open.has(row.key) || this.hasFault(row);
  }

  /** What a field of a row that was written changes. */
  changeOf(_row, field, text) {
    return { [field]: text };
  }

  /** The button that adds one. */
  addButton(text, add) {
    return this.fixed ? nothing : html`<button type="button" class="button little push" @click=${add}>${icon("plus")}${text}</button>`;
  }

  /** The name of a row, which unfolds it. @param {Row} row */
  nameButton(row, label) {
    return html`<button type="button" class="name" aria-expanded=${String(this.isOpen(row))} @click=${() => this.#turn(row)}>${label}</button>`;
  }

  /** @param {Row} row */
  removeButton(row, label) {
    return html`<button type="button" class="button plain little square" aria-label=${t("removeOf", { name: label })} @click=${() => this.removeRow(row)}>${icon("cross")}</button>`;
  }

  /** A field of a row with what is wrong with it. @param {Row} row */
  field(row, field, label, { maxlength, placeholder }) {
    return html`
      <span class="stack tight">
        <input
          class=${field === "name" ? "field" : "field date"}
          name=${field}
          maxlength=${maxlength}
          autocomplete="off"
          placeholder=${placeholder}
          aria-label=${label}
          ${textOf(row[field] ?? "")}
          ${invalid(this.faults, row.key, field)}
          @change=${(event) => this.putRow(row, this.changeOf(row, field, event.target.value.trim()))}
        />
        ${faultLine(this.faults, row.key, field)}
      </span>
    `;
  }

  #turn({ key }) {
    if (!this.#open.delete(key)) this.#open.add(key);
    this.update();
  }
}

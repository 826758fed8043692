// Rows that a person ticks, over all the pages of a list.

import { html, live } from "../view.js";
import { t } from "../language.js";

/** @template {{ name: string }} Row */
export class Ticks {
  #view;
  #idOf;
  #ticked;
  /** By their ids, in the order in which they were ticked. @type {Map<unknown, Row>} */
  #rows = new Map();

  /** Rows of a view, known by `idOf`; `ticked` is called when some are ticked. @param {(row: Row) => unknown} idOf @param {() => void} ticked */
  constructor(view, idOf, ticked) {
    this.#view = view;
    this.#idOf = idOf;
    this.#ticked = ticked;
  }

  /** @returns {Row[]} */
  get all() {
    return [...this.#rows.values()];
  }

  /** @param {Row} row */
  has(row) {
    return this.#rows.has(this.#idOf(row));
  }

  /** Takes rows of the list as they are now. @param {Row[]} rows */
  refresh(rows) {
    for (const row of rows.filter((each) => this.has(each))) this.#rows.set(this.#idOf(row), row);
  }

  /** One is no more. */
  drop(id) {
    this.#rows.delete(id);
  }

  clear() {
    this.#rows.clear();
    this.#view.update();
  }

  /** Ticks these as well. @param {Row[]} rows */
  add(rows) {
    this.#set(rows, true);
  }

  /** @param {Row} row */
  field(row) {
    return html`<input type="checkbox" class="tick" aria-label=${t("tickOf", row)} .checked=${live(this.has(row))} @change=${({ target }) => this.#set([row], target.checked)} />`;
  }

  /** One for all these. @param {Row[]} rows */
  fieldOfAll(rows) {
    const all = rows.every((row) => this.has(row));
    return html`<input type="checkbox" class="tick" aria-label=${t("tickAll")} .checked=${live(all)} @change=${({ target }) => this.#set(rows, target.checked)} />`;
  }

  #set(rows, ticked) {
    for (const row of rows) {
      if (ticked) this.#rows.set(this.#idOf(row), row);
      else this.drop(this.#idOf(row));
    }
    if (ticked) this.#ticked();
    this.#view.update();
  }
}

// What the server found wrong, at the fields it belongs to.

import { t } from "../language.js";
import { Directive, directive } from "../vendor/lit-html/directive.js";
import { html, nothing } from "../view.js";
import { icon } from "./icon.js";

/** The faults of a refusal, found by the key of a row (or null) and the name of a field. */
export class Faults {
  #told = [];

  /** `places` says which row a part of the body stands for: `content[0].times[1]`. */
  constructor(faults = [], places = new Map()) {
    this.#told = faults.map(({ field, message }) => ({ ...placed(field, places), message, path: field }));
  }

  get none() {
    return this.#told.length === 0;
  }

  /** Those that may still hold once these rows, and this field of no row, have changed. */
  without(rows, field) {
    return this.#with(this.#told.filter((fault) => (fault.row === null ? fault.field !== field : !rows.includes(fault.row))));
  }

  /** With others, `{row, field, message}`, at fields that have none yet. */
  and(others) {
    return this.#with([...this.#told, ...others.filter(({ row, field }) => this.of(row, field).length === 0)]);
  }

  #with(told) {
    const faults = new Faults();
    faults.#told = told;
    return faults;
  }

  of(row, field) {
    return this.#told.filter((fault) => fault.row === row && fault.field === field).map(({ message }) => message);
  }

  /** Those that belong to none of these fields, for a line of their own. */
  beside(fields) {
    return this.#told
      .filter((fault) => fault.row === null && !fields.includes(fault.field))
      .map(({ path, message }) => `${path}${t("colon")}${message}`);
  }
}

function placed(path, places) {
  const dot = path.lastIndexOf(".");
  const [place, last] = [path.slice(0, Math.max(dot, 0)), path.slice(dot + 1)];
  if (places.has(place)) return { row: places.get(place), field: last };
  // Of a part that has no row, such as the number of a day: the whole field is at fault.
  return { row: null, field: /^[a-z_]*/.exec(path)[0] };
}

function lineId(row, field) {
  return `fault-${row ?? "group"}-${field}`;
}

/** The line under a field that says what is wrong with it. */
export function faultLine(faults, row, field) {
  const messages = faults.of(row, field);
  if (messages.length === 0) return nothing;
  return html`<span class="fault" id=${lineId(row, field)}>${icon("warn")}${messages.join(t("comma"))}</span>`;
}

/** On a field: says to every sense that it is wrong, and where it is said why. */
export const invalid = directive(
  class extends Directive {
    render() {
      return nothing;
    }

    update({ element }, [faults, row, field]) {
      const wrong = faults.of(row, field).length > 0;
      element.toggleAttribute("aria-invalid", wrong);
      if (wrong) {
        element.setAttribute("aria-invalid", "true");
        element.setAttribute("aria-describedby", lineId(row, field));
      } else {
        element.removeAttribute("aria-describedby");
      }
      return nothing;
    }
  },
);

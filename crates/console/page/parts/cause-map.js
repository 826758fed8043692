// What a carrier's answers mean on a line: rules of its own, each beside what would hold without it. It shows `rules` with their `faults` and the
// `defaults`, and tells `change-rules` with the changed ones, unless it is `fixed`.

import { empty } from "./blank.js";
import { faultLine, invalid } from "./faults.js";
import { icon } from "./icon.js";
import { moved, orderButtons } from "./order-buttons.js";
import { t } from "../language.js";
import { View, define, html, nothing, repeat, textOf } from "../view.js";

/** @typedef {{ key: number, by: By, value: string, class: string, status: number | null }} CauseRow */
/** @typedef {"code" | "q850" | "phrase" | "carrier_error"} By */

/** What a rule asks for. @type {By[]} */
const BYS = ["code", "q850", "phrase", "carrier_error"];

const CLASSES = ["busy", "blocked", "callee_blocked", "declined", "powered_off", "suspended", "in_arrears", "incoming_barred", "invalid_number", "no_answer", "line_failure", "throttled", "configuration", "other"];

const STATUSES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

/** How many rules a line may have. */
const MOST = 200;

let lastKey = 0;

/** The rows of rules as the API has them. @param {any[]} rules @returns {CauseRow[]} */
export function causeRows(rules) {
  return rules.map((rule) => {
    const by = BYS.find((one) => rule[one] !== undefined && rule[one] !== null) ?? "code";
    return { key: ++lastKey, by, value: String(rule[by] ?? ""), class: rule.class, status: rule.status ?? null };
  });
}

/** Rules as the API takes them; what is no number is left to it to refuse. @param {CauseRow[]} rows */
export function causeRules(rows) {
  const valueOf = ({ by, value }) => (by === "phrase" || !/^\d+$/.test(value) ? value : Number(value));
  return rows.map((row) => ({ ...(row.value === "" ? {} : { [row.by]: valueOf(row) }), class: row.class, ...(row.status && { status: row.status }) }));
}

/** The faults of a refusal that belong to a rule: its row, and the field there. @param {CauseRow[]} rows */
export function causeFaults(faults, rows) {
  return faults.flatMap(({ field, message }) => {
    const [, index, part] = /^cause_map\[(\d+)\](?:\.(\w+))?$/.exec(field) ?? [];
    const row = rows[Number(index)];
    return row === undefined ? [] : [{ row: row.key, field: part === "class" || part === "status" ? part : "value", message }];
  });
}

/** What holds for an answer by default, in the order in which it is tried. @param {DefaultCause[]} defaults @param {CauseRow} row */
function defaultsFor(defaults, { by, value }) {
  const holds = {
    code: (rule) => rule.code !== null && rule.code <= Number(value) && Number(value) <= rule.to_code,
    q850: (rule) => rule.q850 === Number(value),
    phrase: (rule) => rule.phrase !== null && value.includes(rule.phrase),
    carrier_error: (rule) => rule.carrier_error === Number(value),
  }[by];
  return value === "" ? [] : defaults.filter(holds);
}

/** A class with the status that numbers get. @param {DefaultCause} rule */
function meaning({ class: of, status, origin }) {
  const whose = origin ? t(`origin.${origin}`) : "";
  return `${whose}${t(`class.${of}`)}${status ? t("causeStatus", { status }) : ""}`;
}

class CauseMap extends View {
  start() {
    // Where the focus goes when a rule that has it is removed.
    this.dataset.focus = "header .button";
  }

  draw() {
    const add = () => {
      const row = { key: ++lastKey, by: /** @type {By} */ ("code"), value: "", class: "no_answer", status: null };
      this.#tell([...this.rules, row]);
      requestAnimationFrame(() => /** @type {HTMLElement | null} */ (this.querySelector(`[data-key="${row.key}"] .field`))?.focus());
    };
    return html`
      <header>
        <h2 id="causes-title">${t("causeMap")}</h2>
        ${this.fixed || this.rules.length >= MOST ? nothing : html`<button type="button" class="button little push" @click=${add}>${icon("plus")}${t("addCause")}</button>`}
      </header>
      <p class="help small quiet">${t("causeMapMeans")}</p>
      ${this.rules.length === 0 ? html`<p class="body small quiet">${t("noCause")}</p>` : this.#list()} ${this.#table()}
    `;
  }

  #list() {
    return html`
      <ul class="rules causes">
        ${repeat(
          this.rules,
          ({ key }) => key,
          (row, index) => this.#row(row, index),
        )}
      </ul>
    `;
  }

  /** @param {CauseRow} row */
  #row(row, index) {
    const name = `${t(`cause.${row.by}`)} ${row.value}`.trim();
    const without = defaultsFor(this.defaults, row).map(meaning).join(t("comma"));
    const move = (to) => this.#tell(moved(this.rules, index, to));
    return html`
      <li data-key=${row.key} data-rule=${index}>
        <fieldset class="fields" ?disabled=${this.fixed}>
          <legend class="visually-hidden">${name}</legend>
          ${this.#choice(row, "by", t("causeBy"), BYS, (by) => t(`cause.${by}`))}
          <input class="field" name="value" autocomplete="off" aria-label=${t("causeValue")} ${textOf(row.value)} ${invalid(this.faults, row.key, "value")} @change=${({ target }) => this.#put(row, { value: target.value.trim() })} />
          ${this.#choice(row, "class", t("causeClass"), CLASSES, (of) => t(`class.${of}`), (of) => ({ class: of, status: null }))}
          ${this.#choice(row, "status", t("numberStatus"), ["", ...STATUSES], (status) => (status === "" ? t("statusOfClass") : `${status} ${t(`status.${status}`)}`), (status) => ({ status: status === "" ? null : Number(status) }))}
          ${this.fixed
            ? nothing
            : html`<span class="row-tools">
                ${this.rules.length > 1 ? orderButtons(this, { key: row.key, index, count: this.rules.length, name, move }) : nothing}
                <button type="button" class="button plain little square" aria-label=${t("removeOf", { name })} title=${t("removeOf", { name })} @click=${() => this.#tell(this.rules.filter(({ key }) => key !== row.key))}>${icon("cross")}</button>
              </span>`}
          ${["value", "class", "status"].map((field) => faultLine(this.faults, row.key, field))}
          <small class="quiet by-default">${t("causeDefault", { what: without || t(row.by === "code" ? "class.other" : "noDefaultRule") })}</small>
        </fieldset>
      </li>
    `;
  }

  /** @param {CauseRow} row */
  #choice(row, field, label, codes, text, change = (code) => ({ [field]: code })) {
    const chosen = row[field] ?? "";
    return html`
      <select class="field" name=${field} aria-label=${label} ${invalid(this.faults, row.key, field)} @change=${({ target }) => this.#put(row, change(target.value))}>
        ${codes.map((code) => html`<option value=${code} .selected=${code === chosen}>${text(code)}</option>`)}
      </select>
    `;
  }

  #put(row, change) {
    this.#tell(this.rules.map((each) => (each.key === row.key ? { ...each, ...change } : each)));
  }

  /** What is changed next, before the page is drawn again, is changed of these. */
  #tell(rules) {
    this.rules = rules;
    this.tell("change-rules", rules);
  }

  /** The whole default map, for whoever looks what is missing. */
  #table() {
    if (this.defaults.length === 0) return empty("info", t("noDefaults"));
    const sign = ({ q850, phrase, code, to_code: to, carrier_error: error }) =>
      q850 ? `Q.850 ${q850}` : phrase ? `“${phrase}”` : code ? (code === to ? `SIP ${code}` : `SIP ${code}–${to}`) : `X-Twilio-Error ${error}`;
    return html`
      <details class="body small">
        <summary>${t("defaultCauses")}</summary>
        <ul class="default-causes">
          ${this.defaults.map((rule) => html`<li><code>${sign(rule)}</code> ${meaning(rule)}</li>`)}
        </ul>
      </details>
    `;
  }
}

define("cause-map", CauseMap, ["rules", "defaults", "faults", "fixed"]);

// The steps of a script as cards, which are added, moved, changed and removed. It shows `steps` with what is wrong as the server `told` it, what
// may be played (`prompts`) and called over (`lines`; null: that is not known here), and tells `change-steps` with the changed ones, unless it
// is `fixed`.

import { changed, KINDS, labelled, MOST_STEPS, newStep, without } from "../script-draft.js";
import { icon } from "./icon.js";
import { moved, orderButtons } from "./order-buttons.js";
import { stepFields, stepName } from "./step-fields.js";
import { t } from "../language.js";
import { View, define, html, nothing, repeat } from "../view.js";

/** @typedef {import("../script-draft.js").StepRow} StepRow */
/** @typedef {{ field: string, message: string }} Told */

class StepList extends View {
  start() {
    // Where the focus goes when a step that has it is removed.
    this.dataset.focus = ".add-step button";
  }

  draw() {
    return html`
      <ol class="cards">
        ${repeat(
          this.steps,
          ({ key }) => key,
          (step, index) => this.#card(step, index),
        )}
      </ol>
      ${this.fixed || this.steps.length >= MOST_STEPS ? nothing : this.#adding()}
    `;
  }

  #adding() {
    return html`
      <div class="row add-step" role="group" aria-label=${t("addStep")}>
        <span class="small quiet" aria-hidden="true">${t("addStep")}</span>
        ${KINDS.map((kind) => html`<button type="button" class="button little" value=${kind} @click=${() => this.#add(kind)}>${icon("plus")}${t(`step.${kind}`)}</button>`)}
      </div>
    `;
  }

  /** @param {StepRow} step */
  #card(step, index) {
    const name = stepName(step, index);
    const faults = this.#faultsOf(index);
    const order = { key: step.key, index, count: this.steps.length, name, move: (to) => this.#tell(moved(this.steps, index, to)) };
    return html`
      <li data-step=${index} data-key=${step.key} data-kind=${step.action}>
        <fieldset ?disabled=${this.fixed} @keydown=${(event) => this.#keyed(event, step, index)}>
          <legend class="visually-hidden">${name}</legend>
          <div class="row">
            <b class="strong">${name}</b>
            ${this.fixed
              ? nothing
              : html`<span class="row-tools push">
                  ${this.steps.length > 1 ? orderButtons(this, order) : nothing}
                  <button type="button" class="button plain little square remove" aria-label=${t("removeOf", { name })} title=${t("removeOf", { name })} ?disabled=${this.steps.length === 1} @click=${() => this.#tell(without(this.steps, step.key))}>${icon("cross")}</button>
                </span>`}
          </div>
          ${stepFields(this.#fitting(step, faults), step)}
          ${faults.map(({ field, message }) => html`<p class="fault" role="alert">${icon("warn")}${field ? `${field}${t("colon")}` : ""}${message}</p>`)}
        </fieldset>
      </li>
    `;
  }

  /** What is wrong with a step, each with the field of it. @returns {Told[]} */
  #faultsOf(index) {
    const place = `steps[${index}]`;
    const of = this.told.filter(({ field }) => field === place || field.startsWith(`${place}.`));
    return of.map(({ field, message }) => ({ field: field.slice(place.length + 1), message }));
  }

  /** @param {StepRow} step @param {Told[]} faults @returns {import("./step-fields.js").Fitting} */
  #fitting(step, faults) {
    return {
      steps: this.steps,
      prompts: this.prompts,
      lines: this.lines,
      wrong: (field) => (faults.some((fault) => fault.field === field) ? "true" : nothing),
      put: (change) => this.#tell(changed(this.steps, step.key, change)),
      go: (target, set) => {
        const [steps, label] = target === null ? [this.steps, null] : labelled(this.steps, target);
        this.#tell(changed(steps, step.key, (present) => set(label, present)));
      },
    };
  }

  /** Alt and an arrow move a step from wherever one is in it. */
  #keyed(event, { key }, index) {
    const to = event.altKey ? index + ({ ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0) : index;
    if (to === index || to < 0 || to >= this.steps.length) return;
    event.preventDefault();
    const field = event.target.name;
    this.#tell(moved(this.steps, index, to));
    requestAnimationFrame(() => {
      const card = this.querySelector(`[data-key="${key}"]`);
      /** @type {HTMLElement | null} */ (card.querySelector(field ? `[name="${CSS.escape(field)}"]` : "button.order:not(:disabled)"))?.focus();
    });
  }

  #add(kind) {
    const step = newStep(kind);
    this.#tell([...this.steps, step]);
    requestAnimationFrame(() => /** @type {HTMLElement | null} */ (this.querySelector(`[data-key="${step.key}"] .field`))?.focus());
  }

  /** What is changed next, before the page is drawn again, is changed of these. */
  #tell(steps) {
    this.steps = steps;
    this.tell("change-steps", steps);
  }
}

define("step-list", StepList, ["steps", "prompts", "lines", "told", "fixed"]);

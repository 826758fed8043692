// The fields of a step of a script, by its kind. Each takes the step, what may be chosen, and what to do with a change,
// which is made of the step as it is by then.

import { html, nothing, textOf } from "../view.js";
import { icon } from "./icon.js";
import { t } from "../language.js";

/** @typedef {import("../script-draft.js").StepRow} StepRow */
/** @typedef {{ id: string, name: string }} Named */
/**
 * @typedef {{ steps: StepRow[], prompts: Named[], lines: Named[] | null, wrong: (field: string) => unknown,
 *   put: (change: (present: any) => object) => void, go: (target: number | null, set: (label: string | null, present: any) => object) => void }} Fitting
 */

/** @param {unknown} control */
const over = (label, control) => html`<label class="over">${label}${control}</label>`;

/** A number; an empty one is what the API takes by itself. @param {Fitting} fitting */
function number(fitting, step, field, label, [least, most], set = (value, _present) => ({ [field]: value })) {
  return over(
    label,
    html`<input class="field" type="number" inputmode="numeric" name=${field} min=${least} max=${most} ${textOf(String(step[field] ?? ""))} aria-invalid=${fitting.wrong(field)}
      @change=${({ target }) => fitting.put((present) => set(target.value === "" ? null : Number(target.value), present))} />`,
  );
}

/** @param {Fitting} fitting */
function text(fitting, step, field, label, most, { placeholder = "", set = (value, _present) => ({ [field]: value || null }) } = {}) {
  return over(
    label,
    html`<input class="field" name=${field} maxlength=${most} autocomplete="off" placeholder=${placeholder} ${textOf(step[field] ?? "")} aria-invalid=${fitting.wrong(field)}
      @change=${({ target }) => fitting.put((present) => set(target.value.trim(), present))} />`,
  );
}

/** One of what there is by its name; what is not among it stands there by its id. @param {Named[]} named */
function oneOf(fitting, step, field, label, named, none) {
  const chosen = step[field];
  const others = chosen && !named.some(({ id }) => id === chosen) ? [{ id: chosen, name: chosen }] : [];
  return over(
    label,
    html`
      <select class="field" name=${field} aria-invalid=${fitting.wrong(field)} @change=${({ target }) => fitting.put(() => ({ [field]: target.value || null }))}>
        <option value="" .selected=${!chosen}>${none}</option>
        ${[...named, ...others].map(({ id, name }) => html`<option value=${id} .selected=${id === chosen}>${name}</option>`)}
      </select>
    `,
  );
}

/** How a step is called where another goes to it. @param {StepRow} step */
export function stepName({ action, label }, index) {
  return `${index + 1}. ${t(`step.${action}`)}${label ? ` (${label})` : ""}`;
}

/**
 * Where it goes from here: to another step, which gets a label if it has none, or what happens by itself.
 * @param {Fitting} fitting @param {string | null} chosen
 */
function goTo(fitting, name, label, chosen, otherwise, set) {
  const isUnknown = chosen && !fitting.steps.some((step) => step.label === chosen);
  const choose = ({ target }) => fitting.go(target.value === "" ? null : Number(target.value), set);
  return over(
    label,
    html`
      <select class="field" name=${name} aria-invalid=${fitting.wrong(name)} @change=${choose}>
        ${otherwise === null ? nothing : html`<option value="" .selected=${!chosen}>${otherwise}</option>`} ${isUnknown ? html`<option value="" selected>${chosen}</option>` : nothing}
        ${fitting.steps.map((step, index) => html`<option value=${step.key} .selected=${Boolean(chosen) && step.label === chosen}>${stepName(step, index)}</option>`)}
      </select>
    `,
  );
}

const reference = (fitting, step, field, otherwise) => goTo(fitting, field, t(`go.${field}`), step[field], t(otherwise), (label) => ({ [field]: label }));

/** @param {Fitting} fitting @param {StepRow} step */
function play(fitting, step) {
  return html`
    <div class="fields">${oneOf(fitting, step, "prompt", t("prompt"), fitting.prompts, t("choosePrompt"))} ${reference(fitting, step, "next", "go.following")}</div>
    <label class="check"><input type="checkbox" class="tick" name="interruptible" .checked=${step.interruptible !== false} @change=${({ target }) => fitting.put(() => ({ interruptible: target.checked }))} /> ${t("interruptible")}</label>
  `;
}

/** @param {Fitting} fitting @param {StepRow} step */
function gather(fitting, step) {
  return html`
    <div class="fields">
      ${oneOf(fitting, step, "prompt", t("promptMeanwhile"), fitting.prompts, t("noneOfThem"))} ${number(fitting, step, "digits", t("digitCount"), [1, 20])}
      ${number(fitting, step, "first_digit", t("firstDigit"), [1, 60])} ${number(fitting, step, "next_digit", t("nextDigit"), [1, 60])}
    </div>
    ${(step.branches ?? []).map((branch, index) => branchFields(fitting, branch, index))}
    <div class="row"><button type="button" class="button little add-branch" @click=${() => fitting.put(({ branches }) => ({ branches: [...branches, { digits: "", go_to: "" }] }))}>${icon("plus")}${t("addBranch")}</button></div>
    <div class="fields">${reference(fitting, step, "no_input", "go.following")} ${reference(fitting, step, "no_match", "go.following")}</div>
  `;
}

/** Where some keys lead. @param {Fitting} fitting */
function branchFields(fitting, branch, index) {
  const put = (change, { branches }) => ({ branches: branches.map((each, at) => (at === index ? { ...each, ...change } : each)) });
  const place = `branches[${index}]`;
  return html`
    <div class="fields part-row" data-branch=${index}>
      ${over(
        t("keys"),
        html`<input class="field" name="branch-digits" maxlength="20" autocomplete="off" ${textOf(branch.digits)} aria-invalid=${fitting.wrong(`${place}.digits`)}
          @change=${({ target }) => fitting.put((present) => put({ digits: target.value.trim() }, present))} />`,
      )}
      ${goTo(fitting, `${place}.go_to`, t("goTo"), branch.go_to, branch.go_to ? null : t("chooseStep"), (label, present) => put({ go_to: label ?? "" }, present))}
      <button type="button" class="button plain little square" aria-label=${t("removeOf", { name: branch.digits || t("keys") })} @click=${() => fitting.put(({ branches }) => ({ branches: branches.toSpliced(index, 1) }))}>${icon("cross")}</button>
    </div>
  `;
}

/** @param {Fitting} fitting @param {StepRow} step */
function bot(fitting, step) {
  const variables = Object.entries(step.variables ?? {}).map(([name, value]) => `${name}=${value}`);
  return html`
    ${step.bots.map((one, index) => botFields(fitting, step, one, index))}
    <div class="row"><button type="button" class="button little add-bot" @click=${() => fitting.put(({ bots }) => ({ bots: [...bots, { url: "", weight: 1, capacity: null }] }))}>${icon("plus")}${t("addBot")}</button></div>
    <div class="fields">
      ${over(
        t("botConnect"),
        html`<select class="field" name="connect" @change=${({ target }) => fitting.put(() => ({ connect: target.value }))}>
          ${["ringing", "answer"].map((when) => html`<option value=${when} .selected=${when === step.connect}>${t(`connect.${when}`)}</option>`)}
        </select>`,
      )}
      ${number(fitting, step, "reconnects", t("reconnects"), [0, 5])} ${reference(fitting, step, "next", "go.end")}
    </div>
    ${over(
      t("botVariables"),
      html`<textarea class="field code" name="variables" rows="2" spellcheck="false" .value=${variables.join("\n")} aria-invalid=${fitting.wrong("variables")}
        @change=${({ target }) => fitting.put(() => ({ variables: variablesOf(target.value) }))}></textarea>`,
    )}
  `;
}

/** A name and a text a line, with an equals sign between them. */
function variablesOf(lines) {
  const pairs = lines.split("\n").map((line) => line.trim()).filter(Boolean);
  return Object.fromEntries(pairs.map((line) => [line.split("=", 1)[0].trim(), line.slice(line.indexOf("=") + 1 || line.length).trim()]));
}

/** @param {Fitting} fitting @param {StepRow} step */
function botFields(fitting, step, one, index) {
  const put = (change, { bots }) => ({ bots: bots.map((each, at) => (at === index ? { ...each, ...change } : each)) });
  const inner = { ...fitting, wrong: (field) => fitting.wrong(`bots[${index}].${field}`) };
  return html`
    <div class="fields part-row" data-bot=${index}>
      ${text(inner, one, "url", t("botUrl"), 2000, { set: (url, present) => put({ url }, present) })}
      ${number(inner, one, "weight", t("botWeight"), [1, 100], (weight, present) => put({ weight }, present))} ${number(inner, one, "capacity", t("botCapacity"), [1, 10_000], (capacity, present) => put({ capacity }, present))}
      ${over(
        t("botSecret"),
        html`<input class="field" type="password" name="secret" maxlength="256" autocomplete="new-password" placeholder=${one.has_secret ? t("botSecretStays") : ""} .value=${one.secret ?? ""}
          @change=${({ target }) => fitting.put((present) => put({ secret: target.value || undefined }, present))} />`,
      )}
      ${step.bots.length > 1
        ? html`<button type="button" class="button plain little square" aria-label=${t("removeOf", { name: one.url || t("step.bot") })} @click=${() => fitting.put(({ bots }) => ({ bots: bots.toSpliced(index, 1) }))}>${icon("cross")}</button>`
        : nothing}
    </div>
  `;
}

/** @param {Fitting} fitting @param {StepRow} step */
function transfer(fitting, step) {
  const bySip = step.sip_address !== null && step.sip_address !== undefined;
  const turn = ({ target }) => fitting.put(() => (target.value === "sip_address" ? { sip_address: "", extension: null } : { sip_address: null, extension: "" }));
  return html`
    <div class="fields">
      ${over(
        t("transferBy"),
        html`<select class="field" name="transfer-by" @change=${turn}>
          ${["extension", "sip_address"].map((by) => html`<option value=${by} .selected=${(by === "sip_address") === bySip}>${t(`transfer.${by}`)}</option>`)}
        </select>`,
      )}
      ${bySip
        ? text(fitting, step, "sip_address", t("transferTo"), 255, { placeholder: "sip:1001@pbx.example.com", set: (value) => ({ sip_address: value }) })
        : text(fitting, step, "extension", t("transferTo"), 32, { placeholder: "1001", set: (value) => ({ extension: value }) })}
      ${fitting.lines === null ? text(fitting, step, "line", t("transferLineId"), 36) : oneOf(fitting, step, "line", t("transferLine"), fitting.lines, t("chooseLine"))}
      ${number(fitting, step, "ring", t("transferRing"), [5, 120])} ${reference(fitting, step, "no_answer", "go.end")}
    </div>
  `;
}

const KIND_FIELDS = { play, gather, bot, transfer, hang_up: () => nothing };

/** All fields of a step. @param {Fitting} fitting @param {StepRow} step */
export function stepFields(fitting, step) {
  const common = html`
    <div class="fields">
      ${text(fitting, step, "label", t("stepLabel"), 32, { placeholder: t("stepLabelMeans") })} ${step.action === "hang_up" ? nothing : number(fitting, step, "visits", t("stepVisits"), [1, 20])}
    </div>
  `;
  return html`${KIND_FIELDS[step.action]?.(fitting, step) ?? nothing} ${common}`;
}

/** What is done when a machine answers. @param {{ action: string, prompt: string | null, timings?: object }} machine @param {Fitting} fitting */
export function machineFields(fitting, machine) {
  const timings = /** @type {Record<string, number | null>} */ (machine.timings ?? {});
  const inner = { ...fitting, wrong: (field) => fitting.wrong(`timings.${field}`) };
  const timing = ([name, bounds]) => number(inner, timings, name, t(`timing.${name}`), bounds, (value, present) => ({ timings: { ...present.timings, [name]: value } }));
  return html`
    <div class="fields">
      ${over(
        t("onMachine"),
        html`<select class="field" name="machine" @change=${({ target }) => fitting.put(({ prompt }) => ({ action: target.value, prompt: target.value === "leave_message" ? prompt : null }))}>
          ${MACHINE_ACTIONS.map((action) => html`<option value=${action} .selected=${action === machine.action}>${t(`machine.${action}`)}</option>`)}
        </select>`,
      )}
      ${machine.action === "leave_message" ? oneOf(fitting, machine, "prompt", t("prompt"), fitting.prompts, t("choosePrompt")) : nothing}
    </div>
    ${machine.action === "continue" ? nothing : html`<details class="timings"><summary>${t("machineTimings")}</summary><div class="fields">${TIMINGS.map(timing)}</div></details>`}
  `;
}

const MACHINE_ACTIONS = ["continue", "note", "hang_up", "leave_message"];

/** What a machine is told by, each from and to, as the API takes it. @type {[string, [number, number]][]} */
const TIMINGS = [
  ["initial_silence", [500, 10_000]],
  ["greeting", [500, 10_000]],
  ["after_greeting", [200, 5_000]],
  ["most_words", [1, 20]],
  ["word", [20, 1_000]],
  ["between_words", [20, 1_000]],
  ["total", [1_000, 20_000]],
  ["listening", [1_000, 120_000]],
];

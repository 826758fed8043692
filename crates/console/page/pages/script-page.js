// A script: its steps as cards, or as the API has them, and what is done when a machine answers.

import { address, goInstead } from "../route.js";
import { CODE } from "../api.js";
import { complain, say } from "../parts/notice.js";
import { define, html, nothing } from "../view.js";
import { faultLine, Faults, invalid } from "../parts/faults.js";
import { icon } from "../parts/icon.js";
import { loading } from "../parts/blank.js";
import { machineFields } from "../parts/step-fields.js";
import { once } from "../parts/dialog.js";
import { Page } from "./page.js";
import { rowsOf, stepsOf } from "../script-draft.js";
import { learnWords, t } from "../language.js";
import { chineseScripts } from "../words/chinese-scripts.js";
import { englishScripts } from "../words/english-scripts.js";
import "../parts/prompt-list.js";
import "../parts/step-list.js";

learnWords(chineseScripts, englishScripts);

const FIELDS = ["name", "remark"];

/** What a new one begins with. */
const FIRST = { steps: [{ action: "hang_up" }], on_machine: { action: "continue" } };

/** Of how many prompts and lines one is chosen. */
const CHOICES = 100;

class ScriptPage extends Page {
  /** @type {Script} */
  #script = null;
  #missing = false;
  /** What the server found wrong, as it said it. @type {{ field: string, message: string }[]} */
  #told = [];
  #busy = false;
  /** The steps in the editor. */
  #steps = rowsOf(FIRST.steps);
  /** @type {any} */
  #machine = FIRST.on_machine;
  #asJson = false;
  /** @type {{ id: string, name: string }[]} */
  #prompts = [];
  /** The partner's lines; null: the token may not see them. @type {{ id: string, name: string }[] | null} */
  #lines = null;

  get #isNew() {
    return this.route.id === "new";
  }

  start() {
    if (!this.#isNew) this.#load();
    this.#loadPrompts();
    this.#loadLines();
  }

  async #load() {
    await this.attempt(async () => {
      const script = await this.found(this.api.script(this.route.id, this));
      this.#missing = !script;
      if (script) this.#take(script.data);
      this.update();
    });
  }

  /** @param {Script} script */
  #take(script) {
    [this.#script, this.#steps, this.#machine, this.#told] = [script, rowsOf(script.steps), script.on_machine, []];
  }

  #loadPrompts = () =>
    this.attempt(async () => {
      const { data } = await this.api.prompts({ page: 1, per_page: CHOICES }, this);
      this.#prompts = data;
      this.update();
    });

  async #loadLines() {
    try {
      this.#lines = (await this.api.lines({ page: 1, per_page: CHOICES }, this)).data;
      this.update();
    } catch (error) {
      // A token that acts for one user does not know the partner's lines.
      if (!error.missing) complain(error);
    }
  }

  draw() {
    if (this.#missing) return html`<main id="main" tabindex="-1"><h1>${t("noSuchScript")}</h1><p><a href=${address(this.account, "scripts")}>${t("scripts")}</a></p></main>`;
    if (!this.#isNew && !this.#script) return html`<main id="main" tabindex="-1"><h1>${t("script")}</h1><section class="panel">${loading()}</section></main>`;
    return html`
      <main id="main" tabindex="-1">
        <div class="head">
          <nav class="crumbs" aria-label=${t("place")}><a href=${address(this.account, "scripts")}>${t("scripts")}</a>${icon("right")}</nav>
          <h1>${this.#script?.name ?? t("newScript")}</h1>
          ${this.#script ? html`<span class="small quiet">${t("scriptId", this.#script)}${t("pause")}${t("version", this.#script)}</span>` : nothing}
        </div>
        ${this.token && !this.mayChange ? html`<p class="banner info">${icon("info")}<span>${t("readOnly")}</span></p>` : nothing}
        ${(this.#script?.warnings ?? []).map(({ message }) => html`<p class="banner">${icon("warn")}<span>${message}</span></p>`)}
        <div class="with-rail wide-rail">
          ${this.#form()}
          <prompt-list class="panel" .api=${this.api} .fixed=${!this.mayChange} .named=${true} @change-prompts=${this.#loadPrompts}></prompt-list>
        </div>
      </main>
    `;
  }

  #form() {
    const faults = new Faults(this.#told.filter(({ field }) => FIELDS.includes(field)));
    return html`
      <form class="stack" @submit=${this.#save}>
        <section class="panel" aria-labelledby="script-title">
          <header><h2 id="script-title">${t("script")}</h2></header>
          <div class="body">
            <div class="fields">${this.#text("name", t("name"), this.#script?.name, 64, true, faults)} ${this.#text("remark", t("remark"), this.#script?.remark, 1000, false, faults)}</div>
            ${this.#asJson ? nothing : this.#said(({ field }) => !FIELDS.includes(field) && !/^(steps\[|on_machine)/.test(field))}
          </div>
        </section>
        <section class="panel" aria-labelledby="steps-title">
          <header><h2 id="steps-title">${t("steps")}</h2>${this.#views()}</header>
          <div class="body">${this.#asJson ? this.#json() : this.#cards()}</div>
        </section>
        <div class="row" ?hidden=${!this.mayChange}>
          <button type="submit" class="button primary" aria-disabled=${this.#busy ? "true" : nothing}>${icon("check")}${this.#script ? t("saveAs", { version: this.#script.version + 1 }) : t("create")}</button>
          <a class="button" href=${address(this.account, "scripts")}>${t("cancel")}</a>
        </div>
      </form>
    `;
  }

  #views() {
    return html`
      <div class="segments push" role="group" aria-label=${t("stepsView")}>
        ${[false, true].map((asJson) => html`<button type="button" value=${asJson ? "json" : "cards"} aria-pressed=${String(asJson === this.#asJson)} @click=${() => this.#show(asJson)}>${t(asJson ? "asJson" : "asCards")}</button>`)}
      </div>
    `;
  }

  /** Shows the steps in the other way, unless what was written as JSON is none. */
  #show(asJson) {
    if (asJson === this.#asJson || (this.#asJson && !this.#readJson())) return;
    this.#asJson = asJson;
    this.update();
  }

  #cards() {
    const fitting = {
      steps: this.#steps,
      prompts: this.#prompts,
      lines: this.#lines,
      wrong: (field) => (this.#told.some((told) => told.field === `on_machine.${field}`) ? "true" : nothing),
      put: (changeOf) => this.#change({ machine: { ...this.#machine, ...changeOf(this.#machine) } }),
      go: () => {},
    };
    return html`
      <step-list .steps=${this.#steps} .prompts=${this.#prompts} .lines=${this.#lines} .told=${this.#told} .fixed=${!this.mayChange} @change-steps=${({ detail }) => this.#change({ steps: detail })}></step-list>
      <fieldset class="on-machine" ?disabled=${!this.mayChange}>${machineFields(fitting, this.#machine)} ${this.#said(({ field }) => field.startsWith("on_machine"))}</fieldset>
    `;
  }

  /** What was wrong with steps may stand elsewhere by now. */
  #change({ steps = this.#steps, machine = this.#machine }) {
    [this.#steps, this.#machine] = [steps, machine];
    this.#told = this.#told.filter(({ field }) => FIELDS.includes(field));
    this.update();
  }

  #said(which) {
    return this.#told.filter(which).map(({ field, message }) => html`<p class="fault" role="alert">${icon("warn")}${field}${t("colon")}${message}</p>`);
  }

  #json() {
    return html`
      ${this.#code("steps", t("stepsAsJson"), stepsOf(this.#steps), 16)} ${this.#code("on_machine", t("onMachineAsJson"), this.#machine, 6)}
      <p class="small"><a href="../docs" target="_blank" rel="noreferrer">${t("stepsHelp")}</a></p>
      ${this.#said(({ field }) => !FIELDS.includes(field))}
    `;
  }

  #text(name, label, value, most, required, faults) {
    return html`
      <label class="over">
        ${label}
        <input class="field" name=${name} autocomplete="off" maxlength=${most} ?required=${required} ?readonly=${!this.mayChange} value=${value ?? ""} ${invalid(faults, null, name)} />
        ${faultLine(faults, null, name)}
      </label>
    `;
  }

  #code(name, label, value, rows) {
    return html`
      <label class="over">
        ${label}
        <textarea class="field code" name=${name} rows=${rows} required spellcheck="false" autocomplete="off" ?readonly=${!this.mayChange} .defaultValue=${JSON.stringify(value, null, 2)}></textarea>
      </label>
    `;
  }

  #save = once(async (event) => {
    if (this.#asJson && !this.#readJson()) return;
    const fields = new FormData(event.target);
    const text = (name) => /** @type {string} */ (fields.get(name)).trim();
    const body = { name: text("name"), remark: text("remark"), steps: stepsOf(this.#steps), on_machine: this.#machine };
    this.#setBusy(true);
    try {
      const { data } = this.#script ? await this.api.updateScript(this.#script.id, body, this.#script.version) : await this.api.createScript(body);
      const isNew = !this.#script;
      this.#take(data);
      say(t("saved", data));
      if (isNew) goInstead(address(this.account, "scripts", String(data.id)));
    } catch (error) {
      if (error.code === CODE.invalid) this.#told = error.faults;
      else complain(error);
    }
    this.#setBusy(false);
  });

  /** Takes what was written as JSON; says so where it is none. */
  #readJson() {
    const written = (name) => /** @type {HTMLTextAreaElement} */ (this.querySelector(`textarea[name=${name}]`)).value;
    const faults = [];
    const read = (name) => {
      try {
        return JSON.parse(written(name));
      } catch (error) {
        faults.push({ field: name, message: t("noJson", error) });
      }
    };
    const [steps, machine] = [read("steps"), read("on_machine")];
    const isListOfSteps = Array.isArray(steps) && steps.every((step) => step !== null && typeof step === "object");
    if (steps !== undefined && !isListOfSteps) faults.push({ field: "steps", message: t("noStepList") });
    if (machine === null || typeof machine !== "object") faults.push({ field: "on_machine", message: t("noMachine") });
    this.#told = faults;
    if (faults.length === 0) [this.#steps, this.#machine] = [rowsOf(steps), machine];
    this.update();
    return faults.length === 0;
  }

  #setBusy(busy) {
    this.#busy = busy;
    this.update();
  }
}

define("script-page", ScriptPage, ["api", "account", "feed", "route", "token"]);

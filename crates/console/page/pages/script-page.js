// A script: its steps, as the API has them, and what is done when a machine answers.

import { address, goInstead } from "../route.js";
import { CODE } from "../api.js";
import { complain, say } from "../parts/notice.js";
import { define, html, nothing } from "../view.js";
import { faultLine, Faults, invalid } from "../parts/faults.js";
import { icon } from "../parts/icon.js";
import { loading } from "../parts/blank.js";
import { once } from "../parts/dialog.js";
import { Page } from "./page.js";
import { learnWords, t } from "../language.js";
import { chineseScripts } from "../words/chinese-scripts.js";
import { englishScripts } from "../words/english-scripts.js";
import "../parts/prompt-list.js";

learnWords(chineseScripts, englishScripts);

const FIELDS = ["name", "remark"];

/** What a new one begins with. */
const FIRST = { steps: [{ action: "hang_up" }], on_machine: { action: "continue" } };

class ScriptPage extends Page {
  /** @type {Script} */
  #script = null;
  #missing = false;
  #faults = new Faults();
  #busy = false;

  get #isNew() {
    return this.route.id === "new";
  }

  start() {
    if (!this.#isNew) this.#load();
  }

  async #load() {
    await this.attempt(async () => {
      const script = await this.found(this.api.script(this.route.id, this));
      [this.#script, this.#missing] = [script?.data ?? null, !script];
      this.update();
    });
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
        <div class="with-rail wide-rail">
          ${this.#form()}
          <prompt-list class="panel" .api=${this.api} .fixed=${!this.mayChange} .named=${true}></prompt-list>
        </div>
      </main>
    `;
  }

  #form() {
    const { steps, on_machine } = this.#script ?? FIRST;
    return html`
      <form class="stack" @submit=${this.#save}>
        <section class="panel" aria-labelledby="script-title">
          <header><h2 id="script-title">${t("script")}</h2><a class="push small" href="../docs" target="_blank" rel="noreferrer">${t("stepsHelp")}</a></header>
          <div class="body">
            <div class="fields">${this.#text("name", t("name"), this.#script?.name, 64, true)} ${this.#text("remark", t("remark"), this.#script?.remark, 1000, false)}</div>
            ${this.#json("steps", t("stepsAsJson"), steps, 16)} ${this.#json("on_machine", t("onMachineAsJson"), on_machine, 6)}
            ${this.#faults.beside(FIELDS).map((text) => html`<p class="fault" role="alert">${icon("warn")}${text}</p>`)}
          </div>
        </section>
        <div class="row" ?hidden=${!this.mayChange}>
          <button type="submit" class="button primary" aria-disabled=${this.#busy ? "true" : nothing}>${icon("check")}${this.#script ? t("saveAs", { version: this.#script.version + 1 }) : t("create")}</button>
          <a class="button" href=${address(this.account, "scripts")}>${t("cancel")}</a>
        </div>
      </form>
    `;
  }

  #text(name, label, value, most, required) {
    return html`
      <label class="over">
        ${label}
        <input class="field" name=${name} autocomplete="off" maxlength=${most} ?required=${required} ?readonly=${!this.mayChange} value=${value ?? ""} ${invalid(this.#faults, null, name)} />
        ${faultLine(this.#faults, null, name)}
      </label>
    `;
  }

  /** What is nested is written as the API has it. */
  #json(name, label, value, rows) {
    return html`
      <label class="over">
        ${label}
        <textarea class="field code" name=${name} rows=${rows} required spellcheck="false" autocomplete="off" ?readonly=${!this.mayChange} .defaultValue=${JSON.stringify(value, null, 2)}></textarea>
      </label>
    `;
  }

  #save = once(async (event) => {
    const body = this.#body(new FormData(event.target));
    if (body === null) return;
    this.#setBusy(true);
    try {
      const { data } = this.#script ? await this.api.updateScript(this.#script.id, body, this.#script.version) : await this.api.createScript(body);
      const isNew = !this.#script;
      [this.#script, this.#faults] = [data, new Faults()];
      say(t("saved", data));
      if (isNew) goInstead(address(this.account, "scripts", String(data.id)));
    } catch (error) {
      if (error.code === CODE.invalid) this.#faults = new Faults(error.faults);
      else complain(error);
    }
    this.#setBusy(false);
  });

  /** What is sent; null where a part of it is no JSON, which is said then. @param {FormData} fields */
  #body(fields) {
    /** @type {any} */
    const body = { name: fields.get("name").trim(), remark: fields.get("remark").trim() };
    const faults = [];
    for (const part of ["steps", "on_machine"]) {
      try {
        body[part] = JSON.parse(fields.get(part));
      } catch (error) {
        faults.push({ field: part, message: t("noJson", error) });
      }
    }
    this.#faults = new Faults(faults);
    this.update();
    return faults.length > 0 ? null : body;
  }

  #setBusy(busy) {
    this.#busy = busy;
    this.update();
  }
}

define("script-page", ScriptPage, ["api", "account", "feed", "route", "token"]);

// Scripts: what happens in calls once someone answers, and the prompts that they play.

import { address, keepQuery, pageNumber } from "../route.js";
import { closeDialog, once } from "../parts/dialog.js";
import { deleteDialog } from "../parts/delete-dialog.js";
import { CODE } from "../api.js";
import { complain, say } from "../parts/notice.js";
import { countOf, pager } from "../parts/pager.js";
import { define, html, Latest, nothing, repeat } from "../view.js";
import { empty, loading } from "../parts/blank.js";
import { icon } from "../parts/icon.js";
import { Page } from "./page.js";
import { SteadyRows } from "../parts/steady-rows.js";
import { learnWords, t } from "../language.js";
import { chineseScripts } from "../words/chinese-scripts.js";
import { englishScripts } from "../words/english-scripts.js";
import "../parts/prompt-list.js";

learnWords(chineseScripts, englishScripts);

const PER_PAGE = 20;

/** How many steps are told of each. */
const STEPS = 6;

/** Its steps in a few words. @param {Script} script */
function stepsText({ steps }) {
  const told = steps.slice(0, STEPS).map(({ action }) => t(`step.${action}`));
  return [...told, ...(steps.length > STEPS ? ["…"] : [])].join(" → ");
}

class ScriptsPage extends Page {
  /** @type {SteadyRows<Script>} */
  #scripts = new SteadyRows(this, ({ id }) => id, () => this.#load(this.#page));
  /** @type {Meta} */
  #meta = null;
  #page = 1;
  /** @type {Script} */
  #deleting = null;
  /** The tasks that keep it from being deleted. */
  #inUse = null;
  #reading = new Latest();

  start() {
    this.#load(pageNumber(this.route));
  }

  async #load(page) {
    if (!this.isConnected) return;
    this.#page = page;
    keepQuery(this.route, { page: page > 1 ? page : null });
    await this.attempt(async () => {
      const { data, meta } = await this.api.scripts({ page, per_page: PER_PAGE }, this.#reading.instead(this.signal));
      if (data.length === 0 && page > 1) return this.#load(meta.last_page);
      this.#scripts.take(data);
      this.#meta = meta;
      this.update();
    });
  }

  draw() {
    return html`
      <main id="main" tabindex="-1">
        <div class="head">
          <h1>${t("scripts")}</h1>
          ${countOf(this.#meta)}
          <div class="tools">
            ${this.mayChange ? html`<a class="button primary" href=${address(this.account, "scripts", "new")}>${icon("plus")}${t("newScript")}</a>` : nothing}
          </div>
        </div>
        <p class="small quiet">${t("scriptsMean")}</p>
        <div class="panel">${this.#scripts.all === null ? loading() : this.#list()} ${pager(this.#meta, (page) => this.#load(page))}</div>
        <prompt-list class="panel" .api=${this.api} .fixed=${!this.mayChange}></prompt-list>
        ${this.#deleting ? this.#deleteDialog(this.#deleting) : nothing}
      </main>
    `;
  }

  #list() {
    if (this.#scripts.all.length === 0) return empty("script", t("noScript"));
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label=${t("scripts")}>
        <table class="table">
          <thead>
            <tr>
              <th scope="col" class="grow">${t("script")}</th>
              <th scope="col">${t("steps")}</th>
              <th scope="col" class="w3">${t("onMachine")}</th>
              <th scope="col" class="num w2">${t("versionWord")}</th>
              <th scope="col" class="w1">${t("changedAt")}</th>
              ${this.mayChange ? html`<th scope="col"><span class="visually-hidden">${t("actions")}</span></th>` : nothing}
            </tr>
          </thead>
          <tbody>
            ${repeat(
              this.#scripts.all,
              ({ id }) => id,
              (script) => this.#row(script),
            )}
          </tbody>
        </table>
      </div>
    `;
  }

  /** @param {Script} script */
  #row(script) {
    const ask = () => {
      this.#deleting = script;
      this.update();
    };
    return html`
      <tr data-script=${script.id} ?inert=${this.#scripts.hasLeft(script.id)}>
        <td class="grow">
          <span class="two"><a class="cut strong name" href=${address(this.account, "scripts", String(script.id))} title=${script.name}>${script.name}</a><small class="cut">${t("scriptId", script)}${script.remark ? `${t("pause")}${script.remark}` : nothing}</small></span>
        </td>
        <td class="steps-text">${stepsText(script)}</td>
        <td class="quiet w3">${t(`machine.${script.on_machine.action}`)}</td>
        <td class="num w2">${script.version}</td>
        <td class="quiet w1">${script.updated_at}</td>
        ${this.mayChange
          ? html`<td class="num">
              <span class="row-tools">
                <button type="button" class="button plain little square" aria-label=${t("deleteOf", script)} title=${t("delete")} @click=${ask}>${icon("trash")}</button>
              </span>
            </td>`
          : nothing}
      </tr>
    `;
  }

  #deleteDialog(script) {
    const closed = () => {
      this.#deleting = this.#inUse = null;
      this.#scripts.stay();
      this.#load(this.#page);
      this.update();
    };
    return deleteDialog({ name: script.name, inUse: this.#inUse, closed, act: this.#delete });
  }

  #delete = once(async (event) => {
    const script = this.#deleting;
    try {
      await this.api.deleteScript(script.id, script.version);
      say(t("deleted", script));
    } catch (error) {
      if (error.code === CODE.scriptInUse) {
        this.#inUse = error;
        return this.update();
      }
      complain(error);
    }
    closeDialog(event);
  });
}

define("scripts-page", ScriptsPage, ["api", "account", "feed", "route", "token"]);

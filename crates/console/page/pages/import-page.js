// Numbers from a file into a task: what is in it is tried first and nothing stored, then it is imported in the background.

import { address } from "../route.js";
import { assigned, columnQuery, columnsOf, csvRows, FIELDS, HEAD_BYTES } from "../number-file.js";
import { countText } from "../parts/task-progress.js";
import { define, html, Latest, nothing } from "../view.js";
import { fileButton, fileDrop } from "../parts/file-drop.js";
import { icon } from "../parts/icon.js";
import { importList, importShares, isRunning } from "../parts/import-list.js";
import { once } from "../parts/dialog.js";
import { Page } from "./page.js";
import { say } from "../parts/notice.js";
import { saveFile } from "../parts/save-file.js";
import { t } from "../language.js";

/** @typedef {Data<"import_numbers">} Import */

/** How often an import that runs is looked at. */
const LOOK = 700;

/** How many refused rows are shown, and how many imports. */
const ROWS = 5;
const IMPORTS = 20;

const STEPS = ["chooseFile", "assignColumns", "trialResult", "importStep"];

class ImportPage extends Page {
  /** @type {any} */
  #task = null;
  #missing = false;
  /** @type {File} */
  #file = null;
  /** Null where the browser cannot tell them. @type {import("../number-file.js").FileColumn[] | null} */
  #columns = null;
  #replaces = false;
  /** What a trial says of the file, and its first rows that would be refused. @type {Import} */
  #trial = null;
  /** @type {string[][]} */
  #refused = [];
  /** @type {Import[]} */
  #imports = [];
  #sending = false;
  #trying = new Latest();
  #timer = null;

  start() {
    this.#load();
    this.followFeed((event) => (!event || event.type === "import.finished") && this.#readImports());
    this.#timer = setInterval(() => this.#imports.some(isRunning) && this.#readImports(), 2 * LOOK);
  }

  stop() {
    clearInterval(this.#timer);
  }

  async #load() {
    await this.attempt(async () => {
      const task = await this.found(this.api.task(this.route.id, this));
      [this.#task, this.#missing] = [task?.data ?? null, !task];
      this.update();
    });
    if (this.#task) await this.#readImports();
  }

  async #readImports() {
    await this.attempt(async () => {
      const { data } = await this.api.imports(this.route.id, { page: 1, per_page: IMPORTS }, this);
      this.#imports = data.filter(({ dry_run: trial }) => !trial);
      this.update();
    });
  }

  // What is done.

  /** @param {File | undefined} file */
  async #choose(file) {
    if (!file) return;
    this.#file = file;
    this.#columns = columnsOf(new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer()));
    await this.#try();
  }

  get #needsPhone() {
    return this.#columns !== null && this.#columns.every(({ field }) => field !== "phone");
  }

  /** Has the file looked at; nothing is stored. */
  async #try() {
    [this.#trial, this.#refused] = [null, []];
    this.update();
    if (this.#needsPhone) return;
    const options = this.#trying.instead(this.signal);
    await this.attempt(async () => {
      let { data } = await this.api.importNumbers(this.#task.uuid, this.#file, { ...this.#query, dry_run: true }, options);
      for (;;) {
        this.#trial = data;
        this.update();
        if (!isRunning(data)) break;
        await new Promise((resolve) => setTimeout(resolve, LOOK));
        ({ data } = await this.api.import(this.#task.uuid, data.id, options));
      }
      if (data.refused_rows > 0) [, ...this.#refused] = csvRows(await this.api.refusedRows(this.#task.uuid, data.id, options), ",", 1 + ROWS);
      this.update();
    });
  }

  get #query() {
    return { ...columnQuery(this.#columns), duplicates: this.#replaces ? "replace" : "skip", file_name: this.#file.name };
  }

  #import = once(async () => {
    this.#setSending(true);
    const done = await this.attempt(() => this.api.importNumbers(this.#task.uuid, this.#file, this.#query, this));
    this.#setSending(false);
    if (!done) return;
    say(t("importTaken", { name: this.#file.name }));
    [this.#file, this.#columns, this.#trial, this.#refused] = [null, null, null, []];
    await this.#readImports();
  });

  #setSending(sending) {
    this.#sending = sending;
    this.update();
  }

  /** Ends an import; what was added stays. @param {Import} one */
  async #cancel(one) {
    if (await this.attempt(() => this.api.cancelImport(this.#task.uuid, one.id))) say(t("importCancelled", { name: one.file_name ?? "" }));
    await this.#readImports();
  }

  /** The rows that were not taken, as a file. @param {Import} one */
  async #download(one) {
    await this.attempt(async () => {
      const text = await this.api.refusedRows(this.#task.uuid, one.id, this);
      saveFile(new Blob([text], { type: "text/csv" }), "refused-rows.csv");
    });
  }

  // What is shown.

  draw() {
    if (this.#missing) return this.#noSuchTask();
    return html`
      <main id="main" tabindex="-1">
        ${this.#head()} ${this.token && !this.#mayImport ? this.#whyNot() : nothing} ${this.#mayImport ? this.#steps() : nothing}
        <div class="with-rail wide-rail">
          <div class="stack apart">${this.#mayImport ? html`${this.#dropField()} ${this.#columnTable()} ${this.#trialPanel()}` : nothing}</div>
          <div class="stack apart">
            ${importList(this.#imports, {
              mayCancel: this.mayChange,
              cancel: (one) => this.#cancel(one),
              download: this.seesNumbers ? (one) => this.#download(one) : null,
            })}
          </div>
        </div>
      </main>
    `;
  }

  get #mayImport() {
    return this.mayChange && this.seesNumbers;
  }

  #whyNot() {
    return html`<p class="banner info">${icon("info")}<span>${t(this.mayChange ? "numbersMasked" : "readOnly")}</span></p>`;
  }

  #noSuchTask() {
    return html`<main id="main" tabindex="-1"><h1>${t("noSuchTask")}</h1><p><a href=${address(this.account, "tasks")}>${t("allTasks")}</a></p></main>`;
  }

  #head() {
    const task = this.#task;
    return html`
      <div class="head">
        <nav class="crumbs" aria-label=${t("place")}><a href=${address(this.account, "tasks")}>${t("tasks")}</a>${icon("right")}</nav>
        <h1>${t("importNumbers")}</h1>
        ${task ? html`<span class="quiet">${t("intoTask")} <a href=${address(this.account, "tasks", task.uuid)}>${task.name}</a></span>` : nothing}
      </div>
    `;
  }

  #steps() {
    const current = !this.#file ? 0 : this.#needsPhone ? 1 : this.#trial && !isRunning(this.#trial) ? 3 : 2;
    return html`
      <ol class="steps">
        ${STEPS.map(
          (step, index) => html`
            <li class=${index < current ? "done" : ""} aria-current=${index === current ? "step" : nothing}>
              <b>${index < current ? icon("check") : index + 1}</b>${t(step)}
            </li>
          `,
        )}
      </ol>
    `;
  }

  #dropField() {
    const file = this.#file;
    const choose = (file) => this.#choose(file);
    return html`
      <section class="drop" aria-label=${t("file")} ${fileDrop(choose)}>
        <span class="sheet-icon">${icon("file")}</span>
        <span class="stack tight">
          <b class="strong">${file ? file.name : t("noFileYet")}</b>
          <span class="small quiet">${file ? sizeText(file.size) : t("whichFiles")}</span>
        </span>
        <span class="push row wrap">
          <span class="small quiet wide-only">${t("dropHere")}</span>
          ${fileButton(t(file ? "otherFile" : "chooseFile"), ".csv,.txt,.tsv,.xlsx,.json,.jsonl,.ndjson", choose)}
        </span>
      </section>
    `;
  }

  #columnTable() {
    if (!this.#columns) return nothing;
    return html`
      <section class="panel" aria-labelledby="columns-title">
        <header><h2 id="columns-title">${t("assignColumns")}</h2><span class="small quiet">${t("columnsGuessed")}</span></header>
        <div class="scroll" tabindex="0" role="group" aria-label=${t("assignColumns")}>
          <table class="table dense inner">
            <thead>
              <tr><th scope="col">${t("fileColumn")}</th><th scope="col" class="grow">${t("firstRows")}</th><th scope="col">${t("importedAs")}</th></tr>
            </thead>
            <tbody>
              ${this.#columns.map((column, place) => this.#columnRow(column, place))}
            </tbody>
          </table>
        </div>
        ${this.#needsPhone ? html`<p class="fault">${icon("warn")}${t("whichIsPhone")}</p>` : nothing}
        <footer>
          <label class="row"><input type="checkbox" class="tick" name="replace" .checked=${this.#replaces} @change=${this.#setReplaces} />${t("replaceDuplicates")}</label>
        </footer>
      </section>
    `;
  }

  /** @param {import("../number-file.js").FileColumn} column */
  #columnRow({ name, samples, field }, place) {
    const change = (event) => {
      this.#columns = assigned(this.#columns, place, event.target.value);
      this.#try();
    };
    return html`
      <tr>
        <td class="strong">${name}</td>
        <td class="grow quiet"><span class="cut">${samples.join(t("comma")) || t("emptyColumn")}</span></td>
        <td>
          <select class="field" aria-label=${t("importColumnAs", { name })} @change=${change}>
            <option value="" ?selected=${field === ""}>${t("asVariable", { name })}</option>
            ${Object.keys(FIELDS).map((one) => html`<option value=${one} ?selected=${one === field}>${t(`field.${one}`)}</option>`)}
          </select>
        </td>
      </tr>
    `;
  }

  #setReplaces = (event) => {
    this.#replaces = event.target.checked;
    this.#try();
  };

  #trialPanel() {
    const trial = this.#trial;
    if (!this.#file || this.#needsPhone) return nothing;
    return html`
      <section class="panel" aria-labelledby="trial-title">
        <header><h2 id="trial-title">${t("trialResult")}</h2><span class="small quiet">${t("nothingStored")}</span></header>
        <div class="body" role="status">${trial ? this.#trialBody(trial) : html`<p class="small quiet">${t("uploading")}</p>`}</div>
        ${this.#refused.length > 0 ? this.#refusedTable() : nothing}
        ${trial && !isRunning(trial) ? this.#trialTools(trial) : nothing}
      </section>
    `;
  }

  /** @param {Import} trial */
  #trialBody(trial) {
    if (trial.state === "failed") return html`<p class="fault">${icon("warn")}${trial.failure_message}</p>`;
    return html`${importShares(trial)} ${isRunning(trial) ? html`<p class="small quiet">${t("rowsSoFar", { rows: countText(trial.rows) })}</p>` : nothing}`;
  }

  #refusedTable() {
    return html`
      <div class="scroll" tabindex="0" role="group" aria-label=${t("refusedRows")}>
        <table class="table dense inner refused">
          <thead>
            <tr><th scope="col" class="num">${t("row")}</th><th scope="col">${t("content")}</th><th scope="col" class="grow">${t("whyRefused")}</th></tr>
          </thead>
          <tbody>
            ${this.#refused.map(([line, , why, content]) => html`<tr><td class="num">${line}</td><td><span class="cut">${content}</span></td><td class="grow"><span class="cut" title=${why}>${why}</span></td></tr>`)}
          </tbody>
        </table>
      </div>
    `;
  }

  /** @param {Import} trial */
  #trialTools(trial) {
    const count = trial.added + trial.replaced;
    return html`
      <footer>
        ${trial.refused_rows > 0
          ? html`<span>${t("firstOfRefused", { shown: this.#refused.length, count: countText(trial.refused_rows) })}</span>
              <button type="button" class="button little" @click=${() => this.#download(trial)}>${icon("download")}${t("downloadRefused")}</button>`
          : nothing}
        <span class="push row">
          ${count === 0 ? html`<span>${t("nothingToImport")}</span>` : nothing}
          <button type="button" class="button primary" ?disabled=${count === 0} aria-disabled=${this.#sending ? "true" : nothing} @click=${this.#import}>
            ${t(this.#sending ? "uploading" : "importCount", { text: countText(count), count })}
          </button>
        </span>
      </footer>
    `;
  }
}

/** `412 KB`. */
function sizeText(bytes) {
  const [size, unit] = [[2 ** 30, "GB"], [2 ** 20, "MB"], [2 ** 10, "KB"]].find(([least]) => bytes >= Number(least)) ?? [1, "B"];
  return `${Number((bytes / Number(size)).toFixed(1))} ${unit}`;
}

define("import-page", ImportPage, ["api", "account", "feed", "route", "token"]);

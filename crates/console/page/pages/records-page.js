// Records: what came of each call, the newest first.

import { address, keepQuery, pageNumber } from "../route.js";
import { countOf, pager } from "../parts/pager.js";
import { define, html, Latest, live, nothing, settled } from "../view.js";
import { empty, loading } from "../parts/blank.js";
import { Names } from "../names.js";
import { Page } from "./page.js";
import { recordTable } from "../parts/record-table.js";
import { searchField } from "../parts/search-field.js";
import { serverNow, wallTimeIn } from "../clock.js";
import { t } from "../language.js";

const PER_PAGE = 20;

/** The statuses that a call gives its number. */
const STATUSES = [1, 4, 8, 3, 5, 6, 7, 2, 9, 10, 12, 11];

/** What callees want. */
const INTENTIONS = ["A", "B", "C", "D", "E"];

class RecordsPage extends Page {
  /** The newest first; null until they are known. @type {CallRecord[]} */
  #records = null;
  /** @type {Meta} */
  #meta = null;
  #page = 1;
  /** What the list is narrowed to: `today` is 1 for today's only, `all` is 1 for attempts that count no try as well. */
  #filter = { keyword: "", status: "", intention: "", today: "", all: "" };
  /** The server's zone, whose times the list has. */
  #zone = null;
  #taskNames = new Names((id) => this.api.task(id, this), () => this.update());
  #reading = new Latest();
  #search = settled(250, () => this.#load(1));

  /** The task whose records are shown; null is all. */
  get #task() {
    return this.route.query.get("task");
  }

  start() {
    for (const name of Object.keys(this.#filter)) this.#filter[name] = this.route.query.get(name) ?? "";
    this.#load(pageNumber(this.route));
    this.#taskNames.want([this.#task]);
    this.followFeed((event) => !event && this.#load(this.#page));
  }

  async #load(page) {
    if (!this.isConnected) return;
    this.#page = page;
    keepQuery(this.route, { task: this.#task, ...this.#filter, page: page > 1 ? page : null });
    await this.attempt(async () => {
      const options = this.#reading.instead(this.signal);
      this.#zone ??= await this.api.serverZone(options);
      const { data, meta } = await this.api.records(this.#query(page), options);
      if (data.length === 0 && page > 1) return this.#load(meta.last_page);
      [this.#records, this.#meta] = [data, meta];
      this.update();
    });
  }

  #query(page) {
    const { keyword, status, intention, today, all } = this.#filter;
    const { date } = wallTimeIn(this.#zone, serverNow());
    const times = today ? { start_at: `${date} 00:00:00`, end_at: `${date} 23:59:59` } : {};
    return { page, per_page: PER_PAGE, task_id: this.#task, keyword: keyword.trim(), status, intention_tags: intention, all, ...times };
  }

  draw() {
    return html`
      <main id="main" tabindex="-1">
        <div class="head">
          <h1>${t("records")}</h1>
          ${countOf(this.#meta)} ${this.#zone ? html`<span class="small quiet">${t("timesIn", { zone: this.#zone })}</span>` : nothing}
          <div class="tools"><button type="button" class="button refresh" @click=${() => this.#load(this.#page)}>${t("refresh")}</button></div>
        </div>
        ${this.#task
          ? html`<p>${t("recordsOf", { name: this.#taskNames.get(this.#task) ?? this.#task })} <a href=${address(this.account, "records")}>${t("allRecords")}</a></p>`
          : nothing}
        ${this.#narrowing()}
        <div class="panel">${this.#records === null ? loading() : this.#list()} ${pager(this.#meta, (page) => this.#load(page))}</div>
      </main>
    `;
  }

  #narrowing() {
    const typed = (text) => {
      this.#filter.keyword = text;
      this.#search();
    };
    return html`
      <div class="filters">
        ${searchField(t("searchCallee"), this.#filter.keyword, typed)}
        <div class="segments" role="group" aria-label=${t("date")}>
          ${[["", "anyDay"], ["1", "thisDay"]].map(([value, name]) => this.#choice("today", value, t(name)))}
        </div>
        <select class="field" name="status" aria-label=${t("outcome")} @change=${(event) => this.#narrow("status", event.target.value)}>
          <option value="" ?selected=${this.#filter.status === ""}>${t("anyOutcome")}</option>
          ${STATUSES.map((status) => html`<option value=${status} ?selected=${this.#filter.status === String(status)}>${t(`status.${status}`)}</option>`)}
        </select>
        <select class="field" name="intention" aria-label=${t("intention")} @change=${(event) => this.#narrow("intention", event.target.value)}>
          <option value="" ?selected=${this.#filter.intention === ""}>${t("anyIntention")}</option>
          ${INTENTIONS.map((one) => html`<option value=${one} ?selected=${this.#filter.intention === one}>${t(`intention.${one}`)}</option>`)}
        </select>
        <label class="check">
          <input type="checkbox" class="tick" name="all" .checked=${live(this.#filter.all === "1")} @change=${(event) => this.#narrow("all", event.target.checked ? "1" : "")} />
          ${t("withoutTry")}
        </label>
      </div>
    `;
  }

  #choice(name, value, text) {
    return html`<button type="button" aria-pressed=${String(this.#filter[name] === value)} @click=${() => this.#narrow(name, value)}>${text}</button>`;
  }

  #narrow(name, value) {
    this.#filter[name] = value;
    this.update();
    this.#load(1);
  }

  #list() {
    if (this.#records.length === 0) return empty("record", t("noRecord"));
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${t("records")}>${recordTable(this.#records, this.account, true)}</div>`;
  }
}

define("records-page", RecordsPage, ["api", "account", "feed", "route"]);

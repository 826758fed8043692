// Records: what came of each call, the newest first.

import { address, keepQuery, pageNumber } from "../route.js";
import { CODE, Refusal } from "../api.js";
import { countOf, pager } from "../parts/pager.js";
import { define, html, Latest, live, nothing, settled } from "../view.js";
import { empty, loading } from "../parts/blank.js";
import { icon } from "../parts/icon.js";
import { isAudible } from "../recordings.js";
import { Names } from "../names.js";
import { noteShown } from "../neighbours.js";
import { once } from "../parts/dialog.js";
import { Page } from "./page.js";
import { saveFile } from "../parts/save-file.js";
import { say } from "../parts/notice.js";
import { recordTable } from "../parts/record-table.js";
import { searchField } from "../parts/search-field.js";
import { serverNow, wallTimeIn } from "../clock.js";
import { t, word } from "../language.js";

const PER_PAGE = 20;

/** The statuses that a call gives its number. */
const STATUSES = [1, 4, 8, 3, 5, 6, 7, 2, 9, 10, 12, 11];

/** What callees want. */
const INTENTIONS = ["A", "B", "C", "D", "E"];

/** The scores that there are. */
const LEAST_SCORE = -1_000_000;
const MOST_SCORE = 1_000_000;

/** How often they spoke. */
const ROUNDS = ["1", "2~5", "6~10", "11~20", ">20"];

/** What the list is narrowed to by what few look for; it is folded as long as none is said. */
const FINER = ["from", "until", "tags", "rounds", "least", "most", "by", "reason", "bot", "recorded"];

/** Who answered, as far as could be heard. */
const ANSWERED_BY = ["human", "machine", "unsure"];

/** Why this server ends calls, what is most often looked for first. */
const END_REASONS = [
  "window_closed",
  "closure",
  "stopped",
  "paused",
  "requested",
  "answering_machine",
  "bot_failed",
  "talk_limit",
  "ring_limit",
  "no_sound",
  "own_failure",
  "prefix",
  "not_placed",
  "task_removed",
  "account_disabled",
  "shutdown",
  "lease_lost",
  "node_died",
];

/** The words for these come with the page of a record. */
const fetchRecordWords = () => import("../words/record-words.js");

/** The player comes when something is played first. */
const fetchPlayer = () => import("../parts/row-player.js");

class RecordsPage extends Page {
  /** The newest first; null until they are known. @type {CallRecord[]} */
  #records = null;
  /** @type {Meta} */
  #meta = null;
  #page = 1;
  /**
   * What the list is narrowed to: `today` is 1 for today's only, `all` is 1 for attempts that count no try as well, `tags` has commas between
   * them, `least` and `most` are scores, `by` is who answered and `reason` why the call was ended, `bot` the address of one; `recorded` is 1
   * for those whose recording can be heard.
   */
  #filter = { keyword: "", status: "", intention: "", today: "", all: "", from: "", until: "", tags: "", rounds: "", least: "", most: "", by: "", reason: "", bot: "", recorded: "" };
  #hasRecordWords = false;
  /** The record that is played, or was last. @type {CallRecord} */
  #heard = null;
  #isPlaying = false;
  #exporting = false;
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
    this.#fetchWords();
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
      noteShown(data);
      this.update();
    });
  }

  /** Without them the list does, and cannot be narrowed by what they are for. */
  async #fetchWords() {
    this.#hasRecordWords = await fetchRecordWords().then(() => true, () => false);
    this.update();
  }

  #query(page) {
    return { page, per_page: PER_PAGE, ...this.#narrowed };
  }

  /** What the list is narrowed to, as the API takes it. */
  get #narrowed() {
    const { keyword, status, intention, today, all, from, until, tags, rounds, least, most, by, reason, bot, recorded } = this.#filter;
    const { date } = wallTimeIn(this.#zone, serverNow());
    const times = today ? { start_at: date, end_at: date } : { start_at: from, end_at: until };
    const named = tags.split(/[,，]/).map((tag) => tag.trim()).filter(Boolean);
    const scores = least || most ? JSON.stringify([[Number(least || LEAST_SCORE), Number(most || MOST_SCORE)]]) : "";
    const ended = { answered_by: by, end_reason: reason, bot: bot.trim(), recorded };
    return { task_id: this.#task, keyword: keyword.trim(), status, intention_tags: intention, all, ...times, ...ended, tags: named, rounds, levels: scores };
  }

  draw() {
    return html`
      <main id="main" tabindex="-1">
        <div class="head">
          <h1>${t("records")}</h1>
          ${countOf(this.#meta)} ${this.#zone ? html`<span class="small quiet">${t("timesIn", { zone: this.#zone })}</span>` : nothing}
          <div class="tools">
            <button type="button" class="button refresh" @click=${() => this.#load(this.#page)}>${t("refresh")}</button>
            <button type="button" class="button export" aria-disabled=${this.#exporting ? "true" : nothing} @click=${this.#export}>${icon(this.#exporting ? "spin" : "download")}${t("exportRecords")}</button>
          </div>
        </div>
        ${this.#task
          ? html`<p>${t("recordsOf", { name: this.#taskNames.get(this.#task) ?? this.#task })} <a href=${address(this.account, "records")}>${t("allRecords")}</a></p>`
          : nothing}
        ${this.#narrowing()}
        <div class="panel">${this.#records === null ? loading() : this.#list()} ${pager(this.#meta, (page) => this.#load(page), this.#player())}</div>
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
        ${this.token?.numbers === "masked" ? nothing : searchField(t("searchCallee"), this.#filter.keyword, typed)}
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
        ${this.#finer()}
      </div>
    `;
  }

  /** What few look for. */
  #finer() {
    const isSaid = FINER.some((name) => this.#filter[name] !== "");
    const input = (name, type, label, more = {}) => html`
      <label class="over">
        ${label}
        <input class="field" type=${type} name=${name} autocomplete="off" step=${more.step ?? nothing} placeholder=${more.hint ?? nothing} .value=${live(this.#filter[name])} @change=${(event) => this.#narrow(name, event.target.value)} />
      </label>
    `;
    return html`
      <details class="finer" ?open=${isSaid}>
        <summary>${t("moreFilters")}</summary>
        <div class="row wrap">
          ${this.#filter.today ? nothing : html`${input("from", "date", t("dialedFrom"))} ${input("until", "date", t("dialedUntil"))}`}
          ${input("tags", "text", t("callTags"), { hint: t("commasBetween") })}
          <label class="over">
            ${t("rounds")}
            <select class="field" name="rounds" @change=${(event) => this.#narrow("rounds", event.target.value)}>
              <option value="" ?selected=${this.#filter.rounds === ""}>${t("anyRounds")}</option>
              ${ROUNDS.map((one) => html`<option value=${one} ?selected=${this.#filter.rounds === one}>${one.replace("~", "–")}</option>`)}
            </select>
          </label>
          ${this.#hasRecordWords ? html`${this.#words("by", t("whoAnswered"), t("anybody"), "answeredBy", ANSWERED_BY)} ${this.#words("reason", t("endedBecause"), t("anything"), "endReason", END_REASONS)}` : nothing}
          ${input("bot", "text", t("botAddress"), { hint: "wss://…" })}
          ${input("least", "number", t("leastScore"), { step: "any" })} ${input("most", "number", t("mostScore"), { step: "any" })}
          <label class="check"><input type="checkbox" class="tick" name="recorded" .checked=${live(this.#filter.recorded !== "")} @change=${({ target }) => this.#narrow("recorded", target.checked ? "1" : "")} /> ${t("onlyRecorded")}</label>
          ${isSaid ? html`<button type="button" class="button plain" @click=${this.#clear}>${t("clearFilters")}</button>` : nothing}
        </div>
      </details>
    `;
  }

  /** A choice of words. */
  #words(name, label, any, group, values) {
    return html`
      <label class="over">
        ${label}
        <select class="field" name=${name} @change=${(event) => this.#narrow(name, event.target.value)}>
          <option value="" ?selected=${this.#filter[name] === ""}>${any}</option>
          ${values.map((one) => html`<option value=${one} ?selected=${this.#filter[name] === one}>${word(group, one)}</option>`)}
        </select>
      </label>
    `;
  }

  #clear = () => {
    for (const name of FINER) this.#filter[name] = "";
    this.update();
    this.#load(1);
  };

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
    const hearing = {
      play: (record) => this.#play(record),
      canPlay: ({ recording }) => isAudible(recording),
      playing: this.#isPlaying ? this.#heard?.record_id : null,
    };
    const shown = this.#records.some(hearing.canPlay) ? hearing : null;
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${t("records")}>${recordTable(this.#records, this.account, true, [], shown)}</div>`;
  }

  // What is heard.

  /** Plays a record, or stops the one that plays. @param {CallRecord} record */
  async #play(record) {
    if (this.#heard?.record_id === record.record_id) return this.querySelector("row-player")?.toggle();
    await this.attempt(async () => {
      await fetchPlayer().catch(() => {
        throw new Refusal(CODE.unreachable, "");
      });
      this.#heard = record;
      this.update();
    });
  }

  #player() {
    if (!this.#heard) return nothing;
    const hear = ({ detail }) => {
      if (detail.isPlaying === this.#isPlaying) return;
      this.#isPlaying = detail.isPlaying;
      this.update();
    };
    return html`<row-player .api=${this.api} .account=${this.account} .record=${this.#heard} @heard=${hear}></row-player>`;
  }

  /** All that the list is narrowed to, as a file. */
  #export = once(async () => {
    this.#exporting = true;
    this.update();
    await this.attempt(async () => {
      const { file, name } = await this.api.exportRecords(this.#narrowed, this);
      saveFile(file, name);
      say(t("recordsExported", { name }));
    });
    this.#exporting = false;
    this.update();
  });
}

define("records-page", RecordsPage, ["api", "account", "feed", "route", "token"]);

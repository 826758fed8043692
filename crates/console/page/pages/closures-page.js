// Planned closures: those that hold now or are to come, and those that are over; planning one and revoking it; beside them the kill switch.

import { define, html, Latest, nothing, repeat, settled } from "../view.js";
import { empty, loading } from "../parts/blank.js";
import { icon } from "../parts/icon.js";
import { instantText, serverNow, wallTimeIn } from "../clock.js";
import { keepQuery, pageNumber } from "../route.js";
import { levelText, mayRevoke } from "../parts/revoke-closure.js";
import { Page } from "./page.js";
import { pager } from "../parts/pager.js";
import { t } from "../language.js";
import "../parts/ceiling-panel.js";
import "../parts/plan-closure.js";
import "../parts/stop-dialog.js";
import "../words/closure-words.js";

/** How many that have not ended there can be of each of the four that may cover an account, and how many others are shown at once. */
const AHEAD = 100;
const PER_PAGE = 20;

/** How often it is looked whether one has begun or ended, in milliseconds. */
const LOOK = 5000;

/** The state of a running task. */
const RUNNING = "2";

class ClosuresPage extends Page {
  /** Those that have not ended. @type {PlannedClosure[]} */
  #ahead = null;
  /** @type {PlannedClosure[]} */
  #past = [];
  /** @type {Meta} */
  #meta = null;
  #page = 1;
  /** The server's zone. */
  #zone = "";
  /** How many groups and tasks the account has, and how many of these run. */
  #totals = { groups: 0, tasks: 0, running: 0 };
  /** What the person is doing: planning one, stopping all. */
  #planning = false;
  #stopping = false;
  /** The closure that is asked about. @type {PlannedClosure} */
  #revoking = null;
  #reading = new Latest();
  #loadAgain = settled(300, () => this.#load(this.#page));
  #timer = null;

  start() {
    this.#planning = this.route.query.get("plan") !== null;
    this.#load(pageNumber(this.route));
    this.followFeed((event) => (!event || /^(closure|group|task)\./.test(event.type)) && this.#loadAgain());
    this.#timer = setInterval(() => this.#look(), LOOK);
  }

  stop() {
    clearInterval(this.#timer);
  }

  #look() {
    if (this.#ahead?.some((closure) => this.#stateOf(closure) === "past")) this.#loadAgain();
    else this.update();
  }

  async #load(page) {
    if (!this.isConnected) return;
    this.#page = page;
    keepQuery(this.route, { page: page > 1 ? page : null });
    await this.attempt(async () => {
      const options = this.#reading.instead(this.signal);
      const one = { page: 1, per_page: 1 };
      const [ahead, past, zone, groups, tasks, running] = await Promise.all([
        this.api.closures({ per_page: AHEAD }, options),
        this.api.closures({ ended: true, page, per_page: PER_PAGE }, options),
        this.#zone || this.api.serverZone(options),
        this.api.groups(one, options),
        this.api.tasks(one, options),
        this.api.tasks({ ...one, status: RUNNING }, options),
      ]);
      [this.#ahead, this.#past, this.#meta, this.#zone] = [ahead.data, past.data, past.meta, zone];
      this.#totals = { groups: groups.meta.total, tasks: tasks.meta.total, running: running.meta.total };
      this.update();
    });
  }

  /** @param {PlannedClosure} closure */
  #stateOf({ begin, end }) {
    const { date, time } = wallTimeIn(this.#zone, serverNow());
    const now = `${date} ${time}`;
    if (end <= now) return "past";
    return begin <= now ? "now" : "coming";
  }

  draw() {
    return html`
      <main id="main" tabindex="-1">
        <div class="head"><h1>${t("closures")}</h1>${this.mayChange ? this.#tools() : nothing}</div>
        <p class="small quiet">${this.#ahead === null ? nothing : html`${t("closuresMean", this.#totals)}${this.account.subUser ? nothing : t("nextSentence") + t("closesSubUsersToo")}`}</p>
        ${this.#planning && this.mayChange && this.#zone ? this.#form() : nothing}
        <div class="panel">
          <header><h2>${t("closuresAhead")}</h2><span class="push small quiet">${this.#zone ? t("timesIn", { zone: this.#zone }) : nothing}</span></header>
          ${this.#ahead === null ? loading() : this.#ahead.length === 0 ? empty("pause", t("noClosureAhead")) : this.#table(this.#ahead, t("closuresAhead"))}
        </div>
        ${this.#past.length === 0
          ? nothing
          : html`
              <div class="panel">
                <header><h2>${t("closuresPast")}</h2></header>
                ${this.#table(this.#past, t("closuresPast"))} ${pager(this.#meta, (page) => this.#load(page))}
              </div>
            `}
        <ceiling-panel .api=${this.api} .account=${this.account} .token=${this.token} .feed=${this.feed} .group=${null} .fixed=${!this.mayChange}></ceiling-panel>
        ${this.#revoking ? this.#revokeDialog(this.#revoking) : nothing} ${this.#stopping ? this.#stopDialog() : nothing}
      </main>
    `;
  }

  #tools() {
    return html`
      <div class="tools">
        <button type="button" class="button ${this.#planning ? "" : "primary"} plan" aria-expanded=${String(this.#planning)} @click=${() => this.#plan(!this.#planning)}>${icon("plus")}${t("planClosure")}</button>
        <button type="button" class="button danger" @click=${() => this.#stop(true)}>${icon("stop")}${t("stopDialing")}</button>
      </div>
    `;
  }

  #plan(planning) {
    this.#planning = planning;
    this.update();
  }

  #stop(stopping) {
    this.#stopping = stopping;
    this.update();
  }

  #form() {
    const planned = () => {
      this.#plan(false);
      this.#load(this.#page);
    };
    return html`
      <plan-closure
        .api=${this.api}
        .account=${this.account}
        .name=${this.name || t("account")}
        .token=${this.token}
        .zone=${this.#zone}
        @planned=${planned}
        @closed=${() => this.#plan(false)}
      ></plan-closure>
    `;
  }

  #stopDialog() {
    return html`
      <stop-dialog
        .api=${this.api}
        .account=${this.account}
        .name=${this.name || t("account")}
        .chosen=${this.#totals.running}
        .token=${this.token}
        @closed=${() => this.#stop(false)}
      ></stop-dialog>
    `;
  }

  /** @param {PlannedClosure[]} closures @param {string} label */
  #table(closures, label) {
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label=${label}>
        <table class="table closures">
          <thead>
            <tr>
              <th scope="col">${t("state")}</th>
              <th scope="col" class="grow">${t("name")}</th>
              <th scope="col">${t("closureBegin")}</th>
              <th scope="col">${t("closureEnd")}</th>
              <th scope="col">${t("covers")}</th>
              <th scope="col" class="w2">${t("plannedBy")}</th>
              <th scope="col"><span class="visually-hidden">${t("actions")}</span></th>
            </tr>
          </thead>
          <tbody>
            ${repeat(
              closures,
              ({ id }) => id,
              (closure) => this.#row(closure),
            )}
          </tbody>
        </table>
      </div>
    `;
  }

  /** @param {PlannedClosure} closure */
  #row(closure) {
    const { id, name, begin, end, set_by: by } = closure;
    const state = this.#stateOf(closure);
    return html`
      <tr data-closure=${id} data-state=${state}>
        <td><span class="chip ${state === "now" ? "wait" : ""}">${icon(state === "past" ? "check" : state === "now" ? "pause" : "wait")}${t(`closure.${state}`)}</span></td>
        <td class="grow"><span class="cut strong" title=${name}>${name}</span></td>
        <td>${instantText(begin)}</td>
        <td>${instantText(end)}</td>
        <td>${levelText(closure, this.account)}</td>
        <td class="quiet w2">${by.token_name ?? t("operator")}</td>
        <td class="num">
          ${state !== "past" && mayRevoke(closure, this.account, this.token)
            ? html`<button type="button" class="button little" aria-label=${t("revokeOf", { name })} @click=${() => this.#ask(closure)}>${icon("undo")}${t("revoke")}</button>`
            : nothing}
        </td>
      </tr>
    `;
  }

  /** @param {PlannedClosure | null} closure */
  #ask(closure) {
    this.#revoking = closure;
    this.update();
  }

  #revokeDialog(closure) {
    const closed = () => {
      this.#ask(null);
      this.#load(this.#page);
    };
    return html`<revoke-closure .api=${this.api} .account=${this.account} .closure=${closure} @closed=${closed}></revoke-closure>`;
  }
}

define("closures-page", ClosuresPage, ["api", "account", "feed", "route", "name", "token"]);

// The groups of an account as a table: how each week looks, how many tasks use it, open or closed now and until when.

import { address, keepQuery, pageNumber } from "../route.js";
import { CalendarNames } from "../names.js";
import { complain } from "../parts/notice.js";
import { countOf, pager } from "../parts/pager.js";
import { define, html, Latest, nothing, repeat, settled } from "../view.js";
import { empty, loading } from "../parts/blank.js";
import { fetchPage, isHere } from "../rare-pages.js";
import { groupState } from "../parts/state.js";
import { icon } from "../parts/icon.js";
import { Page } from "./page.js";
import { searchField } from "../parts/search-field.js";
import { SteadyRows } from "../parts/steady-rows.js";
import { stripHead, weekStrip } from "../parts/week-picture.js";
import { listText, t } from "../language.js";
import { Ticks } from "../parts/ticks.js";

const PER_PAGE = 20;

/** How many come at once where all are wanted, and how many pages of those there are at most: the API changes 1,000 groups at once. */
const AT_ONCE = 100;
const MOST_PAGES = 10;

class GroupsPage extends Page {
  /** @type {SteadyRows<Group>} */
  #groups = new SteadyRows(this, ({ id }) => id, () => this.#load(this.#page));
  /** @type {Meta} */
  #meta = null;
  /** @type {Map<number, Decision>} */
  #decisions = new Map();
  #calendarNames = new CalendarNames();
  #name = "";
  #page = 1;
  /** The group that is asked about to be deleted. @type {Group} */
  #deleting = null;
  /** @type {Ticks<Group>} */
  #ticks = new Ticks(this, ({ id }) => id, () => this.#fetchPart("group-bulk"));
  #reading = new Latest();
  #asking = new Latest();
  #search = settled(250, () => this.#turn(1));
  #loadAgain = settled(300, () => this.#load(this.#page));
  #askAgain = settled(300, () => this.#ask());

  start() {
    this.#name = this.route.query.get("name") ?? "";
    this.#load(pageNumber(this.route));
    this.attempt(() => this.#learnCalendars());
    this.followFeed((event) => this.#hear(event));
  }

  /** What may change the list makes it be read again; an opening or a closing, only the decisions. @param {AccountEvent} event */
  #hear(event) {
    if (event?.type === "group.deleted") this.#ticks.drop(event.group_id);
    if (event?.type.startsWith("holidays.")) this.attempt(() => this.#learnCalendars());
    if (event && /^group\.(opened|closed)$/.test(event.type) && event.cause !== "edit") this.#askAgain();
    else if (!event || /^group\.|^task\.(created|updated|deleted)$/.test(event.type)) this.#loadAgain();
  }

  async #learnCalendars() {
    this.#calendarNames.learn((await this.api.calendars({}, this)).data);
    this.update();
  }

  /** Shows another page, for the person asks for it. */
  #turn(page) {
    this.#groups.letGo();
    return this.#load(page);
  }

  async #load(page) {
    if (!this.isConnected) return;
    this.#page = page;
    keepQuery(this.route, { name: this.#name, page: page > 1 ? page : null });
    await this.attempt(async () => {
      const query = { page, per_page: PER_PAGE, name: this.#name.trim() };
      const { data, meta } = await this.api.groups(query, this.#reading.instead(this.signal));
      if (data.length === 0 && page > 1) return this.#load(meta.last_page);
      this.#groups.take(data);
      this.#ticks.refresh(data);
      this.#meta = meta;
      this.update();
      await this.#ask();
    });
  }

  async #ask() {
    const groups = this.#groups.all;
    if (!this.isConnected || !groups?.length) return;
    const queries = groups.map(({ id }) => ({ group_id: id }));
    const decisions = await this.api.decisions(queries, this.#asking.instead(this.signal)).catch(complain);
    // Also where there is no answer: the last may be over.
    this.update();
    if (!decisions) return;
    this.#decisions = new Map(groups.map(({ id }, index) => [id, decisions[index]]));
    this.update();
  }

  draw() {
    return html`
      <main id="main" tabindex="-1" @elapsed=${this.#askAgain}>
        <div class="head">
          <h1>${t("groups")}</h1>
          ${countOf(this.#meta)}
          ${this.mayChange ? html`<div class="tools"><a class="button primary" href=${address(this.account, "groups", "new")}>${icon("plus")}${t("newGroup")}</a></div>` : nothing}
        </div>
        <div class="filters">
          ${searchField(t("searchByName"), this.#name, this.#typed)}
        </div>
        <div class="panel">
          ${this.#groups.all === null ? loading() : this.#list()} ${pager(this.#meta, (page) => this.#turn(page))}
        </div>
        ${this.#bulk()} ${this.#deleting && isHere("delete-group") ? this.#deleteDialog() : nothing}
      </main>
    `;
  }

  #list() {
    if (this.#groups.all.length === 0) return empty("group", t(this.#name ? "noGroupFound" : "noGroupYet"));
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label=${t("groups")}>
        <table class="table groups">
          <thead>
            <tr>
              ${this.mayChange ? html`<th scope="col">${this.#ticks.fieldOfAll(this.#groups.all)}</th>` : nothing}
              <th scope="col" class="grow">${t("name")}</th>
              <th scope="col">${t("nowUntilWhy")}</th>
              <th scope="col" class="w3">${stripHead()}</th>
              <th scope="col" class="num">${t("tasks")}</th>
              <th scope="col" class="w1">${t("holidays")}</th>
              <th scope="col"><span class="visually-hidden">${t("actions")}</span></th>
            </tr>
          </thead>
          <tbody>
            ${repeat(
              this.#groups.all,
              ({ id }) => id,
              (group) => this.#row(group),
            )}
          </tbody>
        </table>
      </div>
    `;
  }

  /** @param {Group} group */
  #row(group) {
    const of = (part) => address(this.account, "groups", String(group.id), ...part);
    const decision = this.#decisions.get(group.id);
    const count = t("taskCount", { count: group.task_count });
    return html`
      <tr data-group=${group.id} aria-selected=${this.#ticks.has(group) ? "true" : nothing} ?inert=${this.#groups.hasLeft(group.id)}>
        ${this.mayChange ? html`<td>${this.#ticks.field(group)}</td>` : nothing}
        <td class="grow">
          <span class="row">
            <a class="cut strong name" href=${of([])} title=${group.name}>${group.name}</a>
            ${group.is_default ? html`<span class="tag accent">${t("default")}</span>` : nothing} <span class="faint small">${group.id}</span>
          </span>
        </td>
        <td class="wrap wide"><span class="stack tight">${groupState(decision)}</span></td>
        <td class="w3">${weekStrip(group.content, decision?.at)}</td>
        <td class="num">
          <a class="task-count" href=${`${address(this.account, "tasks")}?group=${group.id}`} aria-label=${count} title=${count}>${group.task_count}</a>
        </td>
        <td class="quiet w1">${group.skip_holiday ? t("skips", { calendars: listText(group.holiday_calendars.map(this.#calendarNames.of)) }) : t("skipsNone")}</td>
        <td class="num">
          <span class="row-tools">
            <a class="button plain little square" href=${of(["calendar"])} aria-label=${t("calendarOf", group)} title=${t("calendar")}>${icon("today")}</a>
            ${this.mayChange
              ? html`<a class="button plain little square" href=${`${address(this.account, "groups", "new")}?from=${group.id}`} aria-label=${t("duplicateOf", group)} title=${t("duplicate")}>${icon("copy")}</a>
                  <button type="button" class="button plain little square" aria-label=${t("deleteOf", group)} title=${t("delete")} @click=${() => this.#delete(group)}>${icon("trash")}</button>`
              : nothing}
          </span>
        </td>
      </tr>
    `;
  }

  // Several at once.

  /** The bar comes when something is ticked first. */
  #bulk() {
    if (!isHere("group-bulk")) return nothing;
    const untick = () => {
      this.#ticks.clear();
      this.#loadAgain();
    };
    return html`<group-bulk .api=${this.api} .groups=${this.#ticks.all} .total=${this.#meta?.total ?? 0} @untick=${untick} @tick-all=${() => this.#tickAll()}></group-bulk>`;
  }

  /** Also those of the other pages. */
  async #tickAll() {
    await this.attempt(async () => {
      const name = this.#name.trim();
      for (let page = 1; page <= MOST_PAGES; page++) {
        const { data, meta } = await this.api.groups({ page, per_page: AT_ONCE, name }, this);
        this.#ticks.add(data);
        if (page >= meta.last_page) break;
      }
    });
  }

  /** A part comes when it is needed first. */
  #fetchPart(name) {
    fetchPage(name)?.then(() => this.update(), complain);
  }

  #typed = (text) => {
    this.#name = text;
    this.#search();
  };

  #delete(group) {
    this.#deleting = group;
    this.#fetchPart("delete-group");
    this.update();
  }

  #deleteDialog() {
    const closed = () => {
      this.#deleting = null;
      this.#groups.stay();
      this.#load(this.#page);
      this.update();
    };
    return html`
      <delete-group .api=${this.api} .account=${this.account} .group=${this.#deleting} @closed=${closed}></delete-group>
    `;
  }
}

define("groups-page", GroupsPage, ["api", "account", "feed", "route", "token"]);

// The groups of an account: how each week looks, how many tasks use it, open or closed now and until when.

import { address, keepQuery, pageNumber } from "../route.js";
import { complain } from "../parts/notice.js";
import { define, html, Latest, live, nothing, repeat, settled } from "../view.js";
import { groupState } from "../parts/state.js";
import { Page } from "./page.js";
import { countOf, pager } from "../parts/pager.js";
import { SteadyRows } from "../parts/steady-rows.js";
import { t } from "../language.js";
import { weekPicture } from "../parts/week-picture.js";
import "../parts/delete-group.js";

const PER_PAGE = 20;

class GroupsPage extends Page {
  /** @type {SteadyRows<Group>} */
  #groups = new SteadyRows(this, ({ id }) => id, () => this.#load(this.#page));
  /** @type {Meta} */
  #meta = null;
  /** @type {Map<number, Decision>} */
  #decisions = new Map();
  #name = "";
  #page = 1;
  /** The group that is asked about to be deleted. @type {Group} */
  #deleting = null;
  #reading = new Latest();
  #asking = new Latest();
  #search = settled(250, () => this.#turn(1));
  #loadAgain = settled(300, () => this.#load(this.#page));
  #askAgain = settled(300, () => this.#ask());

  start() {
    this.#name = this.route.query.get("name") ?? "";
    this.#load(pageNumber(this.route));
    this.followFeed((event) => this.#hear(event));
  }

  /** What may change the list makes it be read again; an opening or a closing, only the decisions. @param {AccountEvent} event */
  #hear(event) {
    if (event && /^group\.(opened|closed)$/.test(event.type) && event.cause !== "edit") this.#askAgain();
    else if (!event || /^group\.|^task\.(created|updated|deleted)$/.test(event.type)) this.#loadAgain();
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
        <div class="title">
          <h1>${t("groups")}</h1>
          <a class="button primary" href=${address(this.account, "groups", "new")}>${t("newGroup")}</a>
        </div>
        <label class="field search">
          <span>${t("searchByName")}</span>
          <input type="search" autocomplete="off" .value=${live(this.#name)} @input=${this.#typed} />
        </label>
        ${countOf(this.#meta)} ${this.#groups.all === null ? html`<p class="quiet">${t("loading")}</p>` : this.#list()}
        ${pager(this.#meta, (page) => this.#turn(page))}
        ${this.#deleting ? this.#deleteDialog() : nothing}
      </main>
    `;
  }

  #list() {
    if (this.#groups.all.length === 0) return html`<p class="quiet">${t(this.#name ? "noGroupFound" : "noGroupYet")}</p>`;
    return html`
      <ul class="groups">
        ${repeat(
          this.#groups.all,
          ({ id }) => id,
          (group) => this.#row(group),
        )}
      </ul>
    `;
  }

  /** @param {Group} group */
  #row(group) {
    const of = (part) => address(this.account, "groups", String(group.id), ...part);
    return html`
      <li data-group=${group.id} ?inert=${this.#groups.hasLeft(group.id)}>
        ${weekPicture(group.content)}
        <div>
          <h2>
            <a href=${of([])}>${group.name}</a>
            ${group.is_default ? html`<span class="badge">★ ${t("default")}</span>` : nothing}
          </h2>
          <p class="quiet">
            ${group.id} · ${group.timezone} ·
            <a href=${`${address(this.account, "tasks")}?group=${group.id}`}>${t("taskCount", { count: group.task_count })}</a>
            ${group.skip_holiday ? html` · ${t("skipsHolidays")}` : nothing}
          </p>
          <p class="now">${groupState(this.#decisions.get(group.id))}</p>
        </div>
        <div class="row-tools">
          <a class="button small" href=${of([])} aria-label=${t("editOf", group)}>${t("edit")}</a>
          <a class="button small" href=${of(["calendar"])} aria-label=${t("calendarOf", group)}>${t("calendar")}</a>
          <button type="button" class="small" aria-label=${t("deleteOf", group)} @click=${() => this.#delete(group)}>
            ${t("delete")}
          </button>
        </div>
      </li>
    `;
  }

  #typed = (event) => {
    this.#name = event.target.value;
    this.#search();
  };

  #delete(group) {
    this.#deleting = group;
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

define("groups-page", GroupsPage, ["api", "account", "feed", "route"]);

// The versions of a group: who saved each and when, what differs between two, and a way back to one, looked at before it is taken.

import { actorText } from "../parts/actor-words.js";
import { address, keepQuery, pageNumber } from "../route.js";
import { changeList } from "../parts/change-list.js";
import { CODE } from "../api.js";
import { CalendarNames } from "../names.js";
import { complain, say } from "../parts/notice.js";
import { countOf, pager } from "../parts/pager.js";
import { define, html, Latest, live, nothing, settled } from "../view.js";
import { draftOf } from "../group-draft.js";
import { effects, NAMED } from "../parts/effects.js";
import { icon } from "../parts/icon.js";
import { secondText } from "../clock.js";
import { loading } from "../parts/blank.js";
import { Lookahead } from "../lookahead.js";
import { overrideChange } from "../parts/override-change.js";
import { Page } from "./page.js";
import { t } from "../language.js";
import "../words/group-words.js";
import "../words/history-words.js";

const PER_PAGE = 20;

class VersionsPage extends Page {
  /** The group as it is. @type {Group} */
  #present = null;
  /** The newest first; null until they are known. @type {GroupVersion[]} */
  #versions = null;
  /** @type {Meta} */
  #meta = null;
  #page = 1;
  /** The two that the person chose to compare; null of those that nobody chose. @type {{ from: number | null, to: number | null }} */
  #chosen = { from: null, to: null };
  /** The newest but one, which is compared with the newest as long as nobody chose. */
  #second = null;
  /** How the group was in a version, which never changes; null where nothing says so any more. @type {Map<number, Group | null>} */
  #groups = new Map();
  /** The version that is about to be restored. */
  #restoring = null;
  #saving = false;
  #zone = "";
  #calendarNames = new CalendarNames();
  #missing = false;
  /** The next weeks of the group as it is, and those who use it. @type {Data<"group_calendar">} */
  #calendar = null;
  /** @type {TasksOfGroup} */
  #users = null;
  #reading = new Latest();
  #lookahead = new Lookahead(this, (body, options) => this.api.previewGroup(body, options));
  #loadAgain = settled(300, () => this.#load(this.#page));

  start() {
    const { query } = this.route;
    this.#chosen = { from: Number(query.get("from")) || null, to: Number(query.get("to")) || null };
    this.#load(pageNumber(this.route));
    this.attempt(() => this.#learnCalendars());
    this.followFeed((event) => (!event || (String(event.group_id) === this.route.id && /^group\.(updated|deleted)$/.test(event.type))) && this.#loadAgain());
  }

  async #load(page) {
    if (!this.isConnected) return;
    this.#page = page;
    await this.attempt(async () => {
      const options = this.#reading.instead(this.signal);
      const group = await this.found(this.api.group(this.route.id, options));
      this.#missing = !group;
      this.update();
      if (!group) return;
      const { data, meta } = await this.api.groupVersions(this.route.id, { page, per_page: PER_PAGE }, options);
      if (data.length === 0 && page > 1) return this.#load(meta.last_page);
      this.#zone ||= await this.api.serverZone(options);
      [this.#present, this.#versions, this.#meta] = [group.data, data, meta];
      if (page === 1) this.#second = data[1]?.version ?? null;
      this.update();
      this.#keep();
      await Promise.all([this.#know(), this.#restoring === null ? null : this.#surround()]);
    });
  }

  async #learnCalendars() {
    this.#calendarNames.learn((await this.api.calendars({}, this)).data);
    this.update();
  }

  #keep() {
    keepQuery(this.route, { ...this.#chosen, page: this.#page > 1 ? this.#page : null });
  }

  /** The two that are compared; null where there is none. */
  get #pair() {
    return { from: this.#chosen.from ?? this.#second, to: this.#chosen.to ?? this.#present.version };
  }

  /** Learns how the group was in the versions that are looked at. */
  async #know() {
    const { from, to } = this.#pair;
    const unknown = [from, to, this.#restoring].filter((version) => version !== null && !this.#groups.has(version));
    await Promise.all(
      unknown.map(async (version) => {
        const found = await this.found(this.api.groupVersion(this.route.id, version, this));
        this.#groups.set(version, found?.data.group ?? null);
      }),
    );
    this.update();
  }

  #choose(side, version) {
    this.#chosen = { ...this.#pair, [side]: version };
    this.#keep();
    this.update();
    this.attempt(() => this.#know());
  }

  draw() {
    if (this.#missing) return this.noSuchGroup();
    return html`
      <main id="main" tabindex="-1">
        <div class="head">
          <nav class="crumbs" aria-label=${t("place")}>
            <a href=${address(this.account, "groups")}>${t("groups")}</a>${icon("right")}
            ${this.#present ? html`<a href=${address(this.account, "groups", this.route.id)}>${this.#present.name}</a>${icon("right")}` : nothing}
          </nav>
          <h1>${t("versions")}</h1>
          ${countOf(this.#meta)} ${this.#zone ? html`<span class="small quiet">${t("timesIn", { zone: this.#zone })}</span>` : nothing}
        </div>
        <p class="small quiet">${t("versionsMean")}</p>
        <div class="with-rail wide-rail">
          <div class="panel">${this.#versions === null ? loading() : this.#list()} ${pager(this.#meta, (page) => this.#load(page))}</div>
          <div class="stack">${this.#versions === null ? nothing : this.#restoring === null ? this.#difference() : this.#effects()}</div>
        </div>
        ${this.#restoring === null ? nothing : this.#bar()}
      </main>
    `;
  }

  #list() {
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label=${t("versions")}>
        <table class="table dense">
          <thead>
            <tr>
              <th scope="col">${t("versionFrom")}</th>
              <th scope="col">${t("versionTo")}</th>
              <th scope="col">${t("versionNumber")}</th>
              <th scope="col">${t("savedAt")}</th>
              <th scope="col">${t("savedBy")}</th>
              <th scope="col" class="grow w1">${t("name")}</th>
              <th scope="col"><span class="visually-hidden">${t("actions")}</span></th>
            </tr>
          </thead>
          <tbody>
            ${this.#versions.map((version) => this.#row(version))}
          </tbody>
        </table>
      </div>
    `;
  }

  /** @param {GroupVersion} row */
  #row({ version, name, saved_at: at, saved_by: by }) {
    const isPresent = version === this.#present.version;
    const restore = this.mayChange && !isPresent;
    return html`
      <tr data-version=${version} aria-selected=${version === this.#restoring ? "true" : nothing}>
        <td>${this.#radio("from", version, t("compareFrom", { version }))}</td>
        <td>${this.#radio("to", version, t("compareTo", { version }))}</td>
        <td>${t("version", { version })} ${isPresent ? html`<span class="tag accent">${t("presentVersion")}</span>` : nothing}</td>
        <td class="quiet"><time datetime=${at}>${secondText(at)}</time></td>
        <td>${actorText(by)}</td>
        <td class="grow w1"><span class="cut">${name}</span></td>
        <td class="num">
          ${restore
            ? html`<button type="button" class="button little" aria-label=${t("restoreOf", { version })} @click=${() => this.#ask(version)}>${icon("undo")}${t("restore")}</button>`
            : nothing}
        </td>
      </tr>
    `;
  }

  #radio(side, version, label) {
    const isChosen = this.#pair[side] === version;
    return html`<input type="radio" name=${side} aria-label=${label} .checked=${live(isChosen)} @change=${() => this.#choose(side, version)} />`;
  }

  // What differs.

  #difference() {
    const { from, to } = this.#pair;
    const title = from === null || from === to ? t("difference") : t("differenceOf", { from, to });
    return html`
      <section class="panel difference" aria-labelledby="difference-title">
        <header><h2 id="difference-title">${title}</h2></header>
        <div class="body" role="status">${this.#differenceText(from, to)}</div>
      </section>
    `;
  }

  #differenceText(from, to) {
    if (from === null) return html`<p class="small quiet">${t("onlyOneVersion")}</p>`;
    if (from === to) return html`<p class="small quiet">${t("chooseTwo")}</p>`;
    const [before, after] = [this.#groups.get(from), this.#groups.get(to)];
    if (before === null || after === null) return html`<p class="small quiet">${t("versionGone")}</p>`;
    if (!before || !after) return loading();
    return changeList(draftOf(before), draftOf(after), overrideChange(before, after), this.#calendarNames.of);
  }

  // The way back.

  /** Asks before it is done, and shows what it would change, as before a save. */
  async #ask(version) {
    this.#restoring = version;
    this.update();
    await this.attempt(() => Promise.all([this.#know(), this.#surround()]));
    this.#showEffects();
  }

  /** What is shown around a version that is about to be restored: the next weeks of the group as it is, and who uses it. */
  async #surround() {
    const [calendar, tasks] = await Promise.all([
      this.found(this.api.groupCalendar(this.route.id, {}, this)),
      this.found(this.api.groupTasks(this.route.id, { per_page: NAMED }, this)),
    ]);
    [this.#calendar, this.#users] = [calendar?.data, tasks];
    this.update();
  }

  #showEffects() {
    requestAnimationFrame(() => this.querySelector(".effects")?.focus());
  }

  #effects() {
    const then = this.#groups.get(this.#restoring);
    if (then === null) return html`<section class="panel"><div class="body"><p class="small quiet">${t("versionGone")}</p></div></section>`;
    if (!then) return html`<section class="panel">${loading()}</section>`;
    this.#lookahead.want({ ...then, group_id: this.#present.id }, this.#present.version);
    return effects({
      before: draftOf(this.#present),
      after: draftOf(then),
      isNew: false,
      preview: this.#lookahead.answer,
      calendar: this.#calendar,
      isKnown: this.#lookahead.isKnown,
      users: this.#users,
      calendarName: this.#calendarNames.of,
    });
  }

  #bar() {
    const version = this.#restoring;
    const stopping = this.#lookahead.answer?.stopping.total ?? 0;
    return html`
      <div class="savebar" role="group" aria-label=${t("restoreOf", { version })} tabindex="-1" data-focus>
        <span class="chip accent">${t("restoreTitle", { version })}</span>
        ${stopping > 0 ? html`<b class="small strong is-bad">${t("tasksStopping", { count: stopping })}</b>` : nothing}
        <span class="push row">
          <button type="button" class="button" @click=${() => this.#leave()}>${t("cancel")}</button>
          <button type="button" class="button primary" ?disabled=${!this.#groups.get(version)} aria-busy=${String(this.#saving)} @click=${this.#restore}>
            ${icon(this.#saving ? "spin" : "undo")}${t("restoreAs", { next: this.#present.version + 1 })}
          </button>
        </span>
      </div>
    `;
  }

  #leave() {
    const version = this.#restoring;
    this.#restoring = null;
    this.update();
    requestAnimationFrame(() => this.querySelector(`tr[data-version="${version}"] button`)?.focus());
  }

  #restore = async () => {
    if (this.#saving) return;
    this.#saving = true;
    this.update();
    if (await this.#lookahead.isSeen(() => this.#showEffects())) await this.#send();
    this.#saving = false;
    this.update();
  };

  async #send() {
    const version = this.#restoring;
    try {
      const { data } = await this.api.restoreGroup(this.#present.id, version, this.#present.version);
      say(t("restored", { name: data.name, version }));
      this.#chosen = { from: null, to: null };
      this.#leave();
      await this.#load(1);
    } catch (error) {
      if (error.code !== CODE.stale) return complain(error);
      // What it would change is another thing now.
      await this.#load(this.#page);
      await this.#ask(version);
      say(t("changedMeanwhile", this.#present));
    }
  }
}

define("versions-page", VersionsPage, ["api", "account", "feed", "route", "token"]);

// A group as it is edited: painted, written out, looked at before it is saved, and never saved over what someone else saved.

import { CODE, wishKey } from "../api.js";
import { address, goInstead } from "../route.js";
import { complain, say } from "../parts/notice.js";
import { blankGroup, changedFields, changedRows, changeOf, draftOf, History, malformedTimes, rebased, withRowsOf, written } from "../group-draft.js";
import { define, html, live, nothing } from "../view.js";
import { faultLine, Faults, invalid } from "../parts/faults.js";
import { Page } from "./page.js";
import { changeList } from "../parts/change-list.js";
import { t } from "../language.js";
import "../parts/exception-list.js";
import "../parts/save-dialog.js";
import "../parts/week-grid.js";
import "../parts/week-times.js";

const CHOICES = { makeup_policy: ["as_is", "as_workday"], beyond_horizon: ["weekly", "weekdays_only", "closed"] };

/** The fields that show their own faults. */
const OWN_LINES = ["name", "timezone", "holiday_calendar", "content", "exceptions"];

class GroupPage extends Page {
  /** The group as the server has it, on which the edits stand. @type {Group} */
  #base = null;
  /** @type {History} */
  #history = null;
  /** What someone else saved meanwhile. @type {Group} */
  #newer = null;
  /** Whether someone else deleted it while it was edited: the edits can still become a new group. */
  #gone = false;
  /** What the server refused. */
  #faults = new Faults();
  #calendars = [];
  /** The zone of a group that names none. */
  #serverZone = "";
  #saving = false;
  #missing = false;
  /** The new group that was last sent, and the key of that wish, which stays the same however often it must be sent. */
  #wish = { body: null, key: null };

  /** @returns {Draft} */
  get #draft() {
    return this.#history.value;
  }

  get #changed() {
    return this.#base !== null && changedFields(draftOf(this.#base), this.#draft).length > 0;
  }

  /** Whether leaving would lose something. */
  get unsaved() {
    return this.#changed && !this.#missing;
  }

  start() {
    this.#load();
    this.followFeed((event) => this.#hear(event));
    document.addEventListener("keydown", (event) => this.#key(event), { signal: this.signal });
    addEventListener("beforeunload", (event) => this.unsaved && event.preventDefault(), { signal: this.signal });
  }

  async #load() {
    await this.attempt(async () => {
      const group = this.#isNew ? { data: blankGroup() } : await this.found(this.api.group(this.route.id, this));
      if (group) this.#stand(group.data);
      else this.#missing = true;
      this.update();
    });
    await this.attempt(async () => {
      this.#calendars = (await this.api.holidayCalendars(this)).data.map(({ id }) => id);
      if (this.#isNew) this.#serverZone = await this.api.serverZone(this);
      this.update();
    });
  }

  get #zone() {
    return this.#draft.timezone || this.#serverZone;
  }

  get #isNew() {
    return this.route.id === "new" || this.#gone;
  }

  /** Starts from a group as the server has it. @param {Group} group */
  #stand(group) {
    this.#base = group;
    this.#gone = false;
    this.#history = new History(this.#history ? withRowsOf(this.#draft, draftOf(group)) : draftOf(group));
    this.#newer = null;
    this.#faults = new Faults();
    this.update();
  }

  // What someone else does meanwhile.

  /** @param {AccountEvent} event */
  #hear(event) {
    if (this.#isNew || this.#missing) return;
    // It could not be had before.
    if (this.#base === null) return event ?? this.#load();
    const here = String(event?.group_id) === this.route.id;
    if (!event || (here && event.type === "group.updated" && event.group_version > this.#base.version)) this.#lookForNewer();
    if (event?.type === "group.deleted" && here) this.#lookForNewer();
  }

  async #lookForNewer() {
    await this.attempt(async () => {
      const group = await this.found(this.api.group(this.route.id, this));
      if (!group) this.#lose();
      else if (group.data.version > this.#base.version) this.#meet(group.data);
      this.update();
    });
  }

  #lose() {
    this.#gone = this.#changed;
    this.#missing = !this.#gone;
    this.#newer = null;
    if (this.#gone) this.#base = blankGroup();
  }

  #meet(newer) {
    if (this.#changed) this.#newer = newer;
    else this.#stand(newer);
  }

  #keepMine = () => {
    const theirs = this.#newer;
    const mine = rebased(draftOf(this.#base), this.#draft, draftOf(theirs));
    this.#base = theirs;
    this.#newer = null;
    this.#put(mine);
  };

  // Edits.

  #put(draft) {
    this.#history.push(draft);
    this.update();
  }

  #set(field, value) {
    const before = this.#draft[field];
    if (before === value) return;
    const rows = Array.isArray(value) ? changedRows(before, value) : [];
    this.#faults = this.#faults.without(rows, field === "windows" ? "content" : field);
    this.#put({ ...this.#draft, [field]: value });
  }

  #undo = () => {
    this.#history.undo();
    this.#faults = new Faults();
    this.update();
  };

  #redo = () => {
    this.#history.redo();
    this.#faults = new Faults();
    this.update();
  };

  /** What the server refused, and what is plain without asking it. */
  get #marks() {
    return this.#faults.and(malformedTimes(this.#draft).map((place) => ({ ...place, message: t("noSuchTime") })));
  }

  #key(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || this.#history === null || this.#saving) return;
    // In a text field the keys undo what is being typed.
    if (event.target.matches("input:not([type=checkbox]):not([type=radio])")) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) this.#undo();
    else if (key === "y" || (key === "z" && event.shiftKey)) this.#redo();
    else return;
    event.preventDefault();
  }

  // The page.

  draw() {
    if (this.#missing) return this.noSuchGroup();
    if (this.#base === null) return html`<main id="main" tabindex="-1"><h1>${t("group")}</h1><p class="quiet">${t("loading")}</p></main>`;
    return html`
      <main id="main" tabindex="-1" class="editor">
        ${this.#title()}
        <div class="banners">${this.#newerNotice()} ${this.#faultSummary()}</div>
        ${this.#settings()} ${this.#week()} ${this.#exceptions()}
        ${this.#bar()} ${this.#saving ? this.#saveDialog() : nothing}
      </main>
    `;
  }

  #title() {
    const name = this.#isNew ? t("newGroup") : this.#base.name;
    return html`
      <div class="title">
        <h1>${name}</h1>
        ${this.#isNew
          ? nothing
          : html`
              <span class="quiet">${t("version", this.#base)}</span>
              <a class="button small" href=${address(this.account, "groups", this.route.id, "calendar")}>${t("calendar")}</a>
            `}
      </div>
    `;
  }

  #newerNotice() {
    if (this.#gone) return html`<p class="banner" role="alert" tabindex="-1">⚠ ${t("goneMeanwhile")}</p>`;
    if (!this.#newer) return nothing;
    const newer = this.#newer;
    return html`
      <section class="banner" role="alert" tabindex="-1" aria-labelledby="newer-title">
        <h2 id="newer-title">${t("newerVersion", newer)}</h2>
        ${changeList(draftOf(this.#base), draftOf(newer))}
        <p class="actions">
          <button type="button" class="primary" @click=${this.#keepMine}>${t("keepMine")}</button>
          <button type="button" @click=${() => this.#stand(newer)}>${t("takeTheirs")}</button>
        </p>
      </section>
    `;
  }

  #faultSummary() {
    if (this.#faults.none) return nothing;
    const beside = this.#faults.beside(OWN_LINES);
    return html`
      <div class="banner bad" role="alert" tabindex="-1">
        <p>⚠ ${t("faultsBelow")}</p>
        ${beside.length > 0 ? html`<ul>${beside.map((text) => html`<li>${text}</li>`)}</ul>` : nothing}
      </div>
    `;
  }

  #settings() {
    const draft = this.#draft;
    return html`
      <section class="settings" aria-labelledby="settings-title">
        <h2 id="settings-title">${t("settings")}</h2>
        ${this.#textField("name", t("name"), { maxlength: 64 })}
        ${this.#textField("timezone", t("timezone"), { list: "zones", placeholder: this.#isNew ? t("serverZone", { zone: this.#serverZone || "…" }) : "" })}
        <datalist id="zones">${Intl.supportedValuesOf("timeZone").map((zone) => html`<option value=${zone}></option>`)}</datalist>
        ${this.#checkField("is_default", t("isDefault"))} ${this.#checkField("skip_holiday", t("skipHoliday"))}
        ${this.#choiceField("holiday_calendar", t("holidayCalendar"), this.#calendarIds(), (id) => id, !draft.skip_holiday)}
        ${this.#choiceField("makeup_policy", t("makeupPolicy"), CHOICES.makeup_policy, (code) => t(`makeup.${code}`), !draft.skip_holiday)}
        ${this.#choiceField("beyond_horizon", t("beyondHorizon"), CHOICES.beyond_horizon, (code) => t(`beyond.${code}`), !draft.skip_holiday)}
      </section>
    `;
  }

  #calendarIds() {
    return [...new Set([...this.#calendars, this.#draft.holiday_calendar])];
  }

  #textField(field, label, { maxlength = undefined, list = undefined, placeholder = "" }) {
    return html`
      <label class="field">
        <span>${label}</span>
        <input
          name=${field}
          autocomplete="off"
          maxlength=${maxlength ?? nothing}
          list=${list ?? nothing}
          placeholder=${placeholder}
          .value=${live(this.#draft[field])}
          ${invalid(this.#faults, null, field)}
          @change=${(event) => this.#set(field, event.target.value.trim())}
        />
        ${faultLine(this.#faults, null, field)}
      </label>
    `;
  }

  #checkField(field, label) {
    const change = (event) => this.#set(field, event.target.checked);
    return html`
      <label class="check"><input type="checkbox" name=${field} .checked=${live(this.#draft[field])} @change=${change} /> ${label}</label>
    `;
  }

  #choiceField(field, label, codes, text, disabled) {
    return html`
      <label class="field">
        <span>${label}</span>
        <select name=${field} ?disabled=${disabled} ${invalid(this.#faults, null, field)} @change=${(event) => this.#set(field, event.target.value)}>
          ${codes.map((code) => html`<option value=${code} ?selected=${code === this.#draft[field]}>${text(code)}</option>`)}
        </select>
        ${faultLine(this.#faults, null, field)}
      </label>
    `;
  }

  #week() {
    const { windows } = this.#draft;
    const paint = (event) => this.#set("windows", event.detail);
    return html`
      <section aria-labelledby="week-title">
        <h2 id="week-title">${t("weeklyWindows")}</h2>
        <p class="quiet">${t("weeklyWindowsMean")}${this.#zoneText()}</p>
        ${faultLine(this.#faults, null, "content")}
        <div class="week-editor">
          <week-grid .windows=${windows} @paint=${paint}></week-grid>
          <week-times .windows=${windows} .faults=${this.#marks} @paint=${paint}></week-times>
        </div>
      </section>
    `;
  }

  #zoneText() {
    return this.#zone ? t("nextSentence") + t("timesIn", { zone: this.#zone }) : "";
  }

  #exceptions() {
    return html`
      <section aria-labelledby="exceptions-title">
        <h2 id="exceptions-title">${t("exceptions")}</h2>
        <p class="quiet">${t("exceptionsMean")}${this.#zoneText()}</p>
        ${faultLine(this.#faults, null, "exceptions")}
        <exception-list
          .exceptions=${this.#draft.exceptions}
          .zone=${this.#zone}
          .faults=${this.#marks}
          @change-exceptions=${(event) => this.#set("exceptions", event.detail)}
        ></exception-list>
      </section>
    `;
  }

  #bar() {
    const open = () => {
      this.#saving = true;
      this.update();
    };
    return html`
      <div class="bar" role="group" aria-label=${t("save")} tabindex="-1" data-focus>
        <button type="button" ?disabled=${!this.#history.canUndo} @click=${this.#undo}>↶ ${t("undo")}</button>
        <button type="button" ?disabled=${!this.#history.canRedo} @click=${this.#redo}>↷ ${t("redo")}</button>
        <span class="quiet" role="status">${this.#changed ? t("unsaved") : nothing}</span>
        <button type="button" class="primary" ?disabled=${!this.#isNew && !this.#changed} @click=${open}>${t("lookAndSave")}</button>
      </div>
    `;
  }

  // Saving.

  /** What is sent: all of a new group, of another what differs. */
  #body() {
    if (this.#isNew) {
      const { group, places } = written(this.#draft);
      return { body: group, places };
    }
    const { change, places } = changeOf(draftOf(this.#base), this.#draft);
    return { body: change, places };
  }

  #saveDialog() {
    const closed = () => {
      this.#saving = false;
      this.update();
    };
    return html`
      <save-dialog
        .api=${this.api}
        .groupId=${this.#base.id}
        .body=${this.#body().body}
        .before=${draftOf(this.#base)}
        .after=${this.#draft}
        .newer=${this.#newer !== null}
        @closed=${closed}
        @refused=${(event) => this.#refused(event.detail)}
        @save=${this.#save}
      ></save-dialog>
    `;
  }

  #save = async (event) => {
    const { body } = this.#body();
    const isNew = this.#isNew;
    this.#closeSaving();
    try {
      const { data } = isNew
        ? await this.api.saveGroup(body, this.#wishFor(body))
        : await this.api.updateGroup(this.#base.id, body, this.#base.version);
      this.#stand(data);
      say(t("saved", data));
      if (isNew) goInstead(address(this.account, "groups", String(data.id)));
    } catch (error) {
      this.#refused(error);
    }
  };

  /** The key of the wish for this group. Where no answer came, it may have been fulfilled already. */
  #wishFor(group) {
    const body = JSON.stringify(group);
    if (this.#wish.body !== body) this.#wish = { body, key: wishKey() };
    return this.#wish.key;
  }

  /** The focus goes back to where the dialog was opened. */
  #closeSaving() {
    if (!this.#saving) return;
    this.#saving = false;
    this.drawNow();
    this.querySelector(".bar .primary").focus();
  }

  async #refused(error) {
    this.#closeSaving();
    if (error.code === CODE.stale || error.code === CODE.notFound) {
      await this.#lookForNewer();
      return this.#showFirst(".banner");
    }
    if (error.code !== CODE.invalid) return complain(error);
    this.#faults = new Faults(error.faults, this.#body().places);
    this.update();
    this.#showFirst("[aria-invalid=true], .banner.bad");
  }

  /** Puts the focus where someone has to do something; a field rather than a banner. */
  #showFirst(selector) {
    requestAnimationFrame(() => {
      const found = [...this.querySelectorAll(selector)];
      (found.find((element) => element.matches("[aria-invalid]")) ?? found[0])?.focus();
    });
  }
}

define("group-page", GroupPage, ["api", "account", "feed", "route"]);

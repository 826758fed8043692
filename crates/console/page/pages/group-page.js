// A group as it is edited: painted, written out, looked at before it is saved, and never saved over what someone else saved.

import { CODE, wishKey } from "../api.js";
import { address, goInstead } from "../route.js";
import { blankGroup, changedFields, changedRows, changeOf, copyOfGroup, draftOf, History, malformedTimes, rebased, withRowsOf, written } from "../group-draft.js";
import { changeCount } from "../parts/change-list.js";
import { complain, say } from "../parts/notice.js";
import { define, html, nothing, settled } from "../view.js";
import { effects, NAMED } from "../parts/effects.js";
import { fetchPage, isHere } from "../rare-pages.js";
import { Faults } from "../parts/faults.js";
import { groupBanners, saveBar } from "../parts/group-banners.js";
import { groupHead } from "../parts/group-head.js";
import { groupRail } from "../parts/group-rail.js";
import { serverNow, wallTimeIn } from "../clock.js";
import { icon } from "../parts/icon.js";
import { loading } from "../parts/blank.js";
import { Lookahead } from "../lookahead.js";
import { Page } from "./page.js";
import { t } from "../language.js";
import { weekPanel } from "../parts/week-panel.js";
import { weeksPanel } from "../parts/weeks-ahead.js";

/** The parts that come after the page. */
const PARTS = ["ceiling-panel", "exception-list", "group-override", "group-settings", "season-list"];

/** How often the mark of now moves on. */
const MINUTE = 60_000;

/** The fields that show their own faults. */
const OWN_LINES = ["name", "timezone", "holiday_calendars", "holiday_windows", "content", "exceptions", "seasons"];

class GroupPage extends Page {
  /** The group as the server has it, on which the edits stand. @type {Group} */
  #base = null;
  /** @type {History} */
  #history = null;
  /** The draft of the group as the server has it, with the rows known by the same keys. @type {Draft} */
  #before = null;
  /** What someone else saved meanwhile. @type {Group} */
  #newer = null;
  /** Whether someone else deleted it while it was edited: the edits can still become a new group. */
  #gone = false;
  /** What the server refused. */
  #faults = new Faults();
  /** The holiday calendars that it may follow. @type {HolidayCalendar[]} */
  #calendars = [];
  /** The zone of a group that names none. */
  #serverZone = "";
  #saving = false;
  #missing = false;
  #mode = "draw";
  /** The key of the season whose week is in the editor; null is the group's own week. */
  #seasonKey = null;
  /** Whether the person is overriding it. */
  #overriding = false;
  /** Whether it is open now. @type {Decision} */
  #decision = null;
  /** The tasks that use it. @type {TasksOfGroup} */
  #users = null;
  /** The next weeks of the group as the server has it. @type {Data<"group_calendar">} */
  #calendar = null;
  #lookahead = new Lookahead(this, (body, options) => this.api.previewGroup(body, options));
  #decideAgain = settled(300, () => this.#decide());
  #timer = null;
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
    this.#fetchParts();
    this.followFeed((event) => this.#hear(event));
    document.addEventListener("keydown", (event) => this.#key(event), { signal: this.signal });
    addEventListener("beforeunload", (event) => this.unsaved && event.preventDefault(), { signal: this.signal });
    this.#timer = setInterval(() => this.update(), MINUTE);
  }

  stop() {
    clearInterval(this.#timer);
  }

  #fetchParts() {
    for (const part of PARTS) {
      fetchPage(part)?.catch(complain);
      customElements.whenDefined(part).then(() => this.update());
    }
  }

  async #load() {
    await this.attempt(async () => {
      const group = this.#isNew ? { data: await this.#beginning() } : await this.found(this.api.group(this.route.id, this));
      if (group) this.#stand(group.data);
      else this.#missing = true;
      this.update();
    });
    await this.attempt(async () => {
      this.#calendars = (await this.api.calendars({}, this)).data;
      this.#serverZone = await this.api.serverZone(this);
      this.update();
    });
  }

  /** What a new group begins with: nothing, or another that it is to be a copy of. */
  async #beginning() {
    const from = this.route.query.get("from");
    const copied = from && (await this.found(this.api.group(from, this)))?.data;
    return copied ? copyOfGroup(copied, t("copyOfGroup", copied)) : blankGroup();
  }

  get #zone() {
    return this.#draft.timezone || this.#serverZone;
  }

  /** Whether the token only reads. */
  get #isFixed() {
    return this.token !== null && this.token !== undefined && this.token.scope !== "all";
  }

  get #isNew() {
    return this.route.id === "new" || this.#gone;
  }

  /** Starts from a group as the server has it. @param {Group} group */
  #stand(group) {
    this.#base = group;
    this.#gone = false;
    this.#before = this.#history ? withRowsOf(this.#draft, draftOf(group)) : draftOf(group);
    this.#history = new History(this.#before);
    this.#newer = null;
    this.#faults = new Faults();
    this.update();
    if (group.id !== null) this.#surround();
  }

  /** What is shown around the group as the server has it: whether it is open, who uses it, the next weeks. */
  async #surround() {
    const { id } = this.#base;
    await this.attempt(async () => {
      const [calendar, tasks] = await Promise.all([
        this.found(this.api.groupCalendar(id, {}, this)),
        this.found(this.api.groupTasks(id, { per_page: NAMED }, this)),
        this.#decide(),
      ]);
      [this.#calendar, this.#users] = [calendar?.data, tasks];
      this.update();
    });
  }

  async #decide() {
    if (!this.isConnected || this.#base?.id == null) return;
    await this.attempt(async () => {
      this.#decision = (await this.found(this.api.groupDecision(this.#base.id, null, this)))?.data;
      this.update();
    });
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
    if (!event || (here && /opened|closed/.test(event.type))) this.#decideAgain();
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
    if (this.#gone) [this.#base, this.#before] = [blankGroup(), draftOf(blankGroup())];
  }

  /** @param {Group} newer */
  #meet(newer) {
    if (this.#changed) this.#newer = newer;
    else this.#stand(newer);
  }

  /** An override is another version; edits of the rest stand on top of it. @param {{ detail: Group }} event */
  #overridden = ({ detail }) => {
    this.#setOverriding(false);
    if (!this.#changed) return this.#stand(detail);
    this.#newer = detail;
    this.#keepMine();
  };

  #setOverriding(overriding) {
    this.#overriding = overriding;
    this.update();
  }

  #keepMine = () => {
    const theirs = this.#newer;
    const mine = rebased(draftOf(this.#base), this.#draft, draftOf(theirs));
    this.#base = theirs;
    this.#before = withRowsOf(mine, draftOf(theirs));
    this.#newer = null;
    this.#put(mine);
    this.#surround();
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

  /** The server is asked what the draft would mean, unless it is plainly none. */
  #lookAhead() {
    const { body } = this.#body();
    const whole = this.#isNew ? body : { ...body, group_id: this.#base.id };
    const blank = this.#isNew && !whole.name;
    this.#lookahead.want(blank || malformedTimes(this.#draft).length > 0 ? null : whole, this.#base.version);
  }

  #key(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || this.#history === null || this.#saving || this.#isFixed) return;
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
    if (this.#base === null) return html`<main id="main" tabindex="-1"><h1>${t("group")}</h1><section class="panel">${loading()}</section></main>`;
    this.#lookAhead();
    return html`
      <main id="main" tabindex="-1" class="editor" @elapsed=${this.#decideAgain}>
        ${this.#head()}
        ${this.#isFixed ? html`<p class="banner info">${icon("info")}<span>${t("readOnly")}</span></p>` : nothing}
        ${this.#override()}
        <div class="banners">${this.#banners()}</div>
        <div class="with-rail wide-rail">
          <div class="stack">${this.#week()} ${this.#effects()} ${this.#weeksAhead()}</div>
          <div class="stack">${this.#rail()} ${this.#ceilings()}</div>
        </div>
        ${this.#isFixed ? nothing : this.#bar()}
      </main>
    `;
  }

  #head() {
    return groupHead(this.#base, {
      account: this.account,
      isNew: this.#isNew,
      isFixed: this.#isFixed,
      decision: this.#decision,
      taskCount: this.#users?.meta.total,
      isOverriding: this.#overriding,
      rename: () => this.querySelector("group-settings")?.open(),
      override: () => this.#setOverriding(!this.#overriding),
    });
  }

  /** Closed or opened for a while by a person. */
  #override() {
    if (this.#isNew || !isHere("group-override")) return nothing;
    return html`
      <group-override
        .api=${this.api}
        .group=${this.#base}
        .zone=${this.#serverZone}
        .asked=${this.#overriding}
        .fixed=${this.#isFixed}
        @overridden=${this.#overridden}
        @closed=${() => this.#setOverriding(false)}
      ></group-override>
    `;
  }

  #banners() {
    const takeTheirs = () => this.#stand(this.#newer);
    return groupBanners(this.#base, { newer: this.#newer, gone: this.#gone, faults: this.#faults.none ? null : this.#faults.beside(OWN_LINES), keepMine: this.#keepMine, takeTheirs });
  }

  #chooseSeason(key) {
    this.#seasonKey = key;
    this.update();
  }

  #week() {
    return weekPanel(
      {
        draft: this.#draft,
        before: this.#before,
        seasonKey: this.#seasonKey,
        history: this.#history,
        mode: this.#mode,
        zone: this.#zone,
        now: this.#wallNow(),
        faults: this.#faults,
        marks: this.#marks,
        isNew: this.#isNew,
        isFixed: this.#isFixed,
      },
      {
        set: (field, value) => this.#set(field, value),
        take: (mode) => this.#take(mode),
        undo: this.#undo,
        redo: this.#redo,
        leaveSeason: () => this.#chooseSeason(null),
      },
    );
  }

  #take(mode) {
    this.#mode = mode;
    this.update();
  }

  /** The wall clock of the group's zone, as an instant without an offset. */
  #wallNow() {
    const { date, time } = wallTimeIn(this.#zone || undefined, serverNow());
    return `${date}T${time}`;
  }

  #weeksAhead() {
    const calendar = this.#lookahead.answer?.calendar ?? this.#calendar;
    return calendar ? weeksPanel(calendar, this.#isNew ? calendar : (this.#calendar ?? calendar)) : nothing;
  }

  /** Where nothing that can be pressed lies below it: it comes with the first edit, which may end with a press elsewhere. */
  #effects() {
    if (!this.#isNew && !this.#changed) return nothing;
    return effects({
      before: this.#before,
      after: this.#draft,
      isNew: this.#isNew,
      preview: this.#lookahead.answer,
      calendar: this.#isNew ? null : this.#calendar,
      isKnown: this.#lookahead.isKnown,
      users: this.#users,
      calendarName: (id) => this.#calendars.find((calendar) => calendar.id === id)?.name ?? id,
    });
  }

  /** What lies beside the week. */
  #rail() {
    return groupRail(
      {
        api: this.api,
        draft: this.#draft,
        group: this.#isNew ? blankGroup() : this.#base,
        calendars: this.#calendars,
        seasonKey: this.#seasonKey,
        zone: this.#zone,
        serverZone: this.#serverZone,
        faults: this.#faults,
        marks: this.#marks,
        isNew: this.#isNew,
        isFixed: this.#isFixed,
      },
      { set: (field, value) => this.#set(field, value), chooseSeason: (key) => this.#chooseSeason(key) },
    );
  }

  #ceilings() {
    if (this.#isNew || !isHere("ceiling-panel")) return nothing;
    return html`<ceiling-panel .api=${this.api} .account=${this.account} .token=${this.token} .feed=${this.feed} .group=${this.#base} .fixed=${!this.mayChange}></ceiling-panel>`;
  }

  #bar() {
    const changed = this.#changed;
    return saveBar({
      changes: changed && !this.#isNew ? changeCount(this.#before, this.#draft) : 0,
      version: this.#isNew ? null : this.#base.version + 1,
      isChanged: changed,
      isOutdated: this.#newer !== null,
      isSaving: this.#saving,
      stopping: changed ? (this.#lookahead.answer?.stopping.total ?? 0) : 0,
      discard: () => this.#put(this.#before),
      save: this.#save,
    });
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

  #save = async () => {
    if (this.#saving) return;
    this.#saving = true;
    this.update();
    if (await this.#lookahead.isSeen(() => this.#showFirst(".effects"))) await this.#send();
    this.#saving = false;
    this.update();
  };

  async #send() {
    const { body } = this.#body();
    const isNew = this.#isNew;
    try {
      const { data } = isNew
        ? await this.api.saveGroup(body, this.#wishFor(body))
        : await this.api.updateGroup(this.#base.id, body, this.#base.version);
      this.#stand(data);
      say(t("saved", data));
      if (isNew) goInstead(address(this.account, "groups", String(data.id)));
    } catch (error) {
      await this.#refused(error);
    }
  }

  /** The key of the wish for this group. Where no answer came, it may have been fulfilled already. */
  #wishFor(group) {
    const body = JSON.stringify(group);
    if (this.#wish.body !== body) this.#wish = { body, key: wishKey() };
    return this.#wish.key;
  }

  async #refused(error) {
    if (error.code === CODE.stale || error.code === CODE.notFound) {
      await this.#lookForNewer();
      return this.#showFirst(".banner");
    }
    if (error.code !== CODE.invalid) return complain(error);
    const { places } = this.#body();
    this.#faults = new Faults(error.faults, places);
    // A window shows what is wrong with it where its times are written.
    if (this.#draft.windows.some(({ key }) => ["begin_time", "end_time"].some((edge) => this.#faults.of(key, edge).length > 0))) this.#mode = "write";
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

define("group-page", GroupPage, ["api", "account", "feed", "route", "token"]);

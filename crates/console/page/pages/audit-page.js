// The audit log of an account and its sub-users: who changed what and when, the newest first.

import { actorText } from "../parts/actor-words.js";
import { address, keepQuery, pageNumber } from "../route.js";
import { countOf, pager } from "../parts/pager.js";
import { define, html, Latest, live, nothing } from "../view.js";
import { instantText, secondText, todayIn, wallTimeIn } from "../clock.js";
import { empty, loading } from "../parts/blank.js";
import { icon } from "../parts/icon.js";
import { levelText } from "../parts/revoke-closure.js";
import { CalendarNames, Names } from "../names.js";
import { Page } from "./page.js";
import { t, word } from "../language.js";
import "../words/history-words.js";

const PER_PAGE = 20;

/** How many closures of each kind are asked for their names. */
const CLOSURES = 100;

/** A log that is not narrowed. */
const ALL = { subject: "", id: "", action: "", who: "", from: "", until: "" };

/** The kinds of things that are changed, each with its icon. @type {Record<AuditedChange["subject"], string>} */
const SUBJECTS = {
  dial_time_group: "group",
  task: "task",
  numbers: "number",
  calendar_subscription: "today",
  webhook: "hook",
  redial_rule: "redo",
  prompt: "record",
  script: "script",
  do_not_call: "stop",
  erasure: "trash",
  account: "menu",
  ceiling: "group",
  closure: "pause",
  stop: "stop",
  holiday_year: "today",
  calendar_feed: "today",
  line: "line",
  line_group: "line",
  line_allocation: "line",
  partner: "menu",
};

/** What makes changes beside tokens. */
const ACTORS = ["token", "command_line", "resume_policy", "end_of_list", "calendar_feed"];

/** What of a thing before is told otherwise: as its name, and groups by theirs. */
const NOT_TOLD = ["name", "level", "closure_name", "dial_time_id", "group_id", "group_account_id"];

/** The sign of what was done. */
const SIGNS = { create: "plus", update: "gear", delete: "trash", test_call: "phone" };

class AuditPage extends Page {
  /** The newest first; null until they are known. @type {AuditedChange[]} */
  #changes = null;
  /** @type {Meta} */
  #meta = null;
  #page = 1;
  /** What the log is narrowed to: `who` is a kind of actor, or the id of a token; `id` is that of a thing of the kind `subject`. */
  #filter = { ...ALL };
  /** The tokens that were seen, by their ids. @type {Map<string, Actor>} */
  #tokens = new Map();
  /** The server's zone, whose times the log has. */
  #zone = null;
  #names = new Names((key) => this.#ask(key), () => this.update());
  #accountNames = new Names((id) => this.api.subUsers(this.account.user, { id }, this).then(({ data }) => ({ data: data[0] })), () => this.update());
  #calendarNames = new CalendarNames();
  /** Whether the calendars were asked for: only once a change is of one. */
  #calendarsAsked = false;
  /** What closures are called, by their ids. @type {Map<string, string>} */
  #closureNames = new Map();
  /** The same of the closures. */
  #closuresAsked = false;
  #reading = new Latest();

  start() {
    for (const name of Object.keys(this.#filter)) this.#filter[name] = this.route.query.get(name) ?? "";
    this.#load(pageNumber(this.route));
    this.followFeed((event) => !event && this.#load(this.#page));
  }

  async #load(page) {
    if (!this.isConnected) return;
    this.#page = page;
    keepQuery(this.route, { ...this.#filter, page: page > 1 ? page : null });
    await this.attempt(async () => {
      const options = this.#reading.instead(this.signal);
      this.#zone ??= await this.api.serverZone(options);
      const { data, meta } = await this.api.audit({ page, per_page: PER_PAGE, ...this.#narrowed }, options);
      if (data.length === 0 && page > 1) return this.#load(meta.last_page);
      [this.#changes, this.#meta] = [data, meta];
      for (const { actor } of data) if (actor?.token_id) this.#tokens.set(actor.token_id, actor);
      this.update();
      this.#name();
    });
  }

  get #narrowed() {
    const { subject, id, action, who, from, until } = this.#filter;
    const actor = ACTORS.includes(who) ? { actor: who } : { token_id: who };
    return { subject, subject_id: id, action, ...actor, start_at: from, end_at: until };
  }

  // Names: the log has those that things had before a change. Of what was made, and of numbers, the thing itself is asked.

  #name() {
    const gone = new Set(this.#changes.filter(({ action }) => action === "delete").map(keyOf));
    const isAsked = (change) => isNameable(change) && (!change.before?.name || this.#filter.id);
    const named = this.#changes.filter((change) => isAsked(change) && !gone.has(keyOf(change))).map(keyOf);
    this.#names.want([...named, ...this.#changes.map(groupBefore).filter(Boolean)]);
    this.#accountNames.want(this.#changes.map(({ user_id: id }) => id).filter((id) => this.#isSubUser(id) && id !== this.account.subUser));
    this.#nameCalendars();
    this.#nameClosures();
  }

  async #nameCalendars() {
    if (this.#calendarsAsked || !this.#changes.some(isOfCalendar)) return;
    this.#calendarsAsked = true;
    await this.attempt(async () => {
      this.#calendarNames.learn((await this.api.calendars({}, this)).data);
      this.update();
    });
  }

  /** Those that were planned: the log has the names of those that were revoked. */
  async #nameClosures() {
    if (this.#closuresAsked || !this.#changes.some(({ subject, before }) => subject === "closure" && !before)) return;
    this.#closuresAsked = true;
    await this.attempt(async () => {
      const lists = await Promise.all([false, true].map((ended) => this.api.closures({ ended, per_page: CLOSURES }, this)));
      for (const { data } of lists) for (const { id, name } of data) this.#closureNames.set(id, name);
      this.update();
    });
  }

  #ask(key) {
    const [kind, owner, id] = key.split(" ");
    const speaker = this.api.for(this.#accountOf(owner));
    return kind === "dial_time_group" ? speaker.group(id, this) : speaker.task(id, this);
  }

  #isSubUser(id) {
    return id !== this.account.user;
  }

  /** The account that a change is of. @returns {Account} */
  #accountOf(id) {
    return { user: this.account.user, subUser: this.#isSubUser(id) ? id : null };
  }

  draw() {
    return html`
      <main id="main" tabindex="-1">
        <div class="head">
          <h1>${t("audit")}</h1>
          ${countOf(this.#meta)} ${this.#zone ? html`<span class="small quiet">${t("timesIn", { zone: this.#zone })}</span>` : nothing}
          <div class="tools"><button type="button" class="button refresh" @click=${() => this.#load(this.#page)}>${t("refresh")}</button></div>
        </div>
        <p class="small quiet">${t("auditMeans")}</p>
        ${this.#filters()}
        <div class="panel">${this.#changes === null ? loading() : this.#list()} ${pager(this.#meta, (page) => this.#load(page))}</div>
      </main>
    `;
  }

  #filters() {
    const { subject, id, who } = this.#filter;
    const isSaid = Object.values(this.#filter).some(Boolean);
    const subjects = Object.keys(SUBJECTS).map((kind) => [kind, t(`subject.${kind}`)]);
    const actions = Object.keys(SIGNS).map((action) => [action, t(`action.${action}`)]);
    const tokens = [...this.#tokens].map(([token, actor]) => [token, actorText(actor)]);
    const unseen = who && !ACTORS.includes(who) && !this.#tokens.has(who) ? [[who, t("tokenOf", { id: who.slice(0, 8) })]] : [];
    const kinds = ACTORS.map((kind) => [kind, t(kind === "token" ? "anyToken" : `actor.${kind}`)]);
    return html`
      <div class="filters">
        ${this.#select("subject", t("whatChanged"), t("anySubject"), subjects)} ${this.#select("action", t("whatDone"), t("anyAction"), actions)}
        ${this.#select("who", t("savedBy"), t("anyone"), [...kinds, ...tokens, ...unseen])}
        ${this.#date("from", t("changedFrom"))} ${this.#date("until", t("changedUntil"))}
        ${id ? html`<span class="chip accent only">${t("onlyThing", { what: `${word("subject", subject)} ${this.#nameOfOnly(id)}` })}</span>` : nothing}
        ${isSaid ? html`<button type="button" class="button plain clear" @click=${this.#clear}>${t("clearFilters")}</button>` : nothing}
      </div>
    `;
  }

  #select(name, label, all, options) {
    return html`
      <select class="field" name=${name} aria-label=${label} @change=${({ target }) => this.#narrow({ id: name === "subject" ? "" : this.#filter.id, [name]: target.value })}>
        ${[["", all], ...options].map(([value, text]) => html`<option value=${value} .selected=${live(this.#filter[name] === value)}>${text}</option>`)}
      </select>
    `;
  }

  #date(name, label) {
    return html`
      <label class="row small quiet">
        ${label} <input class="field" type="date" name=${name} .value=${live(this.#filter[name])} @change=${({ target }) => this.#narrow({ [name]: target.value })} />
      </label>
    `;
  }

  #narrow(more) {
    Object.assign(this.#filter, more);
    this.update();
    this.#load(1);
  }

  #clear = () => {
    this.#narrow(ALL);
    this.querySelector("select").focus();
  };

  #list() {
    if (this.#changes.length === 0) return empty("file", t("noSuchChange"));
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label=${t("audit")}>
        <table class="table dense">
          <thead>
            <tr>
              <th scope="col">${t("time")}</th>
              <th scope="col">${t("savedBy")}</th>
              <th scope="col">${t("whatDone")}</th>
              <th scope="col" class="grow">${t("whatChanged")}</th>
              <th scope="col" class="w2">${t("wasBefore")}</th>
              <th scope="col"><span class="visually-hidden">${t("actions")}</span></th>
            </tr>
          </thead>
          <tbody>
            ${this.#changes.map((change) => this.#row(change))}
          </tbody>
        </table>
      </div>
    `;
  }

  /** @param {AuditedChange} change */
  #row(change) {
    const { id, at, actor, action, subject, subject_id: thing } = change;
    const what = `${word("subject", subject)} ${this.#nameOf(change)}`;
    // Which number it is stands in no address.
    const only = subject === "do_not_call" ? nothing : html`
      <button type="button" class="button plain little square" aria-label=${t("onlyThing", { what })} title=${t("onlyThing", { what })} @click=${() => this.#narrow({ subject, id: thing })}>${icon("search")}</button>
    `;
    return html`
      <tr data-change=${id}>
        <td class="quiet"><time datetime=${at}>${secondText(at)}</time></td>
        <td>${actorText(actor)}</td>
        <td><span class="chip">${icon(SIGNS[action] ?? "info")}${word("action", action)}</span></td>
        <td class="grow wrap"><span class="row wrap">${icon(SUBJECTS[subject] ?? "file")}${this.#thing(change)} ${this.#owner(change)}</span></td>
        <td class="w2 wrap quiet before">${this.#before(change)}</td>
        <td class="num">${only}</td>
      </tr>
    `;
  }

  /** The name of the thing, or where it is not known its id, of a long one the beginning. @param {AuditedChange} change */
  #nameOf(change) {
    const { before, subject, subject_id: id, user_id: owner } = change;
    if (isOfCalendar(change)) {
      const [calendar, year] = id.split(" ");
      return [this.#calendarNames.of(calendar), year].filter(Boolean).join(" ");
    }
    // These are named by what they are of.
    const [level, of] = id.split(" ");
    if (subject === "ceiling" || subject === "stop") return levelText({ level, account_id: of ?? null }, this.#accountOf(owner));
    const known = before?.name ?? before?.closure_name ?? this.#closureNames.get(id) ?? this.#names.get(keyOf(change)) ?? this.#laterName(change);
    return String(known ?? shortId(id));
  }

  /** The name, by now, of the only thing that is shown. */
  #nameOfOnly(id) {
    const change = this.#changes?.find(({ subject_id: other }) => other === id);
    return change ? (this.#names.get(keyOf(change)) ?? this.#nameOf(change)) : shortId(id);
  }

  /** What was made and deleted again had a name when it was deleted. @param {AuditedChange} change */
  #laterName(change) {
    const nameOf = ({ before }) => before?.name ?? before?.closure_name;
    const later = this.#changes.find((other) => nameOf(other) && keyOf(other) === keyOf(change));
    return later && nameOf(later);
  }

  /** The thing, with a link to where it is shown, if it is still there. @param {AuditedChange} change */
  #thing(change) {
    const text = html`<span class="faint">${word("subject", change.subject)}</span> <span title=${change.subject_id}>${this.#nameOf(change)}</span>`;
    const place = change.action === "delete" ? null : placeOf(change);
    const owner = this.#accountOf(change.user_id);
    const versions = change.subject === "dial_time_group" && change.action === "update" && change.version !== null;
    return html`
      ${place ? html`<a href=${address(owner, ...place)}>${text}</a>` : html`<span>${text}</span>`}
      ${versions
        ? html`<a class="small" href=${`${address(owner, "groups", change.subject_id, "versions")}?from=${change.version}&to=${change.version + 1}`}>${t("toVersion", { version: change.version + 1 })}</a>`
        : nothing}
    `;
  }

  /** Whose it is, if not the account's own. @param {AuditedChange} change */
  #owner({ user_id: id }) {
    if (!this.#isSubUser(id) || id === this.account.subUser) return nothing;
    return html`<span class="tag">${t("ofSubUser", { name: this.#accountNames.get(id) ?? id.slice(0, 8) })}</span>`;
  }

  /** How a group was is in its versions. @param {AuditedChange} change */
  #before(change) {
    const { subject, before } = change;
    if (subject === "dial_time_group") return "–";
    const members = Object.entries(before ?? {}).filter(([name]) => !NOT_TOLD.includes(name));
    const told = members.map(([name, value]) => [name, this.#valueText(value)]);
    const group = groupBefore(change);
    if (group) told.push(["dial_time_id", this.#names.get(group) ?? group.split(" ")[2]]);
    return told.map(([name, value]) => `${word("before", name)}${t("colon")}${value}`).join(t("semicolon")) || "–";
  }

  #valueText(value) {
    if (typeof value === "boolean") return t(value ? "yes" : "no");
    if (value === null) return "–";
    const text = String(value);
    if (!/^\d{4}-\d{2}-\d{2}T/.test(text)) return text;
    const { date, time } = wallTimeIn(this.#zone, Date.parse(text));
    return instantText(`${date}T${time}`, todayIn(this.#zone));
  }
}

/** Of an id that nobody reads the beginning. */
function shortId(id) {
  return /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(id) ? `${id.slice(0, 8)}…` : id;
}

/** What names a thing. @param {AuditedChange} change */
function keyOf({ subject, user_id: owner, subject_id: id }) {
  return `${subject === "numbers" ? "task" : subject} ${owner} ${id}`;
}

/** What names the group that a task or a ceiling had before; null of others. @param {AuditedChange} change */
function groupBefore({ user_id: user, before }) {
  const id = before?.dial_time_id ?? before?.group_id;
  return id ? `dial_time_group ${before.group_account_id ?? user} ${id}` : null;
}

/** @param {AuditedChange} change */
function isOfCalendar({ subject }) {
  return subject === "holiday_year" || subject === "calendar_feed";
}

/** Whether the thing itself can be asked for its name. @param {AuditedChange} change */
function isNameable({ subject }) {
  return ["dial_time_group", "task", "numbers"].includes(subject);
}

/** Where a thing is shown, as parts of an address; null where it has no page. @param {AuditedChange} change */
function placeOf({ subject, subject_id: id }) {
  switch (subject) {
    case "dial_time_group":
      return ["groups", id];
    case "task":
    case "numbers":
      return ["tasks", id];
    case "webhook":
      return ["webhooks"];
    case "ceiling":
    case "closure":
    case "stop":
      return ["closures"];
    case "holiday_year":
    case "calendar_feed":
      return ["calendars", id.split(" ")[0]];
    case "account":
      return ["today"];
    default:
      return null;
  }
}

define("audit-page", AuditPage, ["api", "account", "feed", "route", "token"]);

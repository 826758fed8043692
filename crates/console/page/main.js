// The page as a whole: who is signed in, which account, which page of it.

import { address, FIRST_PAGE, go, parse } from "./route.js";
import { api, keepAccount, lastAccount, signedIn, signOut, whenSignedOutElsewhere } from "./session.js";
import { closeDialog, modal } from "./parts/dialog.js";
import { CODE } from "./api.js";
import { complain, reached, refusalText } from "./parts/notice.js";
import { Feed } from "./feed.js";
import { focusHeading, placeOfFocus, returnFocus } from "./input.js";
import { fetchPage, isHere } from "./rare-pages.js";
import { icon } from "./parts/icon.js";
import { language, t } from "./language.js";
import { loading } from "./parts/blank.js";
import { PAGE_NAMES, sidebar, topBar } from "./shell.js";
import { learnZone, serverNow, wallTimeIn } from "./clock.js";
import { View, define, html, nothing, repeat, settled } from "./view.js";
import "./theme.js";
import "./pages/accounts-page.js";
import "./pages/calendar-page.js";
import "./pages/group-page.js";
import "./pages/groups-page.js";
import "./pages/records-page.js";
import "./pages/sign-in-page.js";
import "./pages/task-page.js";
import "./pages/tasks-page.js";
import "./pages/today-page.js";
import "./parts/find-palette.js";

/** How many places of the focus are remembered, for who goes back. */
const PLACES = 50;

/** How long the feed may be gone before it is said. */
const AWAY = 2000;

class DialtimeConsole extends View {
  #route = parse(location.hash);
  /** The address of what is shown, and how many were before it. */
  #shownHash = null;
  #turns = 0;
  /** Where the focus was when a step of the browser's history was left, by the key of the step; and the one that is shown. */
  #places = new Map();
  #step = null;
  #arrival = new AbortController();
  /** The account that is shown, with its feed and its name. @type {Account} */
  #account = null;
  /** @type {AccountApi} */
  #api = null;
  /** @type {Feed} */
  #feed = null;
  #name = "";
  /** What kind of account it is, in the language of the moment. */
  #about = () => "";
  /** How many groups and tasks it has. */
  #counts = {};
  /** The server's zone. */
  #zone = null;
  /** What the token may do. @type {Token} */
  #token = null;
  /** Whether the palette is open. */
  #finding = false;
  /** Why the session ended. */
  #why = null;
  /** Where the person wants to go, leaving edits behind; `to` is null for signing out. */
  #leaving = null;
  /** Since when what is shown may be out of date, for the feed is gone; null while it is there. */
  #away = null;
  #lookForFeed = settled(AWAY, () => this.#setAway(this.#feed !== null && !this.#feed.live));
  #countSoon = settled(1000, () => this.#count());

  start() {
    // What stood there until the modules had come.
    this.replaceChildren();
    addEventListener("hashchange", () => this.#arrive(), { signal: this.signal });
    addEventListener("keydown", (event) => this.#key(event), { signal: this.signal });
    // What the server said is asked for anew; but edits must not be lost, and then only the page's own words change.
    document.addEventListener("language", () => !this.#unsaved && this.#turn(), { signal: this.signal });
    document.addEventListener("token-refused", ({ detail }) => this.#end(refusalText(detail)), { signal: this.signal });
    whenSignedOutElsewhere(() => this.#end(null), this);
    if (location.hash === "" && lastAccount()) history.replaceState(null, "", address(lastAccount(), FIRST_PAGE));
    this.#turn();
  }

  // Where we are.

  #arrive() {
    const here = location.hash;
    if (this.#unsaved && !this.#leaving?.agreed) {
      history.pushState({ step: this.#step }, "", this.#shownHash);
      this.#leaving = { to: here, agreed: false };
      this.update();
      return;
    }
    this.#leaving = null;
    this.#rememberPlace();
    this.#turn();
    scrollTo(0, 0);
    this.#focus(this.#places.get(this.#step));
  }

  #rememberPlace() {
    this.#places.delete(this.#step);
    const place = placeOfFocus();
    if (place) this.#places.set(this.#step, place);
    if (this.#places.size > PLACES) this.#places.delete(this.#places.keys().next().value);
  }

  get #unsaved() {
    return this.querySelector("group-page")?.unsaved ?? false;
  }

  /** What had the focus is gone: who comes back goes on where they were, and others at the beginning of what is there now. */
  #focus(place) {
    this.#arrival.abort();
    this.#arrival = new AbortController();
    const { signal } = this.#arrival;
    requestAnimationFrame(() => (place ? returnFocus(place, { signal }) : focusHeading()));
  }

  #turn() {
    this.#shownHash = location.hash;
    this.#step = history.state?.step ?? this.#newStep();
    this.#turns++;
    this.#route = parse(location.hash);
    const { user, subUser } = this.#route;
    if (!signedIn() || !user) this.#leaveAccount();
    else if (this.#account?.user !== user || this.#account.subUser !== subUser) this.#enterAccount({ user, subUser });
    this.update();
  }

  #newStep() {
    const step = `${performance.timeOrigin} ${this.#turns}`;
    history.replaceState({ step }, "");
    return step;
  }

  #enterAccount(account) {
    this.#leaveAccount();
    this.#account = account;
    keepAccount(account);
    this.#api = api().for(account);
    this.#feed = new Feed(this.#api);
    this.#feed.addEventListener("refused", ({ detail }) => this.#feedRefused(detail));
    this.#feed.addEventListener("state", () => this.#hearFeed());
    this.#feed.addEventListener("event", ({ detail }) => /created|deleted|group\.updated/.test(detail.type) && this.#countSoon());
    this.#lookForFeed();
    this.#nameAccount(account);
    this.#count();
  }

  #leaveAccount() {
    this.#feed?.close();
    this.#account = this.#feed = this.#api = null;
    this.#name = "";
    this.#about = () => "";
    this.#counts = {};
    this.#away = null;
    this.#finding = false;
  }

  #hearFeed() {
    this.update();
    if (!this.#feed?.live) return this.#lookForFeed();
    reached();
    if (this.#away) this.#countSoon();
    this.#setAway(false);
  }

  #setAway(away) {
    this.#away = away ? (this.#away ?? wallTimeIn(this.#zone ?? undefined, serverNow()).time) : null;
    this.update();
  }

  /** A token may be revoked while the page only listens; and there may be no such account. */
  #feedRefused(refusal) {
    complain(refusal);
    if (refusal.code !== CODE.token) go("#/");
  }

  async #nameAccount({ user, subUser }) {
    try {
      const [users, subUsers, zone, token] = await Promise.all([
        api().users({ id: user }, this),
        api().subUsers(user, subUser ? { id: subUser } : { per_page: 1 }, this),
        this.#api.serverZone(this),
        api().tokenValidity(this),
      ]);
      const name = users.data[0]?.name ?? "";
      this.#zone = zone;
      learnZone(zone);
      // What was said without it is said anew.
      document.dispatchEvent(new Event("quarter"));
      this.#token = token.data;
      this.#name = subUser ? (subUsers.data[0]?.name ?? "") : name;
      this.#about = () => (subUser ? t("subUserOf", { name }) : t("userWith", { count: subUsers.meta.total }));
      this.update();
    } catch (error) {
      if (error.code !== CODE.notFound) complain(error);
    }
  }

  /** Beside the pages stands how much they list. Who cannot be told is not told of it: the pages themselves say what is wrong. */
  async #count() {
    const speaker = this.#api;
    if (!speaker) return;
    const one = { page: 1, per_page: 1 };
    const [groups, tasks] = await Promise.allSettled([speaker.groups(one, this), speaker.tasks(one, this)]);
    if (this.#api !== speaker) return;
    this.#counts = { groups: groups.value?.meta.total, tasks: tasks.value?.meta.total };
    this.update();
  }

  #key(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k" || !this.#account) return;
    event.preventDefault();
    if (!document.querySelector("dialog[open]")) this.#find(true);
  }

  #find(finding) {
    this.#finding = finding;
    this.update();
  }

  #signedIn = () => {
    this.#why = null;
    this.#turn();
    this.#focus();
  };

  #signOut = () => {
    if (!this.#unsaved) return this.#end(null);
    this.#leaving = { to: null, agreed: false };
    this.update();
  };

  #end(why) {
    signOut();
    this.#why = why;
    this.#leaveAccount();
    this.update();
  }

  // What is shown.

  draw() {
    document.documentElement.lang = language();
    document.title = `${this.#title()} · Dialtime`;
    const [account, name] = [this.#account, this.#name];
    const page = html`<div class="page">${repeat([`${this.#turns} ${signedIn()}`], (key) => key, () => this.#page())}</div>`;
    return html`
      <a class="skip" href="#main" @click=${this.#skip}>${t("skipToMain")}</a>
      ${signedIn()
        ? html`
            <div class="shell">
              ${sidebar({ account, api: api(), route: this.#route, name, about: this.#about(), counts: this.#counts, signOut: this.#signOut })}
              ${topBar({ account, api: api(), feed: this.#feed, name, zone: this.#zone, away: this.#away, find: () => this.#find(true) })} ${page}
            </div>
          `
        : page}
      <notice-line></notice-line>
      ${this.#finding ? html`<find-palette .api=${this.#api} .account=${account} .token=${this.#token} @closed=${() => this.#find(false)}></find-palette>` : nothing}
      ${this.#leaving ? this.#leaveDialog() : nothing}
    `;
  }

  #title() {
    if (!signedIn()) return t("signIn");
    if (!this.#account) return t("chooseUser");
    return t(PAGE_NAMES.includes(this.#route.page) ? this.#route.page : FIRST_PAGE);
  }

  #page() {
    if (!signedIn()) return html`<sign-in-page .why=${this.#why} @signed-in=${this.#signedIn}></sign-in-page>`;
    if (!this.#account) return html`<accounts-page .api=${api()}></accounts-page>`;
    const [account, speaker, feed, route] = [this.#account, this.#api, this.#feed, this.#route];
    switch (route.page) {
      case "groups":
        return this.#groupsPage(account, speaker, feed, route);
      case "tasks":
        if (route.part === "import") return this.#rare("import-page", () => html`<import-page .api=${speaker} .account=${account} .feed=${feed} .route=${route} .token=${this.#token}></import-page>`);
        if (route.id) return html`<task-page .api=${speaker} .account=${account} .feed=${feed} .route=${route} .token=${this.#token}></task-page>`;
        return html`<tasks-page .api=${speaker} .account=${account} .feed=${feed} .route=${route} .token=${this.#token}></tasks-page>`;
      case "calendars":
        return this.#calendarsPage(account, speaker, feed, route);
      case "closures":
        return this.#rare("closures-page", () => html`<closures-page .api=${speaker} .account=${account} .feed=${feed} .route=${route} .name=${this.#name} .token=${this.#token}></closures-page>`);
      case "lines":
        return this.#linesPage(account, feed, route);
      case "scripts":
        if (route.id) return this.#rare("script-page", () => html`<script-page .api=${speaker} .account=${account} .feed=${feed} .route=${route} .token=${this.#token}></script-page>`);
        return this.#rare("scripts-page", () => html`<scripts-page .api=${speaker} .account=${account} .feed=${feed} .route=${route} .token=${this.#token}></scripts-page>`);
      case "records":
        if (route.id) return this.#rare("record-page", () => html`<record-page .api=${speaker} .account=${account} .feed=${feed} .route=${route} .token=${this.#token}></record-page>`);
        return html`<records-page .api=${speaker} .account=${account} .feed=${feed} .route=${route} .token=${this.#token}></records-page>`;
      case "calls":
        return this.#rare("calls-page", () => html`<calls-page .api=${speaker} .account=${account} .feed=${feed} .route=${route} .token=${this.#token}></calls-page>`);
      case "audit":
        return this.#rare("audit-page", () => html`<audit-page .api=${speaker} .account=${account} .feed=${feed} .route=${route} .token=${this.#token}></audit-page>`);
      case "events":
        return this.#rare("events-page", () => html`<events-page .api=${speaker} .account=${account} .feed=${feed} .route=${route}></events-page>`);
      case "webhooks":
        return this.#rare("webhooks-page", () => html`<webhooks-page .api=${speaker} .account=${account} .feed=${feed} .route=${route} .token=${this.#token}></webhooks-page>`);
      default:
        return html`<today-page .api=${speaker} .account=${account} .feed=${feed} .route=${route} .name=${this.#name} .token=${this.#token}></today-page>`;
    }
  }

  #calendarsPage(account, speaker, feed, route) {
    if (route.id) {
      return this.#rare("holiday-calendar-page", () => html`<holiday-calendar-page .api=${speaker} .account=${account} .feed=${feed} .route=${route} .token=${this.#token}></holiday-calendar-page>`);
    }
    return this.#rare("holiday-calendars-page", () => html`<holiday-calendars-page .api=${speaker} .account=${account} .feed=${feed} .route=${route} .token=${this.#token}></holiday-calendars-page>`);
  }

  /** Lines are the partner's: they are not asked for a sub-user. */
  #linesPage(account, feed, route) {
    if (route.id) return this.#rare("line-page", () => html`<line-page .api=${api()} .account=${account} .feed=${feed} .route=${route} .token=${this.#token}></line-page>`);
    return this.#rare("lines-page", () => html`<lines-page .api=${api()} .account=${account} .feed=${feed} .route=${route} .token=${this.#token}></lines-page>`);
  }

  /** A page whose modules come when it is opened first. */
  #rare(name, page) {
    if (isHere(name)) return page();
    fetchPage(name)?.then(
      () => this.#cameHere(),
      (error) => complain(error),
    );
    return html`<main id="main" tabindex="-1"><h1>${this.#title()}</h1><section class="panel">${loading()}</section></main>`;
  }

  #cameHere() {
    this.update();
    this.#focus(this.#places.get(this.#step));
  }

  #groupsPage(account, speaker, feed, route) {
    if (!route.id) return html`<groups-page .api=${speaker} .account=${account} .feed=${feed} .route=${route} .token=${this.#token}></groups-page>`;
    if (route.part === "calendar") {
      return html`<calendar-page .api=${speaker} .account=${account} .feed=${feed} .route=${route}></calendar-page>`;
    }
    if (route.part === "versions") return this.#rare("versions-page", () => html`<versions-page .api=${speaker} .account=${account} .feed=${feed} .route=${route} .token=${this.#token}></versions-page>`);
    return html`<group-page .api=${speaker} .account=${account} .feed=${feed} .route=${route} .token=${this.#token}></group-page>`;
  }

  /** The address holds what is shown, so the link that jumps over the frame must not change it. */
  #skip = (event) => {
    event.preventDefault();
    this.querySelector("#main").focus();
  };

  #leaveDialog() {
    const leave = (event) => {
      const { to } = this.#leaving;
      closeDialog(event);
      this.#leaving = { to, agreed: true };
      if (to !== null) return go(to);
      this.#leaving = null;
      this.#end(null);
    };
    const closed = () => {
      if (!this.#leaving?.agreed) this.#leaving = null;
      this.update();
    };
    if (this.#leaving.agreed) return nothing;
    return html`
      <dialog ${modal()} aria-labelledby="leave-title" @close=${closed}>
        <h2 id="leave-title">${t("leaveTitle")}</h2>
        <p>${t("leaveMeans")}</p>
        <p class="actions">
          <button type="button" class="button primary" autofocus @click=${closeDialog}>${t("stay")}</button>
          <button type="button" class="button danger" @click=${leave}>${icon("trash")}${t("leave")}</button>
        </p>
      </dialog>
    `;
  }
}

define("dialtime-console", DialtimeConsole);

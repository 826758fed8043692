// What is stopped by the kill switch, above every page for as long as it is: what, by whom, when and why, and the way back for who may.
// `api` speaks for the token, `account` is the one that is shown (null where one is chosen), `feed` tells what happens to it.

import { closeDialog, modal, once } from "./dialog.js";
import { complain, say } from "./notice.js";
import { icon } from "./icon.js";
import { t } from "../language.js";
import { Latest, View, define, html, nothing, settled } from "../view.js";

/** How many stops are read, and how many of them have a line of their own. */
const READ = 100;
const SHOWN = 3;

/** How often it is looked where an account is still to be chosen, and no feed tells of it. */
const LOOK = 10_000;

/** Says that something was stopped or resumed here: the banner does not wait for the feed. */
export function stopsChanged() {
  document.dispatchEvent(new Event("stops-changed"));
}

class StopBanner extends View {
  /** @type {Stop[]} */
  #stops = [];
  /** The stop that is asked about. @type {Stop} */
  #resuming = null;
  #reading = new Latest();
  #lookSoon = settled(100, () => this.#look());
  #timer = null;
  #followed = new AbortController();

  start() {
    this.#timer = setInterval(() => this.feed || document.hidden || this.#look(), LOOK);
    document.addEventListener("stops-changed", () => this.#look(), { signal: this.signal });
    this.#follow();
    this.#look();
  }

  stop() {
    clearInterval(this.#timer);
    this.#followed.abort();
  }

  changed(property) {
    if (property === "feed" && this.isConnected) this.#follow();
  }

  #follow() {
    this.#followed.abort();
    this.#followed = new AbortController();
    const { signal } = this.#followed;
    this.feed?.addEventListener("event", ({ detail }) => detail.type.startsWith("dialing.") && this.#lookSoon(), { signal });
    this.feed?.addEventListener("state", () => this.feed.live && this.#lookSoon(), { signal });
  }

  async #look() {
    if (!this.isConnected) return;
    try {
      const { data } = await this.api.stops({ per_page: READ }, this.#reading.instead(this.signal));
      this.#stops = data;
      this.update();
    } catch {
      // What is wrong with the token or the connection, the pages say; what was read stays.
    }
  }

  /** Those that concern what is shown: of another user only where one is still to be chosen. */
  get #concerned() {
    const { account } = this;
    const isOf = ({ user_id: user, sub_user_id: subUser }) => user === account.user && (!subUser || !account.subUser || subUser === account.subUser);
    return account ? this.#stops.filter((stop) => stop.level !== "account" || isOf(stop)) : this.#stops;
  }

  draw() {
    const stops = this.#concerned;
    const more = stops.length - SHOWN;
    return html`
      <div class="stops" role="status">
        ${stops.slice(0, SHOWN).map((stop) => this.#line(stop))}
        ${more > 0 ? html`<p class="banner bad">${icon("stop")}<span>${t("moreStops", { count: more })}</span></p>` : nothing}
      </div>
      ${this.#resuming ? this.#dialog(this.#resuming) : nothing}
    `;
  }

  /** @param {Stop} stop */
  #line(stop) {
    return html`
      <div class="banner bad" data-level=${stop.level}>
        ${icon("stop")}
        <span><b class="strong">${t(`stopped.${stop.level}`, { name: stop.name ?? "" })}</b> ${t("noNewCalls")} <span class="quiet">${about(stop)}</span></span>
        ${stop.may_resume
          ? html`<button type="button" class="button little push" @click=${() => this.#ask(stop)}>${icon("play")}${t("resumeDialing")}</button>`
          : html`<span class="small quiet push">${t(stop.level === "installation" ? "resumedByOperator" : "resumedByPartner")}</span>`}
      </div>
    `;
  }

  /** @param {Stop} stop */
  #ask(stop) {
    this.#resuming = stop;
    this.update();
  }

  /** @param {Stop} stop */
  #dialog(stop) {
    return html`
      <dialog ${modal()} aria-labelledby="resume-title" @close=${() => this.#ask(null)}>
        <h2 id="resume-title">${t("resumeTitle")}</h2>
        <p>${t(`stopped.${stop.level}`, { name: stop.name ?? "" })} ${about(stop)}</p>
        <p>${t("resumeMeans")}</p>
        <p class="actions">
          <button type="button" class="button" autofocus @click=${closeDialog}>${t("cancel")}</button>
          <button type="button" class="button primary" @click=${this.#resume}>${icon("play")}${t("resumeDialing")}</button>
        </p>
      </dialog>
    `;
  }

  #resume = once(async (event) => {
    try {
      const { data } = await this.api.resumeDialing(named(this.#resuming));
      say(t(data.stops.length > 0 ? "stillStopped" : "dialingResumed"));
    } catch (error) {
      complain(error);
    }
    closeDialog(event);
    stopsChanged();
  });
}

/** Who, when and why. @param {Stop} stop */
function about({ stopped_by: by, stopped_at: at, reason }) {
  const who = by.token_name ?? t("operator");
  return t(reason ? "stoppedByBecause" : "stoppedBy", { who, at, reason });
}

/** What the API calls it. @param {Stop} stop @returns {Sent<"resume_dialing">} */
function named({ level, user_id, sub_user_id, line_id }) {
  if (level === "line") return { level, line_id };
  if (level === "account") return { level, user_id, sub_user_id };
  return { level: "partner" };
}

define("stop-banner", StopBanner, ["api", "account", "feed"]);
